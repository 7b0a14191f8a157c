#pragma once

#include "proxy/config.hpp"

#include <pistache/transport.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace inventory::proxy {

/// What epoll says of a descriptor. `hangup` means that both directions are shut.
struct Ready {
    bool readable;
    bool writable;
    bool hangup;
};

/// Whoever waits for a descriptor. Called in the thread of its loop only.
class Watcher {
public:
    virtual ~Watcher() = default;
    virtual void on_ready(Ready ready) = 0;
};

/// What runs in a loop: made in `Loop::registerPoller`, before its thread starts.
class Application {
public:
    virtual ~Application() = default;
    /// Called every `Loop::tick_time`.
    virtual void on_tick() = 0;
    /// Called when all events of one turn were delivered.
    virtual void on_turn_end() = 0;
};

/// One event loop in one thread: Pistache's reactor and transport, without
/// Pistache's HTTP. Descriptors are found by number in a table that this class
/// owns, so an event of a descriptor that was closed and given out again within
/// one turn at worst wakes its new owner for nothing.
class Loop : public Pistache::Tcp::Transport {
public:
    using Start = std::function<std::unique_ptr<Application>(Loop &)>;

    static constexpr Milliseconds tick_time{50};

    explicit Loop(Start start);
    ~Loop() override;

    /// Waits for `fd` to be readable, and writable if `write`; level-triggered.
    /// Called again it changes what is waited for.
    void watch(int fd, Watcher &watcher, bool read, bool write);
    /// Forgets `fd`; its owner closes it.
    void unwatch(int fd);

    /// A client's socket: a peer of the transport, watched for reading. Only in the
    /// loop's thread. Throws when epoll refuses it; then the caller still owns `fd`.
    void add_client(int fd, Watcher &watcher);
    void watch_client(int fd, bool read, bool write);
    /// Forgets the client and closes its socket.
    void close_client(int fd);

    /// Runs `task` in the loop's thread; from any thread.
    void post(std::function<void()> task);
    /// Destroys `watcher` when the events of this turn are done with it.
    void bury(std::unique_ptr<Watcher> watcher) { graveyard_.push_back(std::move(watcher)); }

    /// The time at which this turn began.
    Clock::time_point now() const noexcept { return now_; }

    // Pistache's side.
    void registerPoller(Pistache::Polling::Epoll &poller) override;
    void onReady(const Pistache::Aio::FdSet &fds) override;
    std::shared_ptr<Pistache::Aio::Handler> clone() const override;

private:
    class Mailbox;
    class Ticker;
    struct Entry {
        Watcher *watcher = nullptr;
        std::shared_ptr<Pistache::Tcp::Peer> peer;
    };

    Entry &entry(int fd);
    void deliver(int fd, Ready ready) noexcept;

    Start start_;
    Pistache::Polling::Epoll *poller_ = nullptr;
    Clock::time_point now_ = Clock::now();
    std::vector<Entry> entries_; // by descriptor
    std::vector<std::unique_ptr<Watcher>> graveyard_;
    std::unique_ptr<Mailbox> mailbox_;
    std::unique_ptr<Ticker> ticker_;
    std::unique_ptr<Application> application_;
};

} // namespace inventory::proxy
