#include "core/json_body.hpp"

#include "core/error.hpp"
#include "core/utf8.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <utility>
#include <vector>

namespace inventory {
namespace {

using nlohmann::json;

/// Builds the document from the parser's events. The parser keeps its own stack,
/// so a deep body costs no recursion before it is refused here.
class Builder {
public:
    json take() { return std::move(root_); }

    bool null() { return add(nullptr); }
    bool boolean(bool value) { return add(value); }
    bool number_integer(json::number_integer_t value) { return add(value); }
    bool number_unsigned(json::number_unsigned_t value) { return add(value); }
    bool number_float(json::number_float_t value, const std::string &source) {
        // The parser falls back to a double for integers that do not fit, and rounds them.
        if (source.find_first_of(".eE") == std::string::npos) {
            reject("The number " + quote_for_message(source) + here() + " is out of range.");
        }
        return add(value);
    }
    bool string(std::string &value) {
        check_text(value);
        return add(std::move(value));
    }
    bool binary(json::binary_t &) { return false; } // no such thing in JSON text

    bool start_object(std::size_t) { return open(json::object()); }
    bool start_array(std::size_t) { return open(json::array()); }
    bool end_object() { return close(); }
    bool end_array() { return close(); }
    bool key(std::string &name) {
        Level &level = levels_.back();
        level.slot = nullptr;
        check_text(name);
        const auto [member, is_new] = level.container->emplace(name, nullptr);
        level.name = std::move(name);
        level.slot = &*member;
        if (!is_new) {
            reject("The member " + quote_for_message(level.name) + " is given twice" + here() +
                   ".");
        }
        return true;
    }

    bool parse_error(std::size_t position, const std::string &token, const json::exception &error) {
        const std::string where = " at byte " + std::to_string(position);
        if (dynamic_cast<const json::out_of_range *>(&error) != nullptr) {
            throw Error(Code::body_syntax,
                        "The number " + quote_for_message(token) + where + " is out of range.");
        }
        throw Error(Code::body_syntax,
                    "The body is not JSON" + where + here() + ": " + reason(error.what()) + ".");
    }

private:
    /// An open array or object.
    struct Level {
        json *container;
        json *slot;       ///< Where the value of the open member goes, or null.
        std::string name; ///< Of that member.
    };

    json &place(json value) {
        if (++values_ > json_max_values) {
            reject("The body has more than " + std::to_string(json_max_values) + " values" +
                   here() + ".");
        }
        if (levels_.empty()) {
            return root_ = std::move(value);
        }
        Level &level = levels_.back();
        if (level.container->is_array()) {
            return level.container->emplace_back(std::move(value));
        }
        return *level.slot = std::move(value);
    }

    template <typename Value>
    bool add(Value &&value) {
        place(std::forward<Value>(value));
        return true;
    }

    bool open(json container) {
        if (levels_.size() == json_max_nesting) {
            reject("The body is nested more than " + std::to_string(json_max_nesting) +
                   " levels deep" + here() + ".");
        }
        levels_.push_back({&place(std::move(container)), nullptr, {}});
        return true;
    }

    bool close() {
        levels_.pop_back();
        return true;
    }

    void check_text(std::string_view text) const {
        if (text.find('\0') != std::string_view::npos) {
            reject("A string holds U+0000" + here() + ", which is not supported.");
        }
    }

    /// The JSON Pointer of the value or member last begun.
    std::string pointer() const {
        std::string out;
        for (const Level &level : levels_) {
            if (level.container->is_array()) {
                const bool is_begun = &level != &levels_.back();
                out += '/' + std::to_string(level.container->size() - (is_begun ? 1 : 0));
            } else if (level.slot != nullptr) {
                out += '/';
                for (const char c : level.name) {
                    out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
                }
            }
        }
        return out;
    }

    std::string here() const {
        const std::string at = pointer();
        return at.empty() ? at : " near " + quote_for_message(at, 80);
    }

    [[noreturn]] void reject(std::string detail) const {
        throw Error(Code::body_syntax, std::move(detail)).in_pointer(pointer());
    }

    /// The parser's own words, without its prefix and the user's text.
    static std::string reason(std::string_view what) {
        if (const std::size_t dash = what.find(" - "); dash != std::string_view::npos) {
            what.remove_prefix(dash + 3);
        }
        return std::string(what.substr(0, what.find("; last read")));
    }

    json root_;
    std::vector<Level> levels_;
    std::size_t values_ = 0;
};

void check_bytes(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) {
        throw Error(Code::body_syntax, "The body begins with a byte order mark.",
                    "Send UTF-8 without one.");
    }
    // The parser takes a zero byte for the end of its input.
    if (const std::size_t bad = find_unclean_utf8(text); bad != std::string_view::npos) {
        throw Error(Code::body_syntax, "The body is not UTF-8 without U+0000 at byte " +
                                           std::to_string(bad + 1) + ".");
    }
}

} // namespace

json parse_json_body(std::string_view text) {
    check_bytes(text);
    Builder builder;
    json::sax_parse(text.begin(), text.end(), &builder);
    return builder.take();
}

} // namespace inventory
