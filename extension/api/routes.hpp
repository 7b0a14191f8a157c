#pragma once

#include "api/request.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace inventory::api {

/// An operation of contract.md §1: one row of the routing table. Its path is below
/// `S/inventory/assets`, at each of the three scopes.
struct Operation {
    std::string_view id; ///< OpenAPI operationId, without the scope.
    std::string_view method;
    std::string_view path; ///< `/{asset_id}`; a segment in braces takes any one segment.
    bool needs_edit;
    bool takes_body;
    std::string_view parameters; ///< Blank-separated; `fields[]` stands for every fieldset.
    /// What the proxy should run it on: read, write, slow (it waits), heavy (it computes), or
    /// choices with blanks between, `LANE:name&name` for requests with these parameters.
    std::string_view lanes;
    std::string_view summary;
    Response (*run)(const Request &request); ///< Null: answered 501.
};

std::span<const Operation> operations() noexcept;

/// Where a path leads.
struct Route {
    ScopeKind scope = ScopeKind::tenant;
    std::string scope_id;
    const Operation *operation = nullptr; ///< Null when the path is known and the method is not.
    std::vector<std::string> path_values;
    std::string allow; ///< Methods of the path, for `allow`.
    bool is_openapi = false;
};

/// Finds the route of a decoded path; nothing for an unknown path. HEAD is GET.
std::optional<Route> find_route(std::string_view method, const std::vector<std::string> &segments);

/// `/tenants/{tenant_id}/inventory/assets…`: what metrics and logs call the route.
std::string route_template(ScopeKind scope, const Operation &operation);

/// Whether the operation takes a query parameter of this name.
bool takes_parameter(const Operation &operation, std::string_view name) noexcept;

} // namespace inventory::api
