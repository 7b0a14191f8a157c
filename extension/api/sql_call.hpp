#pragma once

#include "api/request.hpp"
#include "pg/postgres.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace inventory::api {

// What the functions for SQL clients share: each makes the same Request that a route
// makes, so that both ways in have one implementation.

/// A text argument that may not be null. Throws Error(parameter_invalid).
std::string required(FunctionCallInfo fcinfo, int n, std::string_view name);

/// The text of a uuid argument that may not be null. Throws Error(parameter_invalid).
std::string required_uuid(FunctionCallInfo fcinfo, int n, std::string_view name);

/// A request of the calling role in a scope, `tail` below `S/inventory/assets`. Must
/// be called inside of an Spi. Throws Error(scope_unknown, forbidden).
Request sql_request(const std::string &scope, std::string_view tail, bool needs_edit);

/// Adds a parameter unless it is null.
void add_parameter(Request &request, std::string_view name, std::optional<std::string> value);
void add_limit(Request &request, FunctionCallInfo fcinfo, int n);

/// One list of attributes for every type: each type takes those that it has, and an
/// attribute that no type has is left to the first to refuse.
void add_fields(Request &request, const std::optional<std::string> &fields);

/// The body of an answer as json or text.
Datum document_datum(const Response &response);

} // namespace inventory::api
