// Operations 9 and 10: GET S/inventory/assets/filters and …/{filter_id}/values.

#include "api/field_document.hpp"
#include "api/operations.hpp"
#include "api/sql_call.hpp"
#include "api/value_list.hpp"
#include "core/error.hpp"
#include "core/utf8.hpp"
#include "pg/spi.hpp"

#include <array>

namespace inventory::api {
namespace {

constexpr std::size_t longest_q = 100; // in code points

void read_q(const Request &request, ValueRequest &values) {
    const std::string *q = request.parameter("q");
    if (q == nullptr) {
        return;
    }
    const std::size_t length = count_code_points(*q);
    if (length < 1 || length > longest_q) {
        throw Error(Code::parameter_invalid,
                    "q has " + std::to_string(length) + " characters, not 1 to " +
                        std::to_string(longest_q) + '.',
                    "Send the part of a value to look for, or leave q out.")
            .in_parameter("q");
    }
    values.contains = *q;
}

/// Reads what only the values of an object have, and orders the list.
void read_form(const Request &request, bool keys_only, ValueRequest &values) {
    const std::string *key = request.parameter("key");
    if (values.field->kind != FieldKind::object) {
        if (keys_only || key != nullptr) {
            throw Error(Code::parameter_invalid,
                        "The field " + values.field->name + " has no keys.",
                        "Only the values of an object field, such as tags, have keys.")
                .in_parameter(keys_only ? "keys_only" : "key");
        }
        values.order = order_by_columns({"v"});
        return;
    }
    values.form = keys_only ? ValueForm::key : ValueForm::pair;
    values.order = keys_only ? order_by_columns({"k"}) : order_by_columns({"k", "v"});
    if (key != nullptr) {
        values.key = *key;
    }
}

} // namespace

Response list_filter_fields(const Request &request) {
    const auto types = read_asset_types(request);
    // All fields are one page: what would page them is checked and has no effect.
    read_limit(request);
    read_cursor(request);
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("data").begin_array();
    for (const Field *field : fields_of(filter_room, *request.catalogue, types)) {
        write_field(filter_room, *field, request, json);
    }
    json.end_array().key("links").begin_object().key("self").string(self_link(request));
    json.end_object().end_object();
    return respond(request, std::move(out));
}

Response list_filter_values(const Request &request) {
    static constexpr std::array<std::string_view, 2> truths{"true", "false"};
    ValueRequest values;
    values.assets.tenant = request.scope().tenant;
    values.assets.seen_in = request.scope().seen_in();
    values.types = read_narrowing_types(request);
    read_q(request, values);
    const bool keys_only = read_choice(request, "keys_only", truths) == "true";
    values.limit = read_limit(request);
    read_cursor(request); // a malformed one is told before an unknown field
    values.field = find_field(filter_room, request);
    if (values.field == nullptr) {
        throw Error(Code::filter_unknown,
                    "There is no filter field of this id whose values are listed.",
                    "GET /inventory/assets/filters of the scope lists them.");
    }
    read_form(request, keys_only, values);
    const std::string list = values_list(filter_room, request);
    read_value_cursor(request, list, values);
    return respond(request, value_document(request, list, "filter_values", values));
}

} // namespace inventory::api

using namespace inventory;

/// filter_fields(scope, asset_types)
SQL_FUNCTION(inventory_filter_fields) {
    const std::string scope = api::required(fcinfo, 0, "scope");
    api::Response response;
    {
        const pg::Spi spi;
        api::Request request = api::sql_request(scope, "/filters", false);
        api::add_parameter(request, "asset_types", pg::text_argument(fcinfo, 1));
        response = api::list_filter_fields(request);
    }
    PG_RETURN_DATUM(api::document_datum(response));
}

/// filter_values(scope, filter_id, q, keys_only, key, limit, starting_after,
/// ending_before, asset_types)
SQL_FUNCTION(inventory_filter_values) {
    const std::string scope = api::required(fcinfo, 0, "scope");
    const std::string id = api::required_uuid(fcinfo, 1, "filter_id");
    api::Response response;
    {
        const pg::Spi spi;
        api::Request request = api::sql_request(scope, "/filters/" + id + "/values", false);
        request.path_values = {id};
        api::add_parameter(request, "q", pg::text_argument(fcinfo, 2));
        if (!PG_ARGISNULL(3)) {
            api::add_parameter(request, "keys_only", PG_GETARG_BOOL(3) ? "true" : "false");
        }
        api::add_parameter(request, "key", pg::text_argument(fcinfo, 4));
        api::add_limit(request, fcinfo, 5);
        api::add_parameter(request, "starting_after", pg::text_argument(fcinfo, 6));
        api::add_parameter(request, "ending_before", pg::text_argument(fcinfo, 7));
        api::add_parameter(request, "asset_types", pg::text_argument(fcinfo, 8));
        response = api::list_filter_values(request);
    }
    PG_RETURN_DATUM(api::document_datum(response));
}
