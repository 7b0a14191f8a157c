#include "core/cursor.hpp"

#include "core/base64url.hpp"
#include "core/error.hpp"

#include <gtest/gtest.h>

namespace inventory {
namespace {

TEST(Cursor, RoundTrips) {
    EXPECT_EQ(encode_cursor("{}"), "v1.e30");
    for (const std::string &payload :
         {std::string("{}"), std::string("[\"é\"]"), std::string(8192, 'x')}) {
        EXPECT_EQ(decode_cursor(encode_cursor(payload)), payload);
    }
}

TEST(Cursor, RefusesWhatWasNotGivenOut) {
    for (const std::string &cursor : {
             std::string(),
             std::string("v1."),
             std::string("e30"),
             std::string("v2.e30"),
             std::string("V1.e30"),
             std::string("v1.e3"),
             std::string("v1.e31"),
             std::string("v1.e30 "),
             std::string("v1.e30\0", 7),
             encode_cursor("\xff"),
             encode_cursor(std::string_view("a\0b", 3)),
             encode_cursor(std::string(8193, 'x')),
             "v1." + std::string(1000000, 'A'),
         }) {
        try {
            decode_cursor(cursor);
            FAIL() << cursor;
        } catch (const Error &error) {
            EXPECT_EQ(error.code(), Code::cursor_invalid);
            EXPECT_EQ(error.source_kind(), SourceKind::none);
            EXPECT_LT(error.detail().size(), 200u);
        }
    }
}

} // namespace
} // namespace inventory
