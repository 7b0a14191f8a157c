#pragma once

#include <libpq-fe.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace inventory::proxy {

/// Sends requests to cancel from a thread of its own: PQcancel opens a connection
/// and waits, which a loop must not.
class Canceller {
public:
    Canceller();
    ~Canceller();
    Canceller(const Canceller &) = delete;
    Canceller &operator=(const Canceller &) = delete;

    /// Takes ownership of `request`. `done` is called in the canceller's thread
    /// when the server has taken the request, or has not.
    void cancel(PGcancel *request, std::function<void()> done);

private:
    struct Task {
        PGcancel *request;
        std::function<void()> done;
    };

    void run();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Task> tasks_;
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace inventory::proxy
