#include "pg/spi.hpp"

#include "core/error.hpp"
#include "pg/settings.hpp"

#include <list>
#include <stdexcept>
#include <unordered_map>

namespace inventory::pg {
namespace {

/// A plan and how many frames are running it. Postgres plans it anew after DDL.
struct KeptPlan {
    std::string key;
    SPIPlanPtr plan;
    int running = 0;
};

/// Plans kept in this session, by text and kind. Bounded by
/// asset_inventory.plan_cache_size; the least recently used one that is not
/// running goes first. Nothing else invalidates it: the text says everything.
class PlanCache {
public:
    KeptPlan &get(const Statement &statement, PlanKind kind) {
        key_.assign(kind == PlanKind::generic ? "g" : "c");
        key_ += statement.sql;
        if (const auto found = index_.find(key_); found != index_.end()) {
            plans_.splice(plans_.begin(), plans_, found->second);
            return *found->second;
        }
        const SPIPlanPtr plan = prepare(statement, kind);
        plans_.push_front({key_, plan});
        index_.emplace(plans_.front().key, plans_.begin());
        shrink();
        return plans_.front();
    }

    std::size_t size() const noexcept { return plans_.size(); }

private:
    static SPIPlanPtr prepare(const Statement &statement, PlanKind kind) {
        std::vector<Oid> types;
        types.reserve(statement.values.size());
        for (const Param &value : statement.values) {
            types.push_back(type_of(value));
        }
        const int options =
            kind == PlanKind::generic ? CURSOR_OPT_GENERIC_PLAN : CURSOR_OPT_CUSTOM_PLAN;
        SPIPlanPtr plan = nullptr;
        try {
            plan = call(&SPI_prepare_cursor, statement.sql.c_str(), static_cast<int>(types.size()),
                        types.data(), options);
        } catch (const Error &error) {
            const int state = error.data()->sqlerrcode;
            if (state == ERRCODE_UNDEFINED_TABLE || state == ERRCODE_UNDEFINED_COLUMN ||
                state == ERRCODE_UNDEFINED_FUNCTION) {
                throw inventory::Error(Code::schema_outdated,
                                       "The tables are not those of this release.",
                                       "Run: select inventory.migrate();");
            }
            throw;
        }
        if (plan == nullptr) {
            throw std::logic_error(SPI_result_code_string(SPI_result));
        }
        call(&SPI_keepplan, plan);
        return plan;
    }

    void shrink() {
        const std::size_t bound = static_cast<std::size_t>(settings::plan_cache_size);
        for (auto it = std::prev(plans_.end()); plans_.size() > bound && it != plans_.begin();) {
            const auto victim = it--;
            if (victim->running == 0) {
                call(&SPI_freeplan, victim->plan);
                index_.erase(victim->key);
                plans_.erase(victim);
            }
        }
    }

    std::list<KeptPlan> plans_; // most recently used first
    std::unordered_map<std::string_view, std::list<KeptPlan>::iterator> index_;
    std::string key_;
};

PlanCache &plan_cache() {
    static PlanCache cache;
    return cache;
}

class Running {
public:
    explicit Running(KeptPlan &plan) noexcept : plan_(plan) { ++plan_.running; }
    ~Running() { --plan_.running; }
    Running(const Running &) = delete;
    Running &operator=(const Running &) = delete;

private:
    KeptPlan &plan_;
};

/// How the statements inside of the functions are planned, whatever the session's own
/// settings: a sequential scan reads the rows of other tenants, and to compile a statement
/// that reads a page takes longer than to run it. They are written as they are, for SET
/// clauses of the functions cost 4 us a call.
class PlannerSettings {
public:
    explicit PlannerSettings(Scans scans) noexcept
        : seqscan_(enable_seqscan), indexscan_(enable_indexscan),
          indexonlyscan_(enable_indexonlyscan), bitmapscan_(enable_bitmapscan), sort_(enable_sort),
          jit_(jit_enabled) {
        enable_seqscan = false;
        enable_indexscan = enable_indexonlyscan = scans != Scans::bitmap;
        enable_bitmapscan = enable_sort = scans != Scans::in_order;
        jit_enabled = false;
    }
    ~PlannerSettings() {
        enable_seqscan = seqscan_;
        enable_indexscan = indexscan_;
        enable_indexonlyscan = indexonlyscan_;
        enable_bitmapscan = bitmapscan_;
        enable_sort = sort_;
        jit_enabled = jit_;
    }
    PlannerSettings(const PlannerSettings &) = delete;
    PlannerSettings &operator=(const PlannerSettings &) = delete;

private:
    bool seqscan_;
    bool indexscan_;
    bool indexonlyscan_;
    bool bitmapscan_;
    bool sort_;
    bool jit_;
};

ParamListInfo make_params(const Statement &statement) {
    const int count = static_cast<int>(statement.values.size());
    // An empty list is no list to copyParamList, and Citus 13.2 crashes on what that returns.
    if (count == 0) {
        return nullptr;
    }
    const ParamListInfo list = call(&makeParamList, count);
    for (int i = 0; i < count; ++i) {
        const Param &value = statement.values[static_cast<std::size_t>(i)];
        list->params[i].value = to_datum(value);
        list->params[i].isnull = false;
        list->params[i].pflags = PARAM_FLAG_CONST;
        list->params[i].ptype = type_of(value);
    }
    return list;
}

bool receive(TupleTableSlot *slot, DestReceiver *self) {
    return shield([slot, self] {
        const auto *sink = reinterpret_cast<const detail::RowSink *>(self);
        call(&slot_getallattrs, slot);
        sink->each(Row(slot->tts_values, slot->tts_isnull), sink->context);
        return true;
    });
}

void ignore_startup(DestReceiver *, int, TupleDesc) {}
void ignore(DestReceiver *) {}

void begin_subtransaction() {
    BeginInternalSubTransaction(nullptr);
}

} // namespace

namespace detail {

RowSink make_sink(void (*each)(const Row &row, void *context), void *context) {
    return {{receive, ignore_startup, ignore, ignore, DestNone}, each, context};
}

std::uint64_t run(const Statement &statement, PlanKind kind, bool is_read_only, RowSink *sink) {
    if (kind == PlanKind::generic && may_be_distributed()) {
        kind = PlanKind::custom;
    }
    const PlannerSettings settings(statement.rows > 0 ? Scans::in_order : statement.scans);
    KeptPlan &kept = plan_cache().get(statement, kind);
    const Running running(kept);
    SPIExecuteOptions options = {};
    options.params = make_params(statement);
    options.read_only = is_read_only;
    options.tcount = static_cast<std::uint64_t>(statement.rows);
    options.dest = &sink->receiver;
    const int result = call(&SPI_execute_plan_extended, kept.plan,
                            static_cast<const SPIExecuteOptions *>(&options));
    if (result < 0) {
        throw std::logic_error(SPI_result_code_string(result));
    }
    return SPI_processed;
}

} // namespace detail

Subtransaction::Subtransaction() : context_(CurrentMemoryContext), owner_(CurrentResourceOwner) {
    call(&begin_subtransaction);
    MemoryContextSwitchTo(context_);
}

void Subtransaction::commit() {
    call(&ReleaseCurrentSubTransaction);
    is_open_ = false;
    MemoryContextSwitchTo(context_);
    CurrentResourceOwner = owner_;
}

Subtransaction::~Subtransaction() {
    if (is_open_) {
        // Rolling back makes the backend whole after an error; a failure in it is
        // beyond repair and Postgres ends the transaction.
        RollbackAndReleaseCurrentSubTransaction();
        MemoryContextSwitchTo(context_);
        CurrentResourceOwner = owner_;
        settle();
    }
}

Oid type_of(const Param &value) noexcept {
    static constexpr Oid types[] = {TEXTOID,      INT8OID,      TIMESTAMPTZOID, UUIDOID,
                                    JSONBOID,     TEXTARRAYOID, INT8ARRAYOID,   TIMESTAMPTZARRAYOID,
                                    UUIDARRAYOID, TIDARRAYOID};
    return types[value.index()];
}

bool may_be_distributed() {
    return OidIsValid(call(&get_relname_relid, "pg_dist_partition", Oid{PG_CATALOG_NAMESPACE}));
}

std::size_t kept_plans() noexcept {
    return plan_cache().size();
}

} // namespace inventory::pg
