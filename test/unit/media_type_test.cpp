#include "core/media_type.hpp"

#include <gtest/gtest.h>

namespace inventory {
namespace {

TEST(Accept, Serves) {
    for (const std::string_view accept : {
             "",
             " ",
             ",",
             "*/*",
             "application/*",
             "application/json",
             "application/json; charset=utf-8",
             "application/vnd.api+json",
             "APPLICATION/VND.API+JSON",
             "application/vnd.api+json;profile=\"https://example.org/a,b\"",
             "text/html, application/vnd.api+json;q=0.1",
             "text/html,,*/*;q=0.001",
             "*/*;q=1.000",
             "application/vnd.api+json;ext=\"x\", application/vnd.api+json",
             "application/json;q=0, */*",
             "*/*;q=0, application/vnd.api+json",
             "application/*;q=0, application/json",
             "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
             "bad header, */*",
             "text/html;a=\"x, y\", */*;",
         }) {
        EXPECT_TRUE(accepts_json_api(accept)) << accept;
    }
}

TEST(Accept, Refuses) {
    for (const std::string_view accept : {
             "text/html",
             "application/xml, text/*",
             "application/vnd.api+json;q=0",
             "application/vnd.api+json;q=0.000, */*",
             "application/*;q=0, */*",
             "*/*;q=0",
             "application/json;q=0",
             "application/vnd.api+json;ext=\"https://example.org/ext\"",
             "application/vnd.api+json;ext=x, */*",
             "application/vnd.api+json;charset=utf-8",
             "application/vnd.api",
             "*/json",
             "garbage",
             "*/*;q=2",
             "*/*;q=0.1234",
             "*/*;q=x",
             "*/*;q",
             "text/html;a=\"x, */*",
         }) {
        EXPECT_FALSE(accepts_json_api(accept)) << accept;
    }
}

TEST(ContentType, OfBodies) {
    for (const std::string_view type : {
             "application/json",
             " Application/JSON ",
             "application/json; charset=UTF-8",
             "application/json;charset=\"utf-8\"",
             "application/json; version=1;",
             "application/vnd.api+json",
             "application/vnd.api+json; profile=\"a b\"",
         }) {
        EXPECT_TRUE(is_body_type(type)) << type;
    }
    for (const std::string_view type : {
             "",
             "json",
             "text/json",
             "application/*",
             "application/json, application/json",
             "application/json; charset=latin1",
             "application/json; charset",
             "application/json charset=utf-8",
             "application/vnd.api+json; charset=utf-8",
             "application/vnd.api+json; ext=\"a\"",
             "application/vnd.api+json; profile=\"a",
             "application/jsonx",
         }) {
        EXPECT_FALSE(is_body_type(type)) << type;
    }
}

} // namespace
} // namespace inventory
