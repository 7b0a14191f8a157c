#include "core/search_query.hpp"

namespace inventory {
namespace {

constexpr std::string_view rank_key = "r.rank";

/// Writes the statements over the rows `r` of a search's results.
class RankedWriter {
public:
    RankedWriter(const Selection &selection, const PageRequest &page) : page_(page) {
        const std::string tenant = binder_.bind(selection.tenant);
        rows_ = "inventory.search_result r join inventory.asset a on a.tenant_id = " + tenant +
                " and a.id = r.asset_id where r.tenant_id = " + tenant +
                " and r.search_id = " + binder_.bind(*selection.search);
        if (selection.seen_in) {
            // An asset that has left the scope since is not the reader's any more.
            rows_ += " and a.scope_ids @> array[" + binder_.bind(*selection.seen_in) + ']';
        }
        if (page.position) {
            const std::string rank = binder_.bind(page.position->keys.front());
            keyset_ = side(page.backward, true) + rank;
            behind_ = side(!page.backward, page.reads_anchor()) + rank;
        }
    }

    Statement page(const std::string &columns) {
        return finish("select r.rank, a.id" + columns + " from " + rows_ + keyset_ +
                      " order by r.rank" + (page_.backward ? " desc" : "") + " limit " +
                      std::to_string(page_.rows()));
    }

    Statement beyond() { return finish("select exists (select from " + rows_ + behind_ + ')'); }

private:
    static std::string side(bool below, bool is_inclusive) {
        return std::string(" and r.rank ") + (below ? "<" : ">") + (is_inclusive ? "= " : " ");
    }

    Statement finish(std::string sql) { return {std::move(sql), binder_.values()}; }

    ParameterBinder binder_;
    const PageRequest &page_;
    std::string rows_;
    std::string keyset_;
    std::string behind_;
};

} // namespace

Sort ranked_sort(const Sort &sort) {
    return {"rank:" + sort.canonical, {{std::string(rank_key), FieldKind::integer, false}}, 1};
}

Statement fill_statement(const Selection &selection, const Uuid &search, const Sort &sort,
                         int capacity, const Catalogue &catalogue) {
    ParameterBinder binder;
    const std::string condition = write_selection(selection, catalogue, binder, false);
    // OFFSET 0 keeps the planner from walking the index of the sort in the hope that
    // the condition holds often. Columns that nobody asks for are not read.
    std::string sql =
        "insert into inventory.search_result (tenant_id, search_id, rank, asset_id) select " +
        binder.bind(selection.tenant) + ", " + binder.bind(search) +
        ", (row_number() over ())::int, f.id from (select a.id from (select a.* from "
        "inventory.asset a where " +
        condition + " offset 0) a order by " + order_by(sort, false) + " limit " +
        std::to_string(std::int64_t{capacity} + 1) + ") f";
    return {std::move(sql), binder.values()};
}

Statement ranked_page_statement(const Selection &selection, const PageRequest &page,
                                const std::string &columns) {
    return RankedWriter(selection, page).page(columns);
}

Statement ranked_beyond_statement(const Selection &selection, const PageRequest &page) {
    return RankedWriter(selection, page).beyond();
}

} // namespace inventory
