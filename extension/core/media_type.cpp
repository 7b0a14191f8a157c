#include "core/media_type.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace inventory {
namespace {

constexpr std::string_view json_api = "application/vnd.api+json";
constexpr std::string_view json = "application/json";

struct MediaParameter {
    std::string name; ///< Lower case.
    std::string value;
};

/// A media range of `accept`, or the type of a `content-type`.
struct MediaRange {
    std::string type;                       ///< `type/subtype` in lower case.
    std::vector<MediaParameter> parameters; ///< Without `q`.
    bool is_refused = false;                ///< q is 0.
};

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool is_token_char(char c) {
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_same(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

/// Reads the grammar of RFC 9110 §8.3.1 and §12.4.2; every method says whether it fitted.
class HeaderScanner {
public:
    explicit HeaderScanner(std::string_view text) noexcept : text_(text) {}

    bool at_end() const noexcept { return at_ == text_.size(); }
    bool at(char c) const noexcept { return !at_end() && text_[at_] == c; }

    bool literal(char c) noexcept {
        if (!at(c)) {
            return false;
        }
        ++at_;
        return true;
    }

    void skip_blanks() noexcept {
        while (at(' ') || at('\t')) {
            ++at_;
        }
    }

    bool token(std::string &out) {
        const std::size_t begin = at_;
        while (!at_end() && is_token_char(text_[at_])) {
            ++at_;
        }
        out = text_.substr(begin, at_ - begin);
        return at_ > begin;
    }

    bool value(std::string &out) {
        if (!literal('"')) {
            return token(out);
        }
        while (!at_end() && !at('"')) {
            if (literal('\\') && at_end()) {
                return false;
            }
            out += text_[at_++];
        }
        return literal('"');
    }

    std::optional<MediaRange> range() {
        std::string type, subtype;
        if (!token(type) || !literal('/') || !token(subtype)) {
            return std::nullopt;
        }
        MediaRange range;
        range.type = type + '/' + subtype;
        std::ranges::transform(range.type, range.type.begin(), lower);
        for (skip_blanks(); literal(';'); skip_blanks()) {
            skip_blanks();
            if (at_end() || at(';') || at(',')) {
                continue; // the grammar allows an empty parameter
            }
            MediaParameter parameter;
            if (!token(parameter.name) || !literal('=') || !value(parameter.value)) {
                return std::nullopt;
            }
            std::ranges::transform(parameter.name, parameter.name.begin(), lower);
            if (parameter.name != "q") {
                range.parameters.push_back(std::move(parameter));
            } else if (!weight(parameter.value, range.is_refused)) {
                return std::nullopt;
            }
        }
        return range;
    }

    /// Goes on behind the next comma that is not in a quoted string.
    void skip_element() {
        std::string ignored;
        while (!at_end() && !literal(',')) {
            if (!at('"') || !value(ignored)) {
                at_ += !at_end();
            }
        }
    }

private:
    /// A qvalue. `.2` is let pass, which widely used HTTP clients send by default.
    static bool weight(std::string_view text, bool &is_zero) {
        const std::size_t dot = std::min(text.find('.'), text.size());
        const std::string_view whole = text.substr(0, dot);
        const std::string_view fraction = dot < text.size() ? text.substr(dot + 1) : "";
        const bool has_fraction = fraction.find_first_not_of('0') != std::string_view::npos;
        if (text.empty() || text == "." || fraction.size() > 3 ||
            fraction.find_first_not_of("0123456789") != std::string_view::npos) {
            return false;
        }
        is_zero = whole != "1" && !has_fraction;
        return whole.empty() || whole == "0" || (whole == "1" && !has_fraction);
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

/// JSON:API 1.1: an unknown parameter or an extension makes the instance unusable.
bool has_only_profile(const MediaRange &range) {
    return std::ranges::all_of(range.parameters, [](const MediaParameter &parameter) {
        return parameter.name == "profile";
    });
}

/// What the ranges of one kind say: nothing, refused, or accepted.
struct Verdict {
    bool is_named = false;
    bool is_accepted = false;

    void add(const MediaRange &range) {
        is_named = true;
        is_accepted = is_accepted || !range.is_refused;
    }
};

} // namespace

bool accepts_json_api(std::string_view accept) {
    Verdict exact, plain_json, application, any;
    bool is_empty = true, has_unusable = false;
    HeaderScanner scanner(accept);
    while (true) {
        scanner.skip_blanks();
        if (scanner.literal(',')) {
            continue;
        }
        if (scanner.at_end()) {
            break;
        }
        is_empty = false;
        const std::optional<MediaRange> range = scanner.range();
        if (!range || !(scanner.at_end() || scanner.at(','))) {
            scanner.skip_element();
        } else if (range->type == json_api) {
            if (has_only_profile(*range)) {
                exact.add(*range);
            } else {
                has_unusable = true;
            }
        } else if (range->type == json) {
            plain_json.add(*range);
        } else if (range->type == "application/*") {
            application.add(*range);
        } else if (range->type == "*/*") {
            any.add(*range);
        }
    }
    if (is_empty) {
        return true;
    }
    if (exact.is_named || has_unusable) {
        return exact.is_accepted; // JSON:API 1.1: unusable instances alone are a 406
    }
    if (plain_json.is_accepted) {
        return true; // a refused application/json says nothing of what is sent
    }
    return application.is_named ? application.is_accepted : any.is_accepted;
}

bool is_body_type(std::string_view content_type) {
    HeaderScanner scanner(content_type);
    scanner.skip_blanks();
    const std::optional<MediaRange> range = scanner.range();
    if (!range || !scanner.at_end()) {
        return false;
    }
    if (range->type == json_api) {
        return has_only_profile(*range);
    }
    return range->type == json &&
           std::ranges::all_of(range->parameters, [](const MediaParameter &parameter) {
               return parameter.name != "charset" || is_same(parameter.value, "utf-8");
           });
}

} // namespace inventory
