#pragma once

#include <cstddef>
#include <string_view>

namespace inventory {

inline constexpr std::size_t max_labels = 50;
inline constexpr std::size_t max_tags = 100;
inline constexpr std::size_t max_label_size = 40;
inline constexpr std::size_t max_tag_key_size = 30;

/// Whether `text` is a label or the value of a tag: 1..40 of
/// `[a-zA-Z0-9_/:?#@&=+%~-]` (contract.md §6).
bool is_label(std::string_view text) noexcept;

/// Whether `text` is the key of a tag: 1..30 of `[a-zA-Z0-9_-]` (contract.md §6).
bool is_tag_key(std::string_view text) noexcept;

} // namespace inventory
