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

TEST(PlaceSet, SaysWhetherBlocksHaveAny) {
    PlaceSet set(10'000);
    EXPECT_FALSE(set.has_any(0, UINT32_MAX));
    add(set, {600, 3});
    add(set, {5'000, 40});
    for (const auto &[first, last] : {std::pair{600U, 600U},
                                      {0U, 600U},
                                      {511U, 601U},
                                      {600U, 9'999U},
                                      {601U, 5'000U},
                                      {5'000U, UINT32_MAX}}) {
        EXPECT_TRUE(set.has_any(first, last)) << first << ' ' << last;
    }
    for (const auto &[first, last] :
         {std::pair{0U, 599U}, {601U, 4'999U}, {5'001U, UINT32_MAX}, {20'000U, 30'000U}}) {
        EXPECT_FALSE(set.has_any(first, last)) << first << ' ' << last;
    }
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

TEST(PlaceSet, TakesOutWhatStandsForNoOther) {
    PlaceSet set(100);
    for (const Place place : {Place{1, 3}, {1, 4}, {2, 3}, {2, 35}, {3, 32}}) {
        add(set, place);
    }
    const std::size_t size = set.size();
    EXPECT_TRUE(set.take_out({1, 3}));
    EXPECT_FALSE(set.contains({1, 3}));
    EXPECT_TRUE(set.contains({1, 4}));
    EXPECT_FALSE(set.take_out({1, 3}));
    EXPECT_EQ(set.size(), size - 1);
    for (const Place place : {Place{2, 3}, {2, 35}, {3, 32}}) {
        EXPECT_FALSE(set.take_out(place)); // the bit of 3 may be that of 35
        EXPECT_TRUE(set.contains(place));
    }
    EXPECT_FALSE(set.take_out({99, 1}));
    EXPECT_FALSE(set.take_out({1, 36})); // never added: the bit is that of 4
    EXPECT_TRUE(set.contains({1, 4}));
}

TEST(PlaceSet, SampleIsSpreadOverAll) {
    PlaceSet set(10'000);
    EXPECT_TRUE(set.sample(10).empty());
    for (std::uint32_t block = 0; block < 10'000; block += 2) {
        add(set, {block, static_cast<std::uint16_t>(1 + block % 7)});
        add(set, {block, 9});
    }
    const std::vector<Place> sample = set.sample(100);
    EXPECT_EQ(sample.size(), 100U);
    for (std::size_t i = 0; i < sample.size(); ++i) {
        EXPECT_TRUE(set.contains(sample[i]));
        EXPECT_NEAR(sample[i].block, 100.0 * static_cast<double>(i), 110);
    }
    EXPECT_LE(set.sample(1'000'000).size(), set.size());
    EXPECT_TRUE(set.sample(0).empty());
}

TEST(PlaceSet, SampleLeavesOutWhatMayStandForAnother) {
    PlaceSet set(100);
    add(set, {1, 40});
    add(set, {2, 5});
    EXPECT_EQ(set.sample(10), (std::vector<Place>{{2, 5}}));
}

TEST(PlaceSet, AddsWhatOthersHaveToo) {
    PlaceSet others(100);
    add(others, {1, 5});
    PlaceSet set(100);
    set.add_among({1, 5}, &others);
    set.add_among({1, 6}, &others);
    set.add_among({2, 5}, &others);
    EXPECT_EQ(set.size(), 1U);
    set.add_among({2, 5}, nullptr);
    EXPECT_TRUE(set.contains({1, 5}));
    EXPECT_TRUE(set.contains({2, 5}));
    EXPECT_FALSE(set.contains({1, 6}));
}

TEST(PlaceSet, KeepsWhatBothHold) {
    std::mt19937 random(2);
    PlaceSet one(2'000);
    PlaceSet other(2'000);
    std::vector<Place> all;
    for (int i = 0; i < 3'000; ++i) {
        const Place place{static_cast<std::uint32_t>(random() % 2'000),
                          static_cast<std::uint16_t>(1 + random() % 31)};
        all.push_back(place);
        add(random() % 2 == 0 ? one : other, place);
        if (random() % 3 == 0) {
            add(one, place);
            add(other, place);
        }
    }
    std::set<std::pair<std::uint32_t, std::uint16_t>> both;
    for (const Place place : all) {
        if (one.contains(place) && other.contains(place)) {
            both.insert({place.block, place.offset});
        }
    }
    one.keep(other);
    EXPECT_EQ(one.size(), both.size());
    for (const Place place : all) {
        EXPECT_EQ(one.contains(place), both.contains({place.block, place.offset}));
    }
}

} // namespace
} // namespace inventory
