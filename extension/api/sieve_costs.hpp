#pragma once

#include "core/row_cost.hpp"
#include "pg/postgres.hpp"

#include <cstddef>

namespace inventory::api {

// What the ways of the sieve cost, in microseconds, when what they read is in memory
// (docs/performance.md).

/// A statement that reads so many.
inline constexpr double statement_cost(std::size_t rows) noexcept {
    return rows == 0 ? 0 : 150 + static_cast<double>(rows) * read_cost;
}
/// An entry of the list of a key.
inline constexpr double entry_cost = 0.0045;
/// An entry of an index of texts, and to find a text in it.
inline constexpr double value_cost = 0.07;
inline constexpr double value_look_up_cost = 4;
/// To pass an entry of the index of a sort: the planner's setting, 0.02 by its default.
inline double step_cost() noexcept {
    return 4 * cpu_index_tuple_cost;
}

} // namespace inventory::api
