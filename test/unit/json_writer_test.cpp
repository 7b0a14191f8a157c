#include "core/json_writer.hpp"

#include <gtest/gtest.h>
#include <limits>
#include <nlohmann/json.hpp>

namespace inventory {
namespace {

std::string json_string(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

TEST(JsonString, EscapesOnlyWhatMustBe) {
    EXPECT_EQ(json_string(""), R"("")");
    EXPECT_EQ(json_string({}), R"("")");
    EXPECT_EQ(json_string("a\"b\\c/d"), R"("a\"b\\c/d")");
    EXPECT_EQ(json_string("\b\f\n\r\t"), R"("\b\f\n\r\t")");
    EXPECT_EQ(json_string(std::string_view("\0\x01\x1f", 3)), R"("\u0000\u0001\u001f")");
    EXPECT_EQ(json_string(" \x7f é 😀"), "\" \x7f é 😀\"");
}

// Every byte at every place of the words that are looked at together.
TEST(JsonString, EveryByteEverywhere) {
    for (int byte = 0; byte < 0x80; ++byte) {
        for (std::size_t at = 0; at < 20; ++at) {
            std::string text(20, '\x7f');
            text[at] = static_cast<char>(byte);
            EXPECT_EQ(nlohmann::json::parse(json_string(text)).get<std::string>(), text);
        }
    }
}

TEST(JsonWriter, Commas) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("a").begin_array().integer(-1).boolean(true).null().raw("{}");
    json.begin_object().end_object().begin_array().end_array().string(":").string("[").end_array();
    json.key("b").string("").end_object();
    EXPECT_EQ(out, R"({"a":[-1,true,null,{},{},[],":","["],"b":""})");
}

TEST(JsonInteger, Extremes) {
    std::string out;
    append_integer(out, std::numeric_limits<std::int64_t>::min());
    out += ' ';
    append_integer(out, std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(out, "-9223372036854775808 9223372036854775807");
}

} // namespace
} // namespace inventory
