#include "core/rsql_tree.hpp"

#include "core/rsql_parser.hpp"

#include <gtest/gtest.h>

namespace inventory {
namespace {

TEST(RsqlJson, ShowsTheTree) {
    EXPECT_EQ(to_json(parse_rsql("class<=A")), R"({"field":"class","cmp":"=le=","values":["A"]})");
    EXPECT_EQ(to_json(parse_rsql("a==1 and b=out=('x\"',y),c!='\n'")),
              R"({"op":"or","args":[{"op":"and","args":[)"
              R"({"field":"a","cmp":"==","values":["1"]},)"
              R"({"field":"b","cmp":"=out=","values":["x\"","y"]}]},)"
              R"({"field":"c","cmp":"!=","values":["\n"]}]})");
}

struct Printed {
    std::string_view filter;
    std::string_view printed;
};

class RsqlPrint : public testing::TestWithParam<Printed> {};

TEST_P(RsqlPrint, ChoosesTheShortestForm) {
    EXPECT_EQ(to_rsql(parse_rsql(GetParam().filter)), GetParam().printed);
}

const Printed prints[] = {
    {" a < b ", "a=lt=b"},
    {"a=in=b", "a=in=(b)"},
    {"a==('b')", "a==b"},
    {"a==''", "a==\"\""},
    {"a=='b c'", "a==\"b c\""},
    {"a=='\"b\"'", "a=='\"b\"'"},
    {"a=='\\\\\\*'", "a==\"\\\\\\*\""},
    {"a=='b*'", "a==b*"},
    {"a==\\*", "a==\\*"},
    {"((a==1 and b==2) or c==3)", "a==1;b==2,c==3"},
    {"(a==1,b==2);(c==3;d==4)", "(a==1,b==2);(c==3;d==4)"},
    {"(a==1,b==2),c==3", "(a==1,b==2),c==3"},
};
INSTANTIATE_TEST_SUITE_P(All, RsqlPrint, testing::ValuesIn(prints));

} // namespace
} // namespace inventory
