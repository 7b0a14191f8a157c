#include "core/key_condition.hpp"

#include "core/comparison.hpp"
#include "core/filter_field.hpp"

#include <algorithm>
#include <array>
#include <iterator>

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
KeyCondition join(std::vector<KeyCondition> parts, bool is_conjunction) {
    const auto covers = [](const KeyCondition &it) { return it.covers_scope; };
    if (is_conjunction) {
        std::erase_if(parts, [](const KeyCondition &it) { return it.empty(); });
    } else if (std::ranges::any_of(parts, &KeyCondition::empty)) {
        return {};
    }
    if (parts.empty()) {
        return {};
    }
    if (parts.size() == 1) {
        return std::move(parts.front());
    }
    KeyCondition out;
    out.kind = is_conjunction ? KeyCondition::Kind::every : KeyCondition::Kind::some;
    out.covers_scope =
        is_conjunction ? std::ranges::any_of(parts, covers) : std::ranges::all_of(parts, covers);
    out.parts = std::move(parts);
    return out;
}

template <typename Item>
std::vector<Item> each_once(std::vector<Item> items) {
    std::ranges::sort(items);
    items.erase(std::ranges::unique(items).begin(), items.end());
    return items;
}

KeyCondition any(std::vector<AssetKey> keys) {
    KeyCondition out;
    out.kind = KeyCondition::Kind::any;
    out.keys = each_once(std::move(keys));
    return out;
}

/// Reads a filter over the assets of one tenant.
class FilterReader {
public:
    FilterReader(const Uuid &tenant, bool has_scope, const Catalogue &catalogue, bool for_sieve)
        : tenant_(tenant), has_scope_(has_scope), catalogue_(catalogue), for_sieve_(for_sieve) {}

    KeyCondition of_filter(const RsqlNode &filter) const {
        if (filter.kind == RsqlNode::Kind::comparison) {
            return of_comparison(filter);
        }
        std::vector<KeyCondition> parts;
        for (const RsqlNode &child : filter.children) {
            parts.push_back(of_filter(child));
        }
        return join(std::move(parts), filter.kind == RsqlNode::Kind::conjunction);
    }

private:
    KeyCondition of_comparison(const RsqlNode &node) const {
        const auto [field, key] = resolve_selector(node, catalogue_);
        if (field->kind == FieldKind::search) {
            return of_term(node.values.front().text);
        }
        if (for_sieve_ && asks_for_values(node, catalogue_)) {
            return of_values(*field, node.values);
        }
        if (for_sieve_ && field->kind == FieldKind::asset_class) {
            return of_classes(node);
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

    KeyCondition of_term(std::string_view term) const {
        const bool is_alternative = has_alternative_keys(term);
        if (!is_alternative && term.size() < 3) {
            return {};
        }
        KeyCondition out;
        out.kind = is_alternative ? KeyCondition::Kind::alternatives : KeyCondition::Kind::term;
        out.term = term;
        out.covers_scope = !is_alternative && has_scope_;
        return out;
    }

    static KeyCondition of_values(const Field &field, const std::vector<RsqlValue> &values) {
        KeyCondition out;
        out.kind = KeyCondition::Kind::values;
        out.index = field.index;
        std::ranges::transform(values, std::back_inserter(out.values), &RsqlValue::text);
        out.values = each_once(std::move(out.values));
        return out;
    }

    static KeyCondition of_classes(const RsqlNode &node) {
        KeyCondition out;
        out.kind = KeyCondition::Kind::classes;
        for (const std::int64_t rank : held_ranks(node)) {
            out.ranks |= 1U << rank;
        }
        return out;
    }

    KeyCondition of_members(MemberColumn column, const std::vector<RsqlValue> &values) const {
        std::vector<AssetKey> keys(values.size());
        AssetKeyWriter writer(tenant_.data(), keys.data());
        for (const RsqlValue &value : values) {
            writer.add_member(column, value.text);
        }
        return any(std::move(keys));
    }

    /// Where the key of an object has one of the values. An empty one stands for none, too,
    /// and has no key; only `==` asks for a string, so all else is found by the object's key.
    KeyCondition of_pairs(MemberColumn column, std::string_view key, const RsqlNode &node) const {
        if (std::ranges::any_of(node.values, &std::string::empty, &RsqlValue::text)) {
            return {};
        }
        const RsqlValue &first = node.values.front();
        AssetKey found = 0;
        AssetKeyWriter writer(tenant_.data(), &found);
        if (node.comparison == Comparison::eq && !has_wildcard(first, node.comparison)) {
            writer.add_pair(column, key, first.text);
        } else {
            writer.add_member(column, key);
        }
        return any({found});
    }

    const Uuid &tenant_;
    bool has_scope_;
    const Catalogue &catalogue_;
    bool for_sieve_;
};

KeyCondition of_scope(const Uuid &tenant, const Uuid &scope) {
    AssetKey key = 0;
    AssetKeyWriter(tenant.data(), &key).add_scope(scope.data());
    KeyCondition out = any({key});
    out.covers_scope = true;
    return out;
}

} // namespace

KeyCondition key_condition(const Uuid &tenant, const std::optional<Uuid> &seen_in,
                           const std::optional<RsqlNode> &filter, const Catalogue &catalogue,
                           bool for_sieve) {
    KeyCondition out;
    if (filter) {
        out = FilterReader(tenant, seen_in.has_value(), catalogue, for_sieve).of_filter(*filter);
    }
    if (!seen_in || out.covers_scope) {
        return out;
    }
    std::vector<KeyCondition> parts;
    parts.push_back(std::move(out));
    parts.push_back(of_scope(tenant, *seen_in));
    return join(std::move(parts), true);
}

bool has_list(const KeyCondition &condition) noexcept {
    switch (condition.kind) {
    case KeyCondition::Kind::none:
    case KeyCondition::Kind::classes:
        return false;
    case KeyCondition::Kind::every:
        return std::ranges::any_of(condition.parts, has_list);
    case KeyCondition::Kind::some:
        return std::ranges::all_of(condition.parts, has_list);
    default:
        return true;
    }
}

bool asks_for_values(const RsqlNode &comparison, const Catalogue &catalogue) {
    const Field &field = *resolve_selector(comparison, catalogue).field;
    const bool is_equality =
        comparison.comparison == Comparison::eq || comparison.comparison == Comparison::in;
    return is_equality && field.kind == FieldKind::text && field.is_indexed && field.index != 0 &&
           !comparison.values.empty() &&
           !has_wildcard(comparison.values.front(), comparison.comparison) &&
           std::ranges::none_of(comparison.values, [](const RsqlValue &value) {
               return value.text.empty() || value.text == missing_text;
           });
}

std::string write_key_condition(const KeyCondition &condition, std::string_view tenant,
                                std::string_view seen_in, Binder &binder) {
    const auto call = [&](std::string_view function, std::string_view scope) {
        return std::string(keys_of_row) + std::string(function) + '(' + std::string(tenant) +
               std::string(scope) + ", lower(" + binder.bind(condition.term) + "))";
    };
    switch (condition.kind) {
    case KeyCondition::Kind::none:
    case KeyCondition::Kind::values:
    case KeyCondition::Kind::classes:
        break;
    case KeyCondition::Kind::term:
        return call(" @> inventory.find_keys", ", " + std::string(seen_in));
    case KeyCondition::Kind::alternatives:
        return call(" && inventory.find_alternative_keys", "");
    case KeyCondition::Kind::any:
        return std::string(keys_of_row) + " && " + binder.bind(condition.keys);
    case KeyCondition::Kind::every:
    case KeyCondition::Kind::some:
        std::string out;
        for (const KeyCondition &part : condition.parts) {
            out += out.empty()                                   ? "("
                   : condition.kind == KeyCondition::Kind::every ? " and "
                                                                 : " or ";
            out += write_key_condition(part, tenant, seen_in, binder);
        }
        return out + ')';
    }
    return {};
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
