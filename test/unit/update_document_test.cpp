#include "core/update_document.hpp"

#include "core/error.hpp"
#include "core/label.hpp"

#include <gtest/gtest.h>

namespace inventory {
namespace {

std::string resource(std::string_view attributes, std::string_view id = "x") {
    return R"({"type":"container_images","id":")" + std::string(id) + R"(","attributes":)" +
           std::string(attributes) + '}';
}

AssetUpdate read(std::string_view attributes) {
    return read_update(R"({"data":)" + resource(attributes) + '}');
}

/// The code and pointer of what reading throws.
template <typename Read>
std::string failure(Read read) {
    try {
        read();
    } catch (const Error &error) {
        EXPECT_EQ(describe(error.code()).status, 400);
        EXPECT_EQ(error.source_kind(), SourceKind::pointer) << error.detail();
        return error.source();
    }
    return "nothing";
}

TEST(UpdateDocument, Class) {
    const struct {
        std::string_view text;
        int rank;
        std::optional<bool> locked;
    } cases[] = {
        {R"({"class":{"rank":1}})", 1, std::nullopt},
        {R"({"class":{"rank":4.0,"locked":false}})", 4, false},
        {R"({"class":{"display_name":"B","locked":true}})", 2, true},
        {R"({"class":{"display_name":"A","rank":3}})", 3, std::nullopt},
    };
    for (const auto &it : cases) {
        const AssetUpdate update = read(it.text);
        ASSERT_TRUE(update.asset_class) << it.text;
        EXPECT_EQ(update.asset_class->rank, it.rank) << it.text;
        EXPECT_EQ(update.asset_class->locked, it.locked) << it.text;
        EXPECT_FALSE(update.labels || update.tags) << it.text;
    }
}

TEST(UpdateDocument, Labels) {
    using Texts = std::vector<std::string>;
    const AssetUpdate change = read(R"({"labels":{"add":["b","a","b"],"remove":["c"]}})");
    EXPECT_FALSE(change.labels->replaces_all);
    EXPECT_EQ(change.labels->add, (Texts{"b", "a"}));
    EXPECT_EQ(change.labels->remove, (Texts{"c"}));
    const AssetUpdate all = read(R"({"labels":["_/:?#@&=+%~-","a","a"]})");
    EXPECT_TRUE(all.labels->replaces_all);
    EXPECT_EQ(all.labels->add, (Texts{"_/:?#@&=+%~-", "a"}));
    EXPECT_TRUE(read(R"({"labels":[]})").labels->replaces_all);
}

TEST(UpdateDocument, Tags) {
    using Tags = std::map<std::string, std::string>;
    const AssetUpdate change = read(R"({"tags":{"add":{"a":"1"},"remove":["b"]}})");
    EXPECT_FALSE(change.tags->replaces_all);
    EXPECT_EQ(change.tags->add, (Tags{{"a", "1"}}));
    EXPECT_EQ(change.tags->remove, (std::vector<std::string>{"b"}));
    for (const auto &[text, tags] : std::map<std::string, Tags>{
             {R"({"tags":{}})", {}},
             {R"({"tags":{"a":"1","b":"2"}})", {{"a", "1"}, {"b", "2"}}},
         }) {
        const AssetUpdate all = read(text);
        EXPECT_TRUE(all.tags->replaces_all) << text;
        EXPECT_EQ(all.tags->add, tags) << text;
    }
}

TEST(UpdateDocument, PointsAtWrongAttributes) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {R"({})", ""},
        {R"([])", ""},
        {R"({"name":"x"})", "/name"},
        {R"({"class":"A"})", "/class"},
        {R"({"class":{}})", "/class"},
        {R"({"class":{"locked":true}})", "/class"},
        {R"({"class":{"rank":0}})", "/class/rank"},
        {R"({"class":{"rank":5}})", "/class/rank"},
        {R"({"class":{"rank":1.5}})", "/class/rank"},
        {R"({"class":{"rank":true}})", "/class/rank"},
        {R"({"class":{"rank":18446744073709551615}})", "/class/rank"},
        {R"({"class":{"display_name":"a","rank":1}})", "/class/display_name"},
        {R"({"class":{"rank":1,"locked":null}})", "/class/locked"},
        {R"({"class":{"rank":1,"x":1}})", "/class/x"},
        {R"({"labels":"a"})", "/labels"},
        {R"({"labels":{}})", "/labels"},
        {R"({"labels":{"add":[],"remove":[]}})", "/labels"},
        {R"({"labels":{"put":["a"]}})", "/labels/put"},
        {R"({"labels":{"add":"a"}})", "/labels/add"},
        {R"({"labels":{"add":["a",1]}})", "/labels/add/1"},
        {R"({"labels":["a",""]})", "/labels/1"},
        {R"({"labels":["a b"]})", "/labels/0"},
        {R"({"labels":["é"]})", "/labels/0"},
        {R"({"labels":{"add":["a"],"remove":["b","a"]}})", "/labels/remove/1"},
        {R"({"tags":null})", "/tags"},
        {R"({"tags":{"a":1}})", "/tags/a"},
        {R"({"tags":{"a":""}})", "/tags/a"},
        {R"({"tags":{"":"v"}})", "/tags/"},
        {R"({"tags":{"a/b":"v"}})", "/tags/a~1b"},
        {R"({"tags":{"a~b":"v"}})", "/tags/a~0b"},
        {R"({"tags":{"add":{}}})", "/tags"},
        {R"({"tags":{"add":1}})", "/tags/add"},
        {R"({"tags":{"add":"1","remove":"2"}})", "/tags/add"},
        {R"({"tags":{"add":["a"]}})", "/tags/add"},
        {R"({"tags":{"add":{"a":"1"},"b":"2"}})", "/tags/b"},
        {R"({"tags":{"remove":{"a":"1"}}})", "/tags/remove"},
        {R"({"tags":{"remove":["a b"]}})", "/tags/remove/0"},
        {R"({"tags":{"add":{"a":"1"},"remove":["b","a"]}})", "/tags/remove/1"},
    };
    for (const auto &[text, pointer] : cases) {
        EXPECT_EQ(failure([&] { read(text); }), "/data/attributes" + std::string(pointer)) << text;
    }
}

TEST(UpdateDocument, PointsAtWrongDocuments) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {R"(null)", ""},
        {R"([])", ""},
        {R"({})", "/data"},
        {R"({"data":null})", "/data"},
        {R"({"data":[]})", "/data"},
        {R"({"x":1})", "/x"},
        {R"({"data":{"id":"x","attributes":{"labels":[]}}})", "/data/type"},
        {R"({"data":{"type":"x","attributes":{"labels":[]}}})", "/data/id"},
        {R"({"data":{"type":"x","id":"x"}})", "/data/attributes"},
        {R"({"data":{"type":1,"id":"x","attributes":{}}})", "/data/type"},
        {R"({"data":{"type":"x","id":"x","links":{}}})", "/data/links"},
    };
    for (const auto &[text, pointer] : cases) {
        EXPECT_EQ(failure([&] { read_update(text); }), pointer) << text;
    }
}

std::string bulk(std::size_t count) {
    std::string out = R"({"data":[)";
    for (std::size_t i = 0; i < count; ++i) {
        out += (i == 0 ? "" : ",") + resource(R"({"labels":[]})", std::to_string(i));
    }
    return out + "]}";
}

TEST(UpdateDocuments, OneToAHundred) {
    EXPECT_EQ(read_updates(bulk(1)).size(), 1U);
    const auto updates = read_updates(bulk(max_updates));
    ASSERT_EQ(updates.size(), max_updates);
    EXPECT_EQ(updates[57].pointer, "/data/57");
    EXPECT_EQ(failure([] { read_updates(bulk(0)); }), "/data");
    EXPECT_EQ(failure([] { read_updates(bulk(max_updates + 1)); }), "/data");
    EXPECT_EQ(failure([] { read_updates(R"({"data":{}})"); }), "/data");
}

TEST(UpdateDocuments, EachIdOnce) {
    EXPECT_EQ(failure([] {
                  read_updates(R"({"data":[)" + resource(R"({"labels":[]})", "AB") + ',' +
                               resource(R"({"labels":[]})", "ab") + "]}");
              }),
              "/data/1/id");
}

std::string list_of(std::size_t count, std::string_view format) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
        std::string item(format);
        item.replace(item.find('N'), 1, std::to_string(i));
        out += (i == 0 ? "" : ",") + item;
    }
    return out;
}

TEST(UpdateDocument, Limits) {
    const auto labels = [](std::size_t n) { return list_of(n, R"("lN")"); };
    const auto tags = [](std::size_t n) { return list_of(n, R"("kN":"v")"); };
    EXPECT_EQ(read(R"({"labels":[)" + labels(max_labels) + "]}").labels->add.size(), max_labels);
    EXPECT_EQ(failure([&] { read(R"({"labels":[)" + labels(max_labels + 1) + "]}"); }),
              "/data/attributes/labels");
    EXPECT_EQ(failure([&] { read(R"({"labels":{"add":[)" + labels(max_labels + 1) + "]}}"); }),
              "/data/attributes/labels/add");
    EXPECT_EQ(read(R"({"tags":{)" + tags(max_tags) + "}}").tags->add.size(), max_tags);
    EXPECT_EQ(failure([&] { read(R"({"tags":{)" + tags(max_tags + 1) + "}}"); }),
              "/data/attributes/tags");
    const auto label = [](std::size_t size) {
        return R"({"labels":[")" + std::string(size, 'a') + R"("]})";
    };
    EXPECT_EQ(read(label(max_label_size)).labels->add.size(), 1U);
    EXPECT_EQ(failure([&] { read(label(max_label_size + 1)); }), "/data/attributes/labels/0");
    const auto key = [](std::size_t size) {
        return R"({"tags":{"remove":[")" + std::string(size, 'a') + R"("]}})";
    };
    EXPECT_EQ(read(key(max_tag_key_size)).tags->remove.size(), 1U);
    EXPECT_EQ(failure([&] { read(key(max_tag_key_size + 1)); }), "/data/attributes/tags/remove/0");
}

} // namespace
} // namespace inventory
