#include "core/target.hpp"

#include "core/error.hpp"
#include "core/utf8.hpp"

#include <algorithm>

namespace inventory {
namespace {

constexpr char hex[] = "0123456789ABCDEF";

int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool is_unreserved(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

enum class Blank { plus_is_plus, plus_is_space };

/// Decodes once; `what` names the part in the message of a failure.
std::string decode(std::string_view text, Blank blank, std::string_view what) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '+' && blank == Blank::plus_is_space) {
            out += ' ';
        } else if (c != '%') {
            out += c;
        } else {
            const int high = at + 1 < text.size() ? hex_value(text[at + 1]) : -1;
            const int low = at + 2 < text.size() ? hex_value(text[at + 2]) : -1;
            if (high < 0 || low < 0) {
                throw Error(Code::invalid_target,
                            "The percent escape " + quote_for_message(text.substr(at, 3)) +
                                " at byte " + std::to_string(at + 1) + " of " + std::string(what) +
                                " is not `%` and two hex digits.",
                            "A percent sign itself is sent as %25.");
            }
            out += static_cast<char>(high << 4 | low);
            at += 2;
        }
    }
    if (const std::size_t bad = find_unclean_utf8(out); bad != std::string::npos) {
        throw Error(Code::invalid_target,
                    std::string(out[bad] == '\0' ? "U+0000" : "Invalid UTF-8") + " in " +
                        std::string(what) + ", after " +
                        std::to_string(count_code_points(out.substr(0, bad))) +
                        " decoded characters.",
                    "Encode text as UTF-8, each value once.");
    }
    return out;
}

Parameter decode_parameter(std::string_view item) {
    const std::size_t equals = item.find('=');
    Parameter parameter;
    parameter.name = decode(item.substr(0, equals), Blank::plus_is_space, "a parameter's name");
    if (equals != std::string_view::npos) {
        try {
            parameter.value =
                decode(item.substr(equals + 1), Blank::plus_is_space, "the parameter's value");
        } catch (Error &error) {
            error.set_source(SourceKind::parameter, parameter.name);
            throw;
        }
    }
    return parameter;
}

/// Calls `take` with each part of `text` between `separator`s.
template <typename Take>
void for_each_part(std::string_view text, char separator, Take take) {
    while (true) {
        const std::size_t end = text.find(separator);
        take(text.substr(0, end));
        if (end == std::string_view::npos) {
            return;
        }
        text.remove_prefix(end + 1);
    }
}

} // namespace

const std::string *Target::find(std::string_view name) const noexcept {
    const auto found = std::ranges::find(parameters, name, &Parameter::name);
    return found == parameters.end() ? nullptr : &found->value;
}

Target parse_target(std::string_view target) {
    if (!target.starts_with('/')) {
        throw Error(Code::invalid_target,
                    "The request target " + quote_for_message(target) + " does not begin with `/`.",
                    "Send the path and query only (origin form).");
    }
    const std::size_t question = target.find('?');
    Target parsed;
    for_each_part(target.substr(1, question == std::string_view::npos ? question : question - 1),
                  '/', [&](std::string_view part) {
                      parsed.segments.push_back(
                          decode(part, Blank::plus_is_plus, "a path segment"));
                  });
    if (question != std::string_view::npos) {
        for_each_part(target.substr(question + 1), '&', [&](std::string_view item) {
            if (!item.empty()) {
                parsed.parameters.push_back(decode_parameter(item));
            }
        });
    }
    return parsed;
}

void append_percent_encoded(std::string &out, std::string_view text) {
    for (const char c : text) {
        if (is_unreserved(c)) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += hex[byte >> 4];
            out += hex[byte & 0xf];
        }
    }
}

} // namespace inventory
