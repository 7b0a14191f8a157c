#pragma once

#include "core/binder.hpp"
#include "core/rsql_tree.hpp"
#include "core/sort.hpp"

#include <optional>
#include <string>
#include <vector>

namespace inventory {

/// Which rows a list reads: a tenant's, narrowed to those seen in one scope, and
/// those that a filter lets pass. Conditions are over the row `a`.
struct Selection {
    Uuid tenant{};
    std::optional<Uuid> seen_in; ///< Group or org.
    std::optional<RsqlNode> filter;
    std::optional<Uuid> search; ///< Only the assets that this search found.

    /// Whether the index of any sort reads exactly these rows.
    bool is_whole_tenant() const noexcept { return !seen_in && !filter && !search; }
};

/// A page of a selection.
struct PageRequest {
    Sort sort;
    std::optional<Position> position; ///< The page begins (backward: ends) here.
    bool backward = false;
    int limit = 10; ///< Rows wanted; one more is read, to know whether a row follows.

    /// Whether the row at the position is read too, though it is no part of the page:
    /// that it is still there answers, without a statement more, that a row lies behind.
    bool reads_anchor() const noexcept { return position && !position->is_inclusive; }
    /// Rows that the page's statement reads at most.
    int rows() const noexcept { return limit + 1 + (reads_anchor() ? 1 : 0); }
};

/// How a statement reads its rows (techniques 4.3).
enum class PagePath {
    plain,  ///< The sort index reads exactly the selection.
    walk,   ///< At most `walk_rows` rows in sort order, the condition applied to them.
    sieve,  ///< Rows in places that the keys of the condition found (`sieve_statement`).
    fenced, ///< Every index that answers the condition, then the top rows of the order.
};

/// Which scans the planner may choose, whatever the session's settings: none is sequential. It
/// takes the columns of a key for independent of one another, so thousands of rows for a few
/// that are sorted at once.
enum class Scans {
    any,
    in_order, ///< Along an index; sorted only what no index has in order.
    bitmap,   ///< Only of what an index finds, as a GIN index does.
};

/// A statement and its values. The text depends only on the shape of the request.
struct Statement {
    std::string sql;
    std::vector<Param> values;
    /// Only so many rows are read, in the order of an index, as if the text ended in LIMIT:
    /// that spares the executor a node, and the session a plan for each limit. 0: all.
    int rows = 0;
    Scans scans = Scans::any; ///< With `rows` they are in order.
};

/// Writes the statement of a page: `page.rows()` rows from the position on, its own
/// row included. Its columns: the sort keys, `a.id`, then `columns`.
Statement page_statement(const Selection &selection, const PageRequest &page, PagePath path,
                         int walk_rows, const std::string &columns, const Catalogue &catalogue);

/// The same of the rows that lie in some places: those that the active snapshot sees, so this
/// must be the statement's.
Statement sieve_statement(const Selection &selection, const PageRequest &page,
                          std::vector<Place> places, const std::string &columns,
                          const Catalogue &catalogue);

/// Where rows that lie in some places stand in the order of a page, of those that the active
/// snapshot sees there: their keys, `a.id`, their place as `tid`, and whether they are no
/// earlier than the page's position, as a boolean; in the order of reading.
Statement order_statement(const Uuid &tenant, const PageRequest &page, std::vector<Place> places);

/// Whether a row lies on the other side of the page's position (or on it), as one
/// boolean; through every index. For a page with a position.
Statement beyond_statement(const Selection &selection, const PageRequest &page,
                           const Catalogue &catalogue);

/// The number of rows of a selection.
Statement count_statement(const Selection &selection, const Catalogue &catalogue);

/// `a.tenant_id = $1 and …`: the condition of a selection, tenant first, the filter last.
/// `asks_more`: whether the statement asks more of the rows, such as a position, an order or
/// a type, for which the planner may take an index that must then name the tenant.
std::string write_selection(const Selection &selection, const Catalogue &catalogue, Binder &binder,
                            bool asks_more = true);

} // namespace inventory
