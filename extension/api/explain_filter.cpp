// explain_filter: what a DBA asks when a filter is slow. It runs the page as the
// API would, and shows which path answered, its statement, the plan with the rows
// that it read, and for each field of the filter the index that can answer it.

#include "api/asset_list.hpp"
#include "api/sql_call.hpp"
#include "core/asset_keys.hpp"
#include "core/error.hpp"
#include "core/filter_field.hpp"
#include "core/utf8.hpp"
#include "pg/settings.hpp"
#include "pg/spi.hpp"

#include <algorithm>

namespace inventory::api {
namespace {

std::string_view describe_path(PagePath path) noexcept {
    switch (path) {
    case PagePath::plain:
        return "plain: the index of the sort reads exactly the page";
    case PagePath::walk:
        return "walk: the first rows in sort order fill the page";
    case PagePath::sieve:
        return "sieve: the walk did not fill the page; the keys of the filter find the places of "
               "all that may match, of which the next in sort order are read, or all if few";
    case PagePath::fenced:
        break;
    }
    return "fenced: the walk did not fill the page, so the indexes of the filter find all that "
           "match";
}

void collect_comparisons(const RsqlNode &node, std::vector<const RsqlNode *> &out) {
    if (node.kind == RsqlNode::Kind::comparison) {
        out.push_back(&node);
    }
    for (const RsqlNode &child : node.children) {
        collect_comparisons(child, out);
    }
}

/// The column that a field reads, without the row's alias; empty for an expression.
std::string column_of(const Field &field) {
    const std::string_view source = field.source;
    const bool is_column =
        source.substr(0, 2) == "a." && source.find_first_of(" (-:") == std::string_view::npos;
    return is_column ? std::string(source.substr(2)) : std::string();
}

std::string index_on(const std::string &column) {
    std::string found;
    const Statement statement{
        "select c.relname::text from pg_index i join pg_class c on c.oid = i.indexrelid "
        "where i.indrelid = 'inventory.asset'::regclass and i.indisvalid "
        "and pg_get_indexdef(i.indexrelid) ~ ('\\m' || $1 || '\\M') order by c.relname limit 1",
        {column}};
    pg::query(statement, pg::PlanKind::generic,
              [&](const pg::Row &row) { found = pg::text_of(row[0]); });
    return found;
}

/// Which index answers one comparison, or which would.
std::string advise(const RsqlNode &node, const Catalogue &catalogue) {
    const Field &field = *resolve_selector(node, catalogue).field;
    const RsqlValue &value = node.values.front();
    std::string out =
        "  " + quote_for_message(node.selector) + ' ' + std::string(sign(node.comparison)) + ": ";
    if (field.kind == FieldKind::search && value.text.size() < 3 &&
        !has_alternative_keys(value.text)) {
        return out + "one character, or two hexadecimal digits, are no key of the index; the "
                     "tenant's assets are read\n";
    }
    if (node.comparison == Comparison::ne || node.comparison == Comparison::out) {
        return out +
               "a negative comparison is checked on each row; combine it with a positive one\n";
    }
    const std::string column = column_of(field);
    if (column.empty()) {
        return out + "create index concurrently on inventory.asset (tenant_id, (" + field.source +
               "))\n";
    }
    const std::string index = index_on(column);
    const bool is_pattern = !value.wildcards.empty() && node.comparison == Comparison::eq &&
                            field.kind == FieldKind::text;
    if (is_pattern) {
        return out + (index.empty() ? "" : "the index " + index + " finds no pattern; ") +
               "this would: create index concurrently on inventory.asset using gin (tenant_id, " +
               column + " gin_trgm_ops)\n";
    }
    return out + (index.empty() ? "no index; this would help: create index concurrently on "
                                  "inventory.asset (tenant_id, " +
                                      column + ")\n"
                                : "index " + index + '\n');
}

std::string describe_work(const SieveWork &work) {
    return "Read " + std::to_string(work.lists) + " lists of keys, which left " +
           std::to_string(work.places) + " places; passed " + std::to_string(work.entries) +
           " entries of the index of the sort" +
           (work.in_clusters ? ", where a sample of the places lies together" : "") + "; read " +
           std::to_string(work.rows) + " rows\n";
}

/// A line of a plan may hold thousands of places.
std::string shorten(std::string_view line) {
    constexpr std::size_t most = 500;
    if (line.size() <= most) {
        return std::string(line);
    }
    const int kept = pg_mbcliplen(line.data(), static_cast<int>(line.size()), most);
    return std::string(line.substr(0, static_cast<std::size_t>(kept))) + " …";
}

std::string plan_of(const Statement &statement) {
    std::string out;
    std::string sql = "explain (analyze, buffers, timing off) " + statement.sql;
    if (statement.rows > 0) {
        sql += " limit " + std::to_string(statement.rows);
    }
    const Statement explain{std::move(sql), statement.values};
    pg::modify(explain, [&](const pg::Row &row) { // EXPLAIN is no read-only statement to SPI
        out += "  " + shorten(pg::text_of(row[0])) + '\n';
    });
    return out;
}

std::string explain(const Request &request, const ListRequest &list) {
    auto [path, places, work] = page_answer(request, list);
    const Statement statement =
        path == PagePath::sieve
            ? sieve_statement(list.selection, list.page, std::move(places), "", *request.catalogue)
            : page_statement(list.selection, list.page, path, pg::settings::walk_rows, "",
                             *request.catalogue);
    std::string out = "Path " + std::string(describe_path(path)) + '\n' +
                      (path == PagePath::sieve ? describe_work(work) : "") + "\nStatement\n  " +
                      statement.sql + "\n\nPlan\n" + plan_of(statement);
    if (list.selection.filter) {
        std::vector<const RsqlNode *> comparisons;
        collect_comparisons(*list.selection.filter, comparisons);
        out += "\nIndexes\n";
        for (const RsqlNode *node : comparisons) {
            out += advise(*node, *request.catalogue);
        }
    }
    return out;
}

} // namespace
} // namespace inventory::api

/// explain_filter(scope, filter, sort)
SQL_FUNCTION(inventory_explain_filter) {
    using namespace inventory;
    const std::string scope = api::required(fcinfo, 0, "scope");
    std::string out;
    {
        const pg::Spi spi;
        const api::Request request = api::sql_request(scope, "", false);
        api::ListRequest list;
        list.selection.tenant = request.scope().tenant;
        list.selection.seen_in = request.scope().seen_in();
        if (const auto filter = pg::text_argument(fcinfo, 1)) {
            list.selection.filter =
                api::read_filter(*filter, *request.catalogue, SourceKind::parameter, "filter");
        }
        list.page.sort =
            parse_sort(pg::text_argument(fcinfo, 2).value_or(std::string(default_sort)),
                       *request.catalogue, SortScope::search);
        out = api::explain(request, list);
    }
    PG_RETURN_DATUM(pg::text_datum(out));
}
