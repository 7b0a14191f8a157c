// What inventory.health() cannot ask in SQL.

#include "core/error.hpp"
#include "pg/guard.hpp"

using namespace inventory;

namespace {

std::int64_t pending_pages(Oid oid) {
    const Relation index = index_open(oid, AccessShareLock);
    const bool is_gin = index->rd_rel->relam == GIN_AM_OID;
    GinStatsData stats{};
    if (is_gin) {
        ginGetStats(index, &stats);
    }
    index_close(index, AccessShareLock);
    return is_gin ? static_cast<std::int64_t>(stats.nPendingPages) : -1;
}

} // namespace

/// gin_pending_pages(index)
SQL_FUNCTION(inventory_gin_pending_pages) {
    const std::int64_t pages = pg::call(&pending_pages, PG_GETARG_OID(0));
    if (pages < 0) {
        throw Error(Code::parameter_invalid, "The index is not a GIN index.").in_parameter("index");
    }
    PG_RETURN_INT64(pages);
}
