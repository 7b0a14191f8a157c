#include "proxy/loop.hpp"

#include "proxy/log.hpp"

#include <pistache/peer.h>
#include <pistache/tcp.h>

#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <system_error>

namespace inventory::proxy {
namespace {

namespace polling = Pistache::Polling;
using Interest = Pistache::Flags<polling::NotifyOn>;

/// The transport asks for a handler of input; ours is read in `onReady` instead.
class NoHandler : public Pistache::Tcp::Handler {
    PROTOTYPE_OF(Pistache::Tcp::Handler, NoHandler)
    void onInput(const char *, std::size_t, const std::shared_ptr<Pistache::Tcp::Peer> &) override {
    }
};

Interest interest(bool read, bool write) {
    Interest flags;
    if (read) {
        flags.setFlag(polling::NotifyOn::Read);
    }
    if (write) {
        flags.setFlag(polling::NotifyOn::Write);
    }
    return flags;
}

polling::Tag tag(int fd) {
    return polling::Tag(static_cast<std::uint64_t>(fd));
}

int checked(int fd, const char *what) {
    if (fd < 0) {
        throw std::system_error(errno, std::generic_category(), what);
    }
    return fd;
}

} // namespace

/// Carries tasks from other threads into the loop.
class Loop::Mailbox : public Watcher {
public:
    Mailbox() : fd_(checked(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd")) {}
    ~Mailbox() override { close(fd_); }

    int fd() const { return fd_; }

    void post(std::function<void()> task) {
        {
            const std::lock_guard lock(mutex_);
            tasks_.push_back(std::move(task));
        }
        const std::uint64_t one = 1;
        (void)!write(fd_, &one, sizeof one);
    }

    void on_ready(Ready) override {
        std::uint64_t count = 0;
        (void)!read(fd_, &count, sizeof count);
        std::vector<std::function<void()>> tasks;
        {
            const std::lock_guard lock(mutex_);
            tasks.swap(tasks_);
        }
        for (const auto &task : tasks) {
            task();
        }
    }

private:
    int fd_;
    std::mutex mutex_;
    std::vector<std::function<void()>> tasks_;
};

class Loop::Ticker : public Watcher {
public:
    explicit Ticker(Loop &loop)
        : loop_(loop),
          fd_(checked(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), "timerfd")) {
        itimerspec every{};
        every.it_interval.tv_nsec = std::chrono::nanoseconds(tick_time).count();
        every.it_value = every.it_interval;
        timerfd_settime(fd_, 0, &every, nullptr);
    }
    ~Ticker() override { close(fd_); }

    int fd() const { return fd_; }

    void on_ready(Ready) override {
        std::uint64_t count = 0;
        (void)!read(fd_, &count, sizeof count);
        loop_.application_->on_tick();
    }

private:
    Loop &loop_;
    int fd_;
};

Loop::Loop(Start start)
    : Pistache::Tcp::Transport(std::make_shared<NoHandler>()), start_(std::move(start)) {}

Loop::~Loop() = default;

std::shared_ptr<Pistache::Aio::Handler> Loop::clone() const {
    return std::make_shared<Loop>(start_);
}

void Loop::registerPoller(polling::Epoll &poller) {
    Pistache::Tcp::Transport::registerPoller(poller);
    poller_ = &poller;
    mailbox_ = std::make_unique<Mailbox>();
    ticker_ = std::make_unique<Ticker>(*this);
    watch(mailbox_->fd(), *mailbox_, true, false);
    watch(ticker_->fd(), *ticker_, true, false);
    application_ = start_(*this);
}

Loop::Entry &Loop::entry(int fd) {
    const auto index = static_cast<std::size_t>(fd);
    if (index >= entries_.size()) {
        entries_.resize(index + 64);
    }
    return entries_[index];
}

void Loop::watch(int fd, Watcher &watcher, bool read, bool write) {
    Entry &slot = entry(fd);
    const bool known = slot.watcher == &watcher;
    slot.watcher = &watcher;
    if (known) {
        // libpq may have closed the socket and opened another one under the
        // same number; epoll has forgotten the first then.
        try {
            poller_->rearmFd(fd, interest(read, write), tag(fd));
            return;
        } catch (const std::exception &) {
        }
    }
    poller_->addFd(fd, interest(read, write), tag(fd));
}

void Loop::unwatch(int fd) {
    if (entry(fd).watcher == nullptr) {
        return;
    }
    entry(fd) = {};
    try {
        poller_->removeFd(fd);
    } catch (const std::exception &) {
        // Closed already: epoll has forgotten it by itself.
    }
}

void Loop::add_client(int fd, Watcher &watcher) {
    auto peer = Pistache::Tcp::Peer::Create(fd, Pistache::Address());
    handleNewPeer(peer);
    entry(fd) = {&watcher, std::move(peer)};
    // The transport watches edges: data and FIN that come together would be one.
    watch_client(fd, true, false);
}

void Loop::watch_client(int fd, bool read, bool write) {
    poller_->rearmFd(fd, interest(read, write), tag(fd));
}

void Loop::close_client(int fd) {
    const auto peer = std::move(entry(fd).peer);
    entry(fd) = {};
    removePeer(peer);
}

void Loop::post(std::function<void()> task) {
    mailbox_->post(std::move(task));
}

void Loop::deliver(int fd, Ready ready) noexcept {
    const auto index = static_cast<std::size_t>(fd);
    if (index >= entries_.size() || entries_[index].watcher == nullptr) {
        return; // closed earlier in this turn, or one of Pistache's own
    }
    try {
        entries_[index].watcher->on_ready(ready);
    } catch (const std::exception &error) {
        log_event(Level::error, "event failed", {{"error", error.what()}});
    }
}

void Loop::onReady(const Pistache::Aio::FdSet &fds) {
    now_ = Clock::now();
    for (const auto &event : fds) {
        deliver(static_cast<int>(event.getTag().value()),
                {event.isReadable(), event.isWritable(), event.isHangup()});
    }
    application_->on_turn_end();
    graveyard_.clear();
}

} // namespace inventory::proxy
