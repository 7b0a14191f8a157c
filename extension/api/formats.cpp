// What importing needs of the library: the rest of it is SQL (53_formats.sql).

#include "api/sql_call.hpp"
#include "core/csv.hpp"
#include "pg/datum.hpp"
#include "pg/guard.hpp"

using namespace inventory;

/// csv_to_json(csv): the header and the rows, as jsonb.
SQL_FUNCTION(inventory_csv_to_json) {
    PG_RETURN_DATUM(pg::jsonb_datum(csv_to_json(api::required(fcinfo, 0, "csv"))));
}
