#pragma once

#include "core/error.hpp"
#include "proxy/lane.hpp"
#include "proxy/routes.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace inventory::proxy {

/// All lanes of one worker: where a request goes, whether it may go again, and
/// what an error of the database means to a client.
class Database : public Lane::Owner {
public:
    /// Who gets the answers.
    class Sink {
    public:
        virtual ~Sink() = default;
        /// `result` is one row: status, headers, body.
        virtual void on_answer(std::unique_ptr<Exchange> exchange, Result result) = 0;
        virtual void on_failure(std::unique_ptr<Exchange> exchange, const Error &error) = 0;
    };

    Database(Loop &loop, Sink &sink, Canceller &canceller, Metrics &metrics, const Config &config,
             const Limits &limits);

    /// Sends `exchange` on its way. The sink gets it back exactly once, perhaps
    /// before this returns, unless `abandon` is called.
    void submit(std::unique_ptr<Exchange> exchange);
    /// The client of `exchange` is gone.
    void abandon(Exchange &exchange);
    /// Whether requests can be answered: reads and writes have a session.
    bool is_up() const noexcept { return read_.is_up() && write_.is_up(); }
    /// The routes that the database publishes; none before it was reached.
    const RouteTable &routes() const noexcept { return routes_; }
    void on_tick(Clock::time_point now);

private:
    void on_outcome(Lane &lane, std::unique_ptr<Exchange> exchange, Outcome outcome,
                    Result result) override;
    void on_no_room(Lane &lane, std::unique_ptr<Exchange> exchange) override;
    void on_routes(const PGresult *rows) override;

    /// The lane at the primary when the replica's is away.
    Lane &lane(LaneId id);
    /// Null for a lane at the primary, and without a replica.
    Lane *lane_at_replica(LaneId id) const;
    void tick_replica(Lane &lane, Clock::time_point now);
    void settle(Lane &lane, std::unique_ptr<Exchange> exchange, Result result);
    bool may_repeat(const Exchange &exchange, Outcome outcome) const;

    Sink &sink_;
    Metrics &metrics_;
    RouteTable routes_;
    Lane read_;
    Lane write_;
    Lane slow_;
    Lane heavy_;
    std::unique_ptr<Lane> replica_;
    std::unique_ptr<Lane> replica_heavy_;
};

/// The code for an SQLSTATE that escaped inventory.rest.
Code code_of_sqlstate(std::string_view sqlstate) noexcept;

} // namespace inventory::proxy
