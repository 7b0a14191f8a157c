#pragma once

#include "core/asset_keys.hpp"
#include "pg/postgres.hpp"

namespace inventory::api {

/// How many assets have a key, as the last ANALYZE of the index of keys knows it. What it
/// holds is in the memory context in which it was made; it is made behind a gate, for it
/// reads the server's caches.
class KeyStatistics {
public:
    KeyStatistics();

    /// 0 of a key that is not among the most frequent.
    double assets(AssetKey key) const noexcept;
    /// Of the rarest of those.
    double least_assets() const noexcept;

private:
    AttStatsSlot slot_{};
    double rows_ = 0;
};

} // namespace inventory::api
