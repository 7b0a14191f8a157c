#include "core/key_condition.hpp"

#include <algorithm>
#include <array>

namespace inventory {
namespace {

/// The expression of asset_keys_idx.
constexpr std::string_view keys_of_row =
    "inventory.asset_keys(a.tenant_id, a.scope_ids, a.search, a.labels, a.tags, a.image_tags, "
    "a.manifest_digests, a.index_digests, a.image_labels)";

bool has_keys(std::string_view term) noexcept {
    return term.size() >= 3 || has_alternative_keys(term);
}

} // namespace

std::string KeyConditions::of_tenant(bool alone) const {
    return (alone ? "a.tenant_id is not distinct from " : "a.tenant_id = ") + tenant_;
}

void KeyConditions::narrow(const Uuid &id, std::string seen_in) {
    scope_ = id;
    seen_in_ = std::move(seen_in);
}

std::string KeyConditions::in_scope() {
    AssetKey key = 0;
    AssetKeyWriter(id_.data(), &key).add_scope(scope_->data());
    return any({key});
}

std::string KeyConditions::of_term(std::string_view term, std::string_view folded) {
    if (!has_keys(term)) {
        return {};
    }
    finds_ = true;
    std::string out(keys_of_row);
    if (!has_alternative_keys(term)) {
        out += " @> inventory.find_keys(" + tenant_ + ", " + seen_in_ + ", ";
        out += folded;
        return out + ')';
    }
    out += " && inventory.find_alternative_keys(" + tenant_ + ", ";
    out += folded;
    out += ')';
    return scope_ ? out + " and " + in_scope() : out;
}

std::string KeyConditions::of_members(MemberColumn column, const std::vector<RsqlValue> &values) {
    std::vector<AssetKey> keys(values.size());
    AssetKeyWriter writer(id_.data(), keys.data());
    for (const RsqlValue &value : values) {
        writer.add_member(column, value.text);
    }
    return any(std::move(keys));
}

std::string KeyConditions::of_pairs(MemberColumn column, std::string_view key,
                                    const std::vector<RsqlValue> &values) {
    std::vector<AssetKey> keys(values.size());
    AssetKeyWriter writer(id_.data(), keys.data());
    for (const RsqlValue &value : values) {
        writer.add_pair(column, key, value.text);
    }
    return any(std::move(keys));
}

std::string KeyConditions::any(std::vector<AssetKey> keys) {
    finds_ = true;
    return std::string(keys_of_row) + " && " + binder_.bind(std::move(keys));
}

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

bool compares_only_keys(const RsqlNode &filter, const Catalogue &catalogue) {
    if (filter.kind != RsqlNode::Kind::comparison) {
        return std::ranges::all_of(filter.children, [&](const RsqlNode &child) {
            return compares_only_keys(child, catalogue);
        });
    }
    const std::string_view selector = filter.selector;
    const Field *field = catalogue.find(selector);
    if (field == nullptr) {
        field = catalogue.find(selector.substr(0, selector.find('.')));
    }
    return field != nullptr &&
           (field->kind == FieldKind::search || member_column(field->source).has_value());
}

bool is_found_by_term(const RsqlNode &filter, const Catalogue &catalogue) {
    const auto is_found = [&](const RsqlNode &child) { return is_found_by_term(child, catalogue); };
    switch (filter.kind) {
    case RsqlNode::Kind::conjunction:
        return std::ranges::any_of(filter.children, is_found);
    case RsqlNode::Kind::disjunction:
        return std::ranges::all_of(filter.children, is_found);
    case RsqlNode::Kind::comparison:
        break;
    }
    const Field *field = catalogue.find(filter.selector);
    return field != nullptr && field->kind == FieldKind::search &&
           has_keys(filter.values.front().text);
}

} // namespace inventory
