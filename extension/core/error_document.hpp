#pragma once

#include "core/error.hpp"

#include <string>
#include <string_view>

namespace inventory {

/// The JSON:API error document of contract.md §10 for one error:
/// {"jsonapi":{"version":"1.0"},"errors":[{"id","status","code","title","detail","source"?}]}.
/// `request_id` becomes the id. The detail of a 5xx `internal` error holds only
/// the request id. detail and hint are joined by a blank.
std::string error_document(const Error &error, std::string_view request_id);

} // namespace inventory
