#pragma once

#include "proxy/config.hpp"
#include "proxy/rate_limiter.hpp"
#include "proxy/request.hpp"
#include "proxy/result.hpp"

#include <memory>

namespace inventory::proxy {

class Client;

/// Groups of database connections, so that one kind of work cannot hold up
/// another: `read` is pipelined, `write` wide for group commit, `slow` for what waits,
/// `heavy` for what computes; `replica` and `replica_heavy` are `read` and `heavy` at
/// another server.
enum class LaneId { read, write, slow, heavy, replica, replica_heavy };

/// A request on its way through the database. Whoever holds it owns it: a lane's
/// queue or a slot of a connection. The client and its exchange know each other
/// by pointer, so an answer cannot go to anyone else; when the client goes,
/// `client` becomes null and the answer is dropped.
struct Exchange {
    Request request;
    Client *client = nullptr;
    LaneId lane = LaneId::read;
    RateState rate;               ///< What is left to the key.
    int attempts = 0;             ///< How often it was sent.
    Clock::time_point received{}; ///< The request was complete.
    Clock::time_point sent{};     ///< Handed to a connection, the last time.
};

/// How the database was done with an exchange.
enum class Outcome {
    answered, ///< There is a result, be it an error.
    lost,     ///< The connection broke: the statement may have run or not.
    unsent,   ///< The connection broke before the statement was sent.
    stale,    ///< The session's prepared statement is outdated: it did not run.
    hung,     ///< No result long after the deadline.
};

} // namespace inventory::proxy
