#pragma once

#include "core/key_condition.hpp"
#include "core/place_set.hpp"
#include "pg/relation.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace inventory::pg {

/// What the keys of a condition cannot tell, told where a row lies, before a statement reads
/// it: whether its text has the terms whose keys it has. A text that is stored elsewhere or
/// compressed may have any.
class TermTest {
public:
    /// Of rows of inventory.asset. The terms are folded as the text is.
    TermTest(const OpenRelation &table, KeyCondition condition);

    /// Whether there is anything to be told.
    bool is_needed() const noexcept { return column_ != InvalidAttrNumber; }
    /// Whether the condition may hold of a row with this text.
    bool may_hold(Datum text) noexcept;
    /// Some of the texts of which it did not since it was asked last.
    std::vector<std::string> take_failed();
    /// The number of the column of the text.
    AttrNumber column() const noexcept { return column_; }

private:
    KeyCondition condition_;
    AttrNumber column_;
    std::string failed_; ///< Each with a NUL behind it, and no longer than what is reserved.
};

/// The places of the versions that the active snapshot sees of the rows whose index entries
/// point to these places, in the same order, without those that fail the test; no more than
/// `most`. Takes the places that it looked at from the front of the span.
std::vector<Place> next_visible(const OpenRelation &table, std::span<const Place> &places,
                                TermTest &test, std::size_t most);

/// Those of all places of a set, in the order of the table.
std::vector<Place> visible_places(const OpenRelation &table, const PlaceSet &set, TermTest &test);

} // namespace inventory::pg
