#include "core/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

namespace inventory {
namespace {

constexpr std::size_t npos = std::string_view::npos;

/// Longer words are no slip of a name, and the table of distances stays small.
constexpr std::size_t max_slip_bytes = 64;

unsigned byte_at(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
}

/// The length of the well-formed sequence at `at`, or 0 (Unicode, table 3-7).
std::size_t sequence_length(std::string_view text, std::size_t at) {
    const unsigned lead = byte_at(text, at);
    if (lead < 0x80) {
        return 1;
    }
    const std::size_t length = lead < 0xc2   ? 0
                               : lead < 0xe0 ? 2
                               : lead < 0xf0 ? 3
                               : lead < 0xf5 ? 4
                                             : 0;
    if (length == 0 || text.size() - at < length) {
        return 0;
    }
    // Only the second byte has a narrower range: overlong forms, surrogates, the end.
    const unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    const unsigned second = byte_at(text, at + 1);
    if (second < low || second > high) {
        return 0;
    }
    for (std::size_t i = 2; i < length; ++i) {
        if ((byte_at(text, at + i) & 0xc0) != 0x80) {
            return 0;
        }
    }
    return length;
}

std::uint32_t decode(std::string_view sequence) {
    std::uint32_t point = byte_at(sequence, 0);
    if (sequence.size() > 1) {
        point &= 0x7fu >> sequence.size();
        for (std::size_t i = 1; i < sequence.size(); ++i) {
            point = point << 6 | (byte_at(sequence, i) & 0x3f);
        }
    }
    return point;
}

/// Controls, and the marks that break or reorder the line they are printed in.
bool is_unprintable(std::uint32_t point) {
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x200e || point == 0x200f ||
           (point >= 0x2028 && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069) ||
           point == 0xfeff;
}

void append_hex(std::string &out, std::string_view bytes) {
    static constexpr char hex[] = "0123456789ABCDEF";
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += "\\x";
        out += hex[byte >> 4];
        out += hex[byte & 0xf];
    }
}

char fold(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

/// Optimal string alignment distance of two words of at most `max_slip_bytes`,
/// letters alike in any case.
std::size_t distance(std::string_view a, std::string_view b) {
    using Row = std::array<std::size_t, max_slip_bytes + 1>;
    Row before{}, above{}, row{};
    for (std::size_t j = 0; j <= b.size(); ++j) {
        above[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const char x = fold(a[i - 1]);
            const char y = fold(b[j - 1]);
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y)});
            if (i > 1 && j > 1 && x == fold(b[j - 2]) && y == fold(a[i - 2])) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
        before = above;
        above = row;
    }
    return above[b.size()];
}

} // namespace

std::size_t find_unclean_utf8(std::string_view text) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101u;
    constexpr std::uint64_t highs = 0x8080808080808080u;
    std::size_t at = 0;
    while (at < text.size()) {
        if (text.size() - at >= 8) {
            std::uint64_t word;
            std::memcpy(&word, text.data() + at, sizeof word);
            // Eight ASCII bytes, none of them zero.
            if (((word | (word - ones)) & highs) == 0) {
                at += sizeof word;
                continue;
            }
        }
        const std::size_t length = sequence_length(text, at);
        if (length == 0 || text[at] == '\0') {
            return at;
        }
        at += length;
    }
    return npos;
}

bool is_clean_utf8(std::string_view text) noexcept {
    return find_unclean_utf8(text) == npos;
}

std::size_t count_code_points(std::string_view text) noexcept {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    }));
}

std::string quote_for_message(std::string_view text, std::size_t limit) {
    std::string out = "\"";
    std::size_t at = 0;
    for (std::size_t shown = 0; at < text.size() && shown < limit; ++shown) {
        const std::size_t length = sequence_length(text, at);
        const std::string_view sequence = text.substr(at, std::max<std::size_t>(length, 1));
        if (length == 0 || is_unprintable(decode(sequence))) {
            append_hex(out, sequence);
        } else {
            if (sequence == "\"" || sequence == "\\") {
                out += '\\';
            }
            out += sequence;
        }
        at += sequence.size();
    }
    out += at < text.size() ? "…\"" : "\"";
    return out;
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
    if (word.size() > max_slip_bytes) {
        return {};
    }
    // One slip in three letters, three at most: "x" suggests nothing, "clas" suggests "class".
    std::size_t best = std::min<std::size_t>(word.size() / 3, 3) + 1;
    std::string_view found;
    for (const std::string_view candidate : candidates) {
        if (candidate.empty() || candidate.size() > max_slip_bytes) {
            continue;
        }
        if (const std::size_t d = distance(word, candidate); d < best) {
            best = d;
            found = candidate;
        }
    }
    return found;
}

} // namespace inventory
