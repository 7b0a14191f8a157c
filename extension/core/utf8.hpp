#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace inventory {

/// Whether `text` is well-formed UTF-8 (no surrogates, no overlong forms, at
/// most U+10FFFF) and holds no U+0000.
bool is_clean_utf8(std::string_view text) noexcept;

/// The byte offset of the first sequence that is not clean in that sense, or npos.
std::size_t find_unclean_utf8(std::string_view text) noexcept;

/// The number of code points of well-formed UTF-8.
std::size_t count_code_points(std::string_view text) noexcept;

/// User text for a message, in double quotes: at most `limit` code points, then
/// an ellipsis; control characters and invalid bytes as \xHH.
std::string quote_for_message(std::string_view text, std::size_t limit = 40);

/// The candidate nearest to `word` by edit distance (transposition counts one),
/// or an empty view when none is near enough to be a slip.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

} // namespace inventory
