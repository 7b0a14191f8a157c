#pragma once

#include "api/routes.hpp"
#include "core/catalogue.hpp"

#include <nlohmann/json.hpp>

#include <span>
#include <string>
#include <string_view>

namespace inventory::api {

// The parts of the OpenAPI document, each written from the table that rules it. What
// the tables do not know (sentences, bodies that are the same for ever) is JSON text
// beside the code that places it.

using Json = nlohmann::ordered_json;

/// Which status codes an error response is described for; the others are `default`.
bool is_described_status(int status) noexcept;

/// `ContainerImages` for `container_images`: a component is named so.
std::string pascal_case(std::string_view snake_case);

/// A reference to a component: `reference("schemas", "Asset")`.
Json reference(std::string_view section, std::string_view name);

Json openapi_paths(const Catalogue &catalogue);
Json openapi_parameters(const Catalogue &catalogue);
/// The sort of a search, as a schema: parameter and body share it.
Json openapi_search_sort(const Catalogue &catalogue);
Json openapi_headers();
/// Objects of schemas, as JSON text.
std::span<const std::string_view> openapi_body_schemas() noexcept;
Json openapi_schemas(const Catalogue &catalogue);
Json openapi_responses();
Json openapi_examples();

} // namespace inventory::api
