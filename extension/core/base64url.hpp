#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace inventory {

/// base64url without padding (RFC 4648 §5).
std::string encode_base64url(std::string_view bytes);

/// The bytes, or nothing when `text` is not the one canonical encoding of them
/// (foreign characters, impossible length, stray bits). `=` padding of the right
/// length is accepted.
std::optional<std::string> decode_base64url(std::string_view text);

} // namespace inventory
