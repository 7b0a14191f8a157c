// Both sources end in the same frame: a relation `g` of distinct values with the
// columns k (key), v (value) and measures, from which the page and the look behind its
// position are taken. An aggregate is materialised once for both; the loose index scan
// is a recursive query that stops when the page is full, so each takes its own.

#include "core/value_query.hpp"

#include "core/comparison.hpp"
#include "core/condition.hpp"

namespace inventory {
namespace {

/// The display names of classes as an SQL array, by rank.
std::string class_array() {
    std::string names;
    for (const std::string_view name : class_names()) {
        names += (names.empty() ? "'" : ", '") + std::string(name) + '\'';
    }
    return "array[" + names + ']';
}

/// SQL that makes the text of a scalar field of what is stored.
std::string scalar_text(const Field &field, const std::string &stored) {
    if (field.kind == FieldKind::asset_class) {
        return '(' + class_array() + ")[" + stored + "] collate \"C\"";
    }
    const bool is_text = field.kind == FieldKind::text || field.kind == FieldKind::type;
    return stored + (is_text ? "" : "::text") + " collate \"C\"";
}

bool is_scalar(const Field &field) noexcept {
    return field.kind != FieldKind::array && field.kind != FieldKind::object;
}

class ValueWriter {
public:
    ValueWriter(const ValueRequest &request, const Catalogue &catalogue)
        : request_(request), field_(*request.field) {
        assets_ = write_selection(request.assets, catalogue, binder_);
        if (request.types) {
            assets_ += " and a.type = any(" + binder_.bind(*request.types) + ')';
        }
        if (request.key) {
            key_ = binder_.bind(*request.key);
        }
        if (request.contains) {
            contains_ = binder_.bind('%' + like_pattern({*request.contains, {}, 0}) + '%');
        }
        if (request.position) {
            for (const Param &key : request.position->keys) {
                bound_.push_back(binder_.bind(key));
            }
        }
    }

    Statement aggregate() {
        std::string with = "with g as materialized (select * from (" +
                           (request_.counts ? grouped() : distinct()) + ") g where " + kept() + ')';
        const std::string page =
            page_of("g") + " order by " + order_by(request_.order, request_.backward) + limit();
        if (!request_.shows_labels) {
            return finish(with + frame(page, beyond("g"), ""));
        }
        // Distinct by hash first: sorting every label of every asset costs many times more.
        with += ", p as materialized (" + page +
                "), l as (select d.v, array_agg(d.label order by d.label) as labels from (select "
                "distinct e.v, x.label from " +
                rows() + " cross join lateral unnest(a.labels) x(label) where " + condition() +
                " and e.v in (select p.v from p)) d group by d.v)";
        return finish(with + frame("select p.*, l.labels from p left join l on l.v = p.v",
                                   beyond("g"), ", p.labels"));
    }

    Statement loose() {
        std::string with = "with recursive " + scan("ahead", request_.backward, true);
        std::string behind = "false";
        if (request_.position) {
            with += ", " + scan("back", !request_.backward, false);
            behind = beyond(shown("back"));
        }
        // No order: the scan is in order, and sorting would run it to its end.
        return finish(with + frame(page_of(shown("ahead")) + limit(), behind, ""));
    }

private:
    /// The assets `a`, each with its values `e`.
    std::string rows() const {
        return "inventory.asset a cross join lateral (" + elements() + ") e";
    }

    /// The values of one asset.
    std::string elements() const {
        const std::string &source = field_.source;
        if (field_.kind == FieldKind::array) {
            // An asset counts once for a value that it holds twice.
            return std::string("select ") + (request_.counts ? "distinct " : "") +
                   "u.v collate \"C\" as v from unnest(" + source + ") u(v)";
        }
        if (field_.kind != FieldKind::object) {
            return "select " + scalar_text(field_, source) + " as v";
        }
        if (request_.form == ValueForm::value) {
            return "select (u.key || ':' || u.value) collate \"C\" as v from jsonb_each_text(" +
                   source + ") u where u.value <> ''";
        }
        if (request_.key) {
            return "select " + key_ + " collate \"C\" as k, (" + source + " ->> " + key_ +
                   ") collate \"C\" as v";
        }
        return request_.form == ValueForm::key
                   ? "select u.k collate \"C\" as k from jsonb_object_keys(" + source + ") u(k)"
                   : "select u.key collate \"C\" as k, u.value collate \"C\" as v from "
                     "jsonb_each_text(" +
                         source + ") u";
    }

    /// Which assets and which of their values.
    std::string condition() const {
        std::string out = assets_;
        if (field_.kind == FieldKind::object && request_.key) {
            out += " and " + field_.source + " ? " + key_;
        }
        return out + (request_.has_value() ? " and e.v <> ''" : "");
    }

    std::string grouped() const {
        std::string measured;
        for (std::size_t i = 0; i < measures().size(); ++i) {
            for (std::size_t part = 0; request_.reads(i) && part < measures()[i].sql.size();
                 ++part) {
                measured +=
                    ", " + std::string(measures()[i].sql[part]) + " as " + measure_column(i, part);
            }
        }
        if (is_scalar(field_)) {
            // Grouped by what is stored, and shown as text once a group.
            return "select " + scalar_text(field_, field_.source) + " as v" + measured +
                   " from inventory.asset a where " + assets_ + " and " + field_.source +
                   " is not null group by " + field_.source;
        }
        return "select e.v" + measured + " from " + rows() + " where " + condition() +
               " group by e.v";
    }

    std::string distinct() const {
        if (is_scalar(field_)) {
            return "select " + scalar_text(field_, "s.v") + " as v from (select distinct " +
                   field_.source + " as v from inventory.asset a where " + assets_ + ") s";
        }
        return std::string("select distinct ") + (request_.has_key() ? "e.k" : "") +
               (request_.form == ValueForm::pair ? ", " : "") +
               (request_.has_value() ? "e.v" : "") + " from " + rows() + " where " + condition();
    }

    /// Of the distinct values `g`, those that are listed.
    std::string kept() const {
        std::string size;
        std::string out;
        if (request_.has_value()) {
            out = "g.v <> '' and ";
            size = "octet_length(g.v)";
        }
        if (request_.has_key()) {
            size += (size.empty() ? "" : " + ") + std::string("octet_length(g.k)");
        }
        out += size + " <= " + std::to_string(longest_value);
        if (!contains_.empty()) {
            // The database's own collation folds case, as it does for q in a filter.
            out += std::string(" and lower(g.") + (request_.has_value() ? "v" : "k") +
                   " collate \"default\") like lower(" + contains_ + ')';
        }
        return out;
    }

    /// A recursive scan `name(t)` of the sort key, in or behind the page's direction,
    /// from the position on: each step looks the next greater (smaller) key up.
    std::string scan(const std::string &name, bool backward, bool is_page) {
        const std::string &total = field_.total.front();
        const bool is_class = field_.kind == FieldKind::asset_class;
        const std::string least = is_class ? "0" : "''";
        const std::string end =
            is_class ? std::to_string(missing_class_rank)
                     : (missing_.empty() ? missing_ = binder_.bind(std::string(missing_text))
                                         : missing_);
        const auto next = [&](const std::string &low, std::string_view op_low,
                              const std::string &high, std::string_view op_high) {
            return "(select " + total + " as t from inventory.asset a where " + assets_ + " and " +
                   total + ' ' + std::string(op_low) + ' ' + low + " and " + total + ' ' +
                   std::string(op_high) + ' ' + high + " order by " + total +
                   (backward ? " desc" : "") + " limit 1)";
        };
        std::string low = least;
        std::string high = end;
        std::string_view op_low = ">";
        std::string_view op_high = "<";
        if (request_.position) {
            const bool is_inclusive = request_.position->is_inclusive == is_page;
            (backward ? high : low) =
                is_class ? "array_position(" + class_array() + ", " + bound_.front() + ')'
                         : bound_.front();
            (backward ? op_high : op_low) =
                backward ? (is_inclusive ? "<=" : "<") : (is_inclusive ? ">=" : ">");
        }
        const std::string first = next(low, op_low, high, op_high);
        const std::string then =
            backward ? next(least, ">", name + ".t", "<") : next(name + ".t", ">", end, "<");
        return name + "(t) as (" + first + " union all select " + then + " from " + name +
               " where " + name + ".t is not null)";
    }

    /// The values that a scan found and that are listed.
    std::string shown(const std::string &name) const {
        return "(select g.v from (select " + scalar_text(field_, name + ".t") + " as v from " +
               name + " where " + name + ".t is not null) g where " + kept() + ") g";
    }

    std::string keyset(bool backward, bool is_inclusive) const {
        return write_value_keyset(request_.order, bound_, is_inclusive, backward);
    }

    /// Whether a value of the relation `g` lies on the other side of the position.
    std::string beyond(const std::string &relation) const {
        if (!request_.position) {
            return "false";
        }
        return "exists (select from " + relation + " where " +
               keyset(!request_.backward, !request_.position->is_inclusive) + ')';
    }

    /// The values of the relation `g` that lie ahead, with the keys of the order.
    std::string page_of(const std::string &relation) const {
        std::string out = "select ";
        for (std::size_t i = 0; i < request_.order.keys.size(); ++i) {
            out += request_.order.keys[i].sql + " as o" + std::to_string(i) + ", ";
        }
        out += columns("g") + " from " + relation;
        if (request_.position) {
            out += " where " + keyset(request_.backward, request_.position->is_inclusive);
        }
        return out;
    }

    std::string limit() const { return " limit " + std::to_string(request_.limit + 1); }

    std::string columns(const std::string &alias) const {
        std::string out;
        const auto add = [&](const std::string &name) {
            out += (out.empty() ? "" : ", ") + alias + '.' + name;
        };
        if (request_.has_key()) {
            add("k");
        }
        if (request_.has_value()) {
            add("v");
        }
        for (std::size_t i = 0; i < measures().size(); ++i) {
            for (std::size_t part = 0; request_.reads(i) && part < measures()[i].sql.size();
                 ++part) {
                add(measure_column(i, part));
            }
        }
        return out;
    }

    std::string frame(const std::string &page, const std::string &behind,
                      const std::string &more) const {
        std::string keys;
        std::string order;
        for (std::size_t i = 0; i < request_.order.keys.size(); ++i) {
            const std::string name = "p.o" + std::to_string(i);
            keys += ", " + name;
            order += (order.empty() ? "" : ", ") + name +
                     (request_.order.keys[i].descending != request_.backward ? " desc" : "");
        }
        return " select b.beyond" + keys + ", " + columns("p") + more + " from (select " + behind +
               " as beyond) b left join (" + page + ") p on true order by " + order;
    }

    Statement finish(std::string sql) { return {std::move(sql), binder_.values()}; }

    const ValueRequest &request_;
    const Field &field_;
    ParameterBinder binder_;
    std::string assets_;
    std::string key_;
    std::string contains_;
    std::string missing_;
    std::vector<std::string> bound_;
};

} // namespace

ValueSource value_source(const ValueRequest &request) noexcept {
    const bool can_scan = !request.counts && !request.types && request.assets.is_whole_tenant() &&
                          request.field->is_indexed && request.form == ValueForm::value;
    return can_scan ? ValueSource::index : ValueSource::assets;
}

Statement value_statement(const ValueRequest &request, ValueSource source,
                          const Catalogue &catalogue) {
    ValueWriter writer(request, catalogue);
    return source == ValueSource::index ? writer.loose() : writer.aggregate();
}

} // namespace inventory
