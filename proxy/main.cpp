#include "proxy/config.hpp"
#include "proxy/log.hpp"
#include "proxy/notify.hpp"
#include "proxy/worker.hpp"

#include <pistache/reactor.h>

#include <csignal>
#include <cstdio>
#include <ctime>
#include <thread>
#include <unistd.h>

namespace {

using namespace std::chrono_literals;
namespace proxy = inventory::proxy;

/// The signals that main waits for; blocked in every thread.
sigset_t block_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
        sigaddset(&signals, number);
    }
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    return signals;
}

void reload(proxy::Shared &shared, int argc, const char *const *argv) {
    proxy::notify_reloading();
    try {
        const auto config = proxy::read_command_line(argc, argv).config;
        proxy::open_log(config.log_file, config.log_level);
        shared.limiter.set_rate(config.rate);
        for (auto *worker : shared.workers) {
            worker->reload(config);
        }
        proxy::log_event(proxy::Level::info, "configuration reloaded");
    } catch (const proxy::Exit &exit) {
        proxy::log_event(proxy::Level::error, "configuration kept: the new one is wrong",
                         {{"error", exit.text}});
    } catch (const std::exception &error) {
        proxy::log_event(proxy::Level::error, "configuration kept", {{"error", error.what()}});
    }
    proxy::notify_manager("READY=1");
}

void wait_for_end(proxy::Shared &shared, const sigset_t &signals, int argc,
                  const char *const *argv) {
    int number = 0;
    while (sigwait(&signals, &number) == 0 && number == SIGHUP) {
        reload(shared, argc, argv);
    }
}

/// Finishes what runs, within the limit; a second signal ends the wait.
bool drain(proxy::Shared &shared, const sigset_t &signals) {
    proxy::log_event(proxy::Level::info, "draining");
    proxy::notify_manager("STOPPING=1\nSTATUS=Draining");
    shared.state.draining = true;
    std::this_thread::sleep_for(shared.config.drain_delay);
    for (auto *worker : shared.workers) {
        worker->drain();
    }
    const auto end = proxy::Clock::now() + shared.config.drain;
    const timespec pause{0, 20'000'000};
    while (shared.state.workers_done < shared.config.workers) {
        if (proxy::Clock::now() > end || sigtimedwait(&signals, nullptr, &pause) > 0) {
            return false;
        }
    }
    return true;
}

void serve(proxy::Shared &shared, const sigset_t &signals, int argc, const char *const *argv) {
    shared.sockets = proxy::inherited_sockets();
    if (!shared.sockets.empty()) {
        shared.config.listen.clear();
    }
    for (const auto &address : shared.config.listen) {
        if (!proxy::is_shareable(address)) {
            shared.sockets.push_back(proxy::ListeningSocket::open(address));
        }
    }
    shared.limiter.set_rate(shared.config.rate);
    shared.docs =
        std::make_unique<proxy::DocsPage>(shared.config.docs, shared.config.gzip_level > 0);
    const auto reactor = Pistache::Aio::Reactor::create();
    reactor->init(
        Pistache::Aio::AsyncContext(static_cast<std::size_t>(shared.config.workers), "proxy"));
    reactor->addHandler(std::make_shared<proxy::Loop>(
        [&shared](proxy::Loop &loop) { return std::make_unique<proxy::Worker>(loop, shared); }));
    reactor->run();
    proxy::log_event(proxy::Level::info, "serving", {{"version", PROXY_VERSION}});
    // Ready is who accepts clients: while the database is away they are told so.
    proxy::notify_manager("READY=1\nSTATUS=Serving");

    wait_for_end(shared, signals, argc, argv);
    const bool complete = drain(shared, signals);
    proxy::log_event(proxy::Level::info, complete ? "drained" : "left with requests in flight");
    // The loops still run; there is nothing in them that would outlive the process.
    _exit(0);
}

} // namespace

int main(int argc, char **argv) {
    try {
        const auto command = proxy::read_command_line(argc, argv);
        if (command.check_only) {
            std::puts("the configuration is valid");
            return 0;
        }
        proxy::Shared shared;
        shared.config = command.config;
        const auto signals = block_signals();
        proxy::open_log(shared.config.log_file, shared.config.log_level);
        serve(shared, signals, argc, argv);
    } catch (const proxy::Exit &exit) {
        std::fputs(exit.text.c_str(), exit.code == 0 ? stdout : stderr);
        return exit.code;
    } catch (const std::exception &error) {
        std::fprintf(stderr, "asset-inventory-proxy: %s\n", error.what());
        std::fflush(stderr);
        _exit(1);
    }
    return 0;
}
