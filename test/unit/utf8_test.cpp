#include "core/utf8.hpp"

#include <array>
#include <gtest/gtest.h>

namespace inventory {
namespace {

using namespace std::string_view_literals;

TEST(Utf8, Clean) {
    for (const std::string_view text :
         {""sv, "a"sv, "é"sv, "\u0800"sv, "\ud7ff"sv, "\ue000"sv, "\uffff"sv, "\U00010000"sv,
          "\U0010ffff"sv, "0123456789é0123456789"sv, "\x01\x7f"sv}) {
        EXPECT_TRUE(is_clean_utf8(text)) << text;
    }
}

struct Unclean {
    std::string_view text;
    std::size_t at;
};

TEST(Utf8, UncleanAndWhere) {
    for (const Unclean &unclean : {
             Unclean{"\0"sv, 0},
             {"0123456\0"sv, 7},
             {"01234567\0"sv, 8},
             {"é\x80"sv, 2},
             {"\xc0\x80"sv, 0},         // overlong
             {"\xc1\xbf"sv, 0},         // overlong
             {"\xe0\x9f\xbf"sv, 0},     // overlong
             {"\xf0\x8f\xbf\xbf"sv, 0}, // overlong
             {"\xed\xa0\x80"sv, 0},     // surrogate
             {"\xf4\x90\x80\x80"sv, 0}, // above U+10FFFF
             {"\xf5\x80\x80\x80"sv, 0},
             {"a\xe2\x82"sv, 1}, // cut
             {"a\xe2\x82z"sv, 1},
             {"abcdefgh\xff"sv, 8},
         }) {
        EXPECT_EQ(find_unclean_utf8(unclean.text), unclean.at);
        EXPECT_FALSE(is_clean_utf8(unclean.text));
    }
}

TEST(Utf8, Count) {
    EXPECT_EQ(count_code_points(""), 0u);
    EXPECT_EQ(count_code_points("aé€😀"), 4u);
}

TEST(QuoteForMessage, EscapesAndClips) {
    EXPECT_EQ(quote_for_message(""), "\"\"");
    EXPECT_EQ(quote_for_message("a\"b\\é"), "\"a\\\"b\\\\é\"");
    EXPECT_EQ(quote_for_message("\n\x7f\xff\xc2\x85"), "\"\\x0A\\x7F\\xFF\\xC2\\x85\"");
    EXPECT_EQ(quote_for_message("a\u202eb"), "\"a\\xE2\\x80\\xAEb\"");
    EXPECT_EQ(quote_for_message("é😀xy", 2), "\"é😀…\"");
    EXPECT_EQ(quote_for_message("é😀", 2), "\"é😀\"");
    EXPECT_EQ(quote_for_message("\xe2\x82", 1), "\"\\xE2…\"");
}

TEST(Nearest, FindsSlips) {
    constexpr std::array names{"class"sv, "created_at"sv, "tags"sv, "id"sv, "registry"sv, "q"sv};
    EXPECT_EQ(nearest("clas", names), "class");
    EXPECT_EQ(nearest("calss", names), "class");
    EXPECT_EQ(nearest("CLASS", names), "class");
    EXPECT_EQ(nearest("createdAt", names), "created_at");
    EXPECT_EQ(nearest("tag", names), "tags");
    EXPECT_EQ(nearest("ID", names), "id");
    EXPECT_EQ(nearest("x", names), "");
    EXPECT_EQ(nearest("", names), "");
    EXPECT_EQ(nearest("owner", names), "");
    EXPECT_EQ(nearest(std::string(10000, 'c'), names), "");
    EXPECT_EQ(nearest("class", {}), "");
}

} // namespace
} // namespace inventory
