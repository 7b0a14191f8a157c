#pragma once

#include "core/page_query.hpp"

#include <string>
#include <string_view>

namespace inventory {

/// The ordering of a search's results by the rank that each got when the search
/// ran: a page is a range of the table's key, whatever was found. `sort` is the
/// search's own. A cursor of it is none of the live ordering, nor the other way.
Sort ranked_sort(const Sort &sort);

/// Fills inventory.search_result with at most `capacity` + 1 of the selection's
/// assets, ranked from 1 by `sort`.
Statement fill_statement(const Selection &selection, const Uuid &search, const Sort &sort,
                         int capacity, const Catalogue &catalogue);

/// As `page_statement`, for the selection's search and a page under `ranked_sort`.
Statement ranked_page_statement(const Selection &selection, const PageRequest &page,
                                const std::string &columns);

/// As `beyond_statement`, under `ranked_sort`.
Statement ranked_beyond_statement(const Selection &selection, const PageRequest &page);

} // namespace inventory
