#include "loader/documents.hpp"
#include "loader/format.hpp"
#include "loader/progress.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <unistd.h>

namespace inventory::loader {
namespace {

/// A file with these bytes, for as long as the test.
class File {
public:
    explicit File(std::string_view bytes) {
        const int descriptor = mkstemp(path_);
        EXPECT_EQ(write(descriptor, bytes.data(), bytes.size()),
                  static_cast<ssize_t>(bytes.size()));
        close(descriptor);
    }
    ~File() { std::remove(path_); }
    File(const File &) = delete;
    File &operator=(const File &) = delete;
    std::string path() const { return path_; }

private:
    char path_[32] = "/tmp/loader_test.XXXXXX";
};

std::vector<std::string> read_all(Documents &documents) {
    std::vector<std::string> texts;
    for (Document document; documents.next(document);) {
        texts.push_back(std::to_string(document.line) + ':' + document.text +
                        (document.fault.empty() ? "" : " (" + document.fault + ")"));
    }
    return texts;
}

std::vector<std::string> split_json(std::string_view bytes, bool is_by_line = false) {
    const File file(bytes);
    Input input(file.path());
    JsonDocuments documents(input, {}, is_by_line);
    return read_all(documents);
}

using Texts = std::vector<std::string>;

TEST(JsonDocuments, AreLinesOrOneAfterTheOtherOrInArrays) {
    EXPECT_EQ(split_json(""), Texts{});
    EXPECT_EQ(split_json(" \n[ ] []\n"), Texts{});
    EXPECT_EQ(split_json("{}\n{}"), (Texts{"1:{}", "2:{}"}));
    EXPECT_EQ(split_json("{} {}{}"), (Texts{"1:{}", "1:{}", "1:{}"}));
    EXPECT_EQ(split_json("[{},\n {}][{}]"), (Texts{"1:{}", "2:{}", "2:{}"}));
    EXPECT_EQ(split_json("{\"a\": [1, {\"b\": \"}\\\"]{\"}]}\n{}"),
              (Texts{"1:{\"a\": [1, {\"b\": \"}\\\"]{\"}]}", "2:{}"}));
    EXPECT_EQ(split_json("\xEF\xBB\xBF{}"), (Texts{"1:{}"}));
}

TEST(JsonDocuments, ThatAreBrokenSpoilThemselvesOnly) {
    EXPECT_EQ(split_json("{\"a\": {\n{}\n"), (Texts{"1:{\"a\": {", "2:{}"}));
    EXPECT_EQ(split_json("{\"a\n{}\n"), (Texts{"1:{\"a", "2:{}"}));
    EXPECT_EQ(split_json("null\n{}"), (Texts{"1:null", "2:{}"}));
    EXPECT_EQ(split_json("[1, {}]"), (Texts{"1:1", "1:{}"}));
    EXPECT_EQ(split_json("{\n{\"a\":\n1}\n", true), (Texts{"1:{", "2:{\"a\":", "3:1}"}));
    EXPECT_EQ(split_json("{\"a\": \"\xFF\"}\n{}"),
              (Texts{"1:{\"a\": \"\xFF\"} (byte 8 of it is no UTF-8)", "2:{}"}));
}

TEST(JsonDocuments, GoOnFromEveryPlace) {
    const File file("{\"n\": 1}\n[{\"n\": 2},\n {\"n\": 3}]\n{\"n\": 4}");
    Input whole_input(file.path());
    JsonDocuments whole(whole_input, {}, false);
    const auto texts = read_all(whole);
    Input input(file.path());
    JsonDocuments documents(input, {}, false);
    Document document;
    for (std::size_t read = 1; documents.next(document); ++read) {
        Input again(file.path());
        JsonDocuments rest(again, documents.place(), false);
        EXPECT_EQ(read_all(rest),
                  Texts(texts.begin() + static_cast<std::ptrdiff_t>(read), texts.end()));
    }
}

TEST(CsvDocuments, GoOnFromEveryPlace) {
    const File file("a,b\n1,\"2\n3\"\n\n4,5\n6\n");
    Input whole_input(file.path());
    CsvDocuments whole(whole_input, {});
    const auto texts = read_all(whole);
    EXPECT_EQ(texts, (Texts{R"(2:{"a":"1","b":"2\n3"})", R"(5:{"a":"4","b":"5"})",
                            R"(6:"the row has 1 fields, the header has 2")"}));
    Input input(file.path());
    CsvDocuments documents(input, {});
    Document document;
    for (std::size_t read = 1; documents.next(document); ++read) {
        Input again(file.path());
        CsvDocuments rest(again, documents.place());
        EXPECT_EQ(read_all(rest),
                  Texts(texts.begin() + static_cast<std::ptrdiff_t>(read), texts.end()));
    }
}

TEST(Input, FailsBeforeThePlaceToResumeAt) {
    const File file("{}");
    Input input(file.path());
    EXPECT_THROW(input.skip_to(3), std::runtime_error);
    EXPECT_THROW(Input("/nowhere/at/all"), std::system_error);
}

TEST(Format, IsToldByTheFirstObject) {
    EXPECT_EQ(detect_format("[{\"RepoTags\": [{\"registry\": 1}], \"Id\": \"sha"), Format::docker);
    EXPECT_EQ(detect_format("{\"Name\": \"\", \"Digest\": 1"), Format::skopeo);
    EXPECT_EQ(detect_format("{\"schemaVersion\": 2"), Format::oci);
    EXPECT_EQ(detect_format("{\"artifacts\": [{\"name"), Format::syft);
    EXPECT_EQ(detect_format("{\"SchemaVersion\": 2, \"ArtifactName\": \"a\""), Format::trivy);
    EXPECT_EQ(detect_format("\n{\"repository\": \"a\"}"), Format::jsonl);
    EXPECT_EQ(detect_format("\xEF\xBB\xBFimage,class\n"), Format::csv);
    EXPECT_EQ(detect_format(""), Format::jsonl);
    EXPECT_EQ(detect_format("{\"a\": {\"Id\": 1}}"), std::nullopt);
    for (const auto &name : format_names()) {
        EXPECT_EQ(format_name(*parse_format(name)), name);
    }
}

TEST(Progress, NumbersAreEasyToRead) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1000), "1,000");
    EXPECT_EQ(grouped(1234567), "1,234,567");
    EXPECT_EQ(duration_text(59), "59 s");
    EXPECT_EQ(duration_text(185), "3 min 5 s");
    EXPECT_EQ(duration_text(7800), "2 h 10 min");
}

} // namespace
} // namespace inventory::loader
