#include "api/key_places.hpp"

#include "api/sieve_costs.hpp"
#include "api/walk.hpp"
#include "pg/guard.hpp"
#include "pg/value_places.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace inventory::api {
namespace {

KeyStatistics read_statistics() {
    return KeyStatistics();
}

} // namespace

KeyPlaces::KeyPlaces(const Selection &selection, const KeyCondition &condition,
                     const pg::OpenRelation &table)
    : selection_(selection), table_(table), statistics_(pg::call(&read_statistics)) {
    add(condition, steps_);
    arrange(steps_);
}

void KeyPlaces::read_next(const pg::KeyPostings &postings) {
    if (read_ == 0) {
        found_.emplace(postings.none());
        spare_.emplace(postings.none());
        take(steps_.front(), postings, nullptr, *found_);
    } else {
        spare_->clear();
        take(steps_[read_], postings, &*found_, *spare_);
        std::swap(*found_, *spare_);
    }
    ++read_;
    for (Step &step : std::span(steps_).subspan(read_)) {
        step.seen = step.excluded = 0; // of what it left, other texts tell
    }
}

bool KeyPlaces::Step::is_known() const noexcept {
    constexpr std::size_t least_seen = 8;
    return seen >= least_seen;
}

double KeyPlaces::Step::price() const noexcept {
    return is_known() ? cost * static_cast<double>(seen + 1) / static_cast<double>(excluded + 1)
                      : cost;
}

void KeyPlaces::failed(const std::vector<std::string> &texts) {
    constexpr std::size_t enough = 64;
    const std::span<Step> left = std::span(steps_).subspan(read_);
    if (std::ranges::all_of(left,
                            [](const Step &it) { return !it.is_of_term || it.seen >= enough; })) {
        return;
    }
    std::vector<AssetKey> keys;
    for (const std::string &text : texts) {
        keys.resize(most_text_keys(text.size()));
        AssetKeyWriter writer(selection_.tenant.data(), keys.data());
        writer.add_text(text);
        keys.resize(writer.finish());
        for (Step &step : left) {
            if (step.is_of_term) {
                ++step.seen;
                step.excluded += std::ranges::binary_search(keys, step.keys.front()) ? 0 : 1;
            }
        }
    }
    std::ranges::stable_sort(left, {}, &Step::price);
}

void KeyPlaces::add(const KeyCondition &condition, std::vector<Step> &out) const {
    const Uuid &tenant = selection_.tenant;
    switch (condition.kind) {
    case KeyCondition::Kind::none:
    case KeyCondition::Kind::classes:
        break;
    case KeyCondition::Kind::term: {
        const std::string &term = condition.term;
        std::vector<AssetKey> keys(most_term_keys(term.size()));
        keys.resize(term_keys(tenant.data(), term, keys.data()));
        if (keys.empty()) { // folded, the term is shorter
            AssetKeyWriter(tenant.data(), &keys.emplace_back()).add_tenant();
        }
        std::vector<Step> lists;
        for (const AssetKey key : keys) {
            lists.push_back(list_of({key}));
        }
        arrange(lists);
        for (std::size_t i = 0; i < lists.size(); ++i) {
            lists[i].round = i;
            lists[i].is_of_term = true;
            out.push_back(std::move(lists[i]));
        }
        if (selection_.seen_in) {
            AssetKey scope = 0;
            AssetKeyWriter(tenant.data(), &scope).add_scope(selection_.seen_in->data());
            out.push_back(list_of({scope}));
        }
        break;
    }
    case KeyCondition::Kind::alternatives: {
        std::vector<AssetKey> keys(most_alternative_keys);
        if (has_alternative_keys(condition.term)) {
            keys.resize(alternative_keys(tenant.data(), condition.term, keys.data()));
        } else {
            AssetKeyWriter(tenant.data(), keys.data()).add_tenant();
            keys.resize(1);
        }
        out.push_back(list_of(std::move(keys)));
        break;
    }
    case KeyCondition::Kind::any:
        out.push_back(list_of(condition.keys));
        break;
    case KeyCondition::Kind::values:
        add_values(condition, out);
        break;
    case KeyCondition::Kind::every:
        for (const KeyCondition &part : condition.parts) {
            add(part, out);
        }
        break;
    case KeyCondition::Kind::some:
        Step step;
        for (const KeyCondition &part : condition.parts) {
            std::vector<Step> &steps = step.some.emplace_back();
            add(part, steps);
            if (steps.empty()) { // its index is not to be read
                return;
            }
            arrange(steps);
            step.cost += steps.front().cost;
        }
        out.push_back(std::move(step));
    }
}

KeyPlaces::Step KeyPlaces::list_of(std::vector<AssetKey> keys) const {
    Step step;
    for (const AssetKey key : keys) {
        const double known = statistics_.assets(key);
        step.cost += (known > 0 ? known : statistics_.least_assets()) * entry_cost;
    }
    step.keys = std::move(keys);
    return step;
}

void KeyPlaces::add_values(const KeyCondition &condition, std::vector<Step> &out) const {
    Step step;
    step.index = std::make_shared<pg::OpenRelation>(Oid{condition.index});
    if (!pg::can_read_values(table_, *step.index)) {
        return;
    }
    step.values = condition.values;
    const double rows = std::min(pg::rows_with_values(table_, *step.index, step.values),
                                 planned_assets(selection_.tenant));
    step.cost = static_cast<double>(step.values.size()) * value_look_up_cost + rows * value_cost;
    out.push_back(std::move(step));
}

void KeyPlaces::arrange(std::vector<Step> &steps) {
    std::ranges::stable_sort(steps, {},
                             [](const Step &it) { return std::pair(it.round, it.cost); });
}

/// Whether reading all rows found would cost more than the list that may exclude some.
bool KeyPlaces::pays(const Step &step, const PlaceSet &found) noexcept {
    return static_cast<double>(found.size()) * RowCost().each() > step.cost;
}

void KeyPlaces::take(const Step &step, const pg::KeyPostings &postings, const PlaceSet *among,
                     PlaceSet &out) const {
    for (const AssetKey key : step.keys) {
        postings.read(key, among, out);
    }
    for (const std::string &value : step.values) {
        pg::read_value(table_, *step.index, selection_.tenant, value, among, out);
    }
    for (const std::vector<Step> &steps : step.some) {
        PlaceSet found = postings.none();
        take(steps.front(), postings, among, found);
        for (std::size_t i = 1; i < steps.size() && pays(steps[i], found); ++i) {
            PlaceSet kept = postings.none();
            take(steps[i], postings, &found, kept);
            found = std::move(kept);
        }
        out.add(found);
    }
}

} // namespace inventory::api
