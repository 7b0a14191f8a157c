#include "core/key_condition.hpp"

#include "core/asset_keys.hpp"

#include <algorithm>

namespace inventory {
namespace {

/// The expression of asset_keys_idx.
constexpr std::string_view keys = "inventory.asset_keys(a.tenant_id, a.scope_ids, a.search)";

std::string all_keys(const KeyScope &scope, std::string_view folded) {
    std::string out(keys);
    out += " @> inventory.find_keys(" + scope.tenant + ", " + scope.seen_in + ", ";
    out += folded;
    return out + ')';
}

/// Whether the term has keys in each spelling: a byte or two may have none.
bool has_keys(std::string_view term) noexcept {
    return term.size() >= 3;
}

} // namespace

std::string scope_key_condition(const KeyScope &scope) {
    return all_keys(scope, "null");
}

std::string term_key_condition(const KeyScope &scope, std::string_view term,
                               std::string_view folded) {
    if (!has_keys(term)) {
        return {};
    }
    if (!has_alternative_keys(term)) {
        return all_keys(scope, folded);
    }
    std::string out(keys);
    out += " && inventory.find_alternative_keys(" + scope.tenant + ", ";
    out += folded;
    out += ')';
    if (scope.seen_in != KeyScope().seen_in) {
        out += " and " + scope_key_condition(scope);
    }
    return out;
}

bool is_found_by_term(const RsqlNode &filter, const Catalogue &catalogue) {
    switch (filter.kind) {
    case RsqlNode::Kind::conjunction:
        return std::any_of(
            filter.children.begin(), filter.children.end(),
            [&](const RsqlNode &child) { return is_found_by_term(child, catalogue); });
    case RsqlNode::Kind::disjunction:
        return std::all_of(
            filter.children.begin(), filter.children.end(),
            [&](const RsqlNode &child) { return is_found_by_term(child, catalogue); });
    case RsqlNode::Kind::comparison:
        break;
    }
    const Field *field = catalogue.find(filter.selector);
    return field != nullptr && field->kind == FieldKind::search &&
           has_keys(filter.values.front().text);
}

} // namespace inventory
