#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace inventory {

/// The closed set of comparison operators (rsql.md rule 4).
enum class Comparison { eq, ne, lt, le, gt, ge, in, out };

/// The normalised sign of an operator: `==`, `!=`, `=lt=` … `=out=`.
std::string_view sign(Comparison comparison) noexcept;

/// A value of a comparison, without quotes and escapes.
struct RsqlValue {
    std::string text; ///< UTF-8.
    std::vector<std::uint32_t>
        wildcards;            ///< Byte offsets in `text` of each unescaped `*` (rule 8).
    std::size_t position = 0; ///< 1-based code point where the value's token begins.
};

/// A node of the filter's tree: a comparison, or an n-ary `and`/`or` of two or
/// more nodes, flat within one pair of parentheses (rule 18).
struct RsqlNode {
    enum class Kind { comparison, conjunction, disjunction };

    Kind kind = Kind::comparison;
    std::vector<RsqlNode> children;         ///< Of `conjunction` and `disjunction`.
    std::string selector;                   ///< Of `comparison`.
    Comparison comparison = Comparison::eq; ///< Of `comparison`.
    std::vector<RsqlValue> values;          ///< Of `comparison`: one; one or more for in/out.
    std::size_t position = 0;               ///< 1-based code point of the selector or first child.
};

/// The tree as the JSON that `inventory.rsql_parse` shows:
/// {"op":"and"|"or","args":[…]} or {"field":"class","cmp":"==","values":["A"]}.
std::string to_json(const RsqlNode &node);

/// The tree as a filter that parses to the same tree (for fuzzers and messages).
std::string to_rsql(const RsqlNode &node);

} // namespace inventory
