#include "core/asset_change.hpp"

#include "core/error.hpp"
#include "core/label.hpp"

#include <gtest/gtest.h>

namespace inventory {
namespace {

/// A state as its difference from an asset without class, labels and tags.
std::string text_of(const AssetState &state) {
    return difference(state, {});
}

AssetState after(std::string_view attributes, const AssetState &state) {
    return apply(read_update(R"({"data":{"type":"t","id":"x","attributes":)" +
                             std::string(attributes) + "}}"),
                 state);
}

const AssetState start{2, true, {"a", "b"}, {{"k", "1"}, {"m", "2"}}};

TEST(AssetChange, Applies) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {R"({"class":{"rank":1}})", R"({"class":{"display_name":"A","rank":1,"locked":true}})"},
        {R"({"class":{"rank":2,"locked":false}})",
         R"({"class":{"display_name":"B","rank":2,"locked":false}})"},
        {R"({"labels":{"add":["c","a"]}})", R"({"labels":["a","b","c"]})"},
        {R"({"labels":{"remove":["a","z"]}})", R"({"labels":["b"]})"},
        {R"({"labels":{"add":["c"],"remove":["a"]}})", R"({"labels":["b","c"]})"},
        {R"({"labels":["b"]})", R"({"labels":["b"]})"},
        {R"({"labels":[]})", R"({"labels":[]})"},
        {R"({"tags":{"add":{"k":"9","n":"3"}}})", R"({"tags":{"k":"9","m":"2","n":"3"}})"},
        {R"({"tags":{"remove":["k","z"]}})", R"({"tags":{"m":"2"}})"},
        {R"({"tags":{"add":{"n":"3"},"remove":["k"]}})", R"({"tags":{"m":"2","n":"3"}})"},
        {R"({"tags":{"n":"3"}})", R"({"tags":{"n":"3"}})"},
        {R"({"tags":{}})", R"({"tags":{}})"},
        {R"({"labels":["a","b"],"tags":{"m":"2","k":"1"},"class":{"display_name":"B"}})", "{}"},
        {R"({"labels":{"add":["b"],"remove":["z"]}})", "{}"},
    };
    for (const auto &[attributes, changed] : cases) {
        const AssetState state = after(attributes, start);
        EXPECT_EQ(difference(state, start), changed) << attributes;
        EXPECT_EQ(state == start, changed == "{}") << attributes;
    }
}

TEST(AssetChange, TheFirstClass) {
    const AssetState classed = after(R"({"class":{"rank":4}})", {});
    EXPECT_EQ(text_of(classed), R"({"class":{"display_name":"D","rank":4,"locked":false}})");
    EXPECT_EQ(difference({}, classed), R"({"class":null})");
}

TEST(AssetChange, Limits) {
    AssetState full;
    for (std::size_t i = 0; i < max_labels; ++i) {
        full.labels.push_back("l" + std::to_string(i));
    }
    for (std::size_t i = 0; i < max_tags; ++i) {
        full.tags["k" + std::to_string(i)] = "v";
    }
    const auto pointer = [&](std::string_view attributes) {
        try {
            after(attributes, full);
            return std::string("none");
        } catch (const Error &error) {
            EXPECT_EQ(error.code(), Code::body_invalid);
            return error.source();
        }
    };
    EXPECT_EQ(pointer(R"({"labels":{"add":["l0"]}})"), "none");
    EXPECT_EQ(pointer(R"({"labels":{"add":["x"]}})"), "/data/attributes/labels");
    EXPECT_EQ(pointer(R"({"labels":{"add":["x"],"remove":["l0"]}})"), "none");
    EXPECT_EQ(pointer(R"({"tags":{"add":{"k0":"w"}}})"), "none");
    EXPECT_EQ(pointer(R"({"tags":{"add":{"x":"w"}}})"), "/data/attributes/tags");
    EXPECT_EQ(pointer(R"({"tags":{"add":{"x":"w"},"remove":["k0"]}})"), "none");
}

TEST(AssetChange, AsRows) {
    const AssetChange changes[] = {{Uuid{}, {}, {1, false, {"a"}, {}}},
                                   {Uuid{}, {0, false, {"a"}, {}}, {0, false, {}, {{"k", "v"}}}}};
    EXPECT_EQ(
        changes_json(changes),
        R"([{"id":"00000000-0000-0000-0000-000000000000","class_rank":1,)"
        R"("class_locked":false,"labels":["a"],"tags":{},"before":{"class":null,"labels":[]},)"
        R"("after":{"class":{"display_name":"A","rank":1,"locked":false},"labels":["a"]}},)"
        R"({"id":"00000000-0000-0000-0000-000000000000","class_rank":null,)"
        R"("class_locked":false,"labels":[],"tags":{"k":"v"},)"
        R"("before":{"labels":["a"],"tags":{}},"after":{"labels":[],"tags":{"k":"v"}}}])");
}

} // namespace
} // namespace inventory
