#include "api/catalogue_cache.hpp"

#include "core/error.hpp"
#include "pg/relation.hpp"
#include "pg/spi.hpp"

#include <stdexcept>

namespace inventory::api {
namespace {

std::shared_ptr<const Catalogue> kept;
Oid field_table = InvalidOid;

void forget(Datum, Oid relation) {
    if (relation == InvalidOid || relation == field_table) {
        // Whoever is reading it holds a reference of its own.
        field_table = InvalidOid;
    }
}

void watch() {
    static bool is_watching = false;
    if (!is_watching) {
        pg::call(&CacheRegisterRelcacheCallback, static_cast<RelcacheCallbackFunction>(forget),
                 Datum(0));
        is_watching = true;
    }
}

/// The top-level items of `expression`, split at commas outside of parentheses and quotes.
std::vector<std::string> split_keys(std::string_view expression) {
    std::vector<std::string> out;
    std::size_t begin = 0;
    int depth = 0;
    bool is_quoted = false;
    for (std::size_t i = 0; i <= expression.size(); ++i) {
        const char c = i < expression.size() ? expression[i] : ',';
        is_quoted = is_quoted != (c == '\'' && i < expression.size());
        depth += is_quoted ? 0 : c == '(' ? 1 : c == ')' ? -1 : 0;
        if (i == expression.size() || (c == ',' && depth == 0 && !is_quoted)) {
            const std::size_t first = expression.find_first_not_of(' ', begin);
            out.emplace_back(expression.substr(first, i - first));
            begin = i + 1;
        }
    }
    return out;
}

SortScope sort_scope(std::string_view text) noexcept {
    return text == "list"     ? SortScope::list
           : text == "search" ? SortScope::search
                              : SortScope::none;
}

Field read_field(const pg::Row &row) {
    const auto kind = field_kind(pg::text_of(row[2]));
    if (!kind) {
        throw std::logic_error("the catalogue holds an unknown kind of field");
    }
    Field field;
    field.name = pg::text_of(row[0]);
    field.id = to_string(pg::uuid_of(row[1]));
    field.kind = *kind;
    field.source = pg::text_of(row[3]);
    if (!row.is_null(4)) {
        field.total = split_keys(pg::text_of(row[4]));
    }
    field.all_types = row.is_null(5);
    if (!field.all_types) {
        for (const std::string_view type : pg::texts_of(row[5])) {
            field.asset_types.emplace_back(type);
        }
    }
    field.is_attribute = DatumGetBool(row[6]);
    field.is_filter = DatumGetBool(row[7]);
    field.is_group = DatumGetBool(row[8]);
    field.has_values = DatumGetBool(row[9]);
    field.sort = row.is_null(10) ? SortScope::none : sort_scope(pg::text_of(row[10]));
    field.description = pg::text_of(row[11]);
    field.nullable = !DatumGetBool(row[12]);
    field.by_key_only = DatumGetBool(row[14]);
    field.is_indexed = field.total.size() == 1 && DatumGetBool(row[13]);
    field.index = row.is_null(15) ? 0 : DatumGetObjectId(row[15]);
    return field;
}

std::shared_ptr<const Catalogue> load() {
    auto catalogue = std::make_shared<Catalogue>();
    catalogue->is_distributed = pg::may_be_distributed();
    pg::query({"select name from inventory.asset_type order by name", {}}, pg::PlanKind::generic,
              [&](const pg::Row &row) { catalogue->types.emplace_back(pg::text_of(row[0])); });
    // An index serves a field when its second key reads the field's column. Read from the
    // catalogues alone: pg_get_indexdef would wait for whoever has the table locked.
    pg::query(
        {"with tree as materialized (select i.indexrelid, i.indkey from pg_index i "
         "where i.indrelid = 'inventory.asset'::regclass and i.indisvalid and i.indpred is null "
         "and i.indkey[0] = (select t.attnum from pg_attribute t "
         "where t.attrelid = 'inventory.asset'::regclass and t.attname = 'tenant_id')) "
         "select f.name, f.id, f.kind, f.source, f.total, f.asset_types, f.is_attribute, "
         "f.is_filter, f.is_group, f.has_values, f.sort, f.description, "
         "coalesce(t.attnotnull, false), i.is_there, f.by_key_only, i.own "
         "from inventory.asset_field f left join pg_attribute t "
         "on t.attrelid = 'inventory.asset'::regclass and t.attnum > 0 and 'a.' || t.attname = "
         "f.source "
         "cross join lateral (select coalesce(bool_or(s.serves), false) as is_there, "
         "max(s.indexrelid) filter (where s.relname = 'asset_' || f.name || '_idx' "
         "and (s.serves or t.attnum is null)) as own "
         "from (select tree.indexrelid, c.relname, tree.indkey[1] = t.attnum "
         "or (tree.indkey[1] = 0 and t.attnum <> all(tree.indkey::int2[]) and exists (select from "
         "pg_depend d "
         "where d.classid = 'pg_class'::regclass and d.objid = tree.indexrelid "
         "and d.refclassid = 'pg_class'::regclass and d.refobjid = t.attrelid "
         "and d.refobjsubid = t.attnum)) as serves "
         "from tree join pg_class c on c.oid = tree.indexrelid) s) i "
         "order by f.ordinal",
         {}},
        pg::PlanKind::generic,
        [&](const pg::Row &row) { catalogue->fields.push_back(read_field(row)); });
    return catalogue;
}

} // namespace

std::shared_ptr<const Catalogue> current_catalogue() {
    // Nobody tells a session that the tables were distributed.
    if (kept == nullptr || field_table == InvalidOid ||
        kept->is_distributed != pg::may_be_distributed()) {
        watch();
        // Set before reading: a message that arrives meanwhile forgets it again.
        field_table = pg::call(&pg::inventory_relation, "asset_field");
        if (!OidIsValid(field_table)) {
            throw Error(Code::schema_outdated, "The tables of the inventory are not there.",
                        "Run select inventory.migrate();");
        }
        kept = load();
    }
    return kept;
}

} // namespace inventory::api

/// catalogue_changed(): tells every session to load the catalogue again.
SQL_FUNCTION(inventory_catalogue_changed) {
    const Oid table = inventory::pg::call(&inventory::pg::inventory_relation, "asset_field");
    if (OidIsValid(table)) {
        inventory::pg::call(&CacheInvalidateRelcacheByRelid, table);
    }
    PG_RETURN_VOID();
}
