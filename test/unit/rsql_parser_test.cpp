#include "core/rsql_parser.hpp"

#include "core/error.hpp"
#include "core/utf8.hpp"

#include <gtest/gtest.h>

namespace inventory {
namespace {

/// A short dump: `a==[b]`, `and(…)`, `or(…)`; a live star shows as `%`.
std::string dump(const RsqlNode &node) {
    std::string out;
    if (node.kind == RsqlNode::Kind::comparison) {
        out = node.selector + std::string(sign(node.comparison));
        for (const RsqlValue &value : node.values) {
            std::string text = value.text;
            for (const std::uint32_t at : value.wildcards) {
                text.at(at) = '%';
            }
            out += '[' + text + ']';
        }
        return out;
    }
    out = node.kind == RsqlNode::Kind::conjunction ? "and(" : "or(";
    for (const RsqlNode &child : node.children) {
        out += (&child == &node.children.front() ? "" : " ") + dump(child);
    }
    return out + ')';
}

struct Tree {
    std::string_view filter;
    std::string_view dump;
};

class RsqlTree : public testing::TestWithParam<Tree> {};

TEST_P(RsqlTree, ParsesAndPrintsBack) {
    try {
        const RsqlNode node = parse_rsql(GetParam().filter);
        EXPECT_EQ(dump(node), GetParam().dump) << GetParam().filter;
        const std::string printed = to_rsql(node);
        const RsqlNode again = parse_rsql(printed);
        EXPECT_EQ(dump(again), GetParam().dump) << printed;
        EXPECT_EQ(to_rsql(again), printed);
    } catch (const Error &error) {
        FAIL() << GetParam().filter << ": " << error.detail();
    }
}

const Tree trees[] = {
    // Operators, rule 4.
    {"a==b", "a==[b]"},
    {"a!=b", "a!=[b]"},
    {"a<b", "a=lt=[b]"},
    {"a=lt=b", "a=lt=[b]"},
    {"a<=b", "a=le=[b]"},
    {"a=le=b", "a=le=[b]"},
    {"a>b", "a=gt=[b]"},
    {"a=gt=b", "a=gt=[b]"},
    {"a>=b", "a=ge=[b]"},
    {"a=ge=b", "a=ge=[b]"},
    {"a=in=(b,c)", "a=in=[b][c]"},
    {"a=out=(b,c)", "a=out=[b][c]"},
    // White space, rule 2.
    {" \t\r\na \t== \r\nb\n", "a==[b]"},
    {"a =in= ( b , c )", "a=in=[b][c]"},
    {"( a==b ) ; c==d", "and(a==[b] c==[d])"},
    {"a\u00a0b==c\u2003d", "a\u00a0b==[c\u2003d]"},
    // Words, rule 3.
    {"a==b and c==d", "and(a==[b] c==[d])"},
    {"a==b AND c==d Or e==f", "or(and(a==[b] c==[d]) e==[f])"},
    {"(a==b)\tand\n(c==d)", "and(a==[b] c==[d])"},
    {"a=='b' or c==d", "or(a==[b] c==[d])"},
    {"class==and", "class==[and]"},
    {"class==or", "class==[or]"},
    {"and==and and or==or", "and(and==[and] or==[or])"},
    {"a== and", "a==[and]"},
    {"a==b;and==c", "and(a==[b] and==[c])"},
    {"a==b and and==c", "and(a==[b] and==[c])"},
    {"a==band;c==d", "and(a==[band] c==[d])"},
    {"a==and,b==or", "or(a==[and] b==[or])"},
    {"a=in=(x or y OR z)", "a=in=[x][y][z]"},
    {"a=in=(or)", "a=in=[or]"},
    {"a=in=(and,or)", "a=in=[and][or]"},
    {"a=in=(or or or)", "a=in=[or][or]"},
    {"a=in=(x, or)", "a=in=[x][or]"},
    {"a=in=('x' or \"y\")", "a=in=[x][y]"},
    // Arity, rule 5.
    {"class==(A)", "class==[A]"},
    {"class!=( 'A B' )", "class!=[A B]"},
    {"class=in=A", "class=in=[A]"},
    {"class=in='A'", "class=in=[A]"},
    {"class=out=(A)", "class=out=[A]"},
    {"a=in=('',\"\")", "a=in=[][]"},
    // Quotes, rule 7.
    {"a=='b c'", "a==[b c]"},
    {"a==\"b'c\"", "a==[b'c]"},
    {"a=='b\"c'", "a==[b\"c]"},
    {"a=='b\\'c'", "a==[b'c]"},
    {"a=='\\a\\\\\\n'", "a==[a\\n]"},
    {"a=='\\é'", "a==[é]"},
    {"a=='x\ny'", "a==[x\ny]"},
    {"a=='\"\\''", "a==[\"']"},
    {"a==''", "a==[]"},
    {"a==';,()=!~<>'", "a==[;,()=!~<>]"},
    {"a=='and' and b=='or'", "and(a==[and] b==[or])"},
    {"a==b\\c", "a==[b\\c]"},
    {"a==\\", "a==[\\]"},
    {"a\\b==c", "a\\b==[c]"},
    {"a=='b';c==\"d\",(e=='f')", "or(and(a==[b] c==[d]) e==[f])"},
    // Wildcards, rule 8.
    {"a==*", "a==[%]"},
    {"a==*b**c*", "a==[%b%%c%]"},
    {"a==\\*", "a==[\\%]"},
    {"a=='*'", "a==[%]"},
    {"a=='\\*'", "a==[*]"},
    {"a=='é*\\**\\\\*'", "a==[é%*%\\%]"},
    {"a=in=(b*,'\\*')", "a=in=[b%][*]"},
    // Selectors take what is not reserved.
    {"tags.env==prod", "tags.env==[prod]"},
    {"a-b/c:d@e#f&g+h==1+1", "a-b/c:d@e#f&g+h==[1+1]"},
    {"ключ==значение", "ключ==[значение]"},
    {"*==x", "*==[x]"},
    // The tree, rule 18.
    {"a==1;b==2;c==3", "and(a==[1] b==[2] c==[3])"},
    {"a==1,b==2,c==3", "or(a==[1] b==[2] c==[3])"},
    {"(a==1;b==2);c==3", "and(and(a==[1] b==[2]) c==[3])"},
    {"a==1;(b==2;c==3)", "and(a==[1] and(b==[2] c==[3]))"},
    {"(a==1,b==2),c==3", "or(or(a==[1] b==[2]) c==[3])"},
    {"((a==1))", "a==[1]"},
    {"((a==1;b==2))", "and(a==[1] b==[2])"},
    {"a==1;b==2,c==3;d==4", "or(and(a==[1] b==[2]) and(c==[3] d==[4]))"},
    {"a==1;(b==2,c==3)", "and(a==[1] or(b==[2] c==[3]))"},
    {"a==1;a==1", "and(a==[1] a==[1])"},
    {"(a==1)", "a==[1]"},
    {"(a=in=(1))", "a=in=[1]"},
};
INSTANTIATE_TEST_SUITE_P(All, RsqlTree, testing::ValuesIn(trees));

struct Mistake {
    std::string_view filter;
    std::size_t position;
    std::string_view remedy; ///< Part of the hint; empty where there is nothing to check.
};

class RsqlMistake : public testing::TestWithParam<Mistake> {};

TEST_P(RsqlMistake, SaysWhere) {
    try {
        FAIL() << GetParam().filter << " parsed as " << dump(parse_rsql(GetParam().filter));
    } catch (const Error &error) {
        EXPECT_EQ(error.code(), Code::filter_syntax);
        const std::string where = "at code point " + std::to_string(GetParam().position);
        const std::size_t found = error.detail().find(where);
        ASSERT_NE(found, std::string::npos) << GetParam().filter << ": " << error.detail();
        EXPECT_EQ(error.detail().find("at code point "), found) << error.detail();
        EXPECT_FALSE(std::isdigit(error.detail()[found + where.size()])) << error.detail();
        EXPECT_NE(error.detail().find("expected"), std::string::npos) << error.detail();
        EXPECT_NE(error.hint().find(GetParam().remedy), std::string::npos)
            << GetParam().filter << ": " << error.hint();
    }
}

using namespace std::string_view_literals;

const Mistake mistakes[] = {
    // Blank and incomplete input.
    {"", 1, "Leave the parameter away"},
    {" \t\r\n", 5, "Leave the parameter away"},
    {"a", 2, "field, an operator and a value"},
    {"a ", 3, ""},
    {"a==", 4, "''"},
    {"a== ", 5, ""},
    {"a=in=", 6, ""},
    {"==b", 1, "begins with its field"},
    {"é==ü x", 6, ""},
    // Separators, rules 5 and 6.
    {";", 1, "One separator"},
    {";a==b", 1, "One separator"},
    {",a==b", 1, ""},
    {"a==b;", 6, "not after them"},
    {"a==b,", 6, ""},
    {"a==b;;c==d", 6, "One separator"},
    {"a==b;,c==d", 6, ""},
    {"a==b,,c==d", 6, ""},
    {"(;a==b)", 2, ""},
    {"(a==b;)", 7, "at least one constraint"},
    {"a==;b==c", 4, ""},
    // Parentheses.
    {"()", 2, "at least one constraint"},
    {"(", 2, "Close every parenthesis"},
    {")", 1, "at least one constraint"},
    {"a==b)", 5, "No parenthesis is open"},
    {"(a==b))", 7, "No parenthesis is open"},
    {"(a==b", 6, "Close every parenthesis"},
    {"(a==b;", 7, ""},
    {"((a==b)", 8, ""},
    {"(a)", 3, ""},
    {"a==(b", 6, ""},
    {"a=in=(b,c", 10, ""},
    {"(a==b)(c==d)", 7, ""},
    {"a==b(c", 5, "Quote a value"},
    // Lists.
    {"a=in=()", 7, "one value or more"},
    {"a=in=(,b)", 7, ""},
    {"a=in=(b,)", 9, ""},
    {"a=in=(b,,c)", 9, ""},
    {"a=in=(b;c)", 8, "separated by `,`"},
    {"a=in=(b and c)", 9, "separated by `,`"},
    {"a=in=(b c)", 9, "Quote a value"},
    {"a=in=(b or)", 9, "white space on both sides"},
    {"a=in=(b or", 11, "Close every parenthesis"},
    {"a=in=((b))", 7, "do not nest"},
    {"a=in=(b)c", 9, ""},
    {"class==()", 9, ""},
    {"class==((A))", 9, "do not nest"},
    {"class==(A,B)", 10, "Lists need =in="},
    {"class==(A or B)", 11, "Lists need =in="},
    {"class==A,B", 11, "Lists need =in="},
    {"class=in=A,B;x==y", 13, "Lists need =in="},
    {"class in (A)", 7, "Lists need =in="},
    // Words, rule 3.
    {"(a==b)and(c==d)", 7, "white space on both sides"},
    {"(a==b)and c==d", 7, "white space on both sides"},
    {"(a==b) and(c==d)", 8, "white space on both sides"},
    {"(a==b) or;c==d", 8, ""},
    {"a==b and", 9, ""},
    {"a==b and ", 10, ""},
    {"a==b or\n", 9, ""},
    {"(a==b and)", 7, ""},
    {"and a==b", 5, "`and` joins"},
    {"a==b and and c==d", 14, "`and` joins"},
    {"a==b ; and c==d", 12, "`and` joins"},
    {"a==b andc==d", 6, "Put `;`"},
    {"a== and b==c", 9, ""},
    {"a=='b'and c==d", 7, ""},
    {"not a==b", 5, "no `not`"},
    // Two constraints, or a value that wants quotes.
    {"a==b c==d", 6, "Put `;` (and) or `,` (or)"},
    {"a==b c", 6, "Quote a value"},
    {"a b==c", 3, ""},
    {"a==b && c==d", 6, "`;` or `and`"},
    {"a==b || c==d", 6, "`,` or `or`"},
    {"created_at>2024-01-01T00:00:00 02:00", 32, "%2B"},
    {"a==1 1", 6, "%2B"},
    {"a like b*", 3, "`==` with `*`"},
    {"a is null", 3, "field!=*"},
    // Operators, rule 4.
    {"a=b", 2, "`==`"},
    {"a = b", 3, "`==`"},
    {"a = = b", 3, "without white space"},
    {"a === b", 5, ""},
    {"a==b=c", 5, "is quoted"},
    {"labels==env=prod", 12, "is quoted"},
    {"a==b==c", 5, "Quote a value"},
    {"a!b", 2, "`!=`"},
    {"!a==b", 1, ""},
    {"a~b", 2, "`==` with `*`"},
    {"a=~b", 2, "`==` with `*`"},
    {"a<>b", 3, "`!=`"},
    {"a=>b", 2, "`>=`"},
    {"a=<b", 2, "`<=`"},
    {"a=IN=(b)", 2, "lower case: =in="},
    {"a=Lt=b", 2, "lower case: =lt="},
    {"a=like=b", 2, "`==` with `*`"},
    {"a=null=true", 2, "field!=*"},
    {"a=regex=b", 2, "is quoted"},
    {"a=in(b)", 2, "written =in="},
    {"a =in = (b)", 3, "written =in="},
    {"a=in", 5, "written =in="},
    {"a!==b", 4, ""},
    {"a==!b", 4, ""},
    // Quotes, rule 7.
    {"a=='b", 4, "other quotes"},
    {"a==\"b'", 4, ""},
    {"a=='b\\'", 4, ""},
    {"a=='b\\", 4, ""},
    {"é=='", 4, ""},
    {"a==b;c=='d", 9, ""},
    {"a=='b'c", 7, "Quote the value as a whole"},
    {"a==b'c'", 5, ""},
    {"a=='it''s'", 8, ""},
    {"a==it's", 6, ""},
    {"'a'==b", 1, "Fields are not quoted"},
    {"\"a\" == b", 1, ""},
    {"a=='b' 'c'", 8, ""},
    // Of two mistakes the first in the text is reported.
    {"a b 'c", 3, ""},
    {"a==b) x =like= y", 5, ""},
    // Encoding, rule 1.
    {"a==\xff", 4, ""},
    {"é==\xc3", 4, ""},
    {"a==\xed\xa0\x80", 4, ""},
    {"a==b\0c"sv, 5, ""},
};
INSTANTIATE_TEST_SUITE_P(All, RsqlMistake, testing::ValuesIn(mistakes));

TEST(RsqlMessage, NamesTheOpenParenthesis) {
    try {
        parse_rsql("a==b;(c==d");
        FAIL();
    } catch (const Error &error) {
        EXPECT_NE(error.detail().find("opened at code point 6 is not closed"), std::string::npos)
            << error.detail();
    }
}

TEST(RsqlMessage, ClipsAndEscapesWhatWasFound) {
    try {
        parse_rsql("a==b \x01" + std::string(1000, 'x'));
        FAIL();
    } catch (const Error &error) {
        EXPECT_NE(error.detail().find("\"\\x01xxx"), std::string::npos) << error.detail();
        EXPECT_LT(error.detail().size(), 300u);
    }
}

std::string repeat(std::string_view text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) {
        out += text;
    }
    return out;
}

/// The name of the error that `filter` meets, or "ok".
std::string outcome(const std::string &filter) {
    try {
        parse_rsql(filter);
        return "ok";
    } catch (const Error &error) {
        return describe(error.code()).name;
    }
}

TEST(RsqlLimits, Bytes) {
    EXPECT_EQ(outcome("a==" + std::string(rsql_max_bytes - 3, 'x')), "ok");
    EXPECT_EQ(outcome("a==" + std::string(rsql_max_bytes - 2, 'x')), "filter-too-large");
    EXPECT_EQ(outcome(std::string(rsql_max_bytes + 1, '\0')), "filter-too-large");
}

TEST(RsqlLimits, Nesting) {
    const auto nested = [](std::size_t depth) {
        return repeat("(", depth) + "a==b" + repeat(")", depth);
    };
    EXPECT_EQ(outcome(nested(rsql_max_nesting)), "ok");
    EXPECT_EQ(outcome(nested(rsql_max_nesting + 1)), "filter-too-large");
    EXPECT_EQ(outcome(std::string(rsql_max_bytes, '(')), "filter-too-large");
    EXPECT_EQ(outcome(repeat("(a==b);", 200) + "a==b"), "ok");
    // The parentheses of a list are no nesting.
    EXPECT_EQ(outcome(repeat("(", 100) + "a=in=(b)" + repeat(")", 100)), "ok");
}

TEST(RsqlLimits, Comparisons) {
    EXPECT_EQ(outcome(repeat("a==b;", rsql_max_comparisons - 1) + "a==b"), "ok");
    EXPECT_EQ(outcome(repeat("a==b;", rsql_max_comparisons) + "a==b"), "filter-too-large");
}

TEST(RsqlLimits, Values) {
    EXPECT_EQ(outcome("a=in=(" + repeat("b,", rsql_max_values - 1) + "b)"), "ok");
    EXPECT_EQ(outcome("a=in=(" + repeat("b,", rsql_max_values) + "b)"), "filter-too-large");
    const std::string half = "a=in=(" + repeat("b,", rsql_max_values / 2 - 1) + "b)";
    EXPECT_EQ(outcome(half + ';' + half), "ok");
    EXPECT_EQ(outcome(half + ';' + half + ";a==b"), "filter-too-large");
}

TEST(RsqlPosition, OfNodesAndValues) {
    const RsqlNode node = parse_rsql("(é==ü;b=in=(c, 'd'))");
    EXPECT_EQ(node.position, 2u);
    EXPECT_EQ(node.children[0].position, 2u);
    EXPECT_EQ(node.children[0].values[0].position, 5u);
    EXPECT_EQ(node.children[1].position, 7u);
    EXPECT_EQ(node.children[1].values[0].position, 13u);
    EXPECT_EQ(node.children[1].values[1].position, 16u);
}

} // namespace
} // namespace inventory
