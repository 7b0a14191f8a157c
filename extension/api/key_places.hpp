#pragma once

#include "api/key_statistics.hpp"
#include "core/key_condition.hpp"
#include "core/page_query.hpp"
#include "pg/key_postings.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace inventory::api {

/// Finds the places of the assets that a condition over keys holds of, list by list, the
/// shortest first until rows tell what the others are worth: each keeps of the places found so
/// far those that are in it. So what is found holds all that match from the first list on, and
/// less else with each further one.
class KeyPlaces {
public:
    /// The condition is one of the selection's, its terms folded.
    KeyPlaces(const Selection &selection, const KeyCondition &condition,
              const pg::OpenRelation &table);

    /// About how long the next list takes to read, in microseconds; of the first, before any.
    double next_cost() const noexcept { return steps_[read_].cost; }
    /// How much is to be saved, in microseconds, for the next list to be worth it: as much as it
    /// costs when nothing is known of it, else by how many of the texts it would have excluded.
    double next_price() const noexcept { return steps_[read_].price(); }
    /// Whether anything is known of it.
    bool knows_next() const noexcept { return steps_[read_].is_known(); }
    /// Says that rows with these texts, whose places were found, do not match: the lists that are
    /// left are read in the order of what they are worth.
    void failed(const std::vector<std::string> &texts);
    bool has_next() const noexcept { return left() > 0; }
    std::size_t read() const noexcept { return read_; }                 ///< Lists so far,
    std::size_t left() const noexcept { return steps_.size() - read_; } ///< and those left.
    void read_next(const pg::KeyPostings &postings);

    /// What the lists that were read have in common; at least one was.
    const PlaceSet &places() const noexcept { return *found_; }

private:
    /// A list, or the union of several.
    struct Step {
        std::vector<AssetKey> keys;                ///< One of them, or
        std::vector<std::string> values;           ///< one of these
        std::shared_ptr<pg::OpenRelation> index{}; ///< in this index, or
        std::vector<std::vector<Step>> some;       ///< all steps of one of these.
        bool is_of_term = false;                   ///< Its one key is a part of a term.
        double cost = 0;                           ///< To read it, in microseconds.
        std::size_t seen = 0;                      ///< Texts that do not match,
        std::size_t excluded = 0;                  ///< and those that do not have its key.
        /// Of the lists of one term the first is its shortest. They have much in common, so
        /// all first ones are read before any second while nothing else is known of them.
        std::size_t round = 0;

        bool is_known() const noexcept;
        double price() const noexcept;
    };

    void add(const KeyCondition &condition, std::vector<Step> &out) const;
    Step list_of(std::vector<AssetKey> keys) const;
    void add_values(const KeyCondition &condition, std::vector<Step> &out) const;
    static bool pays(const Step &step, const PlaceSet &found) noexcept;
    static void arrange(std::vector<Step> &steps);
    void take(const Step &step, const pg::KeyPostings &postings, const PlaceSet *among,
              PlaceSet &out) const;

    const Selection &selection_;
    const pg::OpenRelation &table_;
    KeyStatistics statistics_;
    std::vector<Step> steps_; ///< As they are read.
    std::size_t read_ = 0;    ///< Of those.
    std::optional<PlaceSet> found_;
    std::optional<PlaceSet> spare_;
};

} // namespace inventory::api
