#include "core/csv.hpp"

#include <gtest/gtest.h>

namespace inventory {
namespace {

struct Case {
    const char *csv;
    const char *json;
};

const Case cases[] = {
    {"", "[]"},
    {"\n\r\n", "[]"},
    {"a", R"([["a"]])"},
    {"a,b\n1,2", R"([["a","b"],{"a":"1","b":"2"}])"},
    {"a,b\r\n1,2\r\n\r\n3,4\r\n", R"([["a","b"],{"a":"1","b":"2"},{"a":"3","b":"4"}])"},
    {"a,b\n,\n", R"([["a","b"],{"a":"","b":""}])"},
    {"a,b\n\"1\n2\",\"x\"\"y\"\n", R"([["a","b"],{"a":"1\n2","b":"x\"y"}])"},
    {"a\n\"\"\n", R"([["a"],{"a":""}])"},
    {"a\n1\"2\n", R"([["a"],{"a":"1\"2"}])"},
    {"a\n 1 \n", R"([["a"],{"a":" 1 "}])"},
    {"\xEF\xBB\xBF"
     "a\n1\n",
     R"([["a"],{"a":"1"}])"},
    {"a\n1,2\n3\n", R"([["a"],"the row has 2 fields, the header has 1",{"a":"3"}])"},
    {"a\n\"1\"2\n3\n",
     R"([["a"],"text follows a quoted field; a quote inside of quotes is doubled",{"a":"3"}])"},
    {"a\n\"1\n2\n3\n", R"([["a"],"a quoted field does not end",{"a":"2"},{"a":"3"}])"},
};

TEST(Csv, ReadsRecords) {
    for (const auto &[csv, json] : cases) {
        EXPECT_EQ(csv_to_json(csv), json) << csv;
    }
}

std::vector<CsvRecord> read_all(std::string_view csv, std::size_t split) {
    std::vector<CsvRecord> records;
    CsvReader first(csv.substr(0, split), split == csv.size());
    for (CsvRecord record; first.next(record);) {
        records.push_back(record);
    }
    CsvReader rest(csv.substr(first.position()), true, first.line());
    for (CsvRecord record; split < csv.size() && rest.next(record);) {
        records.push_back(record);
    }
    return records;
}

TEST(Csv, WhereTheBytesArriveInPartsMakesNoDifference) {
    for (const auto &[csv, json] : cases) {
        const std::string_view text(csv);
        // A byte order mark is at the beginning of the whole, not of each part.
        const auto whole = read_all(text, text.size());
        for (std::size_t split = text.find('a') + 1; split < text.size(); ++split) {
            const auto parts = read_all(text, split);
            ASSERT_EQ(parts.size(), whole.size()) << csv << " at " << split;
            for (std::size_t i = 0; i < whole.size(); ++i) {
                EXPECT_EQ(parts[i].line, whole[i].line) << csv << " at " << split;
                EXPECT_EQ(parts[i].fault, whole[i].fault) << csv << " at " << split;
                if (whole[i].fault.empty()) {
                    EXPECT_EQ(parts[i].fields, whole[i].fields) << csv << " at " << split;
                }
            }
        }
    }
}

} // namespace
} // namespace inventory
