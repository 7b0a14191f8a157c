#pragma once

#include "api/asset_list.hpp"
#include "pg/order_walk.hpp"
#include "pg/visible_places.hpp"

#include <cstddef>
#include <vector>

namespace inventory::api {

/// The places of a set in the order of a page, without a walk through all of its index: the
/// rows of a sample say where in the order the places lie together. Only there is walked, as
/// far as from one row of the sample to the next is cheaper than to read those that lie
/// between. What is left of the set lies elsewhere: a few, which are read.
///
/// The sample decides what it costs, never what is found.
class ClusterWalk {
public:
    /// Of the places of one tenant's rows, each of which costs so many microseconds; the index
    /// is one that an OrderWalk can walk.
    ClusterWalk(const ListRequest &list, const pg::OpenRelation &table,
                const pg::OpenRelation &index, pg::RowTest &test, double row_cost, PlaceSet places);

    /// Walks. False when that, and to read what is left, would take longer than so many
    /// microseconds; then the others must not be called.
    bool walk(double most);

    /// Of so many places, the next in the clusters in the order of the page, those of rows that
    /// the active snapshot sees and that pass the test, until there are `most`. Some may lie
    /// before the page's position.
    std::vector<Place> next(std::size_t places, std::size_t most);
    std::size_t left() const noexcept { return found_.size() - looked_at_; } ///< Places.
    /// Entries of the index walked past.
    std::size_t passed() const noexcept { return passed_; }
    /// Leaves out what is not in this set, of what `next` has not looked at.
    void keep(const PlaceSet &places);
    /// Says which of the rows that `next` gave are of the list.
    void matched(const std::vector<Place> &places);
    /// Those that matched, and all outside of the clusters: whatever is of the list and lies
    /// before the last one that `next` gave is among them.
    std::vector<Place> with_others();

private:
    /// A row of the sample.
    struct Stop {
        Position position;
        Place place;
        bool is_reached; ///< It is no earlier than the page's position.
        bool is_passed;
        std::vector<Place> from_here; ///< What a walk from here found.
    };

    void take_sample();
    std::size_t walk_from(std::size_t first, double most);
    void take(const std::vector<Place> &page, std::vector<Place> &found);
    bool pass(std::size_t stop, const std::vector<Place> &page);

    const ListRequest &list_;
    const pg::OpenRelation &table_;
    const pg::OpenRelation &index_;
    pg::RowTest &test_;
    double row_cost_;
    PlaceSet others_;
    std::vector<Stop> stops_; ///< In the order of the page.
    double gap_cost_ = 0;     ///< To read what lies between two stops.
    double spent_ = 0;        ///< Microseconds, about.
    std::size_t passed_ = 0;  ///< Entries.
    bool is_lost_ = false;    ///< The walk cannot go on, or it is too dear.
    std::vector<Place> found_;
    std::size_t looked_at_ = 0; ///< Of those found, or they lie before the position.
    std::vector<Place> matched_;
};

} // namespace inventory::api
