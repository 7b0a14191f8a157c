#pragma once

#include "pg/datum.hpp"

#include <span>
#include <string>

namespace inventory::pg {

/// Where a version of a row lies (ctid), and in which table. As long as the version
/// is visible the row is what it was: an UPDATE or DELETE makes it invisible, and
/// whoever reads it again compares its values, for a place can be used anew.
struct RowVersion {
    Oid table = InvalidOid;
    ItemPointerData place = {};
    mutable Buffer buffer = 0; ///< That held the block when it was read last.
};

/// A column's value that a row version must still have.
struct Expected {
    AttrNumber column;
    std::string_view bytes; ///< Of a text, bytea or uuid value.
};

/// Whether the version is visible in the current snapshot and holds the values. Costs
/// a microsecond, where the executor takes ten to find the row by its key.
bool is_still(const RowVersion &version, std::span<const Expected> expected);

} // namespace inventory::pg
