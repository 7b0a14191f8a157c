#include "core/rsql_lexer.hpp"

#include <gtest/gtest.h>

namespace inventory {
namespace {

/// Kind, position, white space around and source: `t1<a>`; `_` marks white space.
std::string dump(std::string_view input) {
    std::string out;
    for (const Token &token : tokenize_rsql(input)) {
        out += out.empty() ? "" : " ";
        out += token.space_before ? "_" : "";
        out += "tqc;,()$"[static_cast<std::size_t>(token.kind)];
        out += std::to_string(token.position) + '<' + std::string(token.source) + '>';
        out += token.space_after ? "_" : "";
    }
    return out;
}

TEST(RsqlLexer, Tokens) {
    EXPECT_EQ(dump(""), "_$1<>_");
    EXPECT_EQ(dump("a==b"), "_t1<a> c2<==> t4<b>_ $5<>_");
    EXPECT_EQ(dump("é=='ü' and ( x )"), "_t1<é> c2<==> q4<'ü'>_ _t8<and>_ _(12<(>_ _t14<x>_ "
                                        "_)16<)>_ $17<>_");
    EXPECT_EQ(dump("a;b,c\n"), "_t1<a> ;2<;> t3<b> ,4<,> t5<c>_ _$7<>_");
}

TEST(RsqlLexer, LongestOperator) {
    EXPECT_EQ(dump("a<=lt=in=b"), "_t1<a> c2<<=> t4<lt> c6<=in=> t10<b>_ $11<>_");
}

TEST(RsqlLexer, KeepsWhichStarsAreLive) {
    const Token token = tokenize_rsql("'é*\\**'").front();
    EXPECT_EQ(token.kind, TokenKind::quoted);
    EXPECT_EQ(token.value.text, "é***");
    EXPECT_EQ(token.value.wildcards, (std::vector<std::uint32_t>{2, 4}));
}

} // namespace
} // namespace inventory
