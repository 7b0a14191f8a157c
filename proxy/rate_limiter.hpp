#pragma once

#include "proxy/config.hpp"

#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace inventory::proxy {

/// What a request found in its key's bucket; the numbers of the `ratelimit-…` headers.
struct RateState {
    bool limited = false; ///< A rate is set at all.
    bool allowed = true;
    std::size_t limit = 0;
    std::size_t remaining = 0;
    std::size_t reset = 0;       ///< Seconds until the bucket is full.
    std::size_t retry_after = 0; ///< Seconds until the next request is allowed.
};

/// A token bucket for each API key, shared by all workers. A bucket holds what
/// the rate allows in one period and fills evenly. At most `bucket_limit` keys are
/// remembered; the one unused for longest is forgotten first, which gives it a full
/// bucket.
class RateLimiter {
public:
    static constexpr std::size_t bucket_limit = 100'000;

    /// Applies to the requests that follow; the buckets keep what they hold.
    void set_rate(const Rate &rate);
    /// Takes one token of `key`.
    RateState take(std::string_view key, Clock::time_point now);

private:
    struct Bucket {
        std::string key;
        double tokens;
        Clock::time_point filled;
    };

    Bucket &bucket(std::string_view key, Clock::time_point now);

    std::mutex mutex_;
    Rate rate_;
    std::list<Bucket> buckets_; // the one used last is in front
    std::unordered_map<std::string_view, std::list<Bucket>::iterator> by_key_;
};

} // namespace inventory::proxy
