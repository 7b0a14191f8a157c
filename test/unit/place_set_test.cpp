#include "core/place_set.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <utility>
#include <vector>

namespace inventory {
namespace {

using Known = std::set<std::pair<std::uint32_t, std::uint16_t>>;

std::vector<std::uint32_t> blocks_of(const PlaceSet &set) {
    std::vector<std::uint32_t> blocks;
    set.each_block([&](std::uint32_t block) { blocks.push_back(block); });
    return blocks;
}

void add(PlaceSet &set, Place place) {
    set.add(place.block, PlaceSet::bits_of(place.offset));
}

TEST(PlaceSet, HoldsWhatWasAddedOnce) {
    PlaceSet set(10'000);
    EXPECT_EQ(set.size(), 0U);
    EXPECT_FALSE(set.contains({0, 1}));
    for (const Place place : {Place{0, 1}, {0, 31}, {511, 1}, {512, 1}, {9'999, 7}, {0, 1}}) {
        add(set, place);
        EXPECT_TRUE(set.contains(place));
    }
    EXPECT_EQ(set.size(), 5U);
    EXPECT_FALSE(set.contains({0, 2}));
    EXPECT_FALSE(set.contains({1, 1}));
    EXPECT_EQ(set.bits(0), PlaceSet::bits_of(1) | PlaceSet::bits_of(31));
    EXPECT_EQ(blocks_of(set), (std::vector<std::uint32_t>{0, 511, 512, 9'999}));
}

TEST(PlaceSet, OffsetsThatDifferBy32StandForOneAnother) {
    PlaceSet set(1);
    add(set, {0, 33});
    EXPECT_TRUE(set.contains({0, 1}));
    EXPECT_TRUE(set.contains({0, 33}));
    EXPECT_TRUE(set.contains({0, 289}));
    EXPECT_FALSE(set.contains({0, 2}));
}

TEST(PlaceSet, LeavesOutWhatLiesBehindTheTable) {
    PlaceSet none(0);
    add(none, {0, 1});
    EXPECT_EQ(none.size(), 0U);
    PlaceSet set(100);
    add(set, {UINT32_MAX, 1});
    EXPECT_FALSE(set.contains({UINT32_MAX, 1}));
    EXPECT_FALSE(set.is_short());
}

TEST(PlaceSet, ClearKeepsNothing) {
    PlaceSet set(1'000);
    add(set, {600, 3});
    set.clear();
    EXPECT_EQ(set.size(), 0U);
    EXPECT_FALSE(set.contains({600, 3}));
    EXPECT_TRUE(blocks_of(set).empty());
}

TEST(PlaceSet, UnionIsThatOfSets) {
    std::mt19937 random(1);
    PlaceSet all(5'000);
    Known known;
    for (int round = 0; round < 20; ++round) {
        PlaceSet some(5'000);
        for (int i = 0; i < 200; ++i) {
            const Place place{static_cast<std::uint32_t>(random() % 5'000),
                              static_cast<std::uint16_t>(1 + random() % 31)};
            add(some, place);
            known.insert({place.block, place.offset});
        }
        all.add(some);
        EXPECT_EQ(all.size(), known.size());
    }
    for (const auto &[block, offset] : known) {
        EXPECT_TRUE(all.contains({block, offset}));
    }
}

} // namespace
} // namespace inventory
