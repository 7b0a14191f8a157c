#include "proxy/worker.hpp"

#include "proxy/log.hpp"

namespace inventory::proxy {
namespace {

/// Clients are looked at every so many ticks: their limits are in seconds.
constexpr int ticks_between_clients = 5;

} // namespace

Worker::Worker(Loop &loop, Shared &shared)
    : loop_(loop), shared_(shared), number_(static_cast<int>(shared.workers.size())),
      limits_(shared.config.limits), admin_limits_(shared.config.limits),
      metrics_(shared.state.registry, number_),
      gateway_(loop, canceller_, metrics_, shared.limiter, *shared.docs, shared.config, limits_),
      admin_(shared.state, shared.config.workers) {
    shared.workers.push_back(this);
    for (const auto &socket : shared.sockets) {
        listeners_.push_back(std::make_unique<Listener>(loop_, gateway_, metrics_, limits_, census_,
                                                        socket.share()));
    }
    for (const auto &address : shared.config.listen) {
        if (is_shareable(address)) {
            listeners_.push_back(std::make_unique<Listener>(
                loop_, gateway_, metrics_, limits_, census_, ListeningSocket::open(address)));
        }
    }
    if (number_ == 0 && !shared.config.admin.empty()) {
        admin_listener_ =
            std::make_unique<Listener>(loop_, admin_, metrics_, admin_limits_, admin_census_,
                                       ListeningSocket::open(shared.config.admin));
    }
}

void Worker::reload(const Config &config) {
    loop_.post([this, config] {
        limits_ = config.limits;
        gateway_.reload(config);
    });
}

void Worker::drain() {
    loop_.post([this] {
        draining_ = true;
        gateway_.drain();
        for (const auto &listener : listeners_) {
            listener->stop();
        }
    });
}

void Worker::on_tick() {
    const auto now = loop_.now();
    gateway_.on_tick(now);
    if (const bool up = gateway_.is_up(); up != was_up_) {
        was_up_ = up;
        shared_.state.workers_up += up ? 1 : -1;
    }
    if (++ticks_ % ticks_between_clients == 0 || draining_) {
        for (const auto &listener : listeners_) {
            listener->on_tick(now);
        }
        if (admin_listener_ != nullptr) {
            admin_listener_->on_tick(now);
        }
        flush_log();
    }
    if (draining_ && !done_ && census_.clients == 0) {
        done_ = true;
        ++shared_.state.workers_done;
    }
}

} // namespace inventory::proxy
