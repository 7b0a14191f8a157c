#include "core/uuid.hpp"

#include <gtest/gtest.h>

namespace inventory {
namespace {

TEST(Uuid, ReadsAnyCaseAndPrintsLower) {
    const std::optional<Uuid> uuid = parse_uuid("00112233-4455-6677-8899-AaBbCcDdEeFf");
    ASSERT_TRUE(uuid);
    EXPECT_EQ((*uuid)[0], 0x00);
    EXPECT_EQ((*uuid)[15], 0xff);
    EXPECT_EQ(to_string(*uuid), "00112233-4455-6677-8899-aabbccddeeff");
}

TEST(Uuid, NothingElse) {
    for (const std::string_view text : {
             "",
             "00112233445566778899aabbccddeeff",
             "{00112233-4455-6677-8899-aabbccddeeff}",
             "00112233-4455-6677-8899-aabbccddeef",
             "00112233-4455-6677-8899-aabbccddeeff0",
             "00112233-4455-6677-8899-aabbccddeefg",
             "0011223-34455-6677-8899-aabbccddeeff",
             "00112233-4455-6677-8899aabbccddeeff-",
             "00112233-4455-6677-8899-aabbccdde-ff",
             " 0112233-4455-6677-8899-aabbccddeeff",
         }) {
        EXPECT_FALSE(parse_uuid(text)) << text;
    }
}

} // namespace
} // namespace inventory
