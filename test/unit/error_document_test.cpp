#include "core/error_document.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <set>

namespace inventory {
namespace {

TEST(ErrorDocument, HoldsWhatTheContractAsks) {
    EXPECT_EQ(error_document(Error(Code::limit_invalid, "\"5\" is too small.", "Take 10 to 100.")
                                 .in_parameter("limit"),
                             "r1"),
              R"({"jsonapi":{"version":"1.0"},"errors":[{"id":"r1","status":"400",)"
              R"("code":"invalid-limit","title":"Invalid limit",)"
              R"("detail":"\"5\" is too small. Take 10 to 100.",)"
              R"("source":{"parameter":"limit"}}]})");
}

TEST(ErrorDocument, Sources) {
    const auto source = [](Error error) {
        return nlohmann::json::parse(error_document(error, "r"))["errors"][0].value(
            "source", nlohmann::json());
    };
    EXPECT_EQ(source(Error(Code::body_invalid, "d").in_pointer("/data/0")),
              nlohmann::json({{"pointer", "/data/0"}}));
    EXPECT_EQ(source(Error(Code::invalid_header, "d").in_header("if-match")),
              nlohmann::json({{"header", "if-match"}}));
    EXPECT_TRUE(source(Error(Code::busy, "d")).is_null());
}

TEST(ErrorDocument, ABugTellsOnlyTheRequest) {
    const std::string document = error_document(Error(Code::internal, "secret", "hint"), "r9");
    EXPECT_EQ(nlohmann::json::parse(document)["errors"][0]["detail"], "r9");
    EXPECT_EQ(document.find("secret"), std::string::npos);
}

TEST(ErrorTable, EveryCodeIsDescribedOnce) {
    std::set<std::string> names;
    for (const CodeInfo &info : all_codes()) {
        EXPECT_TRUE(names.insert(info.name).second) << info.name;
        EXPECT_EQ(&describe(info.code), &info);
        EXPECT_GE(info.status, 400);
        EXPECT_LT(info.status, 600);
        EXPECT_EQ(std::string_view(info.sqlstate).size(), 5u);
        EXPECT_FALSE(std::string_view(info.title).empty());
        EXPECT_FALSE(std::string_view(info.help).empty());
    }
}

} // namespace
} // namespace inventory
