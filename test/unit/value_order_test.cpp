#include "core/value_order.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

namespace inventory {
namespace {

Code code_of_sort(std::string_view sort) {
    try {
        parse_group_sort(sort);
    } catch (const Error &error) {
        return error.code();
    }
    return Code::internal; // it was fine
}

Code code_of_payload(std::string_view payload, std::string_view list, std::string_view sort) {
    try {
        parse_value_payload(payload, list, parse_group_sort(sort));
    } catch (const Error &error) {
        return error.code();
    }
    return Code::internal;
}

TEST(ValueOrder, SortsOfGroups) {
    struct Case {
        std::string_view sort;
        std::string_view order;
    };
    const Case cases[] = {
        {"-count", "g.m0_0 desc, g.v"},
        {"count", "g.m0_0, g.v"},
        {"value", "g.v"},
        {"-value", "g.v desc"},
        {"count,-value", "g.m0_0, g.v desc"},
        {"-value,count", "g.v desc, g.m0_0"},
        {"-risk_score", "coalesce(g.m1_0, 9223372036854775807) desc, g.v"},
        {"issues", "g.m2_0, g.m2_1, g.m2_2, g.m2_3, g.v"},
        {"updated_at", "g.m3_0, g.v"},
        {"-last_seen_at", "coalesce(g.m4_0, 'infinity') desc, g.v"},
    };
    for (const Case &it : cases) {
        const ValueOrder order = parse_group_sort(it.sort);
        EXPECT_EQ(order_by(order, false), it.order);
        EXPECT_EQ(order.canonical, it.sort);
    }
    EXPECT_EQ(order_by(parse_group_sort(default_group_sort), true), "g.m0_0, g.v desc");
}

TEST(ValueOrder, RefusesOtherSorts) {
    for (const std::string_view sort :
         {"", "-", "nope", "name", "value,value", "value,-value", "count,", ",count", "--count",
          "Count", " count", "max_risk_score"}) {
        EXPECT_EQ(code_of_sort(sort), Code::sort_invalid) << sort;
    }
}

TEST(ValueOrder, PositionsRoundTrip) {
    const ValueOrder order = parse_group_sort("-last_seen_at,issues");
    const ValuePosition position{{TimeParam{INT64_MAX}, std::int64_t{1}, std::int64_t{2},
                                  std::int64_t{3}, std::int64_t{4}, std::string("a\"\xC3\xA9")},
                                 true};
    const std::string payload = value_payload("groups/x", order.canonical, position);
    const ValuePosition read = parse_value_payload(payload, "groups/x", order);
    EXPECT_TRUE(read.is_inclusive);
    ASSERT_EQ(read.keys.size(), position.keys.size());
    EXPECT_EQ(value_payload("groups/x", order.canonical, read), payload);
}

TEST(ValueOrder, RefusesForeignPayloads) {
    constexpr std::string_view list = "groups/x";
    EXPECT_EQ(code_of_payload(R"({"l":"groups/x","s":"-count","k":[1,"A"]})", list, "-count"),
              Code::internal);
    for (const std::string_view payload :
         {R"({"l":"groups/y","s":"-count","k":[1,"A"]})",
          R"({"l":"groups/x","s":"count","k":[1,"A"]})", R"({"l":"groups/x","s":"-count","k":[1]})",
          R"({"l":"groups/x","s":"-count","k":[1,"A","B"]})",
          R"({"l":"groups/x","s":"-count","k":["A",1]})",
          R"({"l":"groups/x","s":"-count","k":[1.5,"A"]})",
          R"({"l":"groups/x","s":"-count","k":[18446744073709551615,"A"]})",
          R"({"l":"groups/x","s":"-count","k":[1,"\u0000"]})", R"({"s":"-count","k":[1,"A"]})",
          R"({"l":1,"s":"-count","k":[1,"A"]})", R"({"l":"groups/x","s":"-count","k":{}})", "[]",
          "{}", "x"}) {
        EXPECT_EQ(code_of_payload(payload, list, "-count"), Code::cursor_invalid) << payload;
    }
}

TEST(ValueOrder, KeysetIsNestedAndFlips) {
    const ValueOrder order = parse_group_sort("-count");
    const std::string bound[] = {"$1", "$2"};
    EXPECT_EQ(write_value_keyset(order, bound, false, false),
              "(g.m0_0 < $1 or (g.m0_0 = $1 and (g.v > $2)))");
    EXPECT_EQ(write_value_keyset(order, bound, true, true),
              "(g.m0_0 > $1 or (g.m0_0 = $1 and (g.v <= $2)))");
}

} // namespace
} // namespace inventory
