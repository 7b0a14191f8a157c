#include "api/routes.hpp"

#include "api/asset_document.hpp"
#include "api/operations.hpp"
#include "pg/spi.hpp"

#include <algorithm>
#include <array>

namespace inventory::api {
namespace {

// The one table of operations: routing, parameters, permissions, lanes and OpenAPI.
constexpr std::array table{
    Operation{"bulkUpdateAssets", "PATCH", "", true, true, "version", "write",
              "Update up to 100 assets", update_assets},
    Operation{"listAssets", "GET", "", false, false,
              "version filter sort limit starting_after ending_before meta_count fields[]",
              "heavy:filter&meta_count read", "List or search all assets", list_assets},
    Operation{"updateAsset", "PATCH", "/{asset_id}", true, true, "version", "write",
              "Update one asset", update_asset},
    Operation{"getAsset", "GET", "/{asset_id}", false, false, "version fields[]", "read",
              "Get one asset", get_asset},
    Operation{"createSearch", "POST", "/searches", false, true, "version", "write",
              "Start a search", create_search},
    Operation{"getSearchResults", "GET", "/searches/{search_id}/results", false, false,
              "version sort limit starting_after ending_before fields[]", "slow",
              "Results of a search", search_results},
    Operation{"listGroupFields", "GET", "/groups", false, false,
              "version asset_types limit starting_after ending_before", "read",
              "Fields that group assets", list_group_fields},
    Operation{"listGroupValues", "GET", "/groups/{group_field}/values", false, false,
              "version asset_types filter sort limit starting_after ending_before meta_fields",
              "heavy", "Number of assets by value", list_group_values},
    Operation{"listFilterFields", "GET", "/filters", false, false,
              "version asset_types limit starting_after ending_before", "read",
              "Fields that filter assets", list_filter_fields},
    Operation{"listFilterValues", "GET", "/filters/{filter_id}/values", false, false,
              "version asset_types q keys_only key limit starting_after ending_before", "read",
              "Distinct values of a filter field", list_filter_values},
};

bool is_placeholder(std::string_view segment) noexcept {
    return !segment.empty() && segment.front() == '{';
}

/// Whether the segments from `first` on are those of a template such as `/a/{b}`.
bool matches(std::string_view path, std::span<const std::string> segments,
             std::vector<std::string> &values) {
    values.clear();
    for (const std::string &segment : segments) {
        if (path.empty()) {
            return false;
        }
        path.remove_prefix(1);
        const std::size_t slash = std::min(path.find('/'), path.size());
        const std::string_view expected = path.substr(0, slash);
        path.remove_prefix(slash);
        if (is_placeholder(expected)) {
            values.push_back(segment);
        } else if (expected != segment) {
            return false;
        }
    }
    return path.empty();
}

/// Fixed words win over placeholders: /searches is never an asset's id.
bool is_reserved(const std::vector<std::string> &values) noexcept {
    return values.size() == 1 && (values.front() == "searches" || values.front() == "groups" ||
                                  values.front() == "filters");
}

std::string allow_text(const std::vector<std::string_view> &methods) {
    std::string out;
    for (const std::string_view method : methods) {
        out += (out.empty() ? "" : ", ") + std::string(method) + (method == "GET" ? ", HEAD" : "");
    }
    return out;
}

} // namespace

std::span<const Operation> operations() noexcept {
    return table;
}

std::optional<Route> find_route(std::string_view method, const std::vector<std::string> &segments) {
    if (std::find(segments.begin(), segments.end(), std::string()) != segments.end()) {
        return std::nullopt;
    }
    std::span<const std::string> path(segments);
    if (!path.empty() && path.front() == "rest") {
        path = path.subspan(1);
    }
    const std::string_view wanted = method == "HEAD" ? "GET" : method;
    Route route;
    if ((path.size() == 1 || path.size() == 2) && path.front() == "openapi") {
        route.is_openapi = true;
        route.allow = wanted == "GET" ? "" : "GET, HEAD";
        route.path_values.assign(path.begin() + 1, path.end());
        return route;
    }
    if (path.size() < 4 || path[2] != "inventory" || path[3] != "assets") {
        return std::nullopt;
    }
    const auto kind = scope_kind(path[0]);
    if (!kind) {
        return std::nullopt;
    }
    std::vector<std::string_view> methods;
    for (const Operation &operation : table) {
        std::vector<std::string> values;
        if (!matches(operation.path, path.subspan(4), values) ||
            (operation.path == "/{asset_id}" && is_reserved(values))) {
            continue;
        }
        methods.push_back(operation.method);
        if (operation.method == wanted) {
            route.operation = &operation;
            route.path_values = std::move(values);
        }
    }
    if (methods.empty()) {
        return std::nullopt;
    }
    route.scope = *kind;
    route.scope_id = path[1];
    route.allow = allow_text(methods);
    return route;
}

std::string route_template(ScopeKind scope, const Operation &operation) {
    static constexpr std::string_view ids[] = {"/{tenant_id}", "/{group_id}", "/{org_id}"};
    std::string out = "/";
    out += plural(scope);
    out += ids[static_cast<int>(scope)];
    out += "/inventory/assets";
    out += operation.path;
    return out;
}

bool takes_parameter(const Operation &operation, std::string_view name) noexcept {
    if (is_fieldset(name)) {
        name = "fields[]";
    }
    std::string_view rest = operation.parameters;
    while (!rest.empty()) {
        const std::size_t blank = std::min(rest.find(' '), rest.size());
        if (rest.substr(0, blank) == name) {
            return true;
        }
        rest.remove_prefix(std::min(blank + 1, rest.size()));
    }
    return false;
}

} // namespace inventory::api

/// routes(): the routing table as rows (method, template, lanes), for the proxy.
SQL_FUNCTION(inventory_routes) {
    using namespace inventory;
    pg::call(&InitMaterializedSRF, fcinfo, static_cast<bits32>(0));
    auto *const result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    for (const api::Operation &operation : api::operations()) {
        for (const auto scope :
             {api::ScopeKind::tenant, api::ScopeKind::group, api::ScopeKind::org}) {
            Datum values[] = {pg::text_datum(operation.method),
                              pg::text_datum(api::route_template(scope, operation)),
                              pg::text_datum(operation.lanes)};
            bool nulls[] = {false, false, false};
            pg::call(&tuplestore_putvalues, result->setResult, result->setDesc, &values[0],
                     &nulls[0]);
        }
    }
    PG_RETURN_NULL();
}
