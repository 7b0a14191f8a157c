// Linux may put every session of processes (setsid, which each backend calls) into a scheduling
// group of its own; then the group's niceness counts and that of its processes only among
// themselves. Under a service manager or in a container it is the processes' that counts. Both
// are set, as which of them applies is not told.

#include "pg/priority.hpp"

#include "pg/settings.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

namespace inventory::pg {
namespace {

/// False when it has to be tried again: the kernel takes ten such changes a second.
bool set_group_niceness(int niceness) noexcept {
    const int file = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);
    if (file < 0) {
        return true;
    }
    char text[4];
    const auto end = std::to_chars(text, text + sizeof text, niceness).ptr;
    const bool is_busy =
        write(file, text, static_cast<std::size_t>(end - text)) < 0 && errno == EAGAIN;
    close(file);
    return !is_busy;
}

void set_niceness(int niceness) noexcept {
    if (getpriority(PRIO_PROCESS, 0) < niceness) {
        setpriority(PRIO_PROCESS, 0, niceness);
    }
}

} // namespace

void lower_priority() noexcept {
    static int reached = 0;
    if (settings::nice <= reached) {
        return;
    }
    set_niceness(settings::nice);
    if (set_group_niceness(settings::nice)) {
        reached = settings::nice;
    }
}

} // namespace inventory::pg
