#pragma once

#include "proxy/canceller.hpp"
#include "proxy/conninfo.hpp"
#include "proxy/exchange.hpp"
#include "proxy/loop.hpp"
#include "proxy/metrics.hpp"

#include <deque>
#include <memory>
#include <string>
#include <string_view>

namespace inventory::proxy {

/// One session of the database in libpq's pipeline mode, made and repaired
/// without ever blocking the loop. Each exchange is a statement and a Sync of its
/// own, so each is a transaction of its own; its result is passed on when the
/// Sync is confirmed, which is when it is committed.
class Connection : public Watcher {
public:
    /// The lane.
    class Owner {
    public:
        virtual ~Owner() = default;
        virtual void on_outcome(Connection &connection, std::unique_ptr<Exchange> exchange,
                                Outcome outcome, Result result) = 0;
        /// The connection has room, for the first time or again.
        virtual void on_room(Connection &connection) = 0;
        /// The answer to `select * from inventory.routes()`, at each connect.
        virtual void on_routes(const PGresult *rows) = 0;
        virtual void on_state_changed() = 0;
        /// For the log: a session was lost, or could not be had.
        virtual void on_trouble(std::string_view what, std::string_view error) = 0;
    };

    Connection(Loop &loop, Owner &owner, Canceller &canceller, Metrics &metrics,
               const ConnectionOptions &options);
    ~Connection() override;

    bool is_ready() const noexcept { return state_ == State::ready; }
    bool has_room() const noexcept {
        return state_ == State::ready && !recycling_ && !cancelling_ &&
               slots_.size() < static_cast<std::size_t>(options_.depth);
    }
    std::size_t load() const noexcept { return slots_.size(); }

    /// Notices a server that has closed the session; may change `has_room`.
    void check_alive();
    /// Takes an exchange; only with `has_room`.
    void send(std::unique_ptr<Exchange> exchange);
    /// Cancels the statement of `exchange` if it runs here alone. The connection
    /// has no room until the request to cancel has come back, so it cannot hit the
    /// next statement; one that does not come back costs the session, for a new one
    /// cannot be hit. Returns whether the exchange is here.
    bool cancel(const Exchange &exchange);
    /// Connects now instead of after the pause.
    void hurry() noexcept;

    void on_ready(Ready ready) override;
    void on_tick(Clock::time_point now);

private:
    enum class State { down, connecting, preparing, ready };
    enum class Kind { prepare, routes, exchange };
    struct Slot {
        Kind kind;
        std::unique_ptr<Exchange> exchange;
        Result result;
    };

    void start();
    void poll_connect();
    void begin_session();
    void fail(const char *what);
    void lose(Outcome front);
    void close_socket();
    void flush();
    void consume();
    void finish(Slot slot);

    Loop &loop_;
    Owner &owner_;
    Canceller &canceller_;
    Metrics &metrics_;
    const ConnectionOptions &options_;
    PGconn *session_ = nullptr;
    int fd_ = -1;
    State state_ = State::down;
    bool recycling_ = false;
    bool cancelling_ = false;
    bool flushing_ = false;   // epoll waits for room in the socket
    unsigned generation_ = 0; // of the session
    unsigned failures_ = 0;
    std::deque<Slot> slots_; // in the order of the pipeline
    Clock::time_point due_;  // down: of the next attempt; else of the attempt's end
    Clock::time_point front_since_;
};

} // namespace inventory::proxy
