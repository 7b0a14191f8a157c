#pragma once

#include "pg/postgres.hpp"

#include <cstddef>

namespace inventory::api {

// What the ways of the sieve cost, in microseconds, when what they read is in memory
// (docs/performance.md).

/// To look at a row where it lies: whether it is seen, and passes the test.
inline constexpr double look_cost = 2.5;
/// To read one by a statement.
inline constexpr double read_cost = 4;
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

/// What the row of a place costs, by those looked at so far: all that have a label's key have
/// the label, but of those with the keys of a term few may have the term.
class RowCost {
public:
    void looked_at(std::size_t rows, std::size_t passed) noexcept {
        rows_ += static_cast<double>(rows);
        passed_ += static_cast<double>(passed);
    }
    double each() const noexcept { return look_cost + read_cost * (passed_ + 1) / (rows_ + 1); }

private:
    double rows_ = 0;
    double passed_ = 0;
};

} // namespace inventory::api
