#pragma once

#include "api/request.hpp"

#include <string>
#include <string_view>

namespace inventory::api {

/// Route 11 (contract.md §1): the list of versions at `/openapi`, the document of
/// one at `/openapi/{version}`. Needs no key. Must be called inside of an Spi.
/// Throws Error(version_invalid, version_unknown, parameter_unknown, schema_outdated).
Response answer_openapi(const Request &request);

/// The OpenAPI 3.1 document of the release that serves `version`, a date or a date
/// and a stage (`2024-10-15~beta`), made from the routing table, the catalogue and
/// the error table. Must be called inside of an Spi. Throws as `answer_openapi`.
std::string openapi_document(std::string_view version);

} // namespace inventory::api
