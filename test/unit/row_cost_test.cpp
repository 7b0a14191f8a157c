#include "core/row_cost.hpp"

#include <gtest/gtest.h>

namespace inventory {
namespace {

TEST(RowCost, IsThatOfMemoryBeforeAnythingIsKnown) {
    EXPECT_DOUBLE_EQ(RowCost().look(), look_cost);
    EXPECT_DOUBLE_EQ(RowCost().each(), look_cost + read_cost);
}

TEST(RowCost, ReadsThoseThatPass) {
    RowCost cost;
    cost.looked_at(999, 0, 999 * look_cost);
    EXPECT_DOUBLE_EQ(cost.each(), look_cost + read_cost / 1000);
    cost.looked_at(1000, 499, 1000 * look_cost);
    EXPECT_DOUBLE_EQ(cost.each(), look_cost + read_cost / 4);
}

TEST(RowCost, IsWhatTheClockSaysWhereLooksAreSlow) {
    RowCost cost;
    cost.looked_at(1000, 0, 100'000);
    EXPECT_DOUBLE_EQ(cost.look(), 100);
    EXPECT_GT(cost.each(), 100);
    cost.looked_at(9000, 0, 9000 * look_cost); // in memory by now
    EXPECT_GT(cost.look(), 12);
    cost.looked_at(90'000, 0, 90'000 * look_cost);
    EXPECT_DOUBLE_EQ(cost.look(), look_cost);
}

TEST(RowCost, AnInterruptionIsNoSlowLook) {
    RowCost cost;
    cost.looked_at(20, 0, 1000);
    EXPECT_DOUBLE_EQ(cost.look(), look_cost);
}

} // namespace
} // namespace inventory
