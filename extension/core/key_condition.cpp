#include "core/key_condition.hpp"

#include "core/comparison.hpp"
#include "core/filter_field.hpp"

#include <algorithm>
#include <array>

namespace inventory {
namespace {

/// The expression of asset_keys_idx.
constexpr std::string_view keys_of_row =
    "inventory.asset_keys(a.tenant_id, a.scope_ids, a.search, a.labels, a.tags, a.image_tags, "
    "a.manifest_digests, a.index_digests, a.image_labels)";

/// The column whose members are keys, by the SQL that reads it.
std::optional<MemberColumn> member_column(std::string_view source) noexcept {
    using Named = std::pair<std::string_view, MemberColumn>;
    static constexpr std::array<Named, 6> columns = {{
        {"a.labels", MemberColumn::labels},
        {"a.tags", MemberColumn::tags},
        {"a.image_tags", MemberColumn::image_tags},
        {"a.manifest_digests", MemberColumn::manifest_digests},
        {"a.index_digests", MemberColumn::index_digests},
        {"a.image_labels", MemberColumn::image_labels},
    }};
    const auto *const found = std::ranges::find(columns, source, &Named::first);
    return found == columns.end() ? std::nullopt : std::optional(found->second);
}

/// A conjunction is found by the keys of any part, a disjunction by those of all.
KeyCondition join(std::vector<KeyCondition> parts, RsqlNode::Kind kind) {
    const bool is_conjunction = kind == RsqlNode::Kind::conjunction;
    const auto covers = [](const KeyCondition &it) { return it.covers_scope; };
    if (is_conjunction) {
        std::erase_if(parts, [](const KeyCondition &it) { return it.sql.empty(); });
    } else if (std::ranges::any_of(parts, &std::string::empty, &KeyCondition::sql)) {
        return {};
    }
    if (parts.empty()) {
        return {};
    }
    KeyCondition out;
    for (const KeyCondition &part : parts) {
        out.sql += (out.sql.empty() ? "(" : is_conjunction ? " and " : " or ") + part.sql;
    }
    out.sql += ')';
    out.covers_scope =
        is_conjunction ? std::ranges::any_of(parts, covers) : std::ranges::all_of(parts, covers);
    return out;
}

} // namespace

void KeyConditions::narrow(const Uuid &id, std::string seen_in) {
    scope_ = id;
    seen_in_ = std::move(seen_in);
}

KeyCondition KeyConditions::of_scope() {
    if (!scope_) {
        return {};
    }
    AssetKey key = 0;
    AssetKeyWriter(id_.data(), &key).add_scope(scope_->data());
    return {any({key}).sql, true};
}

KeyCondition KeyConditions::of_filter(const RsqlNode &filter, const Catalogue &catalogue) {
    if (filter.kind == RsqlNode::Kind::comparison) {
        return of_comparison(filter, catalogue);
    }
    std::vector<KeyCondition> parts;
    for (const RsqlNode &child : filter.children) {
        parts.push_back(of_filter(child, catalogue));
    }
    return join(std::move(parts), filter.kind);
}

KeyCondition KeyConditions::of_comparison(const RsqlNode &node, const Catalogue &catalogue) {
    const auto [field, key] = resolve_selector(node, catalogue);
    if (field->kind == FieldKind::search) {
        return of_term(node.values.front().text);
    }
    const auto column = member_column(field->source);
    if (!column || is_negative(node.comparison)) {
        return {};
    }
    if (!key.empty()) {
        return of_pairs(*column, key, node);
    }
    // A list made of a pattern may be empty (api/known_values.hpp).
    const bool is_pattern =
        !node.values.empty() && has_wildcard(node.values.front(), node.comparison);
    return is_pattern ? KeyCondition() : of_members(*column, node.values);
}

KeyCondition KeyConditions::of_term(std::string_view term) {
    const bool is_alternative = has_alternative_keys(term);
    if (!is_alternative && term.size() < 3) {
        return {};
    }
    const std::string folded = "lower(" + binder_.bind(std::string(term)) + ')';
    std::string out(keys_of_row);
    if (is_alternative) {
        return {out + " && inventory.find_alternative_keys(" + tenant_ + ", " + folded + ')'};
    }
    out += " @> inventory.find_keys(" + tenant_ + ", " + seen_in_ + ", " + folded + ')';
    return {std::move(out), scope_.has_value()};
}

KeyCondition KeyConditions::of_members(MemberColumn column, const std::vector<RsqlValue> &values) {
    std::vector<AssetKey> keys(values.size());
    AssetKeyWriter writer(id_.data(), keys.data());
    for (const RsqlValue &value : values) {
        writer.add_member(column, value.text);
    }
    return any(std::move(keys));
}

/// Where the key of an object has one of the values. An empty one stands for none, too, and
/// has no key; only `==` asks for a string, so all else is found by the object's key.
KeyCondition KeyConditions::of_pairs(MemberColumn column, std::string_view key,
                                     const RsqlNode &node) {
    if (std::ranges::any_of(node.values, &std::string::empty, &RsqlValue::text)) {
        return {};
    }
    const RsqlValue &first = node.values.front();
    AssetKey found = 0;
    AssetKeyWriter writer(id_.data(), &found);
    if (node.comparison == Comparison::eq && !has_wildcard(first, node.comparison)) {
        writer.add_pair(column, key, first.text);
    } else {
        writer.add_member(column, key);
    }
    return any({found});
}

KeyCondition KeyConditions::any(std::vector<AssetKey> keys) {
    return {std::string(keys_of_row) + " && " + binder_.bind(std::move(keys))};
}

bool compares_only_keys(const RsqlNode &filter, const Catalogue &catalogue) {
    if (filter.kind != RsqlNode::Kind::comparison) {
        return std::ranges::all_of(filter.children, [&](const RsqlNode &child) {
            return compares_only_keys(child, catalogue);
        });
    }
    const Field *field = resolve_selector(filter, catalogue).field;
    return field->kind == FieldKind::search || member_column(field->source).has_value();
}

} // namespace inventory
