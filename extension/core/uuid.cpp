#include "core/uuid.hpp"

namespace inventory {
namespace {

constexpr std::size_t text_length = 36;

constexpr bool is_dash_position(std::size_t at) {
    return at == 8 || at == 13 || at == 18 || at == 23;
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

} // namespace

std::optional<Uuid> parse_uuid(std::string_view text) noexcept {
    if (text.size() != text_length) {
        return std::nullopt;
    }
    Uuid uuid;
    std::size_t at = 0;
    for (std::uint8_t &byte : uuid) {
        if (is_dash_position(at) && text[at++] != '-') {
            return std::nullopt;
        }
        const int high = hex_value(text[at++]);
        const int low = hex_value(text[at++]);
        if (high < 0 || low < 0) {
            return std::nullopt;
        }
        byte = static_cast<std::uint8_t>(high << 4 | low);
    }
    return uuid;
}

void append_uuid(std::string &out, const Uuid &uuid) {
    static constexpr char hex[] = "0123456789abcdef";
    char text[text_length];
    char *at = text;
    const auto write = [&](std::size_t first, std::size_t beyond) {
        for (std::size_t i = first; i < beyond; ++i) {
            *at++ = hex[uuid[i] >> 4];
            *at++ = hex[uuid[i] & 0xf];
        }
    };
    write(0, 4);
    *at++ = '-';
    write(4, 6);
    *at++ = '-';
    write(6, 8);
    *at++ = '-';
    write(8, 10);
    *at++ = '-';
    write(10, 16);
    out.append(text, text_length);
}

std::string to_string(const Uuid &uuid) {
    std::string out;
    append_uuid(out, uuid);
    return out;
}

} // namespace inventory
