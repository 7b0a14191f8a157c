#pragma once

#include "core/catalogue.hpp"
#include "core/page_query.hpp"

namespace inventory::api {

/// The selection with wildcards as lists: where a pattern on a text or array field matches
/// few values of the dictionary of facets, the comparison becomes `=in=` (or `=out=`) of
/// them, which an index of the field can answer. The same rows, for the dictionary is
/// exact in the snapshot of the calling statement; without the facets the selection as it
/// is. Must be called inside of an Spi.
Selection with_known_values(Selection selection, const Catalogue &catalogue);

} // namespace inventory::api
