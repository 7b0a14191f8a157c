#pragma once

#include <string>
#include <string_view>

namespace inventory {

/// A cursor on the wire: `v1.` and the base64url of its payload (contract.md §5).
/// The payload is JSON; what it holds is its operation's affair.
std::string encode_cursor(std::string_view payload);

/// The payload of a cursor. Throws Error(cursor_invalid), without a source, when
/// it is not `v1.` + base64url of well-formed UTF-8 of at most 8,192 bytes.
std::string decode_cursor(std::string_view cursor);

} // namespace inventory
