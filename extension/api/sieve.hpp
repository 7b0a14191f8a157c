#pragma once

#include "api/asset_list.hpp"
#include "api/cluster_walk.hpp"
#include "api/key_places.hpp"
#include "api/sieve_costs.hpp"
#include "pg/order_walk.hpp"
#include "pg/visible_places.hpp"

#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace inventory::api {

/// What the keys say of a list; nothing where their index is not to be read so.
KeyCondition sieve_condition(const Selection &selection, const Catalogue &catalogue);

/// The third way to the rows of a page, behind a walk that did not fill it: the keys of the
/// condition give the places of all that may match, without a row read, and a second walk
/// along the index of the sort stops only at those; or, when they are few, they are all read.
/// Either costs some ten nanoseconds for each entry of an index where the other ways pay a
/// microsecond and more for a row.
///
/// Nobody knows how many match, and where in the order. So no part costs much more than what
/// it can spare: one list of keys is read, and each further one when as much was spent on
/// walking and reading; a walk that finds little asks a sample where to walk instead; and it
/// ends when to read all would have been as dear.
class Sieve {
public:
    /// The condition is the list's. Nothing is open when it is empty, or an index is not there.
    Sieve(const ListRequest &list, KeyCondition condition, const Catalogue &catalogue);

    /// Whether it can find the page, and is the better way to it.
    bool pays() const noexcept { return keys_ != nullptr; }
    /// About how long it takes when the page lies in so many entries of the sort, in microseconds.
    double cost(int entries) const noexcept;

    /// Places whose rows are to be read next.
    struct Batch {
        std::vector<Place> places;
        /// Whether what was read before is forgotten; else they lie behind those of the batch
        /// before, in the order of the page.
        bool begins_anew = false;
    };

    /// The next batch; nothing at the end.
    std::optional<Batch> next();
    /// Says which rows of the last batch are of the list.
    void matched(const std::vector<Place> &places);
    /// The next batch when what was read fills the page. Mostly nothing: but rows may lie before.
    std::optional<Batch> next_of_full_page();
    /// Whether it ended before the end: the page is to be found another way.
    bool gave_up() const noexcept { return stage_ == Stage::given_up; }
    SieveWork work() const noexcept;

private:
    enum class Stage { fresh, walking, in_clusters, done, given_up };

    std::size_t least_in_batch() const noexcept;
    double reading_all() const noexcept;
    void read_list();
    double next_list() const noexcept;
    bool read_lists();
    double budget() const noexcept;
    double whole_walk() const noexcept;
    bool may_have_clusters() const noexcept;
    double next_turn() const noexcept;
    double until_clusters() const noexcept;
    bool find_clusters();
    Batch cluster_step();
    Batch all_of_clusters();
    std::optional<Batch> all();
    std::optional<Batch> begin();
    std::optional<Batch> step();
    bool walk_on(double most);
    void looked_at(std::size_t places, std::size_t passed, double microseconds);

    const ListRequest &list_;
    KeyCondition condition_;
    bool is_alone_; ///< No other index may find few rows.
    double tenant_assets_ = 0;
    RowCost row_;
    pg::OpenRelation table_;
    pg::OpenRelation key_index_;
    pg::OpenRelation sort_index_;
    std::unique_ptr<KeyPlaces> keys_;
    std::optional<pg::RowTest> test_;
    std::optional<pg::KeyPostings> postings_;
    std::optional<pg::OrderWalk> walk_;
    std::optional<ClusterWalk> clusters_;
    bool is_in_clusters_ = false; ///< They were found worth it.
    Stage stage_ = Stage::fresh;
    std::size_t batch_;            ///< Places that the next batch looks for,
    std::size_t most_passed_;      ///< and rows that it gives.
    std::vector<Place> found_;     ///< By the last walk.
    std::span<const Place> ahead_; ///< Of those, not looked at yet.
    std::size_t taken_ = 0;        ///< Places that the walk found.
    std::size_t rows_ = 0;         ///< That were given to be read.
    double patience_ = 1;          ///< How many times its cost is spent before a list is read.
    double spent_ = 0;             ///< Microseconds since a list was read.
};

} // namespace inventory::api
