#pragma once

#include <string>
#include <vector>

namespace inventory::proxy {

/// A listening socket that accepts; closed with it.
class ListeningSocket {
public:
    /// `HOST:PORT`, `[IPv6]:PORT` or `unix:/PATH`. TCP sockets share their port
    /// (SO_REUSEPORT) with other workers and with the process that takes over.
    /// Throws std::runtime_error with the reason.
    static ListeningSocket open(const std::string &address);
    /// Takes over a descriptor.
    explicit ListeningSocket(int fd) noexcept : fd_(fd) {}
    ~ListeningSocket();
    ListeningSocket(ListeningSocket &&other) noexcept;
    ListeningSocket &operator=(ListeningSocket &&) = delete;

    int fd() const noexcept { return fd_; }
    /// Another descriptor of the same socket, for another worker.
    ListeningSocket share() const;

private:
    int fd_;
};

/// Whether every worker can open the address for itself.
bool is_shareable(const std::string &address);

/// The sockets that systemd hands over (sd_listen_fds(3)); none when it does not.
std::vector<ListeningSocket> inherited_sockets();

} // namespace inventory::proxy
