#include "core/page_query.hpp"

#include "core/condition.hpp"
#include "core/key_condition.hpp"

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

/// A selection as conditions: `a.tenant_id …`, and those that narrow it, from ` and ` on.
struct Narrowed {
    std::string tenant;
    std::string narrow;
    std::string found;    ///< What a search found, as a set to join.
    std::string is_found; ///< The same, row by row.
};

/// With `by_keys` the index of keys may find the rows. `asks_more`: as in `write_selection`.
Narrowed narrow(const Selection &selection, bool by_keys, bool asks_more,
                const Catalogue &catalogue, Binder &binder) {
    const std::string tenant = binder.bind(selection.tenant);
    std::string seen_in = "null";
    Narrowed out;
    if (selection.seen_in) {
        seen_in = binder.bind(*selection.seen_in);
        out.narrow = " and a.scope_ids @> array[" + seen_in + ']';
    }
    if (selection.search) {
        const std::string rows = " from inventory.search_result r where r.tenant_id = " + tenant +
                                 " and r.search_id = " + binder.bind(*selection.search);
        out.found = " and a.id in (select r.asset_id" + rows + ')';
        // OFFSET 0 keeps it a look-up for each row that the walk meets.
        out.is_found = " and exists (select" + rows + " and r.asset_id = a.id offset 0)";
    }
    if (selection.filter) {
        out.narrow += " and " + write_condition(*selection.filter, catalogue, binder);
    }
    KeyCondition keys;
    if (by_keys) {
        keys = key_condition(selection.tenant, selection.seen_in, selection.filter, catalogue);
    }
    if (!keys.empty()) {
        out.narrow += " and " + write_key_condition(keys, tenant, seen_in, binder);
    }
    // Where keys find all that matches, and nothing else that is asked has an index, the tenant
    // is written so that no index takes it: the planner would read all of the tenant by another
    // and meet both, for it does not know that each key names the tenant. Citus looks for
    // the one shard by the equality.
    const bool is_alone = !keys.empty() && !asks_more && !selection.search &&
                          !catalogue.is_distributed &&
                          (!selection.filter || compares_only_keys(*selection.filter, catalogue));
    out.tenant = (is_alone ? "a.tenant_id is not distinct from " : "a.tenant_id = ") + tenant;
    return out;
}

/// Writes one statement; the order in which values are bound is the order here.
class PageWriter {
public:
    PageWriter(const Selection &selection, const PageRequest &page, PagePath path,
               const Catalogue &catalogue)
        : page_(page) {
        const bool by_keys = path == PagePath::fenced;
        selection_ = narrow(selection, by_keys, page.position.has_value(), catalogue, binder_);
        if (page.position) {
            Position from = *page.position;
            from.is_inclusive = true;
            keyset_ = " and " + write_keyset(page.sort, from, page.backward, binder_);
        }
    }

    std::string plain(const std::string &columns) const {
        return "select " + key_columns(page_.sort) + "a.id" + columns +
               " from inventory.asset a where " + selection_.tenant + keyset_ + " order by " +
               order_by(page_.sort, page_.backward) + (is_in_order() ? "" : limit());
    }

    std::string walk(const std::string &columns, int rows) const {
        return "select " + key_names(page_.sort, "a") + "a.id" + columns + " from (select " +
               key_columns(page_.sort) + "a.* from inventory.asset a where " + selection_.tenant +
               keyset_ + " order by " + order_by(page_.sort, page_.backward) + " limit " +
               std::to_string(rows) + ") a where true" + selection_.narrow + selection_.is_found +
               " order by " + order_by_names(page_.sort, page_.backward, "a") + limit();
    }

    std::string fenced(const std::string &columns) const {
        return fenced(columns, selection_.tenant + selection_.narrow + selection_.found);
    }

    /// The tenant is written so that no index takes it.
    std::string sieve(const std::string &columns, std::vector<Place> places) {
        return fenced(columns, "a.ctid = any(" + binder_.bind(std::move(places)) +
                                   ") and a.tenant_id is not distinct from $1" + selection_.narrow);
    }

    Statement finish(std::string sql, int rows = 0) {
        return {std::move(sql), binder_.values(), rows};
    }

    /// Whether one index has the order, so that nothing is to be sorted.
    bool is_in_order() const noexcept { return page_.sort.is_indexed; }

private:
    std::string limit() const { return " limit " + std::to_string(page_.rows()); }

    std::string fenced(const std::string &columns, const std::string &condition) const {
        // OFFSET 0 keeps the order and the limit outside, so that the planner
        // chooses the index that finds the rows, not the one that sorts them. The
        // wide columns are read only for the rows of the page.
        return "select " + key_names(page_.sort, "m") + "a.id" + columns + " from (select " +
               key_names(page_.sort, "c") + "c.id from (select " + key_columns(page_.sort) +
               "a.id from inventory.asset a where " + condition + keyset_ +
               " offset 0) c order by " + order_by_names(page_.sort, page_.backward, "c") +
               limit() + ") m join inventory.asset a on a.tenant_id = $1" +
               " and a.id = m.id order by " + order_by_names(page_.sort, page_.backward, "m");
    }

    const PageRequest &page_;
    ParameterBinder binder_;
    Narrowed selection_;
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
    case PagePath::sieve:
        break;
    }
    return writer.finish(writer.fenced(columns));
}

Statement sieve_statement(const Selection &selection, const PageRequest &page,
                          std::vector<Place> places, const std::string &columns,
                          const Catalogue &catalogue) {
    PageWriter writer(selection, page, PagePath::sieve, catalogue);
    return writer.finish(writer.sieve(columns, std::move(places)));
}

Statement order_statement(const Uuid &tenant, const PageRequest &page, std::vector<Place> places) {
    ParameterBinder binder;
    const std::string own = "a.tenant_id is not distinct from " + binder.bind(tenant);
    const std::string here = "a.ctid = any(" + binder.bind(std::move(places)) + ')';
    std::string is_reached = "true";
    if (page.position) {
        Position from = *page.position;
        from.is_inclusive = true;
        is_reached = '(' + write_keyset(page.sort, from, page.backward, binder) + ')';
    }
    std::string sql = "select " + key_columns(page.sort) + "a.id, a.ctid, " + is_reached +
                      " from inventory.asset a where " + here + " and " + own + " order by " +
                      order_by(page.sort, page.backward);
    return {std::move(sql), binder.values()};
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
                      write_selection(selection, catalogue, binder, false);
    return {std::move(sql), binder.values()};
}

std::string write_selection(const Selection &selection, const Catalogue &catalogue, Binder &binder,
                            bool asks_more) {
    const Narrowed it = narrow(selection, true, asks_more, catalogue, binder);
    return it.tenant + it.narrow + it.found;
}

} // namespace inventory
