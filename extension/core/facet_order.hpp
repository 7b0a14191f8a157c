#pragma once

#include "core/value_query.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace inventory {

/// The columns of an index of the dictionary that a request's order follows.
struct IndexOrder {
    std::vector<std::string_view> columns; ///< Over the row `g`.
    bool descending = false;
};

/// Whether the request lists the values of a map.
bool is_of_object(const ValueRequest &request) noexcept;

/// Whether the number of assets leads the order, and the value breaks ties.
bool is_by_count(const ValueRequest &request) noexcept;

/// The index order of a request, or nothing when no index has it.
std::optional<IndexOrder> index_order(const ValueRequest &request);

/// Whether the trigram index knows a part of the text. Its words are of any alphabet; a
/// text that is not of ASCII may be said to have none.
bool has_trigram(std::string_view text);

} // namespace inventory
