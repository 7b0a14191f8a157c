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

/// Splits a filter into tokens, the last of kind `end`; they point into `input`.
/// Linear in the length of the input. Throws Error(filter_syntax) with the code
/// point of the first character that cannot go on, and Error(filter_too_large)
/// above `rsql_max_bytes`.
std::vector<Token> tokenize_rsql(std::string_view input);

} // namespace inventory
