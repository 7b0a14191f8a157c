#include "proxy/rate_limiter.hpp"

#include <algorithm>
#include <cmath>

namespace inventory::proxy {

void RateLimiter::set_rate(const Rate &rate) {
    const std::lock_guard lock(mutex_);
    rate_ = rate;
}

RateLimiter::Bucket &RateLimiter::bucket(std::string_view key, Clock::time_point now) {
    if (const auto found = by_key_.find(key); found != by_key_.end()) {
        buckets_.splice(buckets_.begin(), buckets_, found->second);
        return buckets_.front();
    }
    if (buckets_.size() >= bucket_limit) {
        by_key_.erase(buckets_.back().key);
        buckets_.pop_back();
    }
    buckets_.push_front({std::string(key), rate_.requests, now});
    by_key_.emplace(buckets_.front().key, buckets_.begin());
    return buckets_.front();
}

RateState RateLimiter::take(std::string_view key, Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    if (rate_.requests < 1) {
        return {};
    }
    using Seconds = std::chrono::duration<double>;
    const double each_second = rate_.requests / Seconds(rate_.period).count();
    Bucket &own = bucket(key, now);
    own.tokens =
        std::min(rate_.requests, own.tokens + Seconds(now - own.filled).count() * each_second);
    own.filled = now;
    RateState state;
    state.limited = true;
    state.allowed = own.tokens >= 1;
    if (state.allowed) {
        own.tokens -= 1;
    }
    const auto whole = [](double number) {
        return static_cast<std::size_t>(std::ceil(std::max(number, 0.0)));
    };
    state.limit = static_cast<std::size_t>(rate_.requests);
    state.remaining = static_cast<std::size_t>(own.tokens);
    state.reset = whole((rate_.requests - own.tokens) / each_second);
    state.retry_after = std::max<std::size_t>(1, whole((1 - own.tokens) / each_second));
    return state;
}

} // namespace inventory::proxy
