#pragma once

#include "core/rsql_tree.hpp"

#include <string_view>
#include <vector>

namespace inventory {

enum class TokenKind { text, quoted, comparison, semicolon, comma, open, close, end };

/// A token of a filter. `text` tokens may be selectors, values or the words
/// `and`/`or`: only the parser knows (rsql.md rule 3).
struct Token {
    TokenKind kind = TokenKind::end;
    std::string_view source;                ///< The bytes of the token, as they stand in the input.
    std::size_t position = 0;               ///< 1-based code point of its first character.
    bool space_before = false;              ///< White space (or the start) directly before it.
    bool space_after = false;               ///< White space (or the end) directly after it.
    Comparison comparison = Comparison::eq; ///< Of a `comparison` token.
    RsqlValue value;                        ///< Of `text` and `quoted`: what it says, unescaped.
};

/// Reads a filter token by token, so that the first mistake in the text is the
/// one that is reported, whether the lexer or the parser meets it.
class RsqlLexer {
public:
    /// Throws Error(filter_too_large) above `rsql_max_bytes` and Error(filter_syntax)
    /// when the input is not UTF-8 without U+0000. `input` must outlive the tokens.
    explicit RsqlLexer(std::string_view input);

    /// The next token; at the end, tokens of kind `end` for ever. Throws
    /// Error(filter_syntax) with the code point of the token that cannot be read.
    Token next();

private:
    bool skip_space() noexcept;
    void advance(std::size_t bytes) noexcept;
    Token take(TokenKind kind, std::size_t bytes);
    Token take_text();
    Token take_quoted();
    Token take_comparison();
    [[noreturn]] void reject_operator(std::size_t bytes) const;

    std::string_view input_;
    std::size_t at_ = 0;                   ///< Bytes read.
    std::size_t position_ = 1;             ///< Of the character at `at_`.
    TokenKind previous_ = TokenKind::open; ///< Anything that a text may touch.
};

/// Splits a filter into tokens, the last of kind `end`; they point into `input`.
/// Linear in the length of the input; throws as RsqlLexer does.
std::vector<Token> tokenize_rsql(std::string_view input);

} // namespace inventory
