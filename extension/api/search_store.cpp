#include "api/search_store.hpp"

#include "api/asset_list.hpp"
#include "api/catalogue_cache.hpp"
#include "api/error_code.hpp"
#include "core/search_query.hpp"
#include "pg/settings.hpp"

namespace inventory::api {
namespace {

constexpr std::string_view columns =
    "s.tenant_id, s.id, s.seen_in, s.filter, s.sort, s.page_limit, s.meta_count, s.capacity, "
    "s.state, s.found, s.is_truncated, s.error_code, s.xmin";

std::string scope_text(const Scope &scope) {
    return std::string(plural(scope.kind)) + '/' + to_string(scope.id);
}

SearchState state_of(std::string_view name) noexcept {
    return name == "queued"    ? SearchState::queued
           : name == "running" ? SearchState::running
           : name == "done"    ? SearchState::done
           : name == "failed"  ? SearchState::failed
                               : SearchState::cancelled;
}

Search read_search(const pg::Row &row) {
    Search search;
    search.tenant = pg::uuid_of(row[0]);
    search.id = pg::uuid_of(row[1]);
    if (!row.is_null(2)) {
        search.seen_in = pg::uuid_of(row[2]);
    }
    if (!row.is_null(3)) {
        search.options.filter = pg::text_of(row[3]);
    }
    search.options.sort = pg::text_of(row[4]);
    search.options.limit = DatumGetInt32(row[5]);
    if (!row.is_null(6)) {
        search.options.meta_count = pg::text_of(row[6]);
    }
    search.capacity = DatumGetInt32(row[7]);
    search.state = state_of(pg::text_of(row[8]));
    search.found = row.is_null(9) ? 0 : DatumGetInt32(row[9]);
    search.is_truncated = DatumGetBool(row[10]);
    if (!row.is_null(11)) {
        search.error_code = pg::text_of(row[11]);
    }
    search.is_own = pg::call(&TransactionIdIsCurrentTransactionId, DatumGetTransactionId(row[12]));
    return search;
}

std::int64_t live_searches(const Uuid &tenant) {
    std::int64_t count = 0;
    pg::query({"select count(*) from inventory.search s where s.tenant_id = $1 and "
               "s.expires_at > clock_timestamp() and s.state in ('queued', 'running', 'done')",
               {tenant}},
              pg::PlanKind::generic, [&](const pg::Row &row) { count = DatumGetInt64(row[0]); });
    return count;
}

std::uint64_t execute(Statement statement) {
    return pg::modify(statement, [](const pg::Row &) {});
}

/// Now, as a parameter: Citus takes no volatile function in an update.
TimeParam this_moment() {
    return {pg::time_of(TimestampTzGetDatum(GetCurrentTimestamp()))};
}

/// Finds the assets and closes the search; false when it is over already.
bool fill(const Search &search) {
    const auto catalogue = current_catalogue();
    Selection selection{search.tenant, search.seen_in, {}, {}};
    if (search.options.filter) {
        selection.filter = read_filter(*search.options.filter, *catalogue, SourceKind::none, {});
    }
    const inventory::Sort sort = parse_sort(search.options.sort, *catalogue, SortScope::search);
    std::int64_t found = static_cast<std::int64_t>(
        execute(fill_statement(selection, search.id, sort, search.capacity, *catalogue)));
    const bool is_truncated = found > search.capacity;
    if (is_truncated) {
        found = search.capacity;
        execute({"delete from inventory.search_result r where r.tenant_id = $1 and r.search_id = "
                 "$2 and r.rank > $3",
                 {search.tenant, search.id, found}});
    }
    return execute({"update inventory.search s set state = 'done', found = $3, is_truncated = $4 > "
                    "0, finished_at = $5, started_at = coalesce(s.started_at, $6), worker_pid = "
                    "null where s.tenant_id = $1 and s.id = $2 and s.state in ('queued', "
                    "'running')",
                    {search.tenant, search.id, found, std::int64_t{is_truncated}, this_moment(),
                     TimeParam{pg::time_of(
                         TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()))}}}) == 1;
}

} // namespace

Uuid insert_search(const Access &access, const SearchOptions &options) {
    const Scope &scope = *access.scope;
    if (live_searches(scope.tenant) >= pg::settings::search_quota) {
        throw Error(Code::rate_limited,
                    "The tenant has " + std::to_string(pg::settings::search_quota) +
                        " live searches, as many as it may.",
                    "Wait until some expire, or cancel those that still run.");
    }
    const Uuid id = pg::random_uuid();
    execute({"insert into inventory.search (tenant_id, id, scope, seen_in, principal_id, filter, "
             "sort, page_limit, meta_count, capacity, expires_at) values ($1, $2, $3, nullif($4, "
             "'')::uuid, nullif($5, '')::uuid, nullif($6, ''), $7, $8, nullif($9, ''), $10, "
             "clock_timestamp() + make_interval(secs => $11))",
             {scope.tenant, id, scope_text(scope),
              scope.seen_in() ? to_string(*scope.seen_in()) : std::string(),
              access.principal ? to_string(*access.principal) : std::string(),
              options.filter.value_or(""), options.sort, std::int64_t{options.limit},
              options.meta_count.value_or(""), std::int64_t{pg::settings::search_limit},
              std::int64_t{pg::settings::search_ttl}}});
    return id;
}

std::optional<Search> find_search(const Scope &scope, const Uuid &id) {
    std::optional<Search> search;
    pg::query({"select " + std::string(columns) +
                   " from inventory.search s where s.tenant_id = $1 and s.id = $2 and s.scope = $3 "
                   "and s.expires_at > clock_timestamp()",
               {scope.tenant, id, scope_text(scope)}},
              pg::PlanKind::generic, [&](const pg::Row &row) { search = read_search(row); });
    return search;
}

bool lock_search(const Uuid &id, LockLife life) {
    bool is_locked = false;
    const std::string function =
        life == LockLife::session ? "pg_try_advisory_lock" : "pg_try_advisory_xact_lock";
    pg::modify(
        {"select " + function + "(hashtextextended('inventory.search/' || $1::text, 0))", {id}},
        [&](const pg::Row &row) { is_locked = DatumGetBool(row[0]); });
    return is_locked;
}

void unlock_search(const Uuid &id) {
    execute(
        {"select pg_advisory_unlock(hashtextextended('inventory.search/' || $1::text, 0))", {id}});
}

Outcome run_search(const Search &search, bool stops_at_cancel) {
    std::string code;
    std::string sqlstate;
    try {
        pg::Subtransaction transaction;
        bool is_done = false;
        {
            const pg::Spi spi;
            is_done = fill(search);
        }
        if (is_done) {
            transaction.commit();
        }
        return is_done ? Outcome::done : Outcome::superseded;
    } catch (const Error &error) {
        code = describe(error.code()).name;
        sqlstate = describe(error.code()).sqlstate;
    } catch (const pg::Error &error) {
        if (stops_at_cancel && error.data()->sqlerrcode == ERRCODE_QUERY_CANCELED) {
            throw;
        }
        code = describe(code_of(*error.data())).name;
        sqlstate = pg::call(&unpack_sql_state, error.data()->sqlerrcode);
        if (error.data()->sqlerrcode != ERRCODE_QUERY_CANCELED) {
            pg::report(*error.data(), to_string(search.id));
        }
        FreeErrorData(error.data());
    }
    fail_search(search, code, sqlstate);
    return Outcome::failed;
}

void fail_search(const Search &search, std::string_view code, std::string_view sqlstate) {
    execute({"update inventory.search s set state = 'failed', error_code = $3, error_sqlstate = "
             "$4, finished_at = $5, worker_pid = null where s.tenant_id = $1 and s.id = $2 and "
             "s.state in ('queued', 'running')",
             {search.tenant, search.id, std::string(code), std::string(sqlstate), this_moment()}});
}

std::vector<Search> queued_searches() {
    std::vector<Search> searches;
    pg::query({"select " + std::string(columns) +
                   " from (select q.tenant_id, q.id, q.created_at, row_number() over (partition by "
                   "q.tenant_id order by q.created_at) as turn from inventory.search q where "
                   "q.state in ('queued', 'running') and q.expires_at > clock_timestamp()) q join "
                   "inventory.search s on s.tenant_id = q.tenant_id and s.id = q.id order by "
                   "q.turn, q.created_at limit 32",
               {}},
              pg::PlanKind::custom,
              [&](const pg::Row &row) { searches.push_back(read_search(row)); });
    return searches;
}

int begin_search(const Search &search) {
    int attempts = 0;
    pg::modify({"update inventory.search s set state = 'running', attempts = s.attempts + 1, "
                "started_at = $3, worker_pid = $4::int where s.tenant_id = $1 and s.id = $2 and "
                "s.state in ('queued', 'running') returning s.attempts",
                {search.tenant, search.id, this_moment(), std::int64_t{MyProcPid}}},
               [&](const pg::Row &row) { attempts = DatumGetInt32(row[0]); });
    return attempts;
}

} // namespace inventory::api
