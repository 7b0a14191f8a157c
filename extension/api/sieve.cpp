#include "api/sieve.hpp"

#include "api/walk.hpp"
#include "core/comparison.hpp"
#include "core/filter_field.hpp"
#include "pg/settings.hpp"

#include <algorithm>
#include <cmath>

namespace inventory::api {
namespace {

// In microseconds (docs/performance.md).
constexpr double least_cost = 200;  ///< Two indexes opened, the statistics read, a set made.
constexpr double step_cost = 0.014; ///< An entry of the index of the sort.
constexpr double batch_cost = 150;  ///< A statement that reads rows, without them.

/// Lists of this cost are read though another index may find a few rows at once.
constexpr double cheap = 2000;
/// So many places are tried in vain before another index is.
constexpr std::size_t most_in_vain = 4096;
constexpr std::size_t most_in_batch = 4096;
/// A batch that has some is not filled at the price of so many entries, or of an eighth of
/// those before: what it has may do.
constexpr std::size_t most_beyond = 16384;
/// So many are read and sorted when no index has the order; the other indexes do no worse then.
constexpr std::size_t most_without_order = 16384;

/// Whether another index than that of the keys may find few of the tenant's assets: every
/// sort has one, but few classes and types share all assets.
bool has_selective_index(const RsqlNode &filter, const Catalogue &catalogue) {
    if (filter.kind != RsqlNode::Kind::comparison) {
        return std::ranges::any_of(filter.children, [&](const RsqlNode &child) {
            return has_selective_index(child, catalogue);
        });
    }
    const Field &field = *resolve_selector(filter, catalogue).field;
    return !is_negative(filter.comparison) && field.kind != FieldKind::asset_class &&
           field.kind != FieldKind::type && (field.is_indexed || field.source == "a.config_digest");
}

/// What the keys say of the list; nothing where their index is not to be read so.
KeyCondition usable_condition(const Selection &selection, const Catalogue &catalogue) {
    return !pg::settings::sieve || selection.search || catalogue.is_distributed
               ? KeyCondition()
               : key_condition(selection.tenant, selection.seen_in, selection.filter, catalogue);
}

/// Nothing is looked up when there is nothing to look for.
Oid relation_for(const KeyCondition &condition, const char *name) {
    return condition.empty() ? Oid{InvalidOid} : pg::call(&pg::inventory_relation, name);
}

} // namespace

Sieve::Sieve(const ListRequest &list, const Catalogue &catalogue)
    : list_(list), condition_(usable_condition(list.selection, catalogue)),
      is_alone_(!list.selection.filter || !has_selective_index(*list.selection.filter, catalogue)),
      table_(relation_for(condition_, "asset")),
      key_index_(relation_for(condition_, "asset_keys_idx")),
      sort_index_(condition_.empty() ? Oid{InvalidOid} : Oid{list.page.sort.index}),
      batch_(static_cast<std::size_t>(list.page.rows()) * 2) {
    if (!table_ || !key_index_ || !pg::can_read_keys(table_, key_index_)) {
        return;
    }
    keys_ = std::make_unique<KeyPlaces>(list.selection, condition_);
    tenant_assets_ = planned_assets(list.selection.tenant);
    const double estimate = keys_->estimate();
    cost_ = least_cost + 2 * keys_->next_cost() +
            std::min(estimate * row_cost, tenant_assets_ * step_cost / 2);
    if (!is_alone_ && keys_->next_cost() > cheap) {
        keys_.reset();
    }
}

double Sieve::reading_all() const noexcept {
    return static_cast<double>(keys_->places().size()) * row_cost;
}

void Sieve::read_list() {
    spent_ -= keys_->next_cost();
    keys_->read_next(*postings_);
}

/// Entries that the walk may pass before reading all is begun.
double Sieve::budget() const noexcept {
    const double whole = tenant_assets_ * step_cost;
    return whole <= reading_all() ? HUGE_VAL : reading_all() / step_cost / 2;
}

/// Entries to pass before a list is read that is no dearer than what was spent by then.
double Sieve::until_next_list() const noexcept {
    return keys_->has_next() ? (keys_->next_cost() - spent_) / step_cost : HUGE_VAL;
}

std::optional<Sieve::Batch> Sieve::all() {
    // Lists for as much as they may save; when one has left little, the next may save little.
    for (spent_ += reading_all(); keys_->has_next() && spent_ >= keys_->next_cost();) {
        read_list();
        spent_ = std::min(spent_, reading_all());
    }
    const std::size_t places = keys_->places().size();
    const bool is_too_many = !walk_ && places > most_without_order;
    if (is_too_many || (!is_alone_ && places > most_in_vain)) {
        stage_ = Stage::given_up;
        return std::nullopt;
    }
    stage_ = Stage::done;
    return Batch{pg::visible_places(table_, keys_->places()), true};
}

std::optional<Sieve::Batch> Sieve::step() {
    const bool is_in_vain = !is_alone_ && taken_ > most_in_vain;
    if (walk_->is_at_end() || is_in_vain) {
        stage_ = is_in_vain || walk_->is_lost() ? Stage::given_up : Stage::done;
        return std::nullopt;
    }
    while (keys_->has_next() && spent_ >= keys_->next_cost()) {
        read_list();
    }
    const std::size_t before = walk_->passed();
    const double left = budget() - static_cast<double>(before);
    if (left < 1) {
        return all();
    }
    const double most = std::min({left, until_next_list() + 1, tenant_assets_ + 1e6});
    Batch batch{walk_->next(keys_->places(), batch_, std::max(most_beyond, before / 8),
                            static_cast<std::size_t>(most)),
                false};
    if (walk_->is_lost()) {
        stage_ = Stage::given_up;
        return std::nullopt;
    }
    const std::size_t places = batch.places.size();
    taken_ += places;
    batch_ = std::min(batch_ * 2, most_in_batch);
    batch.places = pg::visible_places(table_, std::move(batch.places));
    spent_ += static_cast<double>(walk_->passed() - before) * step_cost +
              (places == 0 ? 0 : batch_cost + static_cast<double>(places) * row_cost);
    return batch;
}

std::optional<Sieve::Batch> Sieve::next() {
    if (stage_ == Stage::fresh) {
        stage_ = Stage::walking;
        postings_.emplace(table_, key_index_, list_.selection.tenant);
        keys_->read_next(*postings_);
        const bool are_few = reading_all() <= least_cost ||
                             keys_->places().size() <= static_cast<std::size_t>(list_.page.rows());
        if (are_few || !pg::OrderWalk::can_walk(table_, sort_index_, list_.page)) {
            return all();
        }
        walk_.emplace(table_, sort_index_, list_.selection.tenant, list_.page);
    }
    return stage_ == Stage::walking ? step() : std::nullopt;
}

} // namespace inventory::api
