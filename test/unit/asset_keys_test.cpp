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

Keys keys_of(std::string_view text, const Uuid &of = tenant, std::vector<Uuid> scopes = {}) {
    Keys keys(most_asset_keys(scopes.size(), text.size()));
    const std::size_t count = asset_keys(
        of.data(), {scopes.empty() ? nullptr : scopes.front().data(), scopes.size() * 16}, text,
        keys.data());
    EXPECT_LE(count, keys.size());
    keys.resize(count);
    EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
    EXPECT_EQ(std::adjacent_find(keys.begin(), keys.end()), keys.end());
    return keys;
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
        Keys alternatives(alternative_keys);
        write_alternative_keys(of.data(), term, alternatives.data());
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
    for (const std::string_view term :
         {"nginy", "ynginx", "35e56d667b97910ac31ce43b", "ffff", "fff", "sha512", "xyz", "1ab"}) {
        EXPECT_FALSE(may_hold(keys, term)) << term;
    }
}

TEST(AssetKeys, ADigestHasNoTriplesButTheLast) {
    const Keys with = keys_of(digest);
    // sha, ha2, a25, 256, 56:, 6:3, :35, b6d; a256 and 61 quadruples, each once; the tenant.
    EXPECT_EQ(with.size(), 8 + 62 + 1);
    EXPECT_TRUE(may_hold(with, "b6d"));
    EXPECT_TRUE(may_hold(with, "5e5"));
}

TEST(AssetKeys, KeysNameTheTenant) {
    const Keys keys = keys_of("library/nginx", tenant, {org});
    EXPECT_TRUE(may_hold(keys, "nginx"));
    EXPECT_FALSE(may_hold(keys, "nginx", other_tenant));
    const auto has = [&](AssetKey key) { return std::ranges::binary_search(keys, key); };
    EXPECT_TRUE(has(tenant_key(tenant.data())));
    EXPECT_FALSE(has(tenant_key(other_tenant.data())));
    EXPECT_TRUE(has(scope_key(tenant.data(), org.data())));
    EXPECT_FALSE(has(scope_key(tenant.data(), other_org.data())));
    EXPECT_FALSE(has(scope_key(other_tenant.data(), org.data())));
}

TEST(AssetKeys, ShortTermsHaveNone) {
    EXPECT_TRUE(keys_of_term("").empty());
    EXPECT_TRUE(keys_of_term("a").empty());
    EXPECT_TRUE(keys_of_term("ng").empty());
    EXPECT_EQ(keys_of_term("ngi").size(), 1);
    EXPECT_FALSE(has_alternative_keys("ab"));
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
