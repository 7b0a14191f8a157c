// What the kernel alone takes for a request of the benchmark of the proxy: an HTTP server that
// does nothing but the system calls which the proxy cannot do without. For each request it
// receives from the client, sends 500 bytes to one of three processes over a Unix socket, as the
// proxy does to PostgreSQL, receives the answer from there in the pieces of 8 KiB in which
// PostgreSQL sends, and sends it to the client by one call.
//
//     loopback PORT BYTES [local]      `local`: the answer is made here, without Unix sockets

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <string>
#include <vector>

namespace {

constexpr std::size_t request_bytes = 500;
constexpr std::size_t piece_bytes = 8192;

struct Backend {
    int fd = -1;
    std::size_t received = 0; // of the answer to the first of `clients`
    std::deque<int> clients;
};

std::array<char, 65536> buffer;

/// Answers each request with `bytes`, until the socket closes.
[[noreturn]] void serve(int fd, std::size_t bytes) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const std::string piece(piece_bytes, 'x');
    for (std::size_t waiting = 0;;) {
        const auto count = recv(fd, buffer.data(), buffer.size(), 0);
        if (count <= 0) {
            _exit(0);
        }
        for (waiting += static_cast<std::size_t>(count); waiting >= request_bytes;
             waiting -= request_bytes) {
            for (std::size_t sent = 0; sent < bytes;) {
                sent += static_cast<std::size_t>(std::max<ssize_t>(
                    0, send(fd, piece.data(), std::min(piece.size(), bytes - sent), 0)));
            }
        }
    }
}

Backend start_backend(std::size_t bytes) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) {
        std::abort();
    }
    if (fork() == 0) {
        close(ends[0]);
        serve(ends[1], bytes);
    }
    close(ends[1]);
    return {ends[0], 0, {}};
}

int listen_on(int port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    const int one = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0 ||
        listen(fd, 1000) != 0) {
        std::abort();
    }
    return fd;
}

} // namespace

int main(int count, char **arguments) {
    if (count < 3) {
        return 2;
    }
    const auto bytes = static_cast<std::size_t>(std::atol(arguments[2]));
    const std::string answer = "HTTP/1.1 200 OK\r\ncontent-length: " + std::to_string(bytes) +
                               "\r\n\r\n" + std::string(bytes, 'x');
    const std::string request(request_bytes, 'x');
    std::vector<Backend> backends(count > 3 ? 0 : 3);
    const int listener = listen_on(std::atoi(arguments[1]));
    const int poll = epoll_create1(0);
    const auto watch = [&](int fd) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = fd;
        epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
    };
    const auto reply = [&](int fd) {
        (void)!send(fd, answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    };
    watch(listener);
    for (Backend &backend : backends) {
        backend = start_backend(bytes);
        watch(backend.fd);
    }
    std::array<epoll_event, 1024> events;
    for (std::size_t turn = 0;;) {
        const int ready = epoll_wait(poll, events.data(), events.size(), -1);
        for (int i = 0; i < ready; ++i) {
            const int fd = events[static_cast<std::size_t>(i)].data.fd;
            const auto backend = std::find_if(backends.begin(), backends.end(),
                                              [&](const Backend &b) { return b.fd == fd; });
            if (fd == listener) {
                const int client = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
                const int one = 1;
                setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                watch(client);
                continue;
            }
            const auto received = recv(fd, buffer.data(), buffer.size(), 0);
            if (backend != backends.end()) {
                backend->received += static_cast<std::size_t>(std::max<ssize_t>(0, received));
                for (; backend->received >= bytes && !backend->clients.empty();
                     backend->received -= bytes) {
                    reply(backend->clients.front());
                    backend->clients.pop_front();
                }
            } else if (received <= 0) {
                close(fd);
            } else if (backends.empty()) {
                reply(fd);
            } else {
                Backend &chosen = backends[turn++ % backends.size()];
                chosen.clients.push_back(fd);
                (void)!send(chosen.fd, request.data(), request.size(), MSG_NOSIGNAL);
            }
        }
    }
}
