#include "core/catalogue.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace inventory {

bool Field::belongs_to(std::string_view type) const noexcept {
    return all_types ||
           std::find(asset_types.begin(), asset_types.end(), type) != asset_types.end();
}

const Field *Catalogue::find(std::string_view name) const noexcept {
    const auto it = std::find_if(fields.begin(), fields.end(),
                                 [name](const Field &field) { return field.name == name; });
    return it == fields.end() ? nullptr : &*it;
}

const Field *Catalogue::find_id(std::string_view id) const noexcept {
    const auto it = std::find_if(fields.begin(), fields.end(),
                                 [id](const Field &field) { return field.id == id; });
    return it == fields.end() ? nullptr : &*it;
}

bool Catalogue::has_type(std::string_view name) const noexcept {
    return std::find(types.begin(), types.end(), name) != types.end();
}

bool Catalogue::is_live(const Field &field) const noexcept {
    return std::any_of(types.begin(), types.end(),
                       [&field](const std::string &type) { return field.belongs_to(type); });
}

std::optional<FieldKind> field_kind(std::string_view name) noexcept {
    static constexpr std::array names{
        std::pair<std::string_view, FieldKind>{"text", FieldKind::text},
        std::pair<std::string_view, FieldKind>{"type", FieldKind::type},
        std::pair<std::string_view, FieldKind>{"class", FieldKind::asset_class},
        std::pair<std::string_view, FieldKind>{"time", FieldKind::time},
        std::pair<std::string_view, FieldKind>{"integer", FieldKind::integer},
        std::pair<std::string_view, FieldKind>{"bigint", FieldKind::bigint},
        std::pair<std::string_view, FieldKind>{"uuid", FieldKind::uuid},
        std::pair<std::string_view, FieldKind>{"array", FieldKind::array},
        std::pair<std::string_view, FieldKind>{"object", FieldKind::object},
        std::pair<std::string_view, FieldKind>{"search", FieldKind::search},
        std::pair<std::string_view, FieldKind>{"json", FieldKind::json},
        std::pair<std::string_view, FieldKind>{"issues", FieldKind::issues},
    };
    for (const auto &[text, kind] : names) {
        if (text == name) {
            return kind;
        }
    }
    return std::nullopt;
}

std::string_view public_kind(FieldKind kind) noexcept {
    switch (kind) {
    case FieldKind::time:
        return "datetime";
    case FieldKind::integer:
    case FieldKind::bigint:
        return "integer";
    case FieldKind::array:
        return "array";
    case FieldKind::object:
        return "object";
    default:
        return "string";
    }
}

std::span<const std::string_view, 4> class_names() noexcept {
    static constexpr std::array<std::string_view, 4> names{"A", "B", "C", "D"};
    return names;
}

} // namespace inventory
