#include "core/target.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

namespace inventory {
namespace {

/// `[segment]…?name=value&…`, decoded.
std::string dump(std::string_view text) {
    const Target target = parse_target(text);
    std::string out;
    for (const std::string &segment : target.segments) {
        out += '[' + segment + ']';
    }
    for (const Parameter &parameter : target.parameters) {
        out += '{' + parameter.name + '=' + parameter.value + '}';
    }
    return out;
}

TEST(Target, TakesApart) {
    EXPECT_EQ(dump("/"), "[]");
    EXPECT_EQ(dump("/a/b"), "[a][b]");
    EXPECT_EQ(dump("/a//b/"), "[a][][b][]");
    EXPECT_EQ(dump("/a?"), "[a]");
    EXPECT_EQ(dump("/?a=1&b=2"), "[]{a=1}{b=2}");
    EXPECT_EQ(dump("/a?x=/?"), "[a]{x=/?}");
    EXPECT_EQ(dump("/a?x&y=&=z&&x=1"), "[a]{x=}{y=}{=z}{x=1}");
    EXPECT_EQ(dump("/a?x=1=2"), "[a]{x=1=2}");
}

TEST(Target, DecodesExactlyOnce) {
    EXPECT_EQ(dump("/a%2Fb/c%20d+e"), "[a/b][c d+e]");
    EXPECT_EQ(dump("/?a+b=c+d%2Be"), "[]{a b=c d+e}");
    EXPECT_EQ(dump("/?a=%2525"), "[]{a=%25}");
    EXPECT_EQ(dump("/?%61%3d=%c3%A9"), "[]{a==é}");
    EXPECT_EQ(dump("/?filter=a=='b';c<\"d\"(*)é"), "[]{filter=a=='b';c<\"d\"(*)é}");
    EXPECT_EQ(dump("/?a=%26;b=%3D"), "[]{a=&;b==}");
}

TEST(Target, Finds) {
    const Target target = parse_target("/?a=1&b=&a=2");
    ASSERT_NE(target.find("a"), nullptr);
    EXPECT_EQ(*target.find("a"), "1");
    EXPECT_EQ(*target.find("b"), "");
    EXPECT_EQ(target.find("c"), nullptr);
}

struct Broken {
    std::string_view target;
    std::string_view parameter; ///< Empty where no value is at fault.
};

TEST(Target, RefusesAndNamesTheParameter) {
    for (const Broken &broken : {
             Broken{"", ""},
             {"a", ""},
             {"http://a/b", ""},
             {"*", ""},
             {"/%", ""},
             {"/%2", ""},
             {"/%zz", ""},
             {"/%00", ""},
             {"/%ff", ""},
             {"/\xff", ""},
             {"/?%=1", ""},
             {"/?a=%", "a"},
             {"/?a=1&b%20c=%2", "b c"},
             {"/?a=%g0", "a"},
             {"/?a=%00", "a"},
             {"/?a=%C3", "a"},
             {"/?a=%ED%A0%80", "a"},
         }) {
        try {
            parse_target(broken.target);
            FAIL() << broken.target;
        } catch (const Error &error) {
            EXPECT_EQ(error.code(), Code::invalid_target);
            EXPECT_EQ(error.source(), broken.parameter) << broken.target;
            EXPECT_EQ(error.source_kind(),
                      broken.parameter.empty() ? SourceKind::none : SourceKind::parameter);
        }
    }
}

TEST(PercentEncoding, KeepsTheUnreserved) {
    std::string out;
    append_percent_encoded(out, "aZ09-._~ +&=/?%é;");
    EXPECT_EQ(out, "aZ09-._~%20%2B%26%3D%2F%3F%25%C3%A9%3B");
}

} // namespace
} // namespace inventory
