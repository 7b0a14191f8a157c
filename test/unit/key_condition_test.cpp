#include "core/key_condition.hpp"

#include "core/rsql_parser.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace inventory {
namespace {

using Kind = KeyCondition::Kind;

Catalogue catalogue() {
    Catalogue out;
    out.types = {"container_images"};
    const auto add = [&](std::string name, FieldKind kind, std::uint32_t index = 0) {
        Field &field = out.fields.emplace_back();
        field.source = "a." + name;
        field.name = std::move(name);
        field.kind = kind;
        field.is_filter = true;
        field.is_indexed = index != 0;
        field.index = index;
    };
    add("q", FieldKind::search);
    add("repository", FieldKind::text, 77);
    add("os", FieldKind::text);
    add("class", FieldKind::asset_class, 78);
    add("labels", FieldKind::array);
    return out;
}

KeyCondition read(const char *filter, bool for_sieve = true) {
    static const Catalogue fields = catalogue();
    return key_condition(Uuid{}, std::nullopt, parse_rsql(filter), fields, for_sieve);
}

TEST(KeyCondition, FindsAssetsByTheIndexOfAText) {
    const KeyCondition one = read("repository==library/nginx");
    EXPECT_EQ(one.kind, Kind::values);
    EXPECT_EQ(one.index, 77U);
    EXPECT_EQ(one.values, std::vector<std::string>{"library/nginx"});
    const KeyCondition two = read("repository=in=(b,a,b)");
    EXPECT_EQ(two.values, (std::vector<std::string>{"a", "b"}));
}

TEST(KeyCondition, LeavesToStatementsWhatNoIndexOfATextFinds) {
    for (const char *filter :
         {"repository==library/*", "repository!=a", "repository=out=(a)", "repository==''",
          "repository=in=(a,'')", "repository=ge=a", "os==linux"}) {
        EXPECT_TRUE(read(filter).empty()) << filter;
    }
    EXPECT_TRUE(read("repository==a", false).empty());
    EXPECT_TRUE(read("class==A", false).empty());
}

TEST(KeyCondition, HasEachKeyOnce) {
    EXPECT_EQ(read("labels=in=(x,y,x)").keys.size(), 2U);
}

TEST(KeyCondition, TestsClassesButFindsNothingByThem) {
    const KeyCondition some = read("class=in=(A,C)");
    EXPECT_EQ(some.kind, Kind::classes);
    EXPECT_EQ(some.ranks, 1U << 1 | 1U << 3);
    EXPECT_EQ(read("class!=A").ranks, 1U << 2 | 1U << 3 | 1U << 4 | 1U << 5);
    EXPECT_FALSE(has_list(some));
    EXPECT_TRUE(has_list(read("class==A;q==nginx")));
    EXPECT_TRUE(has_list(read("class==A;labels==x")));
    EXPECT_FALSE(has_list(read("class==A,q==nginx")));
    EXPECT_FALSE(has_list(read("(class==A,q==nginx);class!=B")));
    EXPECT_TRUE(has_list(read("(class==A,q==nginx);repository==a")));
}

} // namespace
} // namespace inventory
