#pragma once

#include "core/sort.hpp"

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace inventory {

/// What is aggregated over the assets that have one value.
struct Measure {
    std::string_view sort;                 ///< Its name in `sort`.
    std::string_view meta;                 ///< Its name in `meta_fields` and in `meta`.
    FieldKind kind;                        ///< integer (read as bigint) or time.
    std::span<const std::string_view> sql; ///< Aggregates over the row `a`.
    std::string_view missing;              ///< What sorts instead of null; empty when never null.
};

/// The measures of contract.md §8; the first is the number of assets.
std::span<const Measure> measures() noexcept;

/// An ordering of values: the keys are SQL over the row `g` (see `value_statement`),
/// and the last of them make it total.
struct ValueOrder {
    std::string canonical; ///< `-count`; a cursor remembers it.
    std::vector<SortKey> keys;
    /// By position in `measures()`: those that the keys read.
    std::vector<bool> uses;
};

inline constexpr std::string_view default_group_sort = "-count";

/// Reads the sort of group values: a comma list of `value` and measures, `-` for
/// descending; the value breaks ties, ascending. A missing measure sorts last, first
/// when descending. Throws Error(sort_invalid).
ValueOrder parse_group_sort(std::string_view text);

/// By the columns of these names (`k`, `v`), ascending.
ValueOrder order_by_columns(std::initializer_list<std::string_view> columns);

/// The name of the column that holds a measure's part: `m2_0`.
std::string measure_column(std::size_t measure, std::size_t part);

/// A place between two values of an ordering.
struct ValuePosition {
    std::vector<Param> keys;
    bool is_inclusive = false; ///< The value itself lies on the far side.
};

/// The payload of a cursor (see `encode_cursor`) into `list`, the path of the list
/// below `/inventory/assets`: values of another field are another list.
std::string value_payload(std::string_view list, std::string_view order,
                          const ValuePosition &position);

/// Reads a payload. Throws Error(cursor_invalid) when it was made for another list,
/// under another sort, or is not one of ours.
ValuePosition parse_value_payload(std::string_view payload, std::string_view list,
                                  const ValueOrder &order);

/// `g.m0_0 desc, g.v`; all directions flipped for `backward`.
std::string order_by(const ValueOrder &order, bool backward);

/// The condition that a row `g` lies beyond a position whose keys are bound already.
std::string write_value_keyset(const ValueOrder &order, std::span<const std::string> bound,
                               bool is_inclusive, bool backward);

} // namespace inventory
