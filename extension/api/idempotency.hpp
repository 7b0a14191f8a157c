#pragma once

#include "api/request.hpp"

#include <functional>
#include <string_view>

namespace inventory::api {

/// Answers a request once for its `idempotency-key`: a repeat by the same principal
/// on the same route with the same body gets the first answer again (status, headers
/// and body), and two at once wait for each other. Without the header it just runs.
/// `tail` is the route below `S/inventory/assets`, in canonical spelling. What `run`
/// throws is not remembered, for the transaction that claims the key ends with it.
///
///     return answer_once(request, "/searches", [&] { return start(request, search); });
///
/// Throws Error(invalid_header, idempotency_conflict). Check the request first, and
/// take no lock before, or two requests can wait for each other.
Response answer_once(const Request &request, std::string_view tail,
                     const std::function<Response()> &run);

} // namespace inventory::api
