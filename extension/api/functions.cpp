// The functions that SQL clients call for reading, and the library's own beginning.

#include "api/key_uses.hpp"
#include "api/operations.hpp"
#include "api/request_shapes.hpp"
#include "api/sql_call.hpp"
#include "core/base64url.hpp"
#include "core/cursor.hpp"
#include "core/error.hpp"
#include "core/rsql_parser.hpp"
#include "pg/settings.hpp"
#include "pg/spi.hpp"

#include <nlohmann/json.hpp>

extern "C" {
PG_MODULE_MAGIC;
}

extern "C" PGDLLEXPORT void _PG_init() {
    inventory::pg::settings::define();
    inventory::api::reserve_request_shapes();
    inventory::api::reserve_key_uses();
}

using namespace inventory;

/// list_assets(scope, filter, sort, limit, starting_after, ending_before, meta_count, fields)
SQL_FUNCTION(inventory_list_assets) {
    const std::string scope = api::required(fcinfo, 0, "scope");
    api::Response response;
    {
        const pg::Spi spi;
        api::Request request = api::sql_request(scope, "", false);
        api::add_parameter(request, "filter", pg::text_argument(fcinfo, 1));
        api::add_parameter(request, "sort", pg::text_argument(fcinfo, 2));
        api::add_limit(request, fcinfo, 3);
        api::add_parameter(request, "starting_after", pg::text_argument(fcinfo, 4));
        api::add_parameter(request, "ending_before", pg::text_argument(fcinfo, 5));
        api::add_parameter(request, "meta_count", pg::text_argument(fcinfo, 6));
        api::add_fields(request, pg::text_argument(fcinfo, 7));
        response = api::list_assets(request);
    }
    PG_RETURN_DATUM(api::document_datum(response));
}

/// get_asset(scope, asset_id, fields)
SQL_FUNCTION(inventory_get_asset) {
    const std::string scope = api::required(fcinfo, 0, "scope");
    if (PG_ARGISNULL(1)) {
        throw Error(Code::asset_unknown, "The argument asset_id is null.").in_parameter("asset_id");
    }
    const std::string id = to_string(pg::uuid_of(PG_GETARG_DATUM(1)));
    api::Response response;
    {
        const pg::Spi spi;
        api::Request request = api::sql_request(scope, '/' + id, false);
        request.path_values = {id};
        api::add_fields(request, pg::text_argument(fcinfo, 2));
        response = api::get_asset(request);
    }
    PG_RETURN_DATUM(api::document_datum(response));
}

/// rsql_parse(text): the tree, as jsonb.
SQL_FUNCTION(inventory_rsql_parse) {
    const std::string filter = api::required(fcinfo, 0, "filter");
    PG_RETURN_DATUM(pg::jsonb_datum(to_json(parse_rsql(filter))));
}

/// cursor_encode(jsonb): a cursor with this payload.
SQL_FUNCTION(inventory_cursor_encode) {
    PG_RETURN_DATUM(pg::text_datum(encode_cursor(pg::jsonb_text(PG_GETARG_DATUM(0)))));
}

/// cursor_decode(text): the payload of a cursor.
SQL_FUNCTION(inventory_cursor_decode) {
    const std::string payload = decode_cursor(api::required(fcinfo, 0, "cursor"));
    if (!nlohmann::json::accept(payload)) {
        throw Error(Code::cursor_invalid, "The cursor's payload is not JSON.",
                    "Take cursors from the links of an answer.");
    }
    PG_RETURN_DATUM(pg::jsonb_datum(payload));
}

/// resolve_scope(scope, needs_edit): kind, id, tenant_id, principal_id.
SQL_FUNCTION(inventory_resolve_scope) {
    const std::string scope = api::required(fcinfo, 0, "scope");
    api::Access access;
    {
        const pg::Spi spi;
        access = api::require_scope(scope, PG_GETARG_BOOL(1));
    }
    TupleDesc description = nullptr;
    pg::call(&get_call_result_type, fcinfo, static_cast<Oid *>(nullptr), &description);
    pg::call(&BlessTupleDesc, description);
    Datum values[] = {pg::text_datum(api::plural(access.scope->kind)),
                      pg::uuid_datum(access.scope->id), pg::uuid_datum(access.scope->tenant),
                      pg::uuid_datum(access.principal.value_or(Uuid{}))};
    bool nulls[] = {false, false, false, !access.principal};
    PG_RETURN_DATUM(
        HeapTupleGetDatum(pg::call(&heap_form_tuple, description, &values[0], &nulls[0])));
}

/// random_secret(): ai_ and 256 random bits in base64url.
SQL_FUNCTION(inventory_random_secret) {
    char bits[32];
    if (!pg::call(&pg_strong_random, static_cast<void *>(&bits[0]), sizeof bits)) {
        throw Error(Code::internal, "The server has no random numbers.");
    }
    PG_RETURN_DATUM(pg::text_datum("ai_" + encode_base64url(std::string_view(bits, sizeof bits))));
}
