#pragma once

#include "api/request.hpp"
#include "core/value_query.hpp"

#include <string>
#include <string_view>

namespace inventory::api {

/// `asset_types`, unless it names all types and so leaves nothing out.
/// Throws Error(type_unknown).
std::optional<std::vector<std::string>> read_narrowing_types(const Request &request);

/// Reads the cursor of a request into the page; `list` is what `values_list` names.
/// Throws Error(cursor_invalid) with its parameter.
void read_value_cursor(const Request &request, std::string_view list, ValueRequest &values);

/// Runs a list of values and renders its document, `{"data", "links"}`: resource
/// objects of `type`, each with an id that is fixed by its field and value.
std::string value_document(const Request &request, std::string_view list, std::string_view type,
                           const ValueRequest &values);

} // namespace inventory::api
