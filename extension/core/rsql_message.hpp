#pragma once

#include "core/error.hpp"
#include "core/rsql_lexer.hpp"

#include <string>
#include <string_view>

namespace inventory {

/// What could stand where the parser met a token that cannot.
enum class RsqlExpected {
    constraint,     ///< A field or `(`.
    comparison,     ///< An operator, after a field.
    value,          ///< A value, or a list where the operator takes one.
    item,           ///< A value within parentheses.
    list_end,       ///< `)`, and before it `,` or `or` where the operator takes a list.
    constraint_end, ///< A separator, `)` or the end.
};

/// Where the parser stands, as far as a message needs it.
struct RsqlPlace {
    RsqlExpected expected = RsqlExpected::constraint;
    std::string_view input;                 ///< The whole filter.
    std::string_view before;                ///< The source of the token before.
    Comparison comparison = Comparison::eq; ///< The last one read.
    bool is_after_comma = false;            ///< The constraint began after `,` or `or`.
    std::size_t opened_at = 0;              ///< Position of the innermost open parenthesis, or 0.
};

/// Whether `=in=` or `=out=`, which take a list (rsql.md rule 5).
bool takes_list(Comparison comparison) noexcept;

/// Whether `token` spells `word` in any case; whether it is an operator there is
/// the parser's to know (rsql.md rule 3).
bool is_word(const Token &token, std::string_view word) noexcept;

/// The error that every mistake in a filter becomes. The position comes first, so
/// that no text of the user's can be taken for it.
Error rsql_error(std::size_t position, const std::string &what, std::string hint = {});

/// The error for `found`: its code point, what it is, what is expected, and the
/// remedy of the slip that it looks like (rsql.md rule 17).
Error rsql_unexpected(const Token &found, const RsqlPlace &place);

} // namespace inventory
