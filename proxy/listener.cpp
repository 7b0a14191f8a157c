#include "proxy/listener.hpp"

#include "proxy/log.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace inventory::proxy {
namespace {

/// Clients over the limit get an answer, up to so many at a time.
constexpr std::size_t refusal_limit = 256;

std::string text_of(const sockaddr_storage &address) {
    char text[INET6_ADDRSTRLEN] = "";
    if (address.ss_family == AF_INET) {
        inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in &>(address).sin_addr, text,
                  sizeof text);
    } else if (address.ss_family == AF_INET6) {
        inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6 &>(address).sin6_addr, text,
                  sizeof text);
    } else {
        return "unix";
    }
    return text;
}

} // namespace

Listener::Listener(Loop &loop, Service &service, Metrics &metrics, const Limits &limits,
                   Census &census, ListeningSocket socket)
    : loop_(loop), service_(service), metrics_(metrics), limits_(limits), census_(census),
      socket_(std::make_unique<ListeningSocket>(std::move(socket))) {
    loop_.watch(socket_->fd(), *this, true, false);
}

void Listener::on_ready(Ready) {
    constexpr int each_turn = 64;
    for (int i = 0; i < each_turn && accept_one(); ++i) {
    }
}

bool Listener::accept_one() {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    const int fd = accept4(socket_->fd(), reinterpret_cast<sockaddr *>(&address), &length,
                           SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            // The event would come again at once, for ever; a tick looks again.
            log_event(Level::error, "cannot accept", {{"error", std::strerror(errno)}});
            metrics_.refused("descriptors").Increment();
            loop_.unwatch(socket_->fd());
            paused_ = true;
            return false;
        }
        return errno == ECONNABORTED || errno == EINTR;
    }
    if (address.ss_family != AF_UNIX) {
        const int one = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    }
    admit(fd, text_of(address));
    return true;
}

const char *Listener::obstacle(const std::string &address) const {
    if (census_.clients >= limits_.connections) {
        return "total";
    }
    if (limits_.per_address > 0) {
        const auto found = census_.by_address.find(address);
        if (found != census_.by_address.end() && found->second >= limits_.per_address) {
            return "address";
        }
    }
    return nullptr;
}

void Listener::admit(int fd, std::string address) {
    const char *reason = obstacle(address);
    if (reason != nullptr) {
        metrics_.refused(reason).Increment();
        if (census_.clients >= limits_.connections + refusal_limit) {
            ::close(fd);
            return;
        }
    }
    auto client = std::make_unique<Client>(loop_, *this, service_, limits_, fd, std::move(address));
    try {
        loop_.add_client(fd, *client);
    } catch (const std::exception &error) {
        log_event(Level::error, "cannot watch a client", {{"error", error.what()}});
        ::close(fd);
        return;
    }
    ++census_.clients;
    ++census_.by_address[client->address()];
    metrics_.accepted().Increment();
    metrics_.clients().Increment();
    Client &admitted = *client;
    clients_[fd] = std::move(client);
    if (reason != nullptr) {
        admitted.refuse({Code::busy, "There are too many connections."});
    }
}

void Listener::on_closed(Client &client) {
    --census_.clients;
    metrics_.clients().Decrement();
    const auto counted = census_.by_address.find(client.address());
    if (counted != census_.by_address.end() && --counted->second == 0) {
        census_.by_address.erase(counted);
    }
    const auto found = clients_.find(client.fd());
    if (found != clients_.end() && found->second.get() == &client) {
        loop_.bury(std::move(found->second));
        clients_.erase(found);
    }
}

void Listener::stop() {
    if (socket_ == nullptr) {
        return;
    }
    while (!paused_ && accept_one()) {
    }
    loop_.unwatch(socket_->fd());
    socket_.reset();
}

void Listener::on_tick(Clock::time_point now) {
    if (paused_ && socket_ != nullptr) {
        paused_ = false;
        loop_.watch(socket_->fd(), *this, true, false);
    }
    // Closing takes a client out of the table.
    std::vector<Client *> clients;
    clients.reserve(clients_.size());
    for (const auto &[fd, client] : clients_) {
        clients.push_back(client.get());
    }
    for (Client *client : clients) {
        client->on_tick(now, socket_ == nullptr);
    }
    shed(std::move(clients));
}

void Listener::shed(std::vector<Client *> clients) {
    std::size_t held = 0;
    for (const Client *client : clients) {
        held += client->held_bytes();
    }
    if (held <= limits_.held_bytes) {
        return;
    }
    std::sort(clients.begin(), clients.end(),
              [](const Client *a, const Client *b) { return a->moved() < b->moved(); });
    for (Client *client : clients) {
        if (held <= limits_.held_bytes) {
            return;
        }
        if (const auto bytes = client->held_bytes(); bytes > 0) {
            held -= bytes;
            metrics_.refused("held").Increment();
            client->close();
        }
    }
}

} // namespace inventory::proxy
