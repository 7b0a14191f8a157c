#include "api/sieve.hpp"

#include "api/sieve_costs.hpp"
#include "api/walk.hpp"
#include "core/comparison.hpp"
#include "core/filter_field.hpp"
#include "pg/settings.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace inventory::api {
namespace {

// In microseconds (docs/performance.md).
constexpr double least_cost = 200; ///< Two indexes opened, the statistics read, a set made.

/// Lists of this cost are read though another index may find a few rows at once.
constexpr double cheap = 2000;
/// So many places are tried in vain before another index is.
constexpr std::size_t most_in_vain = 4096;
constexpr std::size_t most_in_batch = 4096;
/// A batch that has some is not filled at the price of so many entries, or of an eighth of
/// those before: what it has may do.
constexpr std::size_t most_beyond = 16384;
/// Fewer are read at once; of more, a sample would be many.
constexpr std::size_t least_clustered = 256;
constexpr std::size_t most_clustered = 1'000'000;
/// So many are read and sorted when no index has the order; the other indexes do no worse then.
constexpr std::size_t most_without_order = 16384;

/// Whether an index that the sieve does not read may find few of the tenant's assets: every
/// sort has one, but few classes and types share all assets.
bool has_selective_index(const RsqlNode &filter, const Catalogue &catalogue) {
    if (filter.kind != RsqlNode::Kind::comparison) {
        return std::ranges::any_of(filter.children, [&](const RsqlNode &child) {
            return has_selective_index(child, catalogue);
        });
    }
    if (asks_for_values(filter, catalogue)) {
        return false; // which the sieve finds in that index itself
    }
    const Field &field = *resolve_selector(filter, catalogue).field;
    return !is_negative(filter.comparison) && field.kind != FieldKind::asset_class &&
           field.kind != FieldKind::type && (field.is_indexed || field.source == "a.config_digest");
}

/// As asset_search folds the text that terms are found in.
void fold_terms(KeyCondition &condition) {
    if (!condition.term.empty()) {
        condition.term = pg::call(&str_tolower, condition.term.data(), condition.term.size(),
                                  Oid{DEFAULT_COLLATION_OID});
    }
    std::ranges::for_each(condition.parts, fold_terms);
}

class Stopwatch {
public:
    double microseconds() const noexcept {
        return std::chrono::duration<double, std::micro>(Clock::now() - since_).count();
    }

private:
    using Clock = std::chrono::steady_clock;
    Clock::time_point since_ = Clock::now();
};

/// Nothing is looked up when there is nothing to look for.
Oid relation_for(const KeyCondition &condition, const char *name) {
    return condition.empty() ? Oid{InvalidOid} : pg::call(&pg::inventory_relation, name);
}

} // namespace

KeyCondition sieve_condition(const Selection &selection, const Catalogue &catalogue) {
    if (!pg::settings::sieve || selection.search || catalogue.is_distributed) {
        return {};
    }
    KeyCondition out =
        key_condition(selection.tenant, selection.seen_in, selection.filter, catalogue, true);
    return has_list(out) ? std::move(out) : KeyCondition();
}

Sieve::Sieve(const ListRequest &list, KeyCondition condition, const Catalogue &catalogue)
    : list_(list), condition_(std::move(condition)),
      is_alone_(!list.selection.filter || !has_selective_index(*list.selection.filter, catalogue)),
      table_(relation_for(condition_, "asset")),
      key_index_(relation_for(condition_, "asset_keys_idx")),
      sort_index_(condition_.empty() ? Oid{InvalidOid} : Oid{list.page.sort.index}),
      batch_(least_in_batch()), most_passed_(least_in_batch()) {
    if (!table_ || !key_index_ || !pg::can_read_keys(table_, key_index_)) {
        return;
    }
    fold_terms(condition_);
    keys_ = std::make_unique<KeyPlaces>(list.selection, condition_, table_);
    test_.emplace(table_, condition_);
    tenant_assets_ = planned_assets(list.selection.tenant);
    if (!keys_->has_next() || (!is_alone_ && keys_->next_cost() > cheap)) {
        keys_.reset();
    }
}

double Sieve::cost(int entries) const noexcept {
    return least_cost + keys_->next_cost() + entries * step_cost() +
           statement_cost(least_in_batch());
}

std::size_t Sieve::least_in_batch() const noexcept {
    return static_cast<std::size_t>(list_.page.rows()) * 2;
}

double Sieve::reading_all() const noexcept {
    return static_cast<double>(keys_->places().size()) * row_.each();
}

void Sieve::read_list() {
    const std::size_t before = keys_->places().size();
    spent_ -= keys_->next_cost();
    keys_->read_next(*postings_);
    // The lists of one term have much in common.
    const bool was_vain = keys_->places().size() > before - before / 8;
    patience_ = was_vain ? patience_ * 4 : 1;
}

/// What is to be spent before the next list is read: as much as it is worth, or several times as
/// much behind some that left what they found. It is worth nothing when to read all is no dearer.
double Sieve::next_list() const noexcept {
    return !keys_->has_next() || reading_all() <= keys_->next_cost() ? HUGE_VAL
           : keys_->knows_next()                                     ? keys_->next_price()
                                 : keys_->next_price() * patience_;
}

/// Those whose turn it is; whether there was one.
bool Sieve::read_lists() {
    const std::size_t left = keys_->left();
    while (spent_ >= next_list()) {
        read_list();
    }
    return keys_->left() < left;
}

double Sieve::whole_walk() const noexcept {
    return tenant_assets_ * step_cost();
}

/// Entries that the walk may pass before reading all is begun.
double Sieve::budget() const noexcept {
    return whole_walk() <= reading_all() ? HUGE_VAL : reading_all() / step_cost() / 2;
}

bool Sieve::may_have_clusters() const noexcept {
    const std::size_t places = keys_->places().size();
    return !clusters_ && is_alone_ && places >= least_clustered && places <= most_clustered;
}

/// Entries to pass before another list is read, for no more than what was spent by then, or
/// clusters are looked for.
double Sieve::next_turn() const noexcept {
    const double list = (next_list() - spent_) / step_cost();
    const double clusters = may_have_clusters() ? until_clusters() : HUGE_VAL;
    return std::max(std::min(list, clusters), 0.0) + 1;
}

/// Entries to pass before clusters are looked for: a sixteenth of the way.
double Sieve::until_clusters() const noexcept {
    return std::min(reading_all(), whole_walk()) / step_cost() / 16 -
           static_cast<double>(walk_->passed());
}

/// Whether to walk in the clusters is better than to go on. What lacks the term lies anywhere,
/// so the lists that cost little beside it, and may exclude that, are read before.
bool Sieve::find_clusters() {
    const double rest = whole_walk() - static_cast<double>(walk_->passed()) * step_cost();
    const auto most = [&] { return std::min(reading_all(), rest) / 4; };
    while (keys_->has_next() && keys_->next_cost() <= most() / 8) {
        read_list();
    }
    PlaceSet places = postings_->none();
    places.add(keys_->places());
    clusters_.emplace(list_, table_, sort_index_, *test_, row_.each(), std::move(places));
    return clusters_->walk(most());
}

std::optional<Sieve::Batch> Sieve::all() {
    // Lists for as much as they may save; when one has left little, the next may save little.
    for (spent_ += reading_all(); spent_ >= next_list();) {
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
    return Batch{pg::visible_places(table_, keys_->places(), *test_), true};
}

std::optional<Sieve::Batch> Sieve::step() {
    const bool is_in_vain = !is_alone_ && taken_ > most_in_vain;
    const bool has_ahead = !ahead_.empty();
    if ((walk_->is_at_end() && !has_ahead) || is_in_vain) {
        stage_ = is_in_vain || walk_->is_lost() ? Stage::given_up : Stage::done;
        return std::nullopt;
    }
    read_lists();
    if (may_have_clusters() && until_clusters() < 1 && find_clusters()) {
        stage_ = Stage::in_clusters;
        is_in_clusters_ = true;
        batch_ = most_passed_ = least_in_batch();
        Batch batch = cluster_step();
        batch.begins_anew = true;
        return batch;
    }
    if (!has_ahead) {
        const double left = budget() - static_cast<double>(walk_->passed());
        if (left < 1) {
            return all();
        }
        if (!walk_on(std::min({left, next_turn(), tenant_assets_ + 1e6}))) {
            return std::nullopt;
        }
    }
    const std::size_t before = ahead_.size();
    const Stopwatch watch;
    Batch batch{pg::next_visible(table_, ahead_, *test_, most_passed_), false};
    looked_at(before - ahead_.size(), batch.places.size(), watch.microseconds());
    return batch;
}

/// Finds the next places, behind no more than so many entries. False when the walk is lost.
bool Sieve::walk_on(double most) {
    const std::size_t before = walk_->passed();
    found_ = walk_->next(keys_->places(), batch_, std::max(most_beyond, before / 8),
                         static_cast<std::size_t>(most));
    ahead_ = found_;
    taken_ += found_.size();
    spent_ += static_cast<double>(walk_->passed() - before) * step_cost();
    if (!found_.empty()) {
        batch_ = std::min(batch_ * 2, most_in_batch);
    }
    if (walk_->is_lost()) {
        stage_ = Stage::given_up;
    }
    return !walk_->is_lost();
}

/// Accounts for places of which some passed, whose rows a statement reads now.
void Sieve::looked_at(std::size_t places, std::size_t passed, double microseconds) {
    row_.looked_at(places, passed, microseconds);
    keys_->failed(test_->take_failed());
    spent_ += static_cast<double>(places) * row_.look() + statement_cost(passed);
    if (passed > 0) {
        most_passed_ = std::min(most_passed_ * 2, most_in_batch);
    }
}

Sieve::Batch Sieve::cluster_step() {
    if (read_lists()) {
        clusters_->keep(keys_->places());
    }
    const std::size_t before = clusters_->left();
    if (before == 0) {
        return all_of_clusters();
    }
    const Stopwatch watch;
    Batch batch{clusters_->next(batch_, most_passed_), false};
    looked_at(before - clusters_->left(), batch.places.size(), watch.microseconds());
    batch_ = std::min(batch_ * 2, most_in_batch);
    return batch;
}

std::optional<Sieve::Batch> Sieve::begin() {
    stage_ = Stage::walking;
    postings_.emplace(table_, key_index_, list_.selection.tenant);
    keys_->read_next(*postings_);
    const bool are_few = reading_all() <= least_cost ||
                         keys_->places().size() <= static_cast<std::size_t>(list_.page.rows());
    if (are_few || !pg::OrderWalk::can_walk(table_, sort_index_, list_.page)) {
        return all();
    }
    walk_.emplace(table_, sort_index_, list_.selection.tenant, list_.page);
    return step();
}

std::optional<Sieve::Batch> Sieve::next() {
    std::optional<Batch> batch = stage_ == Stage::fresh         ? begin()
                                 : stage_ == Stage::walking     ? step()
                                 : stage_ == Stage::in_clusters ? std::optional(cluster_step())
                                                                : std::nullopt;
    rows_ += batch ? batch->places.size() : 0;
    return batch;
}

SieveWork Sieve::work() const noexcept {
    return {keys_->read(), keys_->places().size(),
            (walk_ ? walk_->passed() : 0) + (clusters_ ? clusters_->passed() : 0), rows_,
            is_in_clusters_};
}

void Sieve::matched(const std::vector<Place> &places) {
    if (stage_ == Stage::in_clusters) {
        clusters_->matched(places);
    }
}

/// What matched, and what lies outside of the clusters, which may be before it.
Sieve::Batch Sieve::all_of_clusters() {
    stage_ = Stage::done;
    return {clusters_->with_others(), true};
}

std::optional<Sieve::Batch> Sieve::next_of_full_page() {
    if (stage_ != Stage::in_clusters) {
        return std::nullopt;
    }
    Batch batch = all_of_clusters();
    rows_ += batch.places.size();
    return batch;
}

} // namespace inventory::api
