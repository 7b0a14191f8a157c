#pragma once

#include "api/asset_list.hpp"
#include "api/key_places.hpp"
#include "pg/order_walk.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace inventory::api {

/// The third way to the rows of a page, behind a walk that did not fill it: the keys of the
/// condition give the places of all that may match, without a row read, and a second walk
/// along the index of the sort stops only at those; or, when they are few, they are all read.
/// Either costs some ten nanoseconds for each entry of an index where the other ways pay a
/// microsecond and more for a row.
class Sieve {
public:
    /// Nothing is open when the condition has no keys, or an index is not there.
    Sieve(const ListRequest &list, const Catalogue &catalogue);

    /// Whether it can find the page, and is the better way to it.
    bool pays() const noexcept { return keys_ != nullptr; }
    /// About how long it takes, in microseconds.
    double cost() const noexcept { return cost_; }

    /// The next places to read, in batches that follow one another in the order of the page;
    /// nothing at the end.
    std::optional<std::vector<Place>> next();
    /// Whether it ended before the end: the page is to be found another way.
    bool gave_up() const noexcept { return gave_up_; }

private:
    void shake();

    const ListRequest &list_;
    KeyCondition condition_;
    bool is_alone_; ///< No other index may find few rows.
    double tenant_assets_ = 0;
    pg::OpenRelation table_;
    pg::OpenRelation key_index_;
    pg::OpenRelation sort_index_;
    std::unique_ptr<KeyPlaces> keys_;
    double cost_ = 0;
    std::optional<PlaceSet> places_;    ///< Once shaken.
    std::optional<pg::OrderWalk> walk_; ///< Unless all are read.
    std::size_t batch_;
    std::size_t taken_ = 0;
    bool is_done_ = false;
    bool gave_up_ = false;
};

} // namespace inventory::api
