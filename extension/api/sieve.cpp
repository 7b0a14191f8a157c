#include "api/sieve.hpp"

#include "api/walk.hpp"
#include "core/comparison.hpp"
#include "core/filter_field.hpp"

#include <algorithm>

namespace inventory::api {
namespace {

// In microseconds (docs/performance.md).
constexpr double least_cost = 200;   ///< Two indexes opened, the statistics read, a set made.
constexpr double entry_cost = 0.005; ///< An entry of the list of a key.
constexpr double step_cost = 0.012;  ///< An entry of the index of the sort.
constexpr double row_cost = 4;       ///< A row read by its place and compared.

/// Lists of this cost are read though another index may find a few rows at once.
constexpr double cheap = 2000;
/// So many places are tried in vain before another index is.
constexpr std::size_t most_in_vain = 4096;
constexpr std::size_t most_in_batch = 4096;

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
           field.kind != FieldKind::type &&
           (field.is_indexed || field.source == "a.config_digest");
}

Oid oid_of(const char *name) {
    const Oid schema = get_namespace_oid("inventory", true);
    return OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;
}

} // namespace

Sieve::Sieve(const ListRequest &list, const Catalogue &catalogue)
    : list_(list),
      condition_(list.selection.search || catalogue.is_distributed
                     ? KeyCondition()
                     : key_condition(list.selection.tenant, list.selection.seen_in,
                                     list.selection.filter, catalogue)),
      is_alone_(!list.selection.filter || !has_selective_index(*list.selection.filter, catalogue)),
      table_(condition_.empty() ? Oid{InvalidOid} : pg::call(&oid_of, "asset")),
      key_index_(condition_.empty() ? Oid{InvalidOid} : pg::call(&oid_of, "asset_keys_idx")),
      sort_index_(condition_.empty() ? Oid{InvalidOid} : Oid{list.page.sort.index}),
      batch_(static_cast<std::size_t>(list.page.rows()) * 2) {
    if (!table_ || !key_index_ || !pg::can_read_keys(table_, key_index_)) {
        return;
    }
    keys_ = std::make_unique<KeyPlaces>(list.selection, condition_);
    tenant_assets_ = planned_assets(list.selection.tenant);
    const double reading = keys_->entries() * entry_cost;
    cost_ = least_cost + reading +
            std::min(keys_->estimate() * row_cost, tenant_assets_ * step_cost / 2);
    if (!is_alone_ && reading > cheap) {
        keys_.reset();
    }
}

/// Few are all read; of many only those that the walk meets.
void Sieve::shake() {
    places_.emplace(keys_->find(pg::KeyPostings(table_, key_index_, list_.selection.tenant)));
    const double reading_all = static_cast<double>(places_->size()) * row_cost;
    const bool can_walk = pg::OrderWalk::can_walk(table_, sort_index_, list_.page);
    if (reading_all <= std::max(tenant_assets_ * step_cost / 2, least_cost)) {
        return;
    }
    gave_up_ = !can_walk;
    if (can_walk) {
        walk_.emplace(table_, sort_index_, list_.selection.tenant, list_.page);
    }
}

std::optional<std::vector<Place>> Sieve::next() {
    if (!places_) {
        shake();
    }
    if (is_done_ || gave_up_) {
        return std::nullopt;
    }
    if (!walk_) {
        is_done_ = true;
        return pg::visible_places(table_, *places_);
    }
    if (walk_->is_at_end() || (!is_alone_ && taken_ > most_in_vain)) {
        gave_up_ = walk_->is_lost() || !walk_->is_at_end();
        return std::nullopt;
    }
    std::vector<Place> found = walk_->next(*places_, batch_);
    taken_ += found.size();
    batch_ = std::min(batch_ * 2, most_in_batch);
    if (walk_->is_lost()) {
        gave_up_ = true;
        return std::nullopt;
    }
    return pg::visible_places(table_, std::move(found));
}

} // namespace inventory::api
