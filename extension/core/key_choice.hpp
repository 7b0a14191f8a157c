#pragma once

#include <cstddef>
#include <span>

namespace inventory {

/// A key that is looked for, and how many assets have it.
struct KeyUse {
    std::size_t place; ///< Of the key, to the caller.
    double assets;     ///< About; 0 when it is not known to be frequent.
};

/// Moves the keys that pay to the front, the rarest first; returns how many, at least one
/// of any. To look up a key costs by the assets that have it, or by the candidates to be
/// tried; leaving it out costs a row read for each candidate that only it would exclude.
/// The keys that are not known to be frequent all pay. `tenant_assets` have the key of the
/// tenant; `least_assets` have the rarest of those that are known.
std::size_t choose_keys(std::span<KeyUse> keys, double tenant_assets, double least_assets) noexcept;

} // namespace inventory
