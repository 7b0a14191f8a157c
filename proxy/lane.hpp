#pragma once

#include "proxy/connection.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace inventory::proxy {

/// A group of like connections and the bounded queue before them.
class Lane : public Connection::Owner {
public:
    /// What a lane reports to the database.
    class Owner {
    public:
        virtual ~Owner() = default;
        virtual void on_outcome(Lane &lane, std::unique_ptr<Exchange> exchange, Outcome outcome,
                                Result result) = 0;
        /// Waited too long, or there was no room to wait.
        virtual void on_no_room(Lane &lane, std::unique_ptr<Exchange> exchange) = 0;
        virtual void on_routes(const PGresult *rows) = 0;
    };

    Lane(Loop &loop, Owner &owner, Canceller &canceller, Metrics &metrics, const Limits &limits,
         LaneId id, int size, ConnectionOptions options);

    LaneId id() const noexcept { return id_; }
    /// Whether a session is there.
    bool is_up() const noexcept { return ready_ > 0; }
    std::size_t in_flight() const noexcept;
    std::size_t waiting() const noexcept { return queue_.size(); }

    /// Sends an exchange, or lets it wait.
    void submit(std::unique_ptr<Exchange> exchange);
    /// The same for one that was here before: it goes first, and always has room.
    void resubmit(std::unique_ptr<Exchange> exchange);
    /// Gives away what waits.
    std::deque<std::unique_ptr<Exchange>> take_waiting() { return std::exchange(queue_, {}); }
    /// The client of `exchange` is gone: forgets it if it waits, cancels it if it runs.
    void abandon(const Exchange &exchange);
    void on_tick(Clock::time_point now);
    /// Updates the gauges.
    void publish();

private:
    void on_outcome(Connection &connection, std::unique_ptr<Exchange> exchange, Outcome outcome,
                    Result result) override;
    void on_room(Connection &connection) override;
    void on_routes(const PGresult *rows) override { owner_.on_routes(rows); }
    void on_state_changed() override;
    void on_trouble(std::string_view what, std::string_view error) override;

    Connection *choose(bool is_safe);
    void send_waiting();

    Owner &owner_;
    const Limits &limits_;
    const LaneId id_;
    const ConnectionOptions options_;
    LaneMetrics gauges_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::deque<std::unique_ptr<Exchange>> queue_;
    std::size_t ready_ = 0;
    Clock::time_point trouble_logged_{};
    std::size_t troubles_unlogged_ = 0;
};

/// `read`, `write`, `slow`, `replica`.
const char *name_of(LaneId id) noexcept;

} // namespace inventory::proxy
