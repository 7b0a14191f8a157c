#include "proxy/lane.hpp"

#include "proxy/log.hpp"

#include <algorithm>

namespace inventory::proxy {

const char *name_of(LaneId id) noexcept {
    switch (id) {
    case LaneId::read:
        return "read";
    case LaneId::write:
        return "write";
    case LaneId::slow:
        return "slow";
    case LaneId::heavy:
        return "heavy";
    case LaneId::replica:
        return "replica";
    case LaneId::replica_heavy:
        break;
    }
    return "replica-heavy";
}

Lane::Lane(Loop &loop, Owner &owner, Canceller &canceller, Metrics &metrics, const Limits &limits,
           LaneId id, int size, ConnectionOptions options)
    : owner_(owner), limits_(limits), id_(id), options_(std::move(options)),
      gauges_(metrics.lane(name_of(id))) {
    for (int i = 0; i < size; ++i) {
        connections_.push_back(
            std::make_unique<Connection>(loop, *this, canceller, metrics, options_));
    }
}

std::size_t Lane::in_flight() const noexcept {
    std::size_t sum = 0;
    for (const auto &connection : connections_) {
        sum += connection->load();
    }
    return sum;
}

/// The connection with room that has the least to do, or null.
Connection *Lane::choose(bool is_safe) {
    for (;;) {
        Connection *best = nullptr;
        for (const auto &connection : connections_) {
            if (connection->has_room() && (best == nullptr || connection->load() < best->load())) {
                best = connection.get();
            }
        }
        if (best == nullptr || is_safe) {
            return best;
        }
        // A statement that may have run is not sent twice, so look before sending
        // whether the server has closed the session.
        best->check_alive();
        if (best->has_room()) {
            return best;
        }
    }
}

void Lane::submit(std::unique_ptr<Exchange> exchange) {
    if (queue_.empty()) {
        if (Connection *connection = choose(exchange->request.is_safe())) {
            connection->send(std::move(exchange));
            return;
        }
    }
    if (queue_.size() >= limits_.queue_length) {
        owner_.on_no_room(*this, std::move(exchange));
        return;
    }
    queue_.push_back(std::move(exchange));
}

void Lane::resubmit(std::unique_ptr<Exchange> exchange) {
    queue_.push_front(std::move(exchange));
    send_waiting();
}

void Lane::send_waiting() {
    while (!queue_.empty()) {
        Connection *connection = choose(queue_.front()->request.is_safe());
        if (connection == nullptr || queue_.empty()) {
            return;
        }
        auto exchange = std::move(queue_.front());
        queue_.pop_front();
        connection->send(std::move(exchange));
    }
}

void Lane::abandon(const Exchange &exchange) {
    const auto waiting = std::find_if(queue_.begin(), queue_.end(), [&](const auto &candidate) {
        return candidate.get() == &exchange;
    });
    if (waiting != queue_.end()) {
        queue_.erase(waiting);
        return;
    }
    std::any_of(connections_.begin(), connections_.end(),
                [&](const auto &connection) { return connection->cancel(exchange); });
}

void Lane::on_outcome(Connection &, std::unique_ptr<Exchange> exchange, Outcome outcome,
                      Result result) {
    owner_.on_outcome(*this, std::move(exchange), outcome, std::move(result));
}

void Lane::on_room(Connection &) {
    send_waiting();
}

void Lane::on_state_changed() {
    const auto before = ready_;
    ready_ = static_cast<std::size_t>(
        std::count_if(connections_.begin(), connections_.end(),
                      [](const auto &connection) { return connection->is_ready(); }));
    if (before == 0 && ready_ > 0) {
        log_event(Level::info, "database available", {{"lane", name_of(id_)}});
        // One has found the server again: the others need not wait their turn.
        for (const auto &connection : connections_) {
            connection->hurry();
        }
    } else if (before > 0 && ready_ == 0) {
        log_event(Level::warn, "database away", {{"lane", name_of(id_)}});
    }
}

/// One server that goes down breaks every session: a line a second tells enough.
void Lane::on_trouble(std::string_view what, std::string_view error) {
    const auto now = Clock::now();
    if (now - trouble_logged_ < std::chrono::seconds(1)) {
        ++troubles_unlogged_;
        return;
    }
    log_event(Level::warn, "database connection",
              {{"lane", name_of(id_)},
               {"trouble", what},
               {"error", error},
               {"unlogged", std::to_string(std::exchange(troubles_unlogged_, 0))}});
    trouble_logged_ = now;
}

void Lane::on_tick(Clock::time_point now) {
    for (const auto &connection : connections_) {
        connection->on_tick(now);
    }
    while (!queue_.empty() && now - queue_.front()->received > limits_.queue_time) {
        auto exchange = std::move(queue_.front());
        queue_.pop_front();
        owner_.on_no_room(*this, std::move(exchange));
    }
    publish();
}

void Lane::publish() {
    const auto age = queue_.empty() ? Clock::duration{} : Clock::now() - queue_.front()->received;
    gauges_.queue_length.Set(static_cast<double>(queue_.size()));
    gauges_.queue_age.Set(std::chrono::duration<double>(age).count());
    gauges_.in_flight.Set(static_cast<double>(in_flight()));
    gauges_.ready.Set(static_cast<double>(ready_));
    gauges_.away.Set(static_cast<double>(connections_.size() - ready_));
}

} // namespace inventory::proxy
