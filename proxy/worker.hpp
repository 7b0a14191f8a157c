#pragma once

#include "proxy/admin.hpp"
#include "proxy/gateway.hpp"
#include "proxy/listener.hpp"
#include "proxy/loop.hpp"

#include <memory>
#include <vector>

namespace inventory::proxy {

/// What all workers share, made by main and alive as long as the process.
struct Shared {
    Config config; ///< As it was at the start.
    ProcessState state;
    RateLimiter limiter;
    std::unique_ptr<const DocsPage> docs;
    std::vector<ListeningSocket> sockets; ///< Those that workers cannot open for themselves.
    std::vector<class Worker *> workers;  ///< Each adds itself.
};

/// All there is in one loop: listeners, gateway, database sessions.
class Worker : public Application {
public:
    /// Opens the listening sockets; throws std::exception when one cannot be.
    Worker(Loop &loop, Shared &shared);

    /// From any thread: applies what of `config` may change.
    void reload(const Config &config);
    /// From any thread: stops taking clients, finishes what runs.
    void drain();

    void on_tick() override;
    void on_turn_end() override {}

private:
    Loop &loop_;
    Shared &shared_;
    const int number_;
    Limits limits_;
    const Limits admin_limits_;
    Metrics metrics_;
    Canceller canceller_;
    Gateway gateway_;
    Admin admin_;
    Census census_;
    Census admin_census_;
    std::vector<std::unique_ptr<Listener>> listeners_;
    std::unique_ptr<Listener> admin_listener_;
    int ticks_ = 0;
    bool was_up_ = false;
    bool draining_ = false;
    bool done_ = false;
};

} // namespace inventory::proxy
