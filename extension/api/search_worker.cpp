#include "api/search_worker.hpp"

#include "api/search_store.hpp"
#include "core/error.hpp"
#include "pg/settings.hpp"

#include <algorithm>
#include <array>

namespace inventory::api {
namespace {

/// The first key of the advisory locks that say which slots of workers are taken.
constexpr std::int64_t slot_lock = 0x61696E76;

/// A worker keeps DROP DATABASE waiting, which gives up after five seconds.
constexpr long idle_ms = 3000;
constexpr long upkeep_ms = 60000;
constexpr long first_upkeep_ms = 500;
/// Values that many statements change are counted once for all of them: the more a compaction
/// costs, the longer the next one waits.
constexpr long least_rest_ms = 1000;
constexpr long most_rest_ms = 2500;
constexpr long rest_factor = 8;
constexpr long merging_ms = 1000;
constexpr long least_wish_ms = 1000;
constexpr int most_upkeep_calls = 1000;
/// A search that took its worker down so often is given up.
constexpr int most_attempts = 3;

// What runs beside the searches, each where it exists. A function says how much it
// did and is called again while that is not 0, so that its transactions are short.
constexpr std::array<std::string_view, 4> upkeep{
    "inventory.purge_searches()", "inventory.purge_idempotency_keys()",
    "inventory.purge_asset_changes()", "inventory.record_key_uses()"};
// What runs while somebody writes: reads sum what is not compacted yet, and read the entries
// that a GIN index has not merged; a writer would stop to merge them.
constexpr std::string_view compaction = "inventory.compact_facets()";
constexpr std::string_view has_backlog = "inventory.has_facet_backlog()";
constexpr std::string_view merging = "inventory.merge_pending_entries()";

/// What the session that starts a worker hands over, in bgw_extra.
struct WorkerArguments {
    Oid role;           ///< To connect as; none: as the superuser that initdb made.
    std::int32_t slots; ///< asset_inventory.search_workers there.
};

/// What a session knows before it asks for a worker.
struct Census {
    WorkerArguments arguments{};
    bool is_allowed = false;
    int workers = 0;
    int pid = 0; ///< Of a worker, to wake.
};

Census take_census() {
    Census census;
    census.arguments.slots = pg::settings::search_workers;
    if (census.arguments.slots == 0) {
        return census;
    }
    pg::query({"select e.extowner, r.rolcanlogin, r.rolsuper, l.workers, l.pid from pg_extension e "
               "join pg_roles r on r.oid = e.extowner cross join lateral (select count(*) as "
               "workers, min(l.pid) as pid from pg_locks l where l.locktype = 'advisory' and "
               "l.database = $1::oid and l.classid = $2::oid and l.objsubid = 2 and l.granted) l "
               "where e.extname = 'asset_inventory'",
               {static_cast<std::int64_t>(MyDatabaseId), slot_lock}},
              pg::PlanKind::generic, [&](const pg::Row &row) {
                  // A role that may not log in cannot be connected as; when it is a
                  // superuser's, another superuser does as well.
                  const bool can_login = DatumGetBool(row[1]);
                  census.is_allowed = can_login || DatumGetBool(row[2]);
                  census.arguments.role = can_login ? DatumGetObjectId(row[0]) : InvalidOid;
                  census.workers = static_cast<int>(DatumGetInt64(row[3]));
                  census.pid = row.is_null(4) ? 0 : DatumGetInt32(row[4]);
              });
    return census;
}

bool wake(int pid) {
    PGPROC *const process = pid == 0 ? nullptr : BackendPidGetProc(pid);
    if (process != nullptr) {
        SetLatch(&process->procLatch);
    }
    return process != nullptr;
}

bool start_worker(const WorkerArguments &arguments) {
    BackgroundWorker worker;
    std::memset(&worker, 0, sizeof worker);
    strlcpy(worker.bgw_name, "asset_inventory search worker", BGW_MAXLEN);
    strlcpy(worker.bgw_type, "asset_inventory search worker", BGW_MAXLEN);
    strlcpy(worker.bgw_library_name, "$libdir/asset_inventory", BGW_MAXLEN);
    strlcpy(worker.bgw_function_name, "inventory_search_worker", BGW_MAXLEN);
    worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
    worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
    worker.bgw_restart_time = BGW_NEVER_RESTART;
    worker.bgw_main_arg = ObjectIdGetDatum(MyDatabaseId);
    std::memcpy(worker.bgw_extra, &arguments, sizeof arguments);
    return RegisterDynamicBackgroundWorker(&worker, nullptr);
}

/// Starts a worker while there are fewer than may be, else wakes one.
Summons summon(const Census &census) {
    if (!census.is_allowed) {
        return Summons::refused;
    }
    const bool is_present = wake(census.pid);
    if (is_present && census.workers >= census.arguments.slots) {
        return Summons::present;
    }
    return start_worker(census.arguments) ? Summons::started
           : is_present                   ? Summons::present
                                          : Summons::refused;
}

/// What is to happen when the current transaction commits.
Census wanted;

/// Runs after the commit, where nothing may fail: it allocates nothing and raises nothing.
void after_transaction(XactEvent event, void *) {
    if (event == XACT_EVENT_COMMIT && wanted.is_allowed) {
        summon(wanted);
    }
    if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE) {
        wanted.is_allowed = false;
    }
}

// ---- in the worker ----

struct TransactionScope {
    static void begin() {
        SetCurrentStatementStartTimestamp();
        StartTransactionCommand();
        PushActiveSnapshot(GetTransactionSnapshot());
    }
    static void commit() {
        PopActiveSnapshot();
        CommitTransactionCommand();
        pgstat_report_stat(true);
    }
    static void abort() {
        AbortCurrentTransaction();
        pgstat_report_stat(true);
    }
};

/// Runs `body` in a transaction of its own. A Postgres error ends in the server's
/// log and as false; an Error of ours passes, the transaction is rolled back.
template <typename Body>
bool in_transaction(Body body) {
    try {
        pg::call(&TransactionScope::begin);
        {
            const pg::Spi spi;
            body();
        }
        pg::call(&TransactionScope::commit);
        return true;
    } catch (const pg::Error &error) {
        pg::settle();
        pg::call(&TransactionScope::abort);
        pg::report(*error.data(), "of the search worker");
        FreeErrorData(error.data());
        return false;
    } catch (const Error &) {
        pg::call(&TransactionScope::abort);
        throw;
    }
}

bool take_slot(int slots, int &slot) {
    bool is_taken = false;
    in_transaction([&] {
        for (slot = 1; slot <= slots && !is_taken; ++slot) {
            pg::modify(
                {"select pg_try_advisory_lock($1::int, $2::int)", {slot_lock, std::int64_t{slot}}},
                [&](const pg::Row &row) { is_taken = DatumGetBool(row[0]); });
        }
        --slot;
    });
    return is_taken;
}

void leave_slot(int slot) {
    in_transaction([&] {
        pg::modify({"select pg_advisory_unlock($1::int, $2::int)", {slot_lock, std::int64_t{slot}}},
                   [](const pg::Row &) {});
    });
}

/// Locks and marks the first search that nobody else runs.
std::optional<Search> claim_search(int &attempts) {
    std::optional<Search> claimed;
    const bool is_committed = in_transaction([&] {
        for (const Search &search : queued_searches()) {
            if (!lock_search(search.id, LockLife::session)) {
                continue;
            }
            attempts = begin_search(search);
            if (attempts > 0) {
                claimed = search;
                return;
            }
            unlock_search(search.id);
        }
    });
    return is_committed ? claimed : std::nullopt;
}

/// Runs one queued search, if there is one.
bool work_once() {
    int attempts = 0;
    const auto search = claim_search(attempts);
    if (!search) {
        return false;
    }
    // A request to cancel that came too late was for the search before.
    QueryCancelPending = false;
    const bool is_recorded =
        attempts <= most_attempts && in_transaction([&] { run_search(*search, false); });
    in_transaction([&] {
        if (!is_recorded) {
            fail_search(*search, describe(Code::internal).name, describe(Code::internal).sqlstate);
        }
        unlock_search(search->id);
    });
    return true;
}

/// Calls an upkeep function where it exists; whether it did something.
bool keep_up(std::string_view function) {
    bool is_useful = false;
    const bool is_committed = in_transaction([&] {
        bool exists = false;
        pg::query({"select to_regproc($1) is not null",
                   {std::string(function.substr(0, function.find('(')))}},
                  pg::PlanKind::generic,
                  [&](const pg::Row &row) { exists = DatumGetBool(row[0]); });
        if (exists) {
            pg::modify({"select " + std::string(function) + "::text", {}}, [&](const pg::Row &row) {
                is_useful = !row.is_null(0) && pg::text_of(row[0]) != "0" &&
                            pg::text_of(row[0]) != "" && pg::text_of(row[0]) != "false";
            });
        }
    });
    return is_committed && is_useful;
}

/// Calls it until there is nothing left to do; gives way to searches after each call. Whether
/// anything was done.
bool keep_up_wholly(std::string_view function) {
    int calls = 0;
    while (calls < most_upkeep_calls && keep_up(function)) {
        ++calls;
        while (work_once()) {
        }
    }
    return calls > 0;
}

void set_option(const char *name, const char *value) {
    SetConfigOption(name, value, PGC_USERSET, PGC_S_OVERRIDE);
}

long elapsed_ms(TimestampTz since) {
    return TimestampDifferenceMilliseconds(since, GetCurrentTimestamp());
}

void rest_until_woken(long ms) {
    WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, ms, PG_WAIT_EXTENSION);
    ResetLatch(MyLatch);
    CHECK_FOR_INTERRUPTS();
    if (ConfigReloadPending) {
        ConfigReloadPending = false;
        ProcessConfigFile(PGC_SIGHUP);
    }
}

void work(const WorkerArguments &arguments) {
    pg::call(&set_option, "search_path", "pg_catalog, inventory, pg_temp");
    pg::call(&set_option, "default_transaction_isolation", "read committed");
    // As pg/spi.cpp has it for the statements of the functions.
    pg::call(&set_option, "enable_seqscan", "off");
    pg::call(&set_option, "jit", "off");
    int slot = 0;
    if (!take_slot(arguments.slots, slot)) {
        return;
    }
    TimestampTz last_work = GetCurrentTimestamp();
    TimestampTz last_compaction = 0;
    long rest_ms = least_rest_ms;
    TimestampTz last_merging = 0;
    TimestampTz last_upkeep = last_work - (upkeep_ms - first_upkeep_ms) * 1000;
    while (true) {
        if (work_once()) {
            last_work = GetCurrentTimestamp();
        }
        if (elapsed_ms(last_compaction) >= rest_ms) {
            const TimestampTz begin = GetCurrentTimestamp();
            const bool was_useful = keep_up(compaction);
            last_compaction = GetCurrentTimestamp();
            rest_ms =
                was_useful && keep_up(has_backlog)
                    ? 0
                    : std::clamp(elapsed_ms(begin) * rest_factor, least_rest_ms, most_rest_ms);
            last_work = was_useful ? last_compaction : last_work;
        }
        if (elapsed_ms(last_merging) >= merging_ms) {
            const bool was_useful = keep_up_wholly(merging);
            last_merging = GetCurrentTimestamp();
            last_work = was_useful ? last_merging : last_work;
        }
        if (elapsed_ms(last_upkeep) >= upkeep_ms) {
            for (const std::string_view function : upkeep) {
                keep_up_wholly(function);
            }
            last_upkeep = GetCurrentTimestamp();
        }
        const long idle = elapsed_ms(last_work);
        if (idle >= idle_ms && keep_up(compaction)) { // of what was written since
            last_compaction = last_work = GetCurrentTimestamp();
        } else if (idle >= idle_ms) {
            // Whoever looked for a worker while the slot was taken may have queued since.
            leave_slot(slot);
            if (!work_once() || !take_slot(arguments.slots, slot)) {
                return;
            }
            last_work = GetCurrentTimestamp();
        } else if (idle > 0 && rest_ms > 0) {
            pg::call(&rest_until_woken, std::min(idle_ms - idle, 500L));
        }
    }
}

} // namespace

void want_worker() {
    static bool is_registered = false;
    if (!is_registered) {
        pg::call(&RegisterXactCallback, &after_transaction, static_cast<void *>(nullptr));
        is_registered = true;
    }
    wanted = take_census();
}

void want_upkeep() {
    static TimestampTz last_wish = 0;
    if (pg::settings::facets && elapsed_ms(last_wish) >= least_wish_ms && !RecoveryInProgress()) {
        want_worker();
        last_wish = GetCurrentTimestamp();
    }
}

Summons summon_worker() {
    const Census census = take_census();
    return summon(census);
}

} // namespace inventory::api

/// want_upkeep(): for functions that write assets.
SQL_FUNCTION(inventory_want_upkeep) {
    {
        const inventory::pg::Spi spi;
        inventory::api::want_upkeep();
    }
    PG_RETURN_VOID();
}

/// The entry of the worker; its argument is the database.
extern "C" PGDLLEXPORT void inventory_search_worker(Datum database) {
    using namespace inventory;
    pqsignal(SIGTERM, die);
    pqsignal(SIGHUP, SignalHandlerForConfigReload);
    BackgroundWorkerUnblockSignals();
    api::WorkerArguments arguments;
    std::memcpy(&arguments, MyBgworkerEntry->bgw_extra, sizeof arguments);
    BackgroundWorkerInitializeConnectionByOid(DatumGetObjectId(database), arguments.role, 0);
    pg::shield([arguments] { api::work(arguments); });
}
