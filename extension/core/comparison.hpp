#pragma once

#include "core/rsql_tree.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace inventory {

// What the operators mean, apart from how SQL says it (rsql.md rules 8, 10, 12).

/// < <= > >=
bool is_ordering(Comparison op) noexcept;
/// != and =out=: the complements of == and =in=.
bool is_negative(Comparison op) noexcept;
/// == and !=: the only ones under which a star is a wildcard.
bool takes_wildcards(Comparison op) noexcept;

/// Whether the value has live wildcards under the operator.
bool has_wildcard(const RsqlValue &value, Comparison op) noexcept;
/// Whether the value is nothing but wildcards: "has any value".
bool is_any(const RsqlValue &value, Comparison op) noexcept;

/// Whether `text`, null when missing, satisfies a comparison by code point: for
/// few-valued fields that are decided before the database is asked.
bool holds(const std::string_view *text, const RsqlNode &node);

/// The ranks of the classes that satisfy a comparison, of none too (missing_class_rank).
std::vector<std::int64_t> held_ranks(const RsqlNode &node);

/// The LIKE pattern of a value: its live wildcards as `%`, a run as one; all else
/// escaped.
std::string like_pattern(const RsqlValue &value);

} // namespace inventory
