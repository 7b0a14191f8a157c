#include "core/label.hpp"

#include <algorithm>

namespace inventory {
namespace {

bool is_key_character(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

bool is_label_character(char c) noexcept {
    return is_key_character(c) || std::string_view("/:?#@&=+%~").find(c) != std::string_view::npos;
}

bool consists_of(std::string_view text, std::size_t most, bool (*is_fine)(char)) noexcept {
    return !text.empty() && text.size() <= most && std::all_of(text.begin(), text.end(), is_fine);
}

} // namespace

bool is_label(std::string_view text) noexcept {
    return consists_of(text, max_label_size, is_label_character);
}

bool is_tag_key(std::string_view text) noexcept {
    return consists_of(text, max_tag_key_size, is_key_character);
}

} // namespace inventory
