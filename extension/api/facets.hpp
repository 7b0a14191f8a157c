#pragma once

#include "core/facet_query.hpp"

#include <cstdint>
#include <optional>

namespace inventory::api {

/// Whether the dictionary of facets may answer: asset_inventory.facets is on and the
/// triggers that keep it are there and enabled. Must be called inside of an Spi.
bool are_facets_kept();

/// The number of rows of a selection from the dictionary, exact in the statement's
/// snapshot; nothing when only the assets can tell.
std::optional<std::int64_t> facet_count(const Selection &selection);

/// What the dictionary holds for a list of values; nothing when only the assets can tell.
std::optional<FacetFacts> facet_facts(const ValueRequest &request);

} // namespace inventory::api
