#include "proxy/canceller.hpp"

#include "proxy/log.hpp"

#include <array>

namespace inventory::proxy {

Canceller::Canceller() : thread_([this] { run(); }) {}

Canceller::~Canceller() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void Canceller::cancel(PGcancel *request, std::function<void()> done) {
    {
        const std::lock_guard lock(mutex_);
        tasks_.push_back({request, std::move(done)});
    }
    changed_.notify_one();
}

void Canceller::run() {
    for (;;) {
        Task task;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
            if (tasks_.empty()) {
                return;
            }
            task = std::move(tasks_.front());
            tasks_.pop_front();
        }
        std::array<char, 256> message{};
        if (PQcancel(task.request, message.data(), static_cast<int>(message.size())) == 0) {
            log_event(Level::warn, "cancel failed", {{"error", message.data()}});
        }
        PQfreeCancel(task.request);
        task.done();
    }
}

} // namespace inventory::proxy
