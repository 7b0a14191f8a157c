#include "core/asset_keys.hpp"
#include "core/key_choice.hpp"
#include "core/uuid.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace inventory {
namespace {

const Uuid tenant = *parse_uuid("10000000-0000-4000-8000-000000000001");
const Uuid other_tenant = *parse_uuid("10000000-0000-4000-8000-000000000002");
const Uuid org = *parse_uuid("30000000-0000-4000-8000-000000000001");
const Uuid other_org = *parse_uuid("30000000-0000-4000-8000-000000000002");

const std::string digest =
    "sha256:35e56d667b97910ac31ce43a324347d0f9497ccea47c963777cc7bb980940b6d";

using Keys = std::vector<AssetKey>;

template <typename Write>
Keys written(std::size_t most, Write write, const Uuid &of = tenant) {
    Keys keys(most);
    AssetKeyWriter writer(of.data(), keys.data());
    write(writer);
    const std::size_t count = writer.finish();
    EXPECT_LE(count, keys.size());
    keys.resize(count);
    EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
    EXPECT_EQ(std::adjacent_find(keys.begin(), keys.end()), keys.end());
    return keys;
}

Keys keys_of(std::string_view text, const Uuid &of = tenant) {
    return written(
        most_text_keys(text.size()), [text](AssetKeyWriter &writer) { writer.add_text(text); }, of);
}

Keys keys_of_term(std::string_view term, const Uuid &of = tenant) {
    Keys keys(most_term_keys(term.size()));
    const std::size_t count = term_keys(of.data(), term, keys.data());
    EXPECT_LE(count, keys.size());
    keys.resize(count);
    return keys;
}

/// What the index answers: whether an asset of these keys may hold the term.
bool may_hold(const Keys &keys, std::string_view term, const Uuid &of = tenant) {
    const auto is_there = [&](AssetKey key) { return std::ranges::binary_search(keys, key); };
    if (has_alternative_keys(term)) {
        Keys alternatives(most_alternative_keys);
        alternatives.resize(alternative_keys(of.data(), term, alternatives.data()));
        return std::ranges::any_of(alternatives, is_there);
    }
    return std::ranges::all_of(keys_of_term(term, of), is_there);
}

TEST(AssetKeys, EveryTermOfATextIsFound) {
    const std::string long_run(digest_run, 'a');
    for (const std::string &text :
         {std::string("library/nginx"), digest,
          "team:a\x1f" + digest + "\x1f" + "quay.io\x1f" + "feed/bead-2023",
          std::string("gr\u00f6\u00dfe \U0001F433 \u65e5\u672c"), "x" + long_run + "y", long_run,
          long_run.substr(1), long_run.substr(1) + "-", "0" + long_run + "\x1f" + "abc",
          std::string("abc"), std::string("\x1f\x1f"), std::string()}) {
        const Keys keys = keys_of(text);
        for (std::size_t begin = 0; begin < text.size(); ++begin) {
            for (std::size_t size = 1; begin + size <= text.size(); ++size) {
                const std::string_view term = std::string_view(text).substr(begin, size);
                if (term.find(search_separator) == std::string_view::npos) {
                    EXPECT_TRUE(may_hold(keys, term)) << term << " in " << text;
                }
            }
        }
    }
}

TEST(AssetKeys, WhatNoTextHasIsNotFound) {
    const Keys keys = keys_of("library/nginx\x1f" + digest + "\x1fxy\x1fz1");
    for (const std::string_view term : {"nginy", "ynginx", "35e56d667b97910ac31ce43b", "ffff",
                                        "fff", "sha512", "xyz", "1ab", "yx", "gz", "1x"}) {
        EXPECT_FALSE(may_hold(keys, term)) << term;
    }
}

TEST(AssetKeys, ADigestHasNoTriplesButTheLast) {
    const Keys with = keys_of(digest);
    // sha, ha2, a25, 256, 56:, 6:3, :35, b6d and 6d with the separator; a256 and 61
    // quadruples, each once.
    EXPECT_EQ(with.size(), 9 + 62);
    EXPECT_TRUE(may_hold(with, "b6d"));
    EXPECT_TRUE(may_hold(with, "5e5"));
}

TEST(AssetKeys, KeysNameTheTenant) {
    const Keys keys = keys_of("library/nginx");
    EXPECT_TRUE(may_hold(keys, "nginx"));
    EXPECT_FALSE(may_hold(keys, "nginx", other_tenant));
}

TEST(AssetKeys, WhatDiffersHasAKeyOfItsOwn) {
    const auto add_all = [](AssetKeyWriter &writer) {
        writer.add_tenant();
        writer.add_scope(org.data());
        writer.add_scope(other_org.data());
        for (const auto column :
             {MemberColumn::labels, MemberColumn::tags, MemberColumn::image_labels}) {
            writer.add_member(column, "env");
            writer.add_member(column, "prod");
            writer.add_pair(column, "env", "prod");
            writer.add_pair(column, "prod", "env");
            writer.add_pair(column, "", "envprod");
        }
        writer.add_triple("env");
        writer.add_quadruple(0xabcd);
    };
    constexpr std::size_t count = 3 + 3 * 5 + 2;
    Keys both = written(count, add_all);
    EXPECT_EQ(both.size(), count);
    const Keys others = written(count, add_all, other_tenant);
    both.insert(both.end(), others.begin(), others.end());
    std::ranges::sort(both);
    EXPECT_EQ(std::ranges::adjacent_find(both), both.end());
}

TEST(AssetKeys, DoNotChange) {
    // They are in indexes on disk.
    const auto key = [](auto write) { return written(1, write).front(); };
    EXPECT_EQ(key([](AssetKeyWriter &w) { w.add_tenant(); }), 8338853595604582400);
    EXPECT_EQ(key([](AssetKeyWriter &w) { w.add_scope(org.data()); }), 8338853596993764525);
    EXPECT_EQ(key([](AssetKeyWriter &w) { w.add_member(MemberColumn::labels, "prod"); }),
              8338853596629509436);
    EXPECT_EQ(key([](AssetKeyWriter &w) { w.add_pair(MemberColumn::tags, "env", "prod"); }),
              8338853596153058815);
    EXPECT_EQ(key([](AssetKeyWriter &w) { w.add_triple("ngi"); }), 8338853597759301481);
    EXPECT_EQ(key([](AssetKeyWriter &w) { w.add_quadruple(0xabcd); }), 8338853598825851853);
}

TEST(AssetKeys, ShortTermsHaveNone) {
    EXPECT_TRUE(keys_of_term("").empty());
    EXPECT_TRUE(keys_of_term("a").empty());
    EXPECT_TRUE(keys_of_term("ng").empty());
    EXPECT_EQ(keys_of_term("ngi").size(), 1);
    EXPECT_FALSE(has_alternative_keys("aB"));
    EXPECT_FALSE(has_alternative_keys("g"));
    EXPECT_TRUE(has_alternative_keys("ag"));
    EXPECT_TRUE(has_alternative_keys("\u00e9"));
    EXPECT_FALSE(has_alternative_keys("abcd"));
    EXPECT_FALSE(has_alternative_keys("abg"));
    EXPECT_TRUE(has_alternative_keys("aB9")); // searches fold it
}

std::vector<std::size_t> chosen(std::vector<KeyUse> keys, double tenant_assets, double least) {
    std::vector<std::size_t> places;
    const std::size_t count = choose_keys(keys, tenant_assets, least);
    for (std::size_t i = 0; i < count; ++i) {
        places.push_back(keys[i].place);
    }
    std::ranges::sort(places);
    return places;
}

TEST(KeyChoice, TakesAllThatAreNotKnownToBeFrequent) {
    EXPECT_EQ(chosen({{0, 0}, {1, 0}, {2, 0}}, 5e6, 1e4), (std::vector<std::size_t>{0, 1, 2}));
    EXPECT_EQ(chosen({}, 5e6, 1e4), std::vector<std::size_t>{});
}

TEST(KeyChoice, LeavesOutWhatMostAssetsHave) {
    // An org of a thousandth, and a term of which one key is in one of 23 and the others
    // everywhere.
    EXPECT_EQ(chosen({{0, 5e6}, {1, 5e3}, {2, 2.2e5}, {3, 5e6}}, 5e6, 1e4),
              (std::vector<std::size_t>{1, 2}));
    EXPECT_EQ(chosen({{0, 5e6}}, 5e6, 1e4), std::vector<std::size_t>{0});
}

TEST(KeyChoice, TakesAFrequentOneWhenManyCandidatesAreLeft) {
    EXPECT_EQ(chosen({{0, 1e6}, {1, 8e5}}, 5e6, 1e4), (std::vector<std::size_t>{0, 1}));
}

} // namespace
} // namespace inventory
