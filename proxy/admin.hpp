#pragma once

#include "proxy/client.hpp"

#include <prometheus/registry.h>

#include <atomic>
#include <string>

namespace inventory::proxy {

/// What all workers tell the admin pages.
struct ProcessState {
    std::atomic<bool> draining{false};
    std::atomic<int> workers_up{0};   ///< Workers that reach their database.
    std::atomic<int> workers_done{0}; ///< Workers that have drained.
    prometheus::Registry registry;
};

/// The pages for whoever runs the proxy, on an address of their own:
/// /livez, /readyz and /metrics.
class Admin : public Service {
public:
    Admin(ProcessState &state, int workers) : state_(state), workers_(workers) {}

    void handle(Client &client) override;
    void refuse(Client &client, const Error &error) override;
    void forget(Client &) override {}
    bool is_gone_on_fin() const override { return false; }
    void count_received(std::size_t) override {}
    void count_sent(std::size_t) override {}

private:
    void answer(Client &client, const Request &request, int status, std::string text);

    ProcessState &state_;
    const int workers_;
};

} // namespace inventory::proxy
