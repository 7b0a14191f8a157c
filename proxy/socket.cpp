#include "proxy/socket.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <utility>

namespace inventory::proxy {
namespace {

constexpr int backlog = 4096;
constexpr std::string_view unix_prefix = "unix:";

[[noreturn]] void fail(const std::string &address, const std::string &reason) {
    throw std::runtime_error("cannot listen on " + address + ": " + reason);
}

[[noreturn]] void fail_errno(const std::string &address) {
    fail(address, std::strerror(errno));
}

ListeningSocket open_unix(const std::string &address) {
    const auto path = address.substr(unix_prefix.size());
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof name.sun_path) {
        fail(address, "the path is empty or too long");
    }
    std::memcpy(name.sun_path, path.c_str(), path.size() + 1);
    ListeningSocket made(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    struct stat status {};
    if (stat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) {
        unlink(path.c_str()); // of a process that did not clean up
    }
    if (made.fd() < 0 || bind(made.fd(), reinterpret_cast<sockaddr *>(&name), sizeof name) != 0 ||
        listen(made.fd(), backlog) != 0) {
        fail_errno(address);
    }
    return made;
}

std::pair<std::string, std::string> split(const std::string &address) {
    const auto colon = address.rfind(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == address.size()) {
        fail(address, "it is not of the form HOST:PORT, [IPv6]:PORT or unix:/PATH");
    }
    auto host = address.substr(0, colon);
    if (host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    }
    return {host, address.substr(colon + 1)};
}

ListeningSocket open_tcp(const std::string &address) {
    const auto [host, port] = split(address);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo *found = nullptr;
    if (const int error =
            getaddrinfo(host == "*" ? nullptr : host.c_str(), port.c_str(), &hints, &found)) {
        fail(address, gai_strerror(error));
    }
    const std::unique_ptr<addrinfo, void (*)(addrinfo *)> owner(found, freeaddrinfo);
    ListeningSocket made(socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int one = 1;
    if (made.fd() < 0 || setsockopt(made.fd(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        setsockopt(made.fd(), SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) != 0 ||
        bind(made.fd(), found->ai_addr, found->ai_addrlen) != 0 ||
        listen(made.fd(), backlog) != 0) {
        fail_errno(address);
    }
    return made;
}

} // namespace

ListeningSocket ListeningSocket::open(const std::string &address) {
    return is_shareable(address) ? open_tcp(address) : open_unix(address);
}

ListeningSocket::~ListeningSocket() {
    if (fd_ >= 0) {
        close(fd_);
    }
}

ListeningSocket::ListeningSocket(ListeningSocket &&other) noexcept
    : fd_(std::exchange(other.fd_, -1)) {}

ListeningSocket ListeningSocket::share() const {
    return ListeningSocket(fcntl(fd_, F_DUPFD_CLOEXEC, 0));
}

bool is_shareable(const std::string &address) {
    return !address.starts_with(unix_prefix);
}

std::vector<ListeningSocket> inherited_sockets() {
    constexpr int first = 3;
    const char *process = std::getenv("LISTEN_PID");
    const char *count = std::getenv("LISTEN_FDS");
    std::vector<ListeningSocket> sockets;
    if (process == nullptr || count == nullptr || std::atoi(process) != getpid()) {
        return sockets;
    }
    for (int fd = first; fd < first + std::atoi(count); ++fd) {
        int listens = 0;
        socklen_t length = sizeof listens;
        if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) != 0 || listens == 0) {
            fail("LISTEN_FDS", "descriptor " + std::to_string(fd) + " is no listening socket");
        }
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
        sockets.emplace_back(fd);
    }
    return sockets;
}

} // namespace inventory::proxy
