// Which values of the dictionary a pattern matches, and how many assets have a value.

#include "core/comparison.hpp"
#include "core/facet_query.hpp"

#include <algorithm>

namespace inventory {
namespace {

/// What every match holds: the longest part of a pattern between two wildcards.
std::string longest_literal(const RsqlValue &pattern) {
    std::string_view longest;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= pattern.wildcards.size(); ++i) {
        const std::size_t end =
            i < pattern.wildcards.size() ? pattern.wildcards[i] : pattern.text.size();
        const std::string_view part = std::string_view(pattern.text).substr(begin, end - begin);
        longest = part.size() > longest.size() ? part : longest;
        begin = end + 1;
    }
    return std::string(longest);
}

/// One field's value or values, and the types of assets that a filter asks for.
struct Counted {
    const Field *field = nullptr;
    std::string key;
    std::vector<std::string> values;
    std::optional<std::vector<std::string>> types;
};

bool fits(const std::string &key, const std::string &value) {
    return !value.empty() && key.size() + value.size() <= longest_value;
}

/// The values of a comparison with `==` or `=in=`, each once; nothing when the
/// dictionary does not hold one of them.
std::optional<std::vector<std::string>> plain_values(const RsqlNode &node, const std::string &key) {
    if (node.comparison != Comparison::eq && node.comparison != Comparison::in) {
        return std::nullopt;
    }
    std::vector<std::string> values;
    for (const RsqlValue &value : node.values) {
        if (has_wildcard(value, node.comparison) || !fits(key, value.text)) {
            return std::nullopt;
        }
        values.push_back(value.text);
    }
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
}

/// Those of some names that satisfy a comparison.
template <typename Names>
std::vector<std::string> held(const Names &names, const RsqlNode &node) {
    std::vector<std::string> out;
    for (const auto &name : names) {
        const std::string_view view = name;
        if (holds(&view, node)) {
            out.emplace_back(view);
        }
    }
    return out;
}

/// Adds a comparison; false when the dictionary cannot tell.
bool add(const RsqlNode &node, const Catalogue &catalogue, Counted &counted) {
    const Field *field = catalogue.find(node.selector);
    if (field != nullptr && field->kind == FieldKind::type) {
        const bool is_first = !counted.types;
        counted.types = held(catalogue.types, node);
        return is_first;
    }
    if (counted.field != nullptr) {
        return false;
    }
    std::optional<std::vector<std::string>> values;
    if (field == nullptr) {
        const std::size_t dot = node.selector.find('.');
        field = catalogue.find(std::string_view(node.selector).substr(0, dot));
        if (dot == std::string::npos || field == nullptr || field->kind != FieldKind::object) {
            return false;
        }
        counted.key = ':' + node.selector.substr(dot + 1);
        values = plain_values(node, counted.key);
    } else if (field->kind == FieldKind::asset_class) {
        if (!holds(nullptr, node)) {
            values = held(class_names(), node);
        }
    } else if (field->kind == FieldKind::text || field->kind == FieldKind::array) {
        values = plain_values(node, {});
        // An asset may have several values of a list.
        if (values && field->kind == FieldKind::array && values->size() != 1) {
            return false;
        }
    }
    counted.field = field;
    counted.values = values.value_or(std::vector<std::string>());
    return values.has_value();
}

} // namespace

Statement facet_match_statement(const Selection &selection, const Field &field,
                                const RsqlValue &pattern) {
    ParameterBinder binder;
    const std::string tenant = binder.bind(selection.tenant);
    const std::string scope = binder.bind(selection.seen_in.value_or(selection.tenant));
    const std::string name = binder.bind(field.name);
    const std::string like = binder.bind(like_pattern(pattern));
    const std::string term = binder.bind(longest_literal(pattern));
    const auto of = [&](const std::string &row) {
        return row + ".tenant_id = " + tenant + " and " + row + ".scope_id = " + scope + " and " +
               row + ".field = ";
    };
    const std::string bound = std::to_string(facet_match_blocks);
    // One more block than is read, or a field that is not counted: null, the answer is unknown.
    const std::string is_known =
        "(select count(*) from c) <= " + bound +
        " and exists (select from inventory.facet_field k where k.name = " + name + ')';
    return {"with c as materialized (select b.type, b.value, b.n from inventory.facet_block b "
            "where " +
                of("b") + name +
                " and inventory.may_hold(b.grams, (select inventory.term_grams(lower(" + term +
                " collate \"default\")))) limit " + std::to_string(facet_match_blocks + 1) +
                ") select null::text collate \"C\" as value where not (" + is_known +
                ") union all (select distinct v.value from (select f.value from c cross join "
                "lateral (select f.value from inventory.facet f where " +
                of("f") + name +
                " and f.type = c.type and f.key = '' and f.value >= c.value order by f.value "
                // What is read of the next block does no harm.
                "limit c.n) f union all select f.value from inventory.facet t cross join lateral "
                "(select f.value from inventory.facet f where " +
                of("f") + name + " and f.type = t.type and f.key = '') f where " + of("t") +
                "'' and not exists (select from inventory.facet_block b where " + of("b") + name +
                " and b.type = t.type) union all select e.value from inventory.facet_delta d "
                "cross join lateral unnest(d.values) e(value) where d.tenant_id = " +
                tenant + " and d.field = " + name + ") v where " + is_known + " and v.value like " +
                like + " limit " + std::to_string(most_known_values + 1) + ')',
            binder.values()};
}

std::optional<Statement> facet_count_statement(const Selection &selection,
                                               const Catalogue &catalogue) {
    Counted counted;
    if (selection.search) {
        return std::nullopt;
    }
    if (selection.filter) {
        const RsqlNode &filter = *selection.filter;
        const auto is_comparison = [](const RsqlNode &node) {
            return node.kind == RsqlNode::Kind::comparison;
        };
        const auto adds = [&](const RsqlNode &node) { return add(node, catalogue, counted); };
        const bool is_told =
            is_comparison(filter)
                ? adds(filter)
                : filter.kind == RsqlNode::Kind::conjunction &&
                      std::all_of(filter.children.begin(), filter.children.end(), is_comparison) &&
                      std::all_of(filter.children.begin(), filter.children.end(), adds);
        if (!is_told) {
            return std::nullopt;
        }
    }
    if (counted.field == nullptr) {
        return facet_count_statement(selection.tenant, selection.seen_in, counted.types);
    }
    ParameterBinder binder;
    const std::string tenant = binder.bind(selection.tenant);
    const std::string scope = binder.bind(selection.seen_in.value_or(selection.tenant));
    const std::string name = binder.bind(counted.field->name);
    const std::string key = binder.bind(counted.key);
    const std::string values = binder.bind(std::move(counted.values));
    const std::string types = counted.types ? binder.bind(*counted.types) : "";
    const std::string seen = selection.seen_in ? " and d.scope_ids @> array[" + scope + ']' : "";
    const auto of_types = [&types](const std::string &row) {
        return types.empty() ? "" : " and " + row + ".type = any(" + types + ')';
    };
    // A look-up a type: without it the key of the dictionary would be read in full.
    return Statement{
        "select coalesce((select sum(f.n) from inventory.facet t join inventory.facet f on "
        "f.tenant_id = " +
            tenant + " and f.scope_id = " + scope + " and f.field = " + name +
            " and f.type = t.type and f.key = " + key + " and f.value = any(" + values +
            ") where t.tenant_id = " + tenant + " and t.scope_id = " + scope + " and t.field = ''" +
            of_types("t") +
            "), 0)::bigint + coalesce((select sum(e.n) from (select unnest(d.keys) as key, "
            "unnest(d.values) as value, unnest(d.counts) as n from inventory.facet_delta d "
            "where d.tenant_id = " +
            tenant + " and d.field = " + name + seen + of_types("d") + ") e where e.key = " + key +
            " and e.value = any(" + values +
            ")), 0)::bigint where exists (select from inventory.facet_field k where k.name = " +
            name + ')',
        binder.values()};
}

} // namespace inventory
