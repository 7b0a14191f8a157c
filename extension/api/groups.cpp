// Operations 7 and 8: GET S/inventory/assets/groups and …/{group_field}/values.

#include "api/asset_list.hpp"
#include "api/field_document.hpp"
#include "api/operations.hpp"
#include "api/sql_call.hpp"
#include "api/value_list.hpp"
#include "core/cursor.hpp"
#include "core/error.hpp"
#include "core/utf8.hpp"
#include "pg/spi.hpp"

#include <algorithm>

namespace inventory::api {
namespace {

constexpr std::string_view labels_name = "labels";
constexpr std::string_view all_name = "all";

/// The first and last field of a page of fields, as positions in the whole list.
struct FieldPage {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// What a cursor into the list of fields remembers: the name of a field.
const ValueOrder &field_order() {
    static const ValueOrder order = order_by_columns({"field"});
    return order;
}

std::string field_cursor(const Field &field, bool is_inclusive) {
    return encode_cursor(
        value_payload(group_room.path, field_order().canonical, {{field.name}, is_inclusive}));
}

/// The field of a position, which orders the list by its place in the catalogue.
const Field *field_at(const Request &request, const ValuePosition &position) {
    const Field *field = request.catalogue->find(std::get<std::string>(position.keys.front()));
    if (field == nullptr) {
        throw Error(Code::cursor_invalid, "The cursor's field is not in the catalogue.",
                    "Start again without a cursor.");
    }
    return field;
}

FieldPage find_page(const Request &request, const std::vector<const Field *> &fields,
                    std::size_t limit) {
    const auto cursor = read_cursor(request);
    if (!cursor) {
        return {0, std::min(limit, fields.size())};
    }
    try {
        const ValuePosition position =
            parse_value_payload(cursor->payload, group_room.path, field_order());
        // The catalogue holds its fields in order, so their addresses are ordered too.
        const Field *from = field_at(request, position);
        const auto place = cursor->backward == position.is_inclusive
                               ? std::upper_bound(fields.begin(), fields.end(), from)
                               : std::lower_bound(fields.begin(), fields.end(), from);
        const auto cut = static_cast<std::size_t>(place - fields.begin());
        return cursor->backward ? FieldPage{cut - std::min(limit, cut), cut}
                                : FieldPage{cut, std::min(cut + limit, fields.size())};
    } catch (Error &error) {
        error.set_source(SourceKind::parameter, cursor->parameter);
        throw;
    }
}

/// The catalogue as far as the types have its fields: what a filter may name.
Catalogue narrow(const Catalogue &catalogue, const std::vector<std::string> &types) {
    Catalogue out = catalogue;
    for (Field &field : out.fields) {
        field.is_filter =
            field.is_filter && std::any_of(types.begin(), types.end(), [&field](const auto &type) {
                return field.belongs_to(type);
            });
    }
    return out;
}

Error unknown_meta_field(std::string_view name) {
    std::string list(labels_name);
    for (const Measure &measure : measures().subspan(1)) {
        list += ", " + std::string(measure.meta);
    }
    return Error(Code::parameter_invalid,
                 "meta_fields names an unknown field " + quote_for_message(name) + '.',
                 "Send all, or a comma list of " + list + '.')
        .in_parameter("meta_fields");
}

void read_meta_fields(const Request &request, ValueRequest &values) {
    const std::string *text = request.parameter("meta_fields");
    if (text == nullptr) {
        return;
    }
    const auto choose = [&values](std::string_view name) {
        bool is_known = name == labels_name || name == all_name;
        values.shows_labels = values.shows_labels || is_known;
        for (std::size_t i = 1; i < measures().size(); ++i) {
            const bool is_chosen = name == measures()[i].meta || name == all_name;
            values.shown_measures[i] = values.shown_measures[i] || is_chosen;
            is_known = is_known || is_chosen;
        }
        return is_known;
    };
    if (*text == all_name) {
        choose(all_name);
        return;
    }
    std::string_view rest = *text;
    while (true) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        const std::string_view item = rest.substr(0, comma);
        if (item == all_name || !choose(item)) {
            throw unknown_meta_field(item);
        }
        if (comma == rest.size()) {
            return;
        }
        rest.remove_prefix(comma + 1);
    }
}

void read_group_filter(const Request &request, ValueRequest &values) {
    if (const std::string *filter = request.parameter("filter")) {
        values.assets.filter = read_filter(
            *filter, values.types ? narrow(*request.catalogue, *values.types) : *request.catalogue,
            SourceKind::parameter, "filter");
    }
}

void read_group_sort(const Request &request, ValueRequest &values) {
    const std::string *sort = request.parameter("sort");
    try {
        values.order = parse_group_sort(sort != nullptr ? *sort : default_group_sort);
    } catch (Error &error) {
        error.set_source(SourceKind::parameter, "sort");
        throw;
    }
}

} // namespace

Response list_group_fields(const Request &request) {
    const auto types = read_asset_types(request);
    const auto limit = static_cast<std::size_t>(read_limit(request));
    const auto fields = fields_of(group_room, *request.catalogue, types);
    const FieldPage page = find_page(request, fields, limit);
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("data").begin_array();
    for (std::size_t i = page.begin; i < page.end; ++i) {
        write_field(group_room, *fields[i], request, json);
    }
    json.end_array().key("links").begin_object().key("self").string(self_link(request));
    json.key("first").string(page_link(request));
    // A page without fields names its neighbour, which is then part of the page behind it.
    const bool is_empty = page.begin == page.end;
    if (page.begin > 0) {
        const Field &top = *fields[is_empty ? page.begin - 1 : page.begin];
        json.key("prev").string(page_link(request, "ending_before", field_cursor(top, is_empty)));
    }
    if (page.end < fields.size()) {
        const Field &bottom = *fields[is_empty ? page.end : page.end - 1];
        json.key("next").string(
            page_link(request, "starting_after", field_cursor(bottom, is_empty)));
    }
    json.end_object().end_object();
    return respond(request, std::move(out));
}

Response list_group_values(const Request &request) {
    ValueRequest values;
    values.counts = true;
    values.assets.tenant = request.scope().tenant;
    values.assets.seen_in = request.scope().seen_in();
    values.types = read_narrowing_types(request);
    read_group_filter(request, values);
    read_group_sort(request, values);
    read_meta_fields(request, values);
    values.limit = read_limit(request);
    const std::string list = values_list(group_room, request);
    read_value_cursor(request, list, values);
    values.field = find_field(group_room, request);
    if (values.field == nullptr) {
        throw Error(Code::group_unknown, "There is no group field of this id.",
                    "GET /inventory/assets/groups of the scope lists them.");
    }
    return respond(request, value_document(request, list, "group_values", values));
}

} // namespace inventory::api

using namespace inventory;

/// group_fields(scope, asset_types, limit, starting_after, ending_before)
SQL_FUNCTION(inventory_group_fields) {
    const std::string scope = api::required(fcinfo, 0, "scope");
    api::Response response;
    {
        const pg::Spi spi;
        api::Request request = api::sql_request(scope, "/groups", false);
        api::add_parameter(request, "asset_types", pg::text_argument(fcinfo, 1));
        api::add_limit(request, fcinfo, 2);
        api::add_parameter(request, "starting_after", pg::text_argument(fcinfo, 3));
        api::add_parameter(request, "ending_before", pg::text_argument(fcinfo, 4));
        response = api::list_group_fields(request);
    }
    PG_RETURN_DATUM(api::document_datum(response));
}

/// group_values(scope, group_field, filter, asset_types, meta_fields, limit,
/// starting_after, ending_before, sort)
SQL_FUNCTION(inventory_group_values) {
    const std::string scope = api::required(fcinfo, 0, "scope");
    const std::string id = api::required_uuid(fcinfo, 1, "group_field");
    api::Response response;
    {
        const pg::Spi spi;
        api::Request request = api::sql_request(scope, "/groups/" + id + "/values", false);
        request.path_values = {id};
        api::add_parameter(request, "filter", pg::text_argument(fcinfo, 2));
        api::add_parameter(request, "asset_types", pg::text_argument(fcinfo, 3));
        api::add_parameter(request, "meta_fields", pg::text_argument(fcinfo, 4));
        api::add_limit(request, fcinfo, 5);
        api::add_parameter(request, "starting_after", pg::text_argument(fcinfo, 6));
        api::add_parameter(request, "ending_before", pg::text_argument(fcinfo, 7));
        api::add_parameter(request, "sort", pg::text_argument(fcinfo, 8));
        response = api::list_group_values(request);
    }
    PG_RETURN_DATUM(api::document_datum(response));
}
