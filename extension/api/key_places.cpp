#include "api/key_places.hpp"

#include "pg/guard.hpp"

#include <algorithm>
#include <utility>

namespace inventory::api {
namespace {

// In microseconds (docs/performance.md).
constexpr double row_cost = 4;       ///< To read a row by its place and to compare it.
constexpr double entry_cost = 0.005; ///< To read an entry of the list of a key.

KeyStatistics read_statistics() {
    return KeyStatistics();
}

/// As asset_search folds the text that terms are found in.
std::string fold(const std::string &term) {
    const char *const folded =
        pg::call(&str_tolower, term.data(), term.size(), Oid{DEFAULT_COLLATION_OID});
    return folded;
}

} // namespace

KeyPlaces::KeyPlaces(const Selection &selection, const KeyCondition &condition)
    : selection_(selection), statistics_(pg::call(&read_statistics)) {
    add(condition, steps_);
    std::ranges::stable_sort(steps_, {}, &Step::assets);
}

double KeyPlaces::estimate() const noexcept {
    return steps_.front().assets;
}

double KeyPlaces::entries() const noexcept {
    double found = estimate();
    double entries = found;
    for (std::size_t i = 1; i < steps_.size(); ++i) {
        if (found * row_cost <= steps_[i].assets * entry_cost) {
            break;
        }
        entries += steps_[i].assets;
        found /= 2;
    }
    return entries;
}

PlaceSet KeyPlaces::find(const pg::KeyPostings &postings) const {
    return find(steps_, postings, nullptr);
}

void KeyPlaces::add(const KeyCondition &condition, std::vector<Step> &out) const {
    const Uuid &tenant = selection_.tenant;
    switch (condition.kind) {
    case KeyCondition::Kind::none:
        break;
    case KeyCondition::Kind::term: {
        const std::string term = fold(condition.term);
        std::vector<AssetKey> keys(most_term_keys(term.size()) + 1);
        keys.resize(term_keys(tenant.data(), term, keys.data()));
        if (selection_.seen_in) {
            AssetKeyWriter(tenant.data(), &keys.emplace_back()).add_scope(selection_.seen_in->data());
        }
        if (keys.empty()) { // folded, the term is shorter
            AssetKeyWriter(tenant.data(), &keys.emplace_back()).add_tenant();
        }
        for (const AssetKey key : keys) {
            add_keys({key}, out);
        }
        break;
    }
    case KeyCondition::Kind::alternatives: {
        const std::string term = fold(condition.term);
        std::vector<AssetKey> keys(most_alternative_keys);
        if (has_alternative_keys(term)) {
            keys.resize(alternative_keys(tenant.data(), term, keys.data()));
        } else {
            AssetKeyWriter(tenant.data(), keys.data()).add_tenant();
            keys.resize(1);
        }
        add_keys(std::move(keys), out);
        break;
    }
    case KeyCondition::Kind::any:
        add_keys(condition.keys, out);
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
            std::ranges::stable_sort(steps, {}, &Step::assets);
            step.assets += steps.front().assets;
        }
        out.push_back(std::move(step));
    }
}

void KeyPlaces::add_keys(std::vector<AssetKey> keys, std::vector<Step> &out) const {
    double assets = 0;
    for (const AssetKey key : keys) {
        const double known = statistics_.assets(key);
        assets += known > 0 ? known : statistics_.least_assets();
    }
    out.push_back({std::move(keys), {}, assets});
}

PlaceSet KeyPlaces::find(const std::vector<Step> &steps, const pg::KeyPostings &postings,
                         const PlaceSet *among) {
    PlaceSet found = postings.none();
    PlaceSet kept = postings.none();
    take(steps.front(), postings, among, found);
    for (std::size_t i = 1; i < steps.size(); ++i) {
        const double rows = static_cast<double>(found.size());
        if (rows * row_cost <= steps[i].assets * entry_cost) {
            break;
        }
        kept.clear();
        take(steps[i], postings, &found, kept);
        std::swap(found, kept);
    }
    return found;
}

void KeyPlaces::take(const Step &step, const pg::KeyPostings &postings, const PlaceSet *among,
                     PlaceSet &out) {
    for (const AssetKey key : step.keys) {
        postings.read(key, among, out);
    }
    for (const std::vector<Step> &steps : step.some) {
        out.add(find(steps, postings, among));
    }
}

} // namespace inventory::api
