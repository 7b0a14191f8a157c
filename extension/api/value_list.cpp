#include "api/value_list.hpp"

#include "api/facets.hpp"
#include "api/known_values.hpp"
#include "core/cursor.hpp"
#include "core/error.hpp"
#include "core/json_writer.hpp"
#include "pg/name_uuid.hpp"
#include "pg/spi.hpp"

#include <algorithm>
#include <vector>

namespace inventory::api {
namespace {

/// One page: its values, rendered in the order in which they were read.
struct ValuePage {
    std::vector<std::string> rows;
    ValuePosition first;
    ValuePosition last;
    bool has_more = false;   ///< A value follows in the direction of reading.
    bool has_beyond = false; ///< A value lies behind the position.
    bool is_complete = true; ///< All that was to be read was read.
};

ValuePosition position_of(const pg::Row &row, int first, const ValueOrder &order) {
    ValuePosition position;
    for (const SortKey &key : order.keys) {
        const Datum value = row[first + static_cast<int>(position.keys.size())];
        if (key.kind == FieldKind::time) {
            position.keys.emplace_back(TimeParam{pg::time_of(value)});
        } else if (key.kind == FieldKind::integer) {
            position.keys.emplace_back(DatumGetInt64(value));
        } else {
            position.keys.emplace_back(std::string(pg::text_of(value)));
        }
    }
    return position;
}

void write_time(UnixMicros time, JsonWriter &json) {
    std::string text;
    append_timestamp(text, time);
    json.string(text);
}

/// Writes a measure's member of `meta`, unless it has no value; steps over its columns.
void write_measure(const Measure &measure, const pg::Row &row, int column, JsonWriter &json) {
    static constexpr std::string_view severities[] = {"critical", "high", "medium", "low"};
    if (row.is_null(column)) {
        return;
    }
    json.key(measure.meta);
    if (measure.sql.size() > 1) {
        json.begin_object();
        for (std::size_t part = 0; part < measure.sql.size(); ++part) {
            json.key(severities[part]).integer(DatumGetInt64(row[column + static_cast<int>(part)]));
        }
        json.end_object();
    } else if (measure.kind == FieldKind::time) {
        write_time(pg::time_of(row[column]), json);
    } else {
        json.integer(DatumGetInt64(row[column]));
    }
}

void write_meta(const ValueRequest &values, const pg::Row &row, int column, JsonWriter &json) {
    json.key("meta").begin_object();
    for (std::size_t i = 0; i < measures().size(); ++i) {
        if (i == 0 || values.shown_measures[i]) {
            write_measure(measures()[i], row, column, json);
        }
        column += values.reads(i) ? static_cast<int>(measures()[i].sql.size()) : 0;
    }
    if (values.shows_labels) {
        json.key("labels").begin_array();
        if (!row.is_null(column)) {
            for (const std::string_view label : pg::texts_of(row[column])) {
                json.string(label);
            }
        }
        json.end_array();
    }
    json.end_object();
}

std::string write_value(const ValueRequest &values, std::string_view type, const Uuid &field,
                        const pg::Row &row, int column) {
    std::string_view key;
    std::string_view value;
    std::string name;
    if (values.has_key()) {
        key = pg::text_of(row[column++]);
        name = key;
    }
    if (values.has_value()) {
        value = pg::text_of(row[column++]);
        name += values.has_key() ? "\x1f" : "";
        name += value;
    }
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("type").string(type);
    json.key("id").string(to_string(pg::name_uuid(field, name)));
    json.key("attributes").begin_object();
    if (values.has_key()) {
        json.key("key").string(key);
    }
    if (values.has_value()) {
        json.key("value").string(value);
    }
    json.end_object();
    if (values.counts) {
        write_meta(values, row, column, json);
    }
    json.end_object();
    return out;
}

/// `tells` whether the statement has a last column that says if all was read.
ValuePage run_page(const Statement &statement, pg::PlanKind kind, std::string_view type,
                   const ValueRequest &values, bool tells = false) {
    const Uuid field = *parse_uuid(values.field->id);
    constexpr int first_key = 1;
    const int first_value = first_key + static_cast<int>(values.order.keys.size());
    ValuePage page;
    pg::query(statement, kind, [&](const pg::Row &row) {
        page.has_beyond = DatumGetBool(row[0]);
        if (tells) {
            page.is_complete =
                DatumGetBool(row[first_value + values.has_key() + values.has_value()]);
        }
        if (row.is_null(first_value)) {
            return;
        }
        if (page.rows.size() == static_cast<std::size_t>(values.limit)) {
            page.has_more = true;
            return;
        }
        page.rows.push_back(write_value(values, type, field, row, first_value));
        page.last = position_of(row, first_key, values.order);
        if (page.rows.size() == 1) {
            page.first = page.last;
        }
    });
    return page;
}

/// The page from the dictionary of facets, by the first path that has the answer.
ValuePage read_facets(const FacetFacts &facts, std::string_view type, const ValueRequest &values) {
    ValuePage page;
    for (const FacetPath path : facet_paths(values, facts)) {
        const bool reads_blocks = path == FacetPath::blocks || path == FacetPath::every;
        // All but the aggregate name the index that is right for all values.
        page = run_page(facet_statement(values, facts, path),
                        path == FacetPath::aggregate ? pg::PlanKind::custom : pg::PlanKind::generic,
                        type, values, reads_blocks);
        if (page.is_complete || (page.has_more && (page.has_beyond || !values.position))) {
            break;
        }
    }
    return page;
}

ValuePage read_page(const Request &request, std::string_view type, const ValueRequest &values) {
    if (const auto facts = facet_facts(values)) {
        return read_facets(*facts, type, values);
    }
    ValueRequest known = values;
    known.assets = with_known_values(std::move(known.assets), *request.catalogue);
    const ValueSource source = value_source(known);
    // A scan looks one key up at a time, whatever the values; an aggregate depends on them.
    return run_page(value_statement(known, source, *request.catalogue),
                    source == ValueSource::index ? pg::PlanKind::generic : pg::PlanKind::custom,
                    type, values);
}

void write_links(const Request &request, std::string_view list, const ValueRequest &values,
                 const ValuePage &page, JsonWriter &json) {
    const bool backward = values.backward;
    ValuePosition top = backward ? page.last : page.first;
    ValuePosition bottom = backward ? page.first : page.last;
    if (page.rows.empty() && values.position) {
        // The other side begins at the request's own position, its value included.
        top = bottom = *values.position;
        top.is_inclusive = bottom.is_inclusive = !values.position->is_inclusive;
    }
    const auto cursor = [&](const ValuePosition &position) {
        return encode_cursor(value_payload(list, values.order.canonical, position));
    };
    json.key("links").begin_object().key("self").string(self_link(request));
    json.key("first").string(page_link(request));
    if (backward ? page.has_more : page.has_beyond) {
        json.key("prev").string(page_link(request, "ending_before", cursor(top)));
    }
    if (backward ? page.has_beyond : page.has_more) {
        json.key("next").string(page_link(request, "starting_after", cursor(bottom)));
    }
    json.end_object();
}

} // namespace

std::optional<std::vector<std::string>> read_narrowing_types(const Request &request) {
    auto types = read_asset_types(request);
    const auto &all = request.catalogue->types;
    if (types && std::all_of(all.begin(), all.end(), [&types](const std::string &type) {
            return std::find(types->begin(), types->end(), type) != types->end();
        })) {
        types.reset();
    }
    return types;
}

void read_value_cursor(const Request &request, std::string_view list, ValueRequest &values) {
    const auto cursor = read_cursor(request);
    if (!cursor) {
        return;
    }
    values.backward = cursor->backward;
    try {
        values.position = parse_value_payload(cursor->payload, list, values.order);
    } catch (Error &error) {
        error.set_source(SourceKind::parameter, cursor->parameter);
        throw;
    }
}

std::string value_document(const Request &request, std::string_view list, std::string_view type,
                           const ValueRequest &values) {
    const ValuePage page = read_page(request, type, values);
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("data").begin_array();
    for (std::size_t i = 0; i < page.rows.size(); ++i) {
        json.raw(page.rows[values.backward ? page.rows.size() - 1 - i : i]);
    }
    json.end_array();
    write_links(request, list, values, page, json);
    json.end_object();
    return out;
}

} // namespace inventory::api
