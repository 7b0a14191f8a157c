#pragma once

#include "core/rsql_tree.hpp"

#include <cstddef>
#include <string_view>

namespace inventory {

// Limits of rsql.md rule 16; each is a clean filter_too_large.
inline constexpr std::size_t rsql_max_bytes = 65536;
inline constexpr std::size_t rsql_max_nesting = 100;
inline constexpr std::size_t rsql_max_comparisons = 1000;
inline constexpr std::size_t rsql_max_values = 10000;

/// Parses a filter (already decoded once, rule 1) into its tree. Time is linear
/// in the input. Throws Error(filter_syntax) whose detail holds the 1-based code
/// point, what was found and what could stand there, and whose hint holds the
/// remedy of a common slip; Error(filter_too_large) above a limit. Neither names
/// a source: the caller knows whether it came from a parameter or a body.
///
///     parse_rsql("class==A;q==nginx")  // conjunction of two comparisons
RsqlNode parse_rsql(std::string_view input);

} // namespace inventory
