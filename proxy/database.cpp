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
            config.check_interval};
}

/// What a replica may not do, gives up for its replay's sake, or leaves undone when it
/// stops, the primary does.
bool is_refusal_of_replica(std::string_view sqlstate) {
    return sqlstate == "25006" || sqlstate == "40001" ||
           code_of_sqlstate(sqlstate) == Code::unavailable;
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
            options_of(config, config.slow, config.database)) {
    if (!config.replica.empty()) {
        replica_ = std::make_unique<Lane>(loop, *this, canceller, metrics, limits, LaneId::replica,
                                          config.read.connections,
                                          options_of(config, config.read, config.replica));
    }
}

Lane &Database::lane(LaneId id) {
    switch (id) {
    case LaneId::write:
        return write_;
    case LaneId::slow:
        return slow_;
    case LaneId::replica:
        if (replica_ != nullptr && replica_->is_up()) {
            return *replica_;
        }
        break;
    case LaneId::read:
        break;
    }
    return read_;
}

void Database::submit(std::unique_ptr<Exchange> exchange) {
    const Request &request = exchange->request;
    exchange->lane = routes_.lane_of(request.method, request.path());
    if (exchange->lane == LaneId::read && request.is_safe() && replica_ != nullptr) {
        exchange->lane = LaneId::replica;
    }
    Lane &chosen = lane(exchange->lane);
    exchange->lane = chosen.id();
    chosen.submit(std::move(exchange));
}

void Database::abandon(Exchange &exchange) {
    exchange.client = nullptr;
    const LaneId id = exchange.lane;
    if (id == LaneId::replica && replica_ != nullptr) {
        replica_->abandon(exchange);
    } else {
        lane(id).abandon(exchange);
    }
}

void Database::on_tick(Clock::time_point now) {
    read_.on_tick(now);
    write_.on_tick(now);
    slow_.on_tick(now);
    if (replica_ == nullptr) {
        return;
    }
    if (!replica_->is_up()) {
        for (auto &exchange : replica_->take_waiting()) {
            exchange->lane = LaneId::read;
            read_.submit(std::move(exchange));
        }
    }
    replica_->on_tick(now);
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
        Lane &again = from.id() == LaneId::replica ? read_ : lane(exchange->lane);
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
    if (from.id() == LaneId::replica && is_refusal_of_replica(state) &&
        exchange->attempts < safe_attempts) {
        metrics_.retries().Increment();
        exchange->lane = LaneId::read;
        read_.resubmit(std::move(exchange));
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
