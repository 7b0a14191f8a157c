#pragma once

#include "proxy/client.hpp"
#include "proxy/metrics.hpp"
#include "proxy/socket.hpp"

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace inventory::proxy {

/// How many clients there are, over all listeners of a worker.
struct Census {
    std::size_t clients = 0;
    std::unordered_map<std::string, std::size_t> by_address;
};

/// Accepts clients on one socket and owns them.
class Listener : public Watcher, public Client::Owner {
public:
    Listener(Loop &loop, Service &service, Metrics &metrics, const Limits &limits, Census &census,
             ListeningSocket socket);

    /// Accepts what has arrived and then no more; connections close as they become idle.
    void stop();
    bool is_empty() const noexcept { return clients_.empty(); }

    void on_ready(Ready ready) override;
    void on_tick(Clock::time_point now);

private:
    void on_closed(Client &client) override;
    bool accept_one();
    void admit(int fd, std::string address);
    /// Closes the stillest of `clients` until what is held for the others is within the limit.
    void shed(std::vector<Client *> clients);
    /// Why there is no place for a client of `address`; null when there is.
    const char *obstacle(const std::string &address) const;

    Loop &loop_;
    Service &service_;
    Metrics &metrics_;
    const Limits &limits_;
    Census &census_;
    std::unique_ptr<ListeningSocket> socket_; // null once stopped
    bool paused_ = false;                     // out of descriptors
    std::unordered_map<int, std::unique_ptr<Client>> clients_;
};

} // namespace inventory::proxy
