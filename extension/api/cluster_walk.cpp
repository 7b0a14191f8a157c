#include "api/cluster_walk.hpp"

#include "api/row_position.hpp"
#include "api/sieve_costs.hpp"
#include "api/timing.hpp"
#include "pg/datum.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

namespace inventory::api {
namespace {

constexpr std::size_t first_walks = 8;

} // namespace

ClusterWalk::ClusterWalk(const ListRequest &list, const pg::OpenRelation &table,
                         const pg::OpenRelation &index, pg::RowTest &test, double row_cost,
                         PlaceSet places)
    : list_(list), table_(table), index_(index), test_(test), row_cost_(row_cost),
      others_(std::move(places)) {}

void ClusterWalk::take_sample() {
    const StageTimer timer(Stage::query);
    // Of S stops all are read, and two of the parts between them: the least near the root.
    const auto count = static_cast<std::size_t>(std::sqrt(others_.size()));
    const auto keys = static_cast<int>(list_.page.sort.keys.size());
    pg::query(order_statement(list_.selection.tenant, list_.page, others_.sample(count)),
              pg::PlanKind::generic, [&](const pg::Row &row) {
                  stops_.push_back({position_of(row, list_.page.sort),
                                    pg::place_of(row[keys + 1]),
                                    DatumGetBool(row[keys + 2]),
                                    false,
                                    {}});
              });
    spent_ += statement_cost(stops_.size());
    gap_cost_ =
        static_cast<double>(others_.size()) * row_cost_ / static_cast<double>(stops_.size() + 1);
}

/// Walks from a stop past those behind it, until the next is too far or was passed already.
/// Returns how many stops it passed.
std::size_t ClusterWalk::walk_from(std::size_t first, double most) {
    PageRequest from = list_.page;
    from.position = stops_[first].position;
    pg::OrderWalk walk(table_, index_, list_.selection.tenant, from);
    std::size_t at = first;
    for (double left = gap_cost_;
         left > 0 && at < stops_.size() && !stops_[at].is_passed && !walk.is_at_end();) {
        const std::size_t before = walk.passed();
        const std::vector<Place> page =
            walk.next(others_, std::numeric_limits<std::size_t>::max(), 1, 1);
        const double cost = static_cast<double>(walk.passed() - before) * step_cost();
        passed_ += walk.passed() - before;
        spent_ += cost;
        left -= cost;
        if (walk.is_lost() || spent_ > most) {
            is_lost_ = true;
            break;
        }
        take(page, stops_[first].from_here);
        // The walk begins with the page of the stop: those before it there are passed, too.
        for (std::size_t n = first; at == first && n > 0 && pass(n - 1, page); --n) {
        }
        for (; at < stops_.size() && pass(at, page); ++at) {
            left = gap_cost_;
        }
    }
    stops_[first].is_passed = true; // even if its entry is gone
    return std::max(at - first, std::size_t{1});
}

void ClusterWalk::take(const std::vector<Place> &page, std::vector<Place> &found) {
    std::ranges::copy_if(page, std::back_inserter(found),
                         [this](Place place) { return others_.take_out(place); });
}

/// Whether a stop lies on a page of the index.
bool ClusterWalk::pass(std::size_t stop, const std::vector<Place> &page) {
    if (std::ranges::find(page, stops_[stop].place) == page.end()) {
        return false;
    }
    stops_[stop].is_passed = true;
    return true;
}

bool ClusterWalk::walk(double most) {
    take_sample();
    // The first walks begin all over the order, and tell what all of them would take.
    const std::size_t stride = std::max(stops_.size() / first_walks, std::size_t{1});
    std::size_t passed = 0;
    for (std::size_t at = 0; at < stops_.size(); at += stride) {
        passed += stops_[at].is_passed ? 0 : walk_from(at, most);
    }
    const double share = static_cast<double>(passed) / static_cast<double>(stops_.size() + 1);
    if (is_lost_ || spent_ > most * share) {
        return false;
    }
    for (std::size_t at = 0; at < stops_.size() && !is_lost_; ++at) {
        if (!stops_[at].is_passed) {
            walk_from(at, most);
        }
    }
    // All that a walk found lies before what one from a later stop did.
    for (const Stop &stop : stops_) {
        found_.insert(found_.end(), stop.from_here.begin(), stop.from_here.end());
    }
    const auto reached = std::ranges::find_if(stops_, &Stop::is_reached);
    if (reached != stops_.begin()) {
        const auto last_before = std::ranges::find(found_, std::prev(reached)->place);
        looked_at_ = last_before == found_.end()
                         ? 0
                         : static_cast<std::size_t>(last_before - found_.begin()) + 1;
    }
    return !is_lost_ && spent_ + static_cast<double>(others_.size()) * row_cost_ <= most;
}

std::vector<Place> ClusterWalk::next(std::size_t places, std::size_t most) {
    const std::span ahead = std::span<const Place>(found_).subspan(looked_at_);
    std::span<const Place> near = ahead.first(std::min(places, ahead.size()));
    const std::size_t before = near.size();
    std::vector<Place> out = pg::next_visible(table_, near, test_, most);
    looked_at_ += before - near.size();
    return out;
}

void ClusterWalk::keep(const PlaceSet &places) {
    others_.keep(places);
    const auto ahead = found_.begin() + static_cast<std::ptrdiff_t>(looked_at_);
    found_.erase(
        std::remove_if(ahead, found_.end(), [&](Place place) { return !places.contains(place); }),
        found_.end());
}

void ClusterWalk::matched(const std::vector<Place> &places) {
    matched_.insert(matched_.end(), places.begin(), places.end());
}

std::vector<Place> ClusterWalk::with_others() {
    std::vector<Place> out = pg::visible_places(table_, others_, test_);
    out.insert(out.end(), matched_.begin(), matched_.end());
    return out;
}

} // namespace inventory::api
