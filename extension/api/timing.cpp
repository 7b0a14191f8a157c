#include "api/timing.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace inventory::api {
namespace {

constexpr std::array<const char *, 4> names{"auth", "parse", "query", "render"};

// Of the one request that this backend is running.
bool is_measuring = false;
std::int64_t began = 0;
std::array<std::int64_t, names.size()> spent{};
StageTimer *innermost = nullptr;

std::int64_t now() noexcept {
    return std::chrono::steady_clock::now().time_since_epoch().count();
}

double milliseconds(std::int64_t nanoseconds) noexcept {
    return static_cast<double>(nanoseconds) / 1e6;
}

} // namespace

StageTimer::StageTimer(Stage stage) noexcept : stage_(stage), is_active_(is_measuring) {
    if (is_active_) {
        outer_ = innermost;
        innermost = this;
        begin_ = now();
    }
}

StageTimer::~StageTimer() {
    if (is_active_) {
        const std::int64_t all = now() - begin_;
        spent[static_cast<std::size_t>(stage_)] += all - inner_;
        innermost = outer_;
        if (outer_ != nullptr) {
            outer_->inner_ += all;
        }
    }
}

void begin_timing(bool is_wanted) noexcept {
    is_measuring = is_wanted;
    innermost = nullptr;
    if (is_wanted) {
        spent.fill(0);
        began = now();
    }
}

std::string timing_header() {
    if (!is_measuring) {
        return {};
    }
    std::string out = "server-timing: ";
    char item[64];
    for (std::size_t i = 0; i < names.size(); ++i) {
        std::snprintf(item, sizeof item, "%s;dur=%.3f, ", names[i], milliseconds(spent[i]));
        out += item;
    }
    std::snprintf(item, sizeof item, "total;dur=%.3f\n", milliseconds(now() - began));
    return out + item;
}

} // namespace inventory::api
