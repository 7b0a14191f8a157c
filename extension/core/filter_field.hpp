#pragma once

#include "core/catalogue.hpp"
#include "core/error.hpp"
#include "core/rsql_tree.hpp"

#include <string_view>

namespace inventory {

/// What the selector of a comparison names: a field, or the key of an object.
struct FilterField {
    const Field *field;
    std::string_view key; ///< Empty for the field itself; points into the comparison.
};

/// Looks up the selector of a comparison (rsql.md rule 8). Throws Error(filter_field) with the
/// code point, and the nearest field or all of them.
FilterField resolve_selector(const RsqlNode &comparison, const Catalogue &catalogue);

/// That the selector names no field that filters may use.
Error unknown_filter_field(const RsqlNode &comparison, const Catalogue &catalogue);

} // namespace inventory
