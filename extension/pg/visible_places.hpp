#pragma once

#include "core/catalogue.hpp"
#include "core/key_condition.hpp"
#include "core/place_set.hpp"
#include "pg/relation.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace inventory::pg {

/// What lists of places cannot tell, told where a row lies, before a statement reads it: whether
/// its text has the terms whose keys it has, and its class. A text that is stored elsewhere or
/// compressed may have any term.
class RowTest {
public:
    /// Of rows of inventory.asset. The terms are folded as the text is.
    RowTest(const OpenRelation &table, KeyCondition condition);

    /// Whether the condition may hold of a row. `read(column, &is_null)` gives its values.
    template <typename Read>
    bool passes(Read read) noexcept {
        bool is_null = true;
        std::uint32_t rank = any_rank;
        if (rank_column_ != InvalidAttrNumber) {
            const Datum value = read(rank_column_, &is_null);
            rank = 1U << (is_null ? missing_class_rank : DatumGetInt32(value));
        }
        const Datum text =
            text_column_ == InvalidAttrNumber ? Datum{0} : read(text_column_, &is_null);
        return may_hold(text_column_ == InvalidAttrNumber || is_null ? nullptr : &text, rank);
    }
    /// Whether there is anything to be told.
    bool is_needed() const noexcept {
        return text_column_ != InvalidAttrNumber || rank_column_ != InvalidAttrNumber;
    }
    /// Some of the texts without the terms since it was asked last.
    std::vector<std::string> take_failed();

private:
    static constexpr std::uint32_t any_rank = ~0U;

    bool may_hold(const Datum *text, std::uint32_t rank) noexcept;

    KeyCondition condition_;
    AttrNumber text_column_;
    AttrNumber rank_column_;
    std::string failed_; ///< Each with a NUL behind it, and no longer than what is reserved.
};

/// The places of the versions that the active snapshot sees of the rows whose index entries
/// point to these places, in the same order, without those that fail the test; no more than
/// `most`. Takes the places that it looked at from the front of the span.
std::vector<Place> next_visible(const OpenRelation &table, std::span<const Place> &places,
                                RowTest &test, std::size_t most);

/// Those of all places of a set, in the order of the table.
std::vector<Place> visible_places(const OpenRelation &table, const PlaceSet &set, RowTest &test);

} // namespace inventory::pg
