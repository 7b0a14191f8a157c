#pragma once

#include "api/key_statistics.hpp"
#include "core/key_condition.hpp"
#include "core/page_query.hpp"
#include "pg/key_postings.hpp"

namespace inventory::api {

/// Finds the places of the assets that a condition over keys holds of, list by list, the
/// shortest first: each list keeps of the places found so far those that are in it. A list
/// is passed over when reading it costs more than reading the rows that it would exclude.
class KeyPlaces {
public:
    /// The condition is one of the selection's.
    KeyPlaces(const Selection &selection, const KeyCondition &condition);

    /// About how many places are found at most.
    double estimate() const noexcept;
    /// About how many entries are read for that.
    double entries() const noexcept;
    PlaceSet find(const pg::KeyPostings &postings) const;

private:
    /// A list, or the union of several.
    struct Step {
        std::vector<AssetKey> keys;       ///< One of them, or
        std::vector<std::vector<Step>> some; ///< all steps of one of these.
        double assets = 0;
    };

    void add(const KeyCondition &condition, std::vector<Step> &out) const;
    void add_keys(std::vector<AssetKey> keys, std::vector<Step> &out) const;
    static PlaceSet find(const std::vector<Step> &steps, const pg::KeyPostings &postings,
                         const PlaceSet *among);
    static void take(const Step &step, const pg::KeyPostings &postings, const PlaceSet *among,
                     PlaceSet &out);

    const Selection &selection_;
    KeyStatistics statistics_;
    std::vector<Step> steps_; ///< The shortest first.
};

} // namespace inventory::api
