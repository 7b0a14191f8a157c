#include "core/rsql_message.hpp"

#include "core/timestamp.hpp"
#include "core/utf8.hpp"

#include <algorithm>
#include <utility>

namespace inventory {
namespace {

constexpr std::string_view space = " \t\r\n";
constexpr std::string_view operator_signs = "=!<>~";

std::string expectation(const RsqlPlace &place) {
    switch (place.expected) {
    case RsqlExpected::constraint:
        return "a field or `(`";
    case RsqlExpected::comparison:
        return "one of == != < <= > >= =lt= =le= =gt= =ge= =in= =out=";
    case RsqlExpected::value:
        return takes_list(place.comparison) ? "a value or `(`" : "a value";
    case RsqlExpected::item:
        return "a value";
    case RsqlExpected::list_end:
        return takes_list(place.comparison) ? "`,`, `or` or `)`" : "`)`";
    case RsqlExpected::constraint_end:
        return place.opened_at == 0 ? "`;`, `,`, `and`, `or` or the end"
                                    : "`;`, `,`, `and`, `or` or `)`";
    }
    return {};
}

/// The first character after `token` and white space, or 0 at the end.
char character_after(const Token &token, std::string_view input) {
    const auto end =
        static_cast<std::size_t>(token.source.data() - input.data()) + token.source.size();
    const std::size_t at = input.find_first_not_of(space, end);
    return at == std::string_view::npos ? '\0' : input[at];
}

/// `2024-05-01T10:00:00 02:00` was sent with a `+` that was not encoded.
bool is_split_time(std::string_view before, std::string_view found) {
    return before.size() > 10 && parse_timestamp(before) &&
           parse_timestamp(std::string(before) + '+' + std::string(found));
}

std::string constraint_remedy(const Token &found, const RsqlPlace &place) {
    switch (found.kind) {
    case TokenKind::end:
        return place.before.empty() ? "Leave the parameter away to filter nothing."
                                    : "A separator stands between two constraints, not after them.";
    case TokenKind::semicolon:
    case TokenKind::comma:
        return "One separator stands between two constraints; a value that holds it is quoted.";
    case TokenKind::quoted:
        return "Fields are not quoted, only values.";
    case TokenKind::close:
        return "Parentheses hold at least one constraint.";
    default:
        return "A comparison begins with its field, as in class==A.";
    }
}

std::string comparison_remedy(const Token &found, const RsqlPlace &place) {
    if (is_word(found, "like") || is_word(found, "ilike") || is_word(found, "contains")) {
        return "Patterns are matched by `==` with `*`, as in name==*nginx*.";
    }
    if (is_word(found, "in")) {
        return "Lists need =in=, as in class=in=(A,B).";
    }
    if (is_word(found, "is") || is_word(found, "not")) {
        return "\"Has a value\" is written field==*, \"has none\" field!=*; \"not in\" is =out=.";
    }
    Token before;
    before.kind = TokenKind::text;
    before.source = place.before;
    if (is_word(before, "and") || is_word(before, "or")) {
        return "`" + std::string(place.before) + "` joins two complete constraints, once.";
    }
    if (is_word(before, "not")) {
        return "There is no `not`; use != and =out=.";
    }
    if (place.is_after_comma) {
        return "Lists need =in=, as in class=in=(A,B); a value that holds a comma is quoted.";
    }
    return "A comparison is a field, an operator and a value, as in class==A.";
}

std::string value_remedy(const Token &found, const RsqlPlace &place) {
    switch (found.kind) {
    case TokenKind::comparison:
        if (place.before == "<" && found.source == ">") {
            return "Not equal is written `!=`.";
        }
        return "Equal is written `==`; a value that holds an operator is quoted.";
    case TokenKind::open:
        return "Parentheses around a value do not nest; a value that holds one is quoted.";
    case TokenKind::close:
        return "A list has one value or more; the empty value is written ''.";
    default:
        return "The empty value is written ''; a value that holds a reserved character is quoted.";
    }
}

std::string list_remedy(const Token &found, const RsqlPlace &place) {
    if (!takes_list(place.comparison) && (found.kind == TokenKind::comma || is_word(found, "or"))) {
        return "Lists need =in= or =out=, as in class=in=(A,B).";
    }
    if (is_word(found, "or")) {
        return "`or` needs white space on both sides.";
    }
    if (found.kind == TokenKind::semicolon || is_word(found, "and")) {
        return "The values of a list are separated by `,`; a value that holds a separator is "
               "quoted.";
    }
    return "Quote a value that holds white space or a reserved character.";
}

std::string end_remedy(const Token &found, const RsqlPlace &place) {
    if (found.kind == TokenKind::close) {
        return "No parenthesis is open here; a value that holds one is quoted.";
    }
    if (found.kind == TokenKind::comparison) {
        return "Quote a value that holds an operator.";
    }
    if (is_word(found, "and") || is_word(found, "or")) {
        return "`" + std::string(found.source) + "` needs white space on both sides.";
    }
    if (found.source.starts_with("&&") || found.source.starts_with("||")) {
        return "\"And\" is written `;` or `and`, \"or\" `,` or `or`.";
    }
    if (is_split_time(place.before, found.source)) {
        return "A `+` in a URL is a space: send it as %2B.";
    }
    if (operator_signs.find(character_after(found, place.input)) != std::string_view::npos) {
        return "Put `;` (and) or `,` (or) between two constraints.";
    }
    return "Quote a value that holds white space or a reserved character; send `+` as %2B; put `;` "
           "(and) or `,` (or) between two constraints.";
}

std::string remedy(const Token &found, const RsqlPlace &place) {
    switch (place.expected) {
    case RsqlExpected::constraint:
        return constraint_remedy(found, place);
    case RsqlExpected::comparison:
        return comparison_remedy(found, place);
    case RsqlExpected::value:
    case RsqlExpected::item:
        return value_remedy(found, place);
    case RsqlExpected::list_end:
        return list_remedy(found, place);
    case RsqlExpected::constraint_end:
        return end_remedy(found, place);
    }
    return {};
}

} // namespace

bool takes_list(Comparison comparison) noexcept {
    return comparison == Comparison::in || comparison == Comparison::out;
}

bool is_word(const Token &token, std::string_view word) noexcept {
    return token.kind == TokenKind::text &&
           std::ranges::equal(token.source, word, [](char a, char b) {
               return a == b || (a >= 'A' && a <= 'Z' && a + ('a' - 'A') == b);
           });
}

Error rsql_error(std::size_t position, const std::string &what, std::string hint) {
    return Error(Code::filter_syntax,
                 "Syntax error at code point " + std::to_string(position) + ": " + what + ".",
                 std::move(hint));
}

Error rsql_unexpected(const Token &found, const RsqlPlace &place) {
    const std::string expected = expectation(place) + " is expected";
    if (found.kind != TokenKind::end) {
        return rsql_error(found.position,
                          "unexpected " + quote_for_message(found.source) + "; " + expected,
                          remedy(found, place));
    }
    if (place.opened_at == 0) {
        return rsql_error(found.position,
                          (place.before.empty() ? "the filter is blank; " : "the filter ends; ") +
                              expected,
                          remedy(found, place));
    }
    return rsql_error(found.position,
                      "the filter ends; " + expected +
                          ", and the parenthesis opened at code point " +
                          std::to_string(place.opened_at) + " is not closed",
                      "Close every parenthesis; a value that holds one is quoted.");
}

} // namespace inventory
