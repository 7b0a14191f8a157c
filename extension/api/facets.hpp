#pragma once

#include "api/request.hpp"
#include "core/facet_query.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace inventory::api {

/// Whether the dictionary of facets may answer: asset_inventory.facets is on and the
/// triggers that keep it are there and enabled. Must be called inside of an Spi.
bool are_facets_kept();

/// The number of rows of a selection from the dictionary, exact in the statement's
/// snapshot; nothing when only the assets can tell.
std::optional<std::int64_t> facet_count(const Selection &selection, const Catalogue &catalogue);

/// What the dictionary holds for a list of values; nothing when only the assets can tell.
std::optional<FacetFacts> facet_facts(const ValueRequest &request);

/// An entity tag of any answer over the tenant's assets, known without making it: it
/// changes with each statement that changes one of them, with the catalogue, the
/// release and the request. Nothing when the triggers do not tell.
std::optional<std::string> change_tag(const Request &request);

} // namespace inventory::api
