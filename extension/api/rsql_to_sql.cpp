// rsql_to_sql: the dialect over any table, its columns from pg_attribute.

#include "core/condition.hpp"
#include "core/error.hpp"
#include "core/rsql_parser.hpp"
#include "pg/spi.hpp"

namespace inventory::api {
namespace {

constexpr std::string_view columns_statement =
    "select quote_ident(t.attname), t.attname, format_type(coalesce(nullif(y.typbasetype, 0), "
    "t.atttypid), null), t.attnotnull, "
    "y.typcategory from pg_attribute t join pg_type y on y.oid = t.atttypid "
    "where t.attrelid = $1::oid and t.attnum > 0 and not t.attisdropped order by t.attnum";

/// What a column of this type can be compared as, and the SQL that reads it so.
std::optional<std::pair<FieldKind, std::string>>
reader(std::string_view type, std::string_view category, const std::string &column) {
    if (type == "smallint" || type == "integer") {
        return {{FieldKind::integer, column}};
    }
    if (type == "bigint") {
        return {{FieldKind::bigint, column}};
    }
    if (type == "numeric" || type == "real" || type == "double precision") {
        return {{FieldKind::number, column}};
    }
    if (type == "boolean") {
        return {{FieldKind::boolean, column}};
    }
    if (type == "uuid") {
        return {{FieldKind::uuid, column}};
    }
    if (type == "timestamp with time zone") {
        return {{FieldKind::time, column}};
    }
    // A time without a zone is UTC, never the session's (rsql.md rule 13).
    if (type == "timestamp without time zone") {
        return {{FieldKind::time, '(' + column + " at time zone 'UTC')"}};
    }
    if (type == "date") {
        return {{FieldKind::time, '(' + column + "::timestamp at time zone 'UTC')"}};
    }
    if (type == "jsonb") {
        return {{FieldKind::object, column}};
    }
    if (type == "text[]") {
        return {{FieldKind::array, column}};
    }
    if (type == "character varying[]") {
        return {{FieldKind::array, column + "::text[]"}};
    }
    if (type == "text") {
        return {{FieldKind::text, column}};
    }
    if (category == "S" || category == "E") { // further strings, enumerations
        return {{FieldKind::text, column + "::text"}};
    }
    return std::nullopt;
}

Catalogue catalogue_of(Oid relation) {
    Catalogue catalogue;
    catalogue.types.emplace_back(); // every field belongs to it
    pg::query({std::string(columns_statement), {static_cast<std::int64_t>(relation)}},
              pg::PlanKind::generic, [&](const pg::Row &row) {
                  const char category = DatumGetChar(row[4]);
                  const auto found = reader(pg::text_of(row[2]), std::string_view(&category, 1),
                                            std::string(pg::text_of(row[0])));
                  if (found) {
                      Field field;
                      field.name = NameStr(*DatumGetName(row[1]));
                      field.kind = found->first;
                      field.source = found->second;
                      field.is_filter = true;
                      field.nullable = !DatumGetBool(row[3]);
                      catalogue.fields.push_back(std::move(field));
                  }
              });
    return catalogue;
}

} // namespace
} // namespace inventory::api

/// rsql_to_sql(filter, relation)
SQL_FUNCTION(inventory_rsql_to_sql) {
    using namespace inventory;
    const std::string filter(pg::text_of(PG_GETARG_DATUM(0)));
    std::string condition;
    {
        const pg::Spi spi;
        const Catalogue catalogue = api::catalogue_of(PG_GETARG_OID(1));
        LiteralBinder binder;
        condition = write_condition(parse_rsql(filter), catalogue, binder);
    }
    PG_RETURN_DATUM(pg::text_datum(condition));
}
