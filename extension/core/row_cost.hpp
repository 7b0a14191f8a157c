#pragma once

#include <cstddef>

namespace inventory {

// In microseconds, when what is read is in memory (docs/performance.md).

/// To look at a row where it lies: whether it is seen, and passes the test.
inline constexpr double look_cost = 2.5;
/// To read one by a statement.
inline constexpr double read_cost = 4;

/// What the row of a place costs, by those looked at so far: all that have a label's key have
/// the label, but of those with the keys of a term few may have the term. Where rows come from
/// the kernel's memory or a disk, a look takes five or a hundred times as long, and the clock
/// tells: there a list, which is read in sequence, is worth sooner what it saves.
class RowCost {
public:
    void looked_at(std::size_t rows, std::size_t passed, double microseconds) noexcept {
        rows_ += static_cast<double>(rows);
        passed_ += static_cast<double>(passed);
        took_ += microseconds;
    }
    /// To look at one more.
    double look() const noexcept {
        constexpr double slow = 2;       // times
        constexpr double by_luck = 1000; // where another process had the processor
        return took_ > by_luck + slow * look_cost * rows_ ? took_ / rows_ : look_cost;
    }
    /// To look at one, and to read it if it passes.
    double each() const noexcept { return look() + read_cost * (passed_ + 1) / (rows_ + 1); }

private:
    double rows_ = 0;
    double passed_ = 0;
    double took_ = 0;
};

} // namespace inventory
