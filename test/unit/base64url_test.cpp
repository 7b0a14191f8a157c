#include "core/base64url.hpp"

#include <gtest/gtest.h>

namespace inventory {
namespace {

TEST(Base64url, EveryLengthRoundTrips) {
    std::string bytes;
    for (int i = 0; i < 300; ++i) {
        EXPECT_EQ(decode_base64url(encode_base64url(bytes)), bytes);
        bytes += static_cast<char>(i * 89);
    }
}

TEST(Base64url, VectorsOfRfc4648) {
    EXPECT_EQ(encode_base64url(""), "");
    EXPECT_EQ(encode_base64url("f"), "Zg");
    EXPECT_EQ(encode_base64url("fo"), "Zm8");
    EXPECT_EQ(encode_base64url("foo"), "Zm9v");
    EXPECT_EQ(encode_base64url("foobar"), "Zm9vYmFy");
    EXPECT_EQ(encode_base64url("\xfb\xff\xbf"), "-_-_");
}

TEST(Base64url, PaddingOfTheRightLength) {
    EXPECT_EQ(decode_base64url("Zg=="), "f");
    EXPECT_EQ(decode_base64url("Zm8="), "fo");
    for (const std::string_view text :
         {"Zg=", "Zm8==", "Zm9v=", "Zm9v====", "=", "====", "Z===", "Zg==Zg==", "Z=g="}) {
        EXPECT_FALSE(decode_base64url(text)) << text;
    }
}

TEST(Base64url, OnlyTheCanonicalText) {
    for (const std::string_view text : {"Z", "Zh", "Zm9", "Zg\n", "Z g", "+/+/", "Zm9vZ", "Zé"}) {
        EXPECT_FALSE(decode_base64url(text)) << text;
    }
}

} // namespace
} // namespace inventory
