#include "proxy/database.hpp"

#include "proxy/log.hpp"

namespace inventory::proxy {
namespace {

/// A stale statement did not run, so it may be tried until every session of the
/// lane has been renewed.
constexpr int stale_attempts = 20;
constexpr int attempts = 2;
/// When a server goes down, the session that takes the second attempt may be the
/// next to break.
constexpr int safe_attempts = 3;

ConnectionOptions options_of(const Config &config, const LaneConfig &lane,
                             const std::string &conninfo) {
    return {conninfo,
            config.prepare,
            lane.depth,
            lane.deadline,
            config.connect_time,
            config.reconnect_max,
            config.check_interval,
            lane.nice};
}

/// What a replica may not do, gives up for its replay's sake, or leaves undone when it
/// stops, the primary does.
bool is_refusal_of_replica(std::string_view sqlstate) {
    return sqlstate == "25006" || sqlstate == "40001" ||
           code_of_sqlstate(sqlstate) == Code::unavailable;
}

LaneId at_replica(LaneId id) {
    return id == LaneId::read ? LaneId::replica : id == LaneId::heavy ? LaneId::replica_heavy : id;
}

LaneId at_primary(LaneId id) {
    return id == LaneId::replica ? LaneId::read : id == LaneId::replica_heavy ? LaneId::heavy : id;
}

bool is_answer(const PGresult *result) {
    return PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1 &&
           PQnfields(result) == 3 && PQgetisnull(result, 0, 0) == 0;
}

} // namespace

Code code_of_sqlstate(std::string_view sqlstate) noexcept {
    if (sqlstate == "57014") {
        return Code::deadline;
    }
    if (sqlstate == "57P01" || sqlstate == "57P02" || sqlstate == "57P03" ||
        sqlstate.starts_with("08")) {
        return Code::unavailable;
    }
    if (sqlstate.starts_with("53")) {
        return Code::busy;
    }
    return Code::internal;
}

Database::Database(Loop &loop, Sink &sink, Canceller &canceller, Metrics &metrics,
                   const Config &config, const Limits &limits)
    : sink_(sink), metrics_(metrics),
      read_(loop, *this, canceller, metrics, limits, LaneId::read, config.read.connections,
            options_of(config, config.read, config.database)),
      write_(loop, *this, canceller, metrics, limits, LaneId::write, config.write.connections,
             options_of(config, config.write, config.database)),
      slow_(loop, *this, canceller, metrics, limits, LaneId::slow, config.slow.connections,
            options_of(config, config.slow, config.database)),
      heavy_(loop, *this, canceller, metrics, limits, LaneId::heavy, config.heavy.connections,
             options_of(config, config.heavy, config.database)) {
    if (!config.replica.empty()) {
        const auto make = [&](LaneId id, const LaneConfig &lane) {
            return std::make_unique<Lane>(loop, *this, canceller, metrics, limits, id,
                                          lane.connections,
                                          options_of(config, lane, config.replica));
        };
        replica_ = make(LaneId::replica, config.read);
        replica_heavy_ = make(LaneId::replica_heavy, config.heavy);
    }
}

Lane *Database::lane_at_replica(LaneId id) const {
    return id == LaneId::replica         ? replica_.get()
           : id == LaneId::replica_heavy ? replica_heavy_.get()
                                         : nullptr;
}

Lane &Database::lane(LaneId id) {
    if (Lane *replica = lane_at_replica(id); replica != nullptr && replica->is_up()) {
        return *replica;
    }
    switch (at_primary(id)) {
    case LaneId::write:
        return write_;
    case LaneId::slow:
        return slow_;
    case LaneId::heavy:
        return heavy_;
    default:
        return read_;
    }
}

void Database::submit(std::unique_ptr<Exchange> exchange) {
    const Request &request = exchange->request;
    const LaneId wanted = routes_.lane_of(request.method, request.target);
    Lane &chosen = lane(request.is_safe() ? at_replica(wanted) : wanted);
    exchange->lane = chosen.id();
    chosen.submit(std::move(exchange));
}

void Database::abandon(Exchange &exchange) {
    exchange.client = nullptr;
    Lane *replica = lane_at_replica(exchange.lane);
    (replica != nullptr ? *replica : lane(exchange.lane)).abandon(exchange);
}

void Database::on_tick(Clock::time_point now) {
    read_.on_tick(now);
    write_.on_tick(now);
    slow_.on_tick(now);
    heavy_.on_tick(now);
    if (replica_ != nullptr) {
        tick_replica(*replica_, now);
        tick_replica(*replica_heavy_, now);
    }
}

void Database::tick_replica(Lane &replica, Clock::time_point now) {
    if (!replica.is_up()) {
        Lane &primary = lane(at_primary(replica.id()));
        for (auto &exchange : replica.take_waiting()) {
            exchange->lane = primary.id();
            primary.submit(std::move(exchange));
        }
    }
    replica.on_tick(now);
}

/// A request that did not run may run now; one that may have run only if running
/// twice is the same as once.
bool Database::may_repeat(const Exchange &exchange, Outcome outcome) const {
    switch (outcome) {
    case Outcome::stale:
        return exchange.attempts < stale_attempts;
    case Outcome::unsent:
        return exchange.attempts < attempts;
    case Outcome::lost:
        return exchange.attempts < safe_attempts && exchange.request.is_safe();
    case Outcome::hung:
    case Outcome::answered:
        break;
    }
    return false;
}

void Database::on_outcome(Lane &from, std::unique_ptr<Exchange> exchange, Outcome outcome,
                          Result result) {
    if (exchange->client == nullptr) {
        return;
    }
    if (outcome == Outcome::answered) {
        settle(from, std::move(exchange), std::move(result));
        return;
    }
    if (may_repeat(*exchange, outcome)) {
        metrics_.retries().Increment();
        // When a replica goes, the next of its sessions would be the next to break.
        Lane &again = lane(at_primary(from.id()));
        exchange->lane = again.id();
        again.resubmit(std::move(exchange));
        return;
    }
    if (outcome == Outcome::hung) {
        metrics_.database_errors("hung").Increment();
        sink_.on_failure(std::move(exchange),
                         {Code::deadline, "The database did not answer in time."});
        return;
    }
    sink_.on_failure(std::move(exchange),
                     {Code::unavailable, "The connection to the database broke.",
                      "Whether the request had its effect is not known."});
}

void Database::settle(Lane &from, std::unique_ptr<Exchange> exchange, Result result) {
    if (is_answer(result.get())) {
        sink_.on_answer(std::move(exchange), std::move(result));
        return;
    }
    if (PQresultStatus(result.get()) == PGRES_TUPLES_OK) {
        metrics_.database_errors("shape").Increment();
        sink_.on_failure(std::move(exchange),
                         {Code::internal, "inventory.rest gave no single row"});
        return;
    }
    const auto state = sqlstate_of(result.get());
    if (lane_at_replica(from.id()) != nullptr && is_refusal_of_replica(state) &&
        exchange->attempts < safe_attempts) {
        metrics_.retries().Increment();
        Lane &primary = lane(at_primary(from.id()));
        exchange->lane = primary.id();
        primary.resubmit(std::move(exchange));
        return;
    }
    metrics_.database_errors(state.substr(0, 2)).Increment();
    const Code code = code_of_sqlstate(state);
    if (code == Code::internal) {
        log_event(Level::error, "statement failed",
                  {{"id", exchange->request.id},
                   {"sqlstate", state},
                   {"error", PQresultErrorMessage(result.get())}});
    }
    switch (code) {
    case Code::deadline:
        sink_.on_failure(std::move(exchange), {code, "The statement was cancelled.",
                                               "Narrow the filter or ask for less."});
        break;
    case Code::internal:
        sink_.on_failure(std::move(exchange), {code, ""});
        break;
    default:
        sink_.on_failure(std::move(exchange), {code, "The database has no room at the moment."});
    }
}

void Database::on_no_room(Lane &from, std::unique_ptr<Exchange> exchange) {
    if (from.is_up()) {
        sink_.on_failure(std::move(exchange),
                         {Code::busy, "No database connection was free in time."});
    } else {
        sink_.on_failure(std::move(exchange), {Code::unavailable, "The database is away."});
    }
}

void Database::on_routes(const PGresult *rows) {
    if (PQnfields(rows) != 3) {
        return;
    }
    routes_.clear();
    for (int row = 0; row < PQntuples(rows); ++row) {
        routes_.add(PQgetvalue(rows, row, 0), PQgetvalue(rows, row, 1), PQgetvalue(rows, row, 2));
    }
}

} // namespace inventory::proxy
