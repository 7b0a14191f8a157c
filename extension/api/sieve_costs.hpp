#pragma once

#include "pg/postgres.hpp"

namespace inventory::api {

// What the ways of the sieve cost, in microseconds, when what they read is in memory
// (docs/performance.md).

/// To read a row by its place, twice: whether it is seen, and its condition.
inline constexpr double row_cost = 6;
/// A statement that reads rows, without them.
inline constexpr double batch_cost = 150;
/// An entry of the list of a key.
inline constexpr double entry_cost = 0.007;
/// To pass an entry of the index of a sort: the planner's setting, 0.02 by its default.
inline double step_cost() noexcept {
    return 4 * cpu_index_tuple_cost;
}

} // namespace inventory::api
