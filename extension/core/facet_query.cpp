#include "core/facet_query.hpp"

#include "core/facet_order.hpp"

namespace inventory {

std::string facet_field(const ValueRequest &request) {
    return request.field->name + (request.form == ValueForm::key ? "#keys" : "");
}

bool is_facet_request(const ValueRequest &request) noexcept {
    bool is_measured = request.shows_labels;
    for (std::size_t i = 1; i < measures().size(); ++i) {
        is_measured = is_measured || request.reads(i);
    }
    return !is_measured && !request.assets.filter && !request.assets.search;
}

std::vector<FacetPath> facet_paths(const ValueRequest &request, const FacetFacts &facts) {
    const bool has_types = facts.types.size() > 1 && (!request.types || request.types->size() > 1);
    const auto order = index_order(request);
    if (is_by_count(request) && !order && !has_types) {
        return {FacetPath::ties};
    }
    // The order by numbers of several types is not that of any of them.
    if (!order || (has_types && is_by_count(request))) {
        return {FacetPath::aggregate};
    }
    if (request.contains) {
        return {FacetPath::blocks,
                has_trigram(*request.contains) ? FacetPath::matched : FacetPath::every};
    }
    return {FacetPath::ordered};
}

Statement facet_facts_statement(const ValueRequest &request) {
    ParameterBinder binder;
    const std::string tenant = binder.bind(request.assets.tenant);
    const std::string scope = binder.bind(request.assets.seen_in.value_or(request.assets.tenant));
    const std::string field = binder.bind(request.field->name);
    const std::string deltas = binder.bind(facet_field(request));
    return {"select exists (select from inventory.facet_field c where c.name = " + field +
                "), exists (select from inventory.facet_delta d where d.tenant_id = " + tenant +
                " and d.field = " + deltas +
                "), array(select f.type from inventory.facet f where f.tenant_id = " + tenant +
                " and f.scope_id = " + scope +
                " and f.field = '' union select d.type from inventory.facet_delta d "
                "where d.tenant_id = " +
                tenant + " and d.field = '' and d.type <> '' order by 1)",
            binder.values()};
}

Statement facet_count_statement(const Uuid &tenant, const std::optional<Uuid> &seen_in,
                                const std::optional<std::vector<std::string>> &types) {
    ParameterBinder binder;
    const std::string tenant_sql = binder.bind(tenant);
    const std::string scope = binder.bind(seen_in.value_or(tenant));
    std::string base = "select coalesce(sum(f.n), 0)::bigint as n from inventory.facet f "
                       "where f.tenant_id = " +
                       tenant_sql + " and f.scope_id = " + scope + " and f.field = ''";
    std::string deltas = "select coalesce(sum(d.counts[1]), 0) as n "
                         "from inventory.facet_delta d where d.tenant_id = " +
                         tenant_sql + " and d.field = ''" +
                         (seen_in ? " and d.scope_ids @> array[" + scope + ']' : "");
    if (types) {
        const std::string list = binder.bind(*types);
        base += " and f.type = any(" + list + ')';
        deltas += " and d.type = any(" + list + ')';
    }
    return {"select b.n + d.n from (" + base + ") b, (" + deltas + ") d", binder.values()};
}

} // namespace inventory
