#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <string_view>

namespace inventory {

inline constexpr std::size_t json_max_nesting = 32;
inline constexpr std::size_t json_max_values = 20000;

/// Reads a request body: one JSON text (RFC 8259) in UTF-8 without byte order
/// mark, stricter than the RFC where two readers could disagree. Refused are
/// repeated member names, U+0000 however it is written, numbers that neither 64
/// bits nor a double hold, bytes behind the text, and what exceeds the limits
/// above. Throws Error(body_syntax) with the byte (from 1) or the pointer of it.
nlohmann::json parse_json_body(std::string_view text);

} // namespace inventory
