#include "core/json_body.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace inventory {
namespace {

using namespace std::string_view_literals;

TEST(JsonBody, Reads) {
    for (const std::string_view text : {
             R"({"data":{"type":"a","id":"b","attributes":{"labels":["x","é"],"n":{}}}})"sv,
             " [ 1 , -1 , 1.5 , true , false , null , \"\" , [] , {} ] \n"sv,
             "0"sv,
             "\"a\""sv,
             "[18446744073709551615,-9223372036854775808,1e308]"sv,
             R"({"":1,"a":{"a":1},"b":{"a":1}})"sv,
             R"(["\ud83d\ude00\u0001"])"sv,
         }) {
        EXPECT_EQ(parse_json_body(text), nlohmann::json::parse(text)) << text;
    }
}

struct Bad {
    std::string_view text;
    std::string_view detail;  ///< Part of it.
    std::string_view pointer; ///< The source, or empty.
};

class BadJsonBody : public testing::TestWithParam<Bad> {};

TEST_P(BadJsonBody, SaysWhere) {
    try {
        FAIL() << parse_json_body(GetParam().text);
    } catch (const Error &error) {
        EXPECT_EQ(error.code(), Code::body_syntax);
        EXPECT_NE(error.detail().find(GetParam().detail), std::string::npos)
            << GetParam().text << ": " << error.detail();
        EXPECT_EQ(error.source(), GetParam().pointer) << GetParam().text;
    }
}

const Bad bad_bodies[] = {
    {"", "at byte 1: unexpected end of input", ""},
    {" ", "at byte 2", ""},
    {"{", "at byte 2", ""},
    {"{}x", "at byte 3", ""},
    {"{} {}", "at byte 4", ""},
    {"[1,]", "at byte 4 near \"/1\"", ""},
    {"{\"a\":1,}", "at byte 8", ""},
    {"{'a':1}", "at byte 2", ""},
    {"[01]", "at byte 3", ""},
    {"[NaN]", "at byte 2", ""},
    {"[1] // c", "at byte 5", ""},
    {"[\"a\nb\"]", "control character", ""},
    {"[\"\\x\"]", "at byte 4", ""},
    {"[\"\\ud800\"]", "at byte 9", ""},
    {"{\"data\":[{\"id\":tru}]}", "near \"/data/0/id\"", ""},
    {"\xef\xbb\xbf{}", "byte order mark", ""},
    {"[\"\xff\"]", "at byte 3", ""},
    {"{}\0"sv, "at byte 3", ""},
    {"[\"\\u0000\"]", "U+0000", "/0"},
    {"{\"a\\u0000\":1}", "U+0000", ""},
    {"{\"a\":1,\"a\":1}", "The member \"a\" is given twice", "/a"},
    {"{\"data\":[{},{\"a/b\":{\"~\":1,\"~\":2}}]}", "given twice", "/data/1/a~1b/~0"},
    {"{\"a\":{\"\\u0000\":1}}", "U+0000 near \"/a\"", "/a"},
    {"[1e999]", "The number \"1e999\" at byte 6 is out of range", ""},
    {"[18446744073709551616]", "out of range", "/0"},
    {"[0,-9223372036854775809]", "out of range", "/1"},
};
INSTANTIATE_TEST_SUITE_P(All, BadJsonBody, testing::ValuesIn(bad_bodies));

bool is_read(const std::string &text) {
    try {
        parse_json_body(text);
        return true;
    } catch (const Error &) {
        return false;
    }
}

TEST(JsonBodyLimits, Nesting) {
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    EXPECT_TRUE(is_read(nested(json_max_nesting)));
    EXPECT_FALSE(is_read(nested(json_max_nesting + 1)));
    EXPECT_FALSE(is_read(std::string(1000000, '[')));
}

TEST(JsonBodyLimits, Values) {
    const auto of_values = [](std::size_t count) { // the array itself is one
        std::string text = "[";
        for (std::size_t i = 1; i < count; ++i) {
            text += i > 1 ? ",1" : "1";
        }
        return text + ']';
    };
    EXPECT_TRUE(is_read(of_values(json_max_values)));
    EXPECT_FALSE(is_read(of_values(json_max_values + 1)));
}

} // namespace
} // namespace inventory
