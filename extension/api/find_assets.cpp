// find_assets: the selection of a list as typed rows.

#include "api/access.hpp"
#include "api/asset_list.hpp"
#include "api/catalogue_cache.hpp"
#include "core/error.hpp"
#include "pg/spi.hpp"

#include <array>

namespace inventory::api {
namespace {

constexpr std::string_view columns =
    "a.tenant_id, a.id, a.type, (array['A','B','C','D'])[a.class_rank], a.class_locked, a.labels, "
    "a.tags, a.registry, "
    "a.repository, a.name, a.url, a.scm, a.config_digest, a.manifest_digests, a.index_digests, "
    "a.image_tags, a.image_labels, "
    "a.architecture, a.os, a.built_at, a.size_bytes, a.risk_score, a.issues_critical, "
    "a.issues_high, a.issues_medium, "
    "a.issues_low, a.last_scan, a.last_seen_at, a.created_at, a.updated_at, a.scope_ids";
constexpr std::size_t column_count = 31; // of the type inventory.asset_record

Statement find_statement(const Selection &selection, const std::optional<Sort> &sort,
                         std::optional<int> limit, const Catalogue &catalogue) {
    ParameterBinder binder;
    std::string sql = "select " + std::string(columns) + " from inventory.asset a where " +
                      write_selection(selection, catalogue, binder);
    if (sort) {
        sql += " order by " + order_by(*sort, false);
    }
    if (limit) {
        sql += " limit " + std::to_string(*limit);
    }
    return {std::move(sql), binder.values()};
}

} // namespace
} // namespace inventory::api

/// find_assets(scope, filter, sort, limit)
SQL_FUNCTION(inventory_find_assets) {
    using namespace inventory;
    pg::call(&InitMaterializedSRF, fcinfo, static_cast<bits32>(0));
    auto *const result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    const std::string scope = pg::text_argument(fcinfo, 0).value_or("");
    const auto filter = pg::text_argument(fcinfo, 1);
    const auto sort = pg::text_argument(fcinfo, 2);
    std::optional<int> limit;
    if (!PG_ARGISNULL(3)) {
        limit = PG_GETARG_INT32(3);
        if (*limit < 0) {
            throw Error(Code::limit_invalid, "The limit is negative.", "Leave it out for all rows.")
                .in_parameter("limit");
        }
    }
    const pg::Spi spi;
    const api::Access access = api::require_scope(scope, false);
    const auto catalogue = api::current_catalogue();
    Selection selection{access.scope->tenant, access.scope->seen_in(), {}, {}};
    if (filter) {
        selection.filter = api::read_filter(*filter, *catalogue, SourceKind::parameter, "filter");
    }
    std::optional<inventory::Sort> order;
    if (sort) {
        order = parse_sort(*sort, *catalogue, SortScope::search);
    }
    pg::query(api::find_statement(selection, order, limit, *catalogue), pg::PlanKind::custom,
              [&](const pg::Row &row) {
                  std::array<Datum, api::column_count> values;
                  std::array<bool, api::column_count> nulls;
                  for (std::size_t i = 0; i < values.size(); ++i) {
                      values[i] = row[static_cast<int>(i)];
                      nulls[i] = row.is_null(static_cast<int>(i));
                  }
                  pg::call(&tuplestore_putvalues, result->setResult, result->setDesc, values.data(),
                           nulls.data());
              });
    PG_RETURN_NULL();
}
