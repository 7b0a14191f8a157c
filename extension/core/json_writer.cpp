#include "core/json_writer.hpp"

#include <charconv>
#include <cstring>

namespace inventory {
namespace {

constexpr std::uint64_t repeat(std::uint64_t byte) {
    return byte * 0x0101010101010101u;
}

/// Whether one of eight bytes is below 0x20, a quote or a backslash. Exact: a
/// borrow out of a byte happens only where a byte is already a hit.
bool needs_escape(std::uint64_t word) {
    const std::uint64_t quote = word ^ repeat('"');
    const std::uint64_t backslash = word ^ repeat('\\');
    return (((word - repeat(0x20)) & ~word) | ((quote - repeat(1)) & ~quote) |
            ((backslash - repeat(1)) & ~backslash)) &
           repeat(0x80);
}

bool needs_escape(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

template <typename Word>
std::uint64_t load(const char *at) {
    Word word;
    std::memcpy(&word, at, sizeof word);
    return word;
}

/// The first byte from `at` on that must be escaped, or `end`. What is left of words is
/// read by words that overlap, so most texts are not looked at byte by byte.
const char *skip_clean(const char *at, const char *end) {
    const std::ptrdiff_t size = end - at;
    if (size >= 8) {
        while (end - at >= 8 && !needs_escape(load<std::uint64_t>(at))) {
            at += 8;
        }
        if (end - at < 8 && !needs_escape(load<std::uint64_t>(end - 8))) {
            return end;
        }
    } else if (size >= 4 &&
               !needs_escape(load<std::uint32_t>(at) << 32 | load<std::uint32_t>(end - 4))) {
        return end;
    }
    while (at != end && !needs_escape(*at)) {
        ++at;
    }
    return at;
}

void append_escaped(std::string &out, char c) {
    static constexpr char hex[] = "0123456789abcdef";
    switch (c) {
    case '"':
        out += "\\\"";
        break;
    case '\\':
        out += "\\\\";
        break;
    case '\b':
        out += "\\b";
        break;
    case '\f':
        out += "\\f";
        break;
    case '\n':
        out += "\\n";
        break;
    case '\r':
        out += "\\r";
        break;
    case '\t':
        out += "\\t";
        break;
    default:
        out += "\\u00";
        out += hex[static_cast<unsigned char>(c) >> 4];
        out += hex[static_cast<unsigned char>(c) & 0xf];
    }
}

} // namespace

void append_json_string(std::string &out, std::string_view text) {
    const char *at = text.data();
    const char *const end = at + text.size();
    out += '"';
    while (true) {
        const char *const stop = skip_clean(at, end);
        out.append(at, stop);
        if (stop == end) {
            break;
        }
        append_escaped(out, *stop);
        at = stop + 1;
    }
    out += '"';
}

void append_integer(std::string &out, std::int64_t value) {
    char digits[20]; // "-9223372036854775808" is 20 characters
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
    static_cast<void>(error);
    out.append(digits, end);
}

} // namespace inventory
