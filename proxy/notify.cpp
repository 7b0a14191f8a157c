#include "proxy/notify.hpp"

#include "proxy/log.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>

namespace inventory::proxy {
namespace {

/// 0, or the errno of what went wrong.
int send_datagram(std::string_view path, std::string_view message) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        return ENAMETOOLONG;
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    if (path.front() == '@') {
        address.sun_path[0] = '\0'; // the abstract namespace, unix(7)
    }
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return errno;
    }
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    const auto sent = sendto(fd, message.data(), message.size(), MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr *>(&address), length);
    const int error = sent < 0 ? errno : 0;
    close(fd);
    return error;
}

} // namespace

void notify_manager(std::string_view message) {
    const char *path = std::getenv("NOTIFY_SOCKET");
    if (path == nullptr || *path == '\0') {
        return;
    }
    if (const int error = send_datagram(path, message); error != 0) {
        log_event(Level::warn, "cannot notify the service manager",
                  {{"socket", path}, {"error", std::strerror(error)}});
    }
}

void notify_reloading() {
    // CLOCK_MONOTONIC, as the manager reads it; on Linux that is steady_clock.
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
    notify_manager("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(micros));
}

} // namespace inventory::proxy
