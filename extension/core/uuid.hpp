#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace inventory {

/// A UUID (RFC 9562) in network byte order.
using Uuid = std::array<std::uint8_t, 16>;

/// Reads 8-4-4-4-12 hex digits in any case; nothing for any other spelling.
std::optional<Uuid> parse_uuid(std::string_view text) noexcept;

/// Appends the lower-case 8-4-4-4-12 form.
void append_uuid(std::string &out, const Uuid &uuid);
std::string to_string(const Uuid &uuid);

/// The sixteen bytes; they live as long as the UUID.
inline std::string_view bytes_of(const Uuid &uuid) noexcept {
    return {reinterpret_cast<const char *>(uuid.data()), uuid.size()};
}

} // namespace inventory
