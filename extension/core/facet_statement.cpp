// A value's number of assets is its row of inventory.facet plus the sum of its deltas.
// Few values have deltas at any time, so a page is merged of two ordered sources: the
// dictionary without the values that deltas touch, from its index, and the touched
// values with their sums. Several types of assets are several such sources.
//
// All columns of an order point the same way, so that one row comparison is the keyset:
// the index of frequencies holds -n.

#include "core/condition.hpp"
#include "core/facet_writer.hpp"

#include <algorithm>

namespace inventory {
namespace {

constexpr std::string_view shown_sql = "substr(f.key || ':' || f.value, 2)";

/// The key under which the trigram index holds a field of a scope.
std::string list_hash(const std::string &tenant, const std::string &scope,
                      const std::string &field) {
    return "uuid_hash_extended(" + tenant + ", uuid_hash_extended(" + scope +
           ", hashtextextended(" + field + ", 0)))";
}

} // namespace

FacetWriter::FacetWriter(const ValueRequest &request, const FacetFacts &facts, FacetPath path)
    : request_(request), facts_(facts), path_(path), order_(index_order(request)) {
    // In this order: tenant, scope and field are $1, $2 and $3 everywhere.
    scope_ = "f.tenant_id = " + binder_.bind(request.assets.tenant);
    scope_ +=
        " and f.scope_id = " + binder_.bind(request.assets.seen_in.value_or(request.assets.tenant));
    scope_ += " and f.field = " + binder_.bind(facet_field(request));
    if (!is_of_object(request) || request.form == ValueForm::key) {
        narrow_ = " and f.key = ''";
        narrow_ += request.key ? " and f.value = " + binder_.bind(*request.key) : "";
    } else if (request.key) {
        narrow_ = " and f.key = " + binder_.bind(':' + *request.key);
    }
    if (request.counts && is_of_object(request)) {
        narrow_ +=
            " and octet_length(" + std::string(shown_sql) + ") <= " + std::to_string(longest_value);
    }
    if (request.contains) {
        if (reads_blocks()) {
            term_ = binder_.bind(*request.contains);
            matches_ = " and inventory.holds_term(f.value, (select lower(" + term_ +
                       " collate \"default\")))";
        } else {
            // The trigrams' own expression.
            matches_ = " and lower(f.value collate \"default\") like lower(" +
                       binder_.bind('%' + like_pattern({*request.contains, {}, 0}) + '%') + ')';
        }
    }
    types_ = binder_.bind(types());
    if (request.position) {
        for (const Param &key : request.position->keys) {
            bound_.push_back(binder_.bind(key));
        }
    }
}

Statement FacetWriter::merged() {
    std::vector<std::string> pages;
    std::vector<std::string> behinds;
    std::size_t index = 0;
    do { // without types: a source that is empty
        ++index;
        pages.push_back(dictionary(index, request_.backward, false));
        behinds.push_back("exists (select from (" + dictionary(index, !request_.backward, true) +
                          ") g)");
    } while (index < types().size());
    if (facts_.has_deltas) {
        pages.push_back(page(touched(), request_.backward, false, request_.limit + 1));
        behinds.push_back("exists (select from (" + page(touched(), !request_.backward, true, 1) +
                          ") g)");
    }
    std::string all;
    std::string behind;
    for (std::size_t i = 0; i < pages.size(); ++i) {
        all += (i == 0 ? "(" : " union all (") + pages[i] + ')';
        behind += (i == 0 ? "" : " or ") + behinds[i];
    }
    if (pages.size() > 1) {
        // A value of several types is listed once, with the sum of its numbers: if it is
        // on the page, it is on the page of each of its types.
        const bool has_sums = request_.counts && types().size() > 1;
        all =
            std::string("select ") + (request_.counts ? "" : "distinct ") + "g.* from (" +
            (has_sums ? "select g.v, sum(g.m0_0)::bigint as m0_0 from (" + all + ") g group by g.v"
                      : all) +
            ") g order by " + index_order_by(request_.backward) + limit();
    }
    return finish(with_all() + frame(all, request_.position ? behind : "false"));
}

Statement FacetWriter::aggregate() {
    std::string sources =
        "select f.key, f.value, f.n from inventory.facet f where " + scope_ + of_types();
    if (facts_.has_deltas) {
        sources += " union all select d.key, d.value, d.n from d";
    }
    const std::string with =
        (facts_.has_deltas ? with_deltas(false) + ", " : std::string("with ")) +
        "g as materialized (select " + columns("f", "f.n") +
        " from (select f.key, f.value, sum(f.n)::bigint as n from (" + sources +
        ") f group by 1, 2 having sum(f.n) > 0) f where true" + narrow_ + matches_ + ')';
    const std::string keyset =
        request_.position
            ? " where " + write_value_keyset(request_.order, bound_,
                                             request_.position->is_inclusive, request_.backward)
            : "";
    const std::string behind =
        request_.position
            ? "exists (select from g where " +
                  write_value_keyset(request_.order, bound_, !request_.position->is_inclusive,
                                     !request_.backward) +
                  ')'
            : "false";
    return finish(with + frame("select g.* from g" + keyset + " order by " +
                                   order_by(request_.order, request_.backward) + limit(),
                               behind));
}

std::vector<std::string> FacetWriter::types() const {
    if (!request_.types) {
        return facts_.types;
    }
    std::vector<std::string> out;
    for (const std::string &type : *request_.types) {
        if (std::find(facts_.types.begin(), facts_.types.end(), type) != facts_.types.end() &&
            std::find(out.begin(), out.end(), type) == out.end()) {
            out.push_back(type);
        }
    }
    return out;
}

std::string FacetWriter::with_deltas(bool has_totals) const {
    const std::string seen = request_.assets.seen_in ? " and d.scope_ids @> array[$2]" : "";
    // Not by a lateral join, which makes a scan of a function for each row.
    std::string out = "with d as materialized (select f.key, f.value, sum(f.n)::bigint as n "
                      "from (select unnest(d.keys) as key, unnest(d.values) as value, "
                      "unnest(d.counts) as n from inventory.facet_delta d "
                      "where d.tenant_id = $1 and d.field = $3" +
                      seen + " and d.type = any(" + types_ + ")) f where true" + narrow_ +
                      matches_ + " group by 1, 2 having sum(f.n) <> 0)";
    if (has_totals) {
        // One look-up by primary key a type: an array of types would not reach the key.
        std::string total = "d.n";
        for (std::size_t i = 1; i <= types().size(); ++i) {
            total += " + coalesce((select f.n from inventory.facet f where " + scope_ + of_type(i) +
                     " and f.key = d.key and f.value = d.value), 0)";
        }
        out += ", t as materialized (select d.key, d.value, " + total + " as n from d)";
    }
    return out;
}

std::string FacetWriter::columns(const std::string &row, const std::string &n) const {
    const std::string key = "substr(" + row + ".key, 2)";
    if (request_.counts) {
        // The index of frequencies holds this expression for all fields.
        const bool is_plain = !is_of_object(request_) && order_ && order_->columns.size() == 1;
        return (is_plain ? std::string("f.value") : std::string(shown_sql)) + " as v, " + n +
               " as m0_0, - " + n + " as rank";
    }
    switch (request_.form) {
    case ValueForm::key:
        return row + ".value as k";
    case ValueForm::pair:
        return row + ".key as raw, " + key + " as k, " + row + ".value as v";
    case ValueForm::value:
        break;
    }
    return row + ".value as v";
}

std::string FacetWriter::dictionary(std::size_t type, bool backward, bool is_behind) {
    const int wanted = is_behind ? 1 : request_.limit + 1;
    const std::string source = " from inventory.facet f where " + scope_ + of_type(type);
    const std::string kept = narrow_ + (facts_.has_deltas ? untouched : "");
    if (reads_blocks()) {
        return of_blocks(type, backward, is_behind, wanted, kept);
    }
    if (path_ == FacetPath::ties) {
        return of_ties(source, kept, backward, is_behind, wanted);
    }
    std::string from = source;
    if (path_ == FacetPath::matched) {
        // Behind the fence no other index answers, however few the planner expects there.
        from = " from (select f.* from inventory.facet f where " +
               list_hash("f.tenant_id", "f.scope_id", "f.field") + " = " +
               list_hash("$1", "$2", "$3") + matches_ + " offset 0) f where " + scope_ +
               of_type(type);
    }
    return page("select " + columns("f", "f.n") + from + kept, backward, is_behind, wanted);
}

std::string FacetWriter::of_ties(const std::string &source, const std::string &kept, bool backward,
                                 bool is_behind, int wanted) {
    if (is_behind && !request_.position) {
        return "select " + columns("f", "f.n") + source + " and false";
    }
    const bool is_descending = request_.order.keys[0].descending != backward;
    const std::string name = is_behind ? "behind1" : "ahead1";
    const std::string by = std::string(" order by - f.n") + (is_descending ? "" : " desc");
    const std::string next = "(select - f.n" + source + " and - f.n ";
    // Ranks are negative numbers, so they run the other way.
    const std::string first =
        next +
        (request_.position ? (is_descending ? ">= - " : "<= - ") + bound_[0]
                           : (is_descending ? ">= - 9223372036854775807" : "< 0")) +
        by + " limit 1)";
    blocks_.emplace_back(name + "(rank)", first + " union all select " + next +
                                              (is_descending ? "> " : "< ") + name + ".rank" + by +
                                              " limit 1) from " + name + " where " + name +
                                              ".rank is not null");
    const std::string limit = " limit " + std::to_string(wanted);
    return "select g.* from " + name + " r cross join lateral (select g.* from (select " +
           columns("f", "f.n") + source + " and - f.n = r.rank" + kept + ") g" +
           keyset(backward, is_behind) + " order by g.v" +
           (request_.order.keys[1].descending != backward ? " desc" : "") + limit +
           ") g where r.rank is not null" + limit;
}

std::string FacetWriter::with_all() const {
    const auto with = [this] { return path_ == FacetPath::ties ? "with recursive " : "with "; };
    std::string out = facts_.has_deltas ? with_deltas() : "";
    if (!out.empty()) {
        out.replace(0, std::string_view("with ").size(), with());
    }
    for (const auto &[name, blocks] : blocks_) {
        out += (out.empty() ? with() : ", ") + name +
               (path_ == FacetPath::blocks ? " as materialized (" : " as (") + blocks + ')';
    }
    return out;
}

std::string FacetWriter::page(const std::string &rows, bool backward, bool is_behind,
                              int wanted) const {
    return "select g.* from (" + rows + ") g" + keyset(backward, is_behind) + " order by " +
           index_order_by(backward) + " limit " + std::to_string(wanted);
}

std::string FacetWriter::keyset(bool backward, bool is_behind) const {
    if (!request_.position) {
        return "";
    }
    const bool is_inclusive = request_.position->is_inclusive != is_behind;
    if (!order_) {
        return " where " + write_value_keyset(request_.order, bound_, is_inclusive, backward);
    }
    const bool is_descending = order_->descending != backward;
    std::string left;
    std::string right;
    for (std::size_t i = 0; i < order_->columns.size(); ++i) {
        const std::string_view column = order_->columns[i];
        left += (i == 0 ? "" : ", ") + std::string(column);
        right += (i == 0 ? "" : ", ") + (column == "g.rank"  ? "- " + bound_[i]
                                         : column == "g.raw" ? "':' || " + bound_[i]
                                                             : bound_[i]);
    }
    return " where (" + left + ") " + (is_descending ? "<" : ">") + (is_inclusive ? "=" : "") +
           " (" + right + ')';
}

std::string FacetWriter::index_order_by(bool backward) const {
    if (!order_) {
        return order_by(request_.order, backward);
    }
    std::string out;
    for (const std::string_view column : order_->columns) {
        out += (out.empty() ? "" : ", ") + std::string(column) +
               (order_->descending != backward ? " desc" : "");
    }
    return out;
}

std::string FacetWriter::frame(const std::string &page, const std::string &behind) const {
    std::string keys;
    std::string order;
    for (std::size_t i = 0; i < request_.order.keys.size(); ++i) {
        // Keys of an order are `g.` and a column, which the page has too.
        const std::string name = "p" + request_.order.keys[i].sql.substr(1);
        keys += ", " + name;
        order += (order.empty() ? "" : ", ") + name +
                 (request_.order.keys[i].descending != request_.backward ? " desc" : "");
    }
    const std::string shown = std::string(request_.has_key() ? ", p.k" : "") +
                              (request_.has_value() ? ", p.v" : "") +
                              (request_.counts ? ", p.m0_0" : "");
    const bool tells = reads_blocks();
    return " select b.beyond" + keys + shown + (tells ? ", b.complete" : "") + " from (select " +
           behind + " as beyond" + (tells ? ", " + is_complete() + " as complete" : "") +
           ") b left join (" + page + ") p on true order by " + order;
}

Statement FacetWriter::finish(std::string sql) {
    const bool is_ordered = path_ == FacetPath::ordered || path_ == FacetPath::ties;
    return {std::move(sql), binder_.values(), 0,
            is_ordered                    ? Scans::in_order
            : path_ == FacetPath::matched ? Scans::bitmap
                                          : Scans::any};
}

Statement facet_statement(const ValueRequest &request, const FacetFacts &facts, FacetPath path) {
    FacetWriter writer(request, facts, path);
    return path == FacetPath::aggregate ? writer.aggregate() : writer.merged();
}

} // namespace inventory
