#include "core/key_choice.hpp"

#include <algorithm>
#include <cmath>

namespace inventory {
namespace {

// Measured at five million assets, in microseconds (docs/performance.md).
constexpr double row_cost = 6;       ///< To read a row by its place and to compare it.
constexpr double entry_cost = 0.003; ///< To read an entry of the list of a key.
constexpr double candidate_cost = 4; ///< To try one candidate in a long list.

} // namespace

std::size_t choose_keys(std::span<KeyUse> keys, double tenant_assets,
                        double least_assets) noexcept {
    if (keys.empty()) {
        return 0;
    }
    std::sort(keys.begin(), keys.end(),
              [](const KeyUse &a, const KeyUse &b) { return a.assets < b.assets; });
    std::size_t chosen = 0;
    while (chosen < keys.size() && keys[chosen].assets <= 0) {
        ++chosen;
    }
    double candidates = chosen > 0 ? least_assets : keys[chosen++].assets;
    for (; chosen < keys.size(); ++chosen) {
        const double assets = keys[chosen].assets;
        // Keys of one term come together more often than by chance.
        const double kept = std::sqrt(std::min(assets / std::max(tenant_assets, 1.0), 1.0));
        const double cost = std::min(assets * entry_cost, candidates * candidate_cost);
        if (candidates * (1 - kept) * row_cost <= cost) {
            break;
        }
        candidates *= kept;
    }
    return chosen;
}

} // namespace inventory
