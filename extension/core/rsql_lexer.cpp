#include "core/rsql_lexer.hpp"

#include "core/error.hpp"
#include "core/rsql_message.hpp"
#include "core/rsql_parser.hpp"
#include "core/utf8.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace inventory {
namespace {

constexpr std::string_view space = " \t\r\n";
constexpr std::string_view reserved = "\"'();,=!~<> \t\r\n";

struct Spelling {
    std::string_view text;
    Comparison comparison;
};
constexpr std::array spellings{
    Spelling{"==", Comparison::eq},   Spelling{"!=", Comparison::ne},
    Spelling{"<=", Comparison::le},   Spelling{"<", Comparison::lt},
    Spelling{">=", Comparison::ge},   Spelling{">", Comparison::gt},
    Spelling{"=lt=", Comparison::lt}, Spelling{"=le=", Comparison::le},
    Spelling{"=gt=", Comparison::gt}, Spelling{"=ge=", Comparison::ge},
    Spelling{"=in=", Comparison::in}, Spelling{"=out=", Comparison::out},
};

/// The longest operator that `text` begins with: of two spellings of which one
/// begins the other, the longer comes first in the table.
const Spelling *find_operator(std::string_view text) {
    for (const Spelling &spelling : spellings) {
        if (text.starts_with(spelling.text)) {
            return &spelling;
        }
    }
    return nullptr;
}

/// Whether more characters could make an operator of `text`, which is none.
bool is_operator_begun(std::string_view text) {
    return std::any_of(spellings.begin(), spellings.end(), [text](const Spelling &spelling) {
        return spelling.text.starts_with(text);
    });
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char &c : out) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    }
    return out;
}

/// What was meant by `sign`, which is no operator and is followed by `rest`.
std::string remedy(std::string_view sign, std::string_view rest) {
    const std::string name = lower(sign);
    if (name == "!") {
        return "Not equal is written `!=`; a value that holds `!` is quoted.";
    }
    if (name == "~" || name == "=~" || name == "=like=" || name == "=ilike=" || name == "=re=") {
        return "Patterns are matched by `==` with `*`, as in name==*nginx*; a value that holds `~` "
               "or `=` is quoted.";
    }
    if (name == "=<") {
        return "Less or equal is written `<=`.";
    }
    if (name == "=>") {
        return "Greater or equal is written `>=`.";
    }
    if (name == "=null=" || name == "=isnull=") {
        return "\"Has a value\" is written field==*, \"has none\" field!=*.";
    }
    if (name != "=") {
        return find_operator(name) ? "Operators are written in lower case: " + name + "."
                                   : "A value that holds `=` is quoted.";
    }
    const std::string meant = lower(rest.substr(0, rest.find_first_of(reserved)));
    if (!meant.empty() && find_operator('=' + meant + '=')) {
        return "The operator is written =" + meant + "=, without white space inside.";
    }
    return "Equal is written `==`, without white space inside; a value that holds `=` is quoted.";
}

} // namespace

RsqlLexer::RsqlLexer(std::string_view input) : input_(input) {
    if (input.size() > rsql_max_bytes) {
        throw Error(Code::filter_too_large, "The filter has " + std::to_string(input.size()) +
                                                " bytes; the limit is " +
                                                std::to_string(rsql_max_bytes) + ".");
    }
    if (const std::size_t bad = find_unclean_utf8(input); bad != std::string_view::npos) {
        throw rsql_error(count_code_points(input.substr(0, bad)) + 1,
                         std::string(input[bad] == '\0' ? "U+0000" : "invalid UTF-8") +
                             "; text in UTF-8 is expected");
    }
}

Token RsqlLexer::next() {
    const bool space_before = skip_space() || at_ == 0;
    if (at_ == input_.size()) {
        Token end = take(TokenKind::end, 0);
        end.space_before = space_before;
        return end;
    }
    const char c = input_[at_];
    const bool is_operand = reserved.find(c) == std::string_view::npos || c == '"' || c == '\'';
    if (is_operand && !space_before &&
        (previous_ == TokenKind::text || previous_ == TokenKind::quoted)) {
        throw rsql_error(position_,
                         "unexpected " + quote_for_message(input_.substr(at_, 1)) +
                             "; white space, a separator or the end is expected, quoted and other "
                             "text may not touch",
                         "Quote the value as a whole; inside of quotes a quote is written with "
                         "`\\` before it.");
    }
    Token token;
    switch (c) {
    case '"':
    case '\'':
        token = take_quoted();
        break;
    case '(':
        token = take(TokenKind::open, 1);
        break;
    case ')':
        token = take(TokenKind::close, 1);
        break;
    case ';':
        token = take(TokenKind::semicolon, 1);
        break;
    case ',':
        token = take(TokenKind::comma, 1);
        break;
    case '=':
    case '!':
    case '~':
    case '<':
    case '>':
        token = take_comparison();
        break;
    default:
        token = take_text();
    }
    token.space_before = space_before;
    previous_ = token.kind;
    return token;
}

bool RsqlLexer::skip_space() noexcept {
    const std::size_t end = std::min(input_.find_first_not_of(space, at_), input_.size());
    const bool has_skipped = end > at_;
    advance(end - at_);
    return has_skipped;
}

void RsqlLexer::advance(std::size_t bytes) noexcept {
    position_ += count_code_points(input_.substr(at_, bytes));
    at_ += bytes;
}

Token RsqlLexer::take(TokenKind kind, std::size_t bytes) {
    Token token;
    token.kind = kind;
    token.source = input_.substr(at_, bytes);
    token.position = position_;
    token.value.position = position_;
    advance(bytes);
    token.space_after = at_ == input_.size() || space.find(input_[at_]) != std::string_view::npos;
    return token;
}

Token RsqlLexer::take_text() {
    const std::size_t end = std::min(input_.find_first_of(reserved, at_), input_.size());
    Token token = take(TokenKind::text, end - at_);
    token.value.text = token.source;
    for (std::size_t i = 0; i < token.source.size(); ++i) {
        if (token.source[i] == '*') {
            token.value.wildcards.push_back(static_cast<std::uint32_t>(i));
        }
    }
    return token;
}

Token RsqlLexer::take_quoted() {
    const char quote = input_[at_];
    RsqlValue value;
    value.position = position_;
    std::size_t end = at_ + 1;
    for (; end < input_.size() && input_[end] != quote; ++end) {
        if (input_[end] == '*') {
            value.wildcards.push_back(static_cast<std::uint32_t>(value.text.size()));
        } else if (input_[end] == '\\' && ++end == input_.size()) {
            break;
        }
        value.text += input_[end];
    }
    if (end == input_.size()) {
        throw rsql_error(position_,
                         "the quote " + quote_for_message(input_.substr(at_, 1)) +
                             " is not closed; the same quote is expected before the end",
                         "Inside of quotes `\\` escapes the next character; a value that holds a "
                         "quote is put in the other quotes.");
    }
    Token token = take(TokenKind::quoted, end + 1 - at_);
    token.value = std::move(value);
    return token;
}

Token RsqlLexer::take_comparison() {
    const std::string_view rest = input_.substr(at_);
    if (const Spelling *spelling = find_operator(rest)) {
        Token token = take(TokenKind::comparison, spelling->text.size());
        token.comparison = spelling->comparison;
        return token;
    }
    // A lone `!` may stand where no operator can: it is refused where it stands.
    if (rest.front() == '=' && is_operator_begun(rest)) {
        throw rsql_error(position_ + rest.size(),
                         "the filter ends inside of an operator; one of == != < <= > >= =lt= =le= "
                         "=gt= =ge= =in= =out= and a value are expected",
                         remedy(rest.substr(0, 1), rest.substr(1)));
    }
    std::size_t bytes = 1;
    if (rest.starts_with('=')) {
        const std::size_t end = rest.find_first_of(reserved, 1);
        if (end != std::string_view::npos && rest[end] == '=') {
            bytes = end + 1;
        } else if (end == 1 && std::string_view("~<>").find(rest[1]) != std::string_view::npos) {
            bytes = 2;
        }
    }
    reject_operator(bytes);
}

void RsqlLexer::reject_operator(std::size_t bytes) const {
    const std::string_view sign = input_.substr(at_, bytes);
    throw rsql_error(position_,
                     "unknown operator " + quote_for_message(sign) +
                         "; one of == != < <= > >= =lt= =le= =gt= =ge= =in= =out= is expected",
                     remedy(sign, input_.substr(at_ + bytes)));
}

std::vector<Token> tokenize_rsql(std::string_view input) {
    RsqlLexer lexer(input);
    std::vector<Token> tokens;
    do {
        tokens.push_back(lexer.next());
    } while (tokens.back().kind != TokenKind::end);
    return tokens;
}

} // namespace inventory
