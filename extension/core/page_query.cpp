#include "core/page_query.hpp"

#include "core/condition.hpp"

namespace inventory {
namespace {

std::string key_columns(const Sort &sort) {
    std::string out;
    for (std::size_t i = 0; i < sort.keys.size(); ++i) {
        out += sort.keys[i].sql + " as k" + std::to_string(i) + ", ";
    }
    return out;
}

std::string key_names(const Sort &sort, std::string_view alias) {
    std::string out;
    for (std::size_t i = 0; i < sort.keys.size(); ++i) {
        out += std::string(alias) + ".k" + std::to_string(i) + ", ";
    }
    return out;
}

/// The order over the output columns of a subquery that `key_columns` made.
std::string order_by_names(const Sort &sort, bool backward, std::string_view alias) {
    std::string out;
    for (std::size_t i = 0; i < sort.keys.size(); ++i) {
        out += std::string(alias) + ".k" + std::to_string(i) +
               (sort.keys[i].descending != backward ? " desc, " : ", ");
    }
    return out + std::string(alias) + ".id" + (sort.is_descending_id() != backward ? " desc" : "");
}

/// ` and …`: of the rows seen in the group or org of the selection, if there is one. With
/// `by_keys` the index of keys may find them, unless a search of the filter does already.
std::string narrow_to_scope(const Selection &selection, bool by_keys, KeyConditions &keys,
                            const Catalogue &catalogue, Binder &binder) {
    if (!selection.seen_in) {
        return {};
    }
    const std::string seen_in = binder.bind(*selection.seen_in);
    keys.narrow(*selection.seen_in, seen_in);
    std::string out = " and a.scope_ids @> array[" + seen_in + ']';
    if (by_keys && !(selection.filter && is_found_by_term(*selection.filter, catalogue))) {
        out += " and " + keys.in_scope();
    }
    return out;
}

/// ` and …`: of what the filter of the selection lets pass. Notes in `keys` whether keys
/// find all rows; what a search found is found by the tenant's ids.
std::string narrow_by_filter(const Selection &selection, bool by_keys, KeyConditions &keys,
                             const Catalogue &catalogue, Binder &binder) {
    bool is_found = keys.finds();
    std::string out;
    if (selection.filter) {
        out = " and " +
              write_condition(*selection.filter, catalogue, binder, by_keys ? &keys : nullptr);
        is_found = is_found || (by_keys && keys.finds());
    }
    keys.finds(is_found && !selection.search);
    return out;
}

/// Writes one statement; the order in which values are bound is the order here.
class PageWriter {
public:
    PageWriter(const Selection &selection, const PageRequest &page, PagePath path,
               const Catalogue &catalogue)
        : page_(page) {
        KeyConditions keys(selection.tenant, binder_.bind(selection.tenant), binder_);
        const bool by_keys = path == PagePath::fenced;
        narrow_ = narrow_to_scope(selection, by_keys, keys, catalogue, binder_);
        if (selection.search) {
            const std::string rows = " from inventory.search_result r where r.tenant_id = $1 and "
                                     "r.search_id = " +
                                     binder_.bind(*selection.search);
            found_ = " and a.id in (select r.asset_id" + rows + ')';
            // OFFSET 0 keeps it a look-up for each row that the walk meets.
            is_found_ = " and exists (select" + rows + " and r.asset_id = a.id offset 0)";
        }
        narrow_ += narrow_by_filter(selection, by_keys, keys, catalogue, binder_);
        tenant_ = keys.of_tenant(catalogue);
        if (page.position) {
            Position from = *page.position;
            from.is_inclusive = true;
            keyset_ = " and " + write_keyset(page.sort, from, page.backward, binder_);
        }
    }

    std::string plain(const std::string &columns) const {
        return "select " + key_columns(page_.sort) + "a.id" + columns +
               " from inventory.asset a where " + tenant_ + keyset_ + " order by " +
               order_by(page_.sort, page_.backward) + (is_in_order() ? "" : limit());
    }

    std::string walk(const std::string &columns, int rows) const {
        return "select " + key_names(page_.sort, "a") + "a.id" + columns + " from (select " +
               key_columns(page_.sort) + "a.* from inventory.asset a where " + tenant_ + keyset_ +
               " order by " + order_by(page_.sort, page_.backward) + " limit " +
               std::to_string(rows) + ") a where true" + narrow_ + is_found_ + " order by " +
               order_by_names(page_.sort, page_.backward, "a") + limit();
    }

    std::string fenced(const std::string &columns) const {
        // OFFSET 0 keeps the order and the limit outside, so that the planner
        // chooses the index that finds the rows, not the one that sorts them. The
        // wide columns are read only for the rows of the page.
        return "select " + key_names(page_.sort, "m") + "a.id" + columns + " from (select " +
               key_names(page_.sort, "c") + "c.id from (select " + key_columns(page_.sort) +
               "a.id from inventory.asset a where " + tenant_ + narrow_ + found_ + keyset_ +
               " offset 0) c order by " + order_by_names(page_.sort, page_.backward, "c") +
               limit() + ") m join inventory.asset a on a.tenant_id = $1" +
               " and a.id = m.id order by " + order_by_names(page_.sort, page_.backward, "m");
    }

    Statement finish(std::string sql, int rows = 0) {
        return {std::move(sql), binder_.values(), rows};
    }

    /// Whether one index has the order, so that nothing is to be sorted.
    bool is_in_order() const noexcept { return page_.sort.fields == 1; }

private:
    std::string limit() const { return " limit " + std::to_string(page_.rows()); }

    const PageRequest &page_;
    ParameterBinder binder_;
    std::string tenant_;
    std::string narrow_;
    std::string found_;    ///< What a search found, as a set to join.
    std::string is_found_; ///< The same, row by row.
    std::string keyset_;
};

} // namespace

Statement page_statement(const Selection &selection, const PageRequest &page, PagePath path,
                         int walk_rows, const std::string &columns, const Catalogue &catalogue) {
    PageWriter writer(selection, page, path, catalogue);
    switch (path) {
    case PagePath::plain:
        return writer.finish(writer.plain(columns), writer.is_in_order() ? page.rows() : 0);
    case PagePath::walk:
        return writer.finish(writer.walk(columns, walk_rows));
    case PagePath::fenced:
        break;
    }
    return writer.finish(writer.fenced(columns));
}

Statement beyond_statement(const Selection &selection, const PageRequest &page,
                           const Catalogue &catalogue) {
    ParameterBinder binder;
    std::string sql = "select exists (select from inventory.asset a where " +
                      write_selection(selection, catalogue, binder);
    Position other = *page.position;
    other.is_inclusive = !other.is_inclusive;
    sql += " and " + write_keyset(page.sort, other, !page.backward, binder) + ')';
    return {std::move(sql), binder.values()};
}

Statement count_statement(const Selection &selection, const Catalogue &catalogue) {
    ParameterBinder binder;
    std::string sql = "select count(*) from inventory.asset a where " +
                      write_selection(selection, catalogue, binder);
    return {std::move(sql), binder.values()};
}

std::string write_selection(const Selection &selection, const Catalogue &catalogue,
                            Binder &binder) {
    const std::string tenant = binder.bind(selection.tenant);
    KeyConditions keys(selection.tenant, tenant, binder);
    std::string narrow = narrow_to_scope(selection, true, keys, catalogue, binder);
    if (selection.search) {
        narrow +=
            " and a.id in (select r.asset_id from inventory.search_result r where r.tenant_id = " +
            tenant + " and r.search_id = " + binder.bind(*selection.search) + ')';
    }
    narrow += narrow_by_filter(selection, true, keys, catalogue, binder);
    return keys.of_tenant(catalogue) + narrow;
}

} // namespace inventory
