#pragma once

#include "core/asset_keys.hpp"
#include "core/place_set.hpp"
#include "core/uuid.hpp"
#include "pg/relation.hpp"

#include <vector>

namespace inventory::pg {

/// Whether they are a table of the server's own kind and a GIN index that holds all its rows,
/// and the transaction need not lock what it reads, as a serializable one must.
bool can_read_keys(const OpenRelation &table, const OpenRelation &index);

/// The posting lists of the index of keys, read one after another into sets of places.
/// The server's own scan of a GIN index takes 4 us for each candidate that it tries in a
/// list, and 60 ns for each entry of two lists that it meets; decoding a list from its pages
/// takes 4 ns an entry. The protocol is that of ginget.c: what waits to be merged is read
/// first, pages are locked hand over hand.
///
/// Finds what the active snapshot sees, and places of which it sees nothing.
class KeyPostings {
public:
    /// `table` is inventory.asset, `index` that of its keys.
    KeyPostings(const OpenRelation &table, const OpenRelation &index, const Uuid &tenant);

    /// Adds the places of the assets that have the key, one of the tenant's: all of them, or
    /// those that are `among` others, too.
    void read(AssetKey key, const PlaceSet *among, PlaceSet &out) const;

    /// An empty set.
    PlaceSet none() const { return PlaceSet(blocks_); }

private:
    struct Waiting {
        AssetKey key;
        Place place;
    };

    Relation index_;
    std::uint32_t blocks_;
    GinState *state_;              ///< In the memory context of the constructor.
    std::vector<Waiting> waiting_; ///< By key.
};

} // namespace inventory::pg
