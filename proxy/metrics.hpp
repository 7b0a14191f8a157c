#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace inventory::proxy {

/// The gauges of one lane of one worker.
struct LaneMetrics {
    prometheus::Gauge &queue_length;
    prometheus::Gauge &queue_age;
    prometheus::Gauge &in_flight;
    prometheus::Gauge &ready;
    prometheus::Gauge &away;
};

/// What one answer counts towards.
struct RequestMetrics {
    prometheus::Counter *count;
    prometheus::Histogram *seconds;
};

/// The metrics of one worker, labelled with its number; the registry is the
/// process's. Every look-up by label is remembered, so counting a request is a
/// hash and three atomic additions.
class Metrics {
public:
    Metrics(prometheus::Registry &registry, int worker);

    /// `route` is the database's template; after `route_limit` of them the rest
    /// is counted as "other", so that no mistake there can fill the memory.
    RequestMetrics request(std::string_view route, std::string_view method, int status);
    LaneMetrics lane(const std::string &name);
    prometheus::Histogram &queue_seconds() { return queue_seconds_; }
    prometheus::Histogram &database_seconds() { return database_seconds_; }
    prometheus::Gauge &in_flight() { return in_flight_; }
    prometheus::Gauge &clients() { return clients_; }
    prometheus::Counter &accepted() { return accepted_; }
    prometheus::Counter &refused(const char *reason);
    prometheus::Counter &received_bytes() { return received_bytes_; }
    prometheus::Counter &sent_bytes() { return sent_bytes_; }
    prometheus::Counter &retries() { return retries_; }
    prometheus::Counter &cancels() { return cancels_; }
    prometheus::Counter &database_connects(const char *result);
    /// `what` is a class of SQLSTATE, or "connection", "hung", "shape".
    prometheus::Counter &database_errors(std::string_view what);

private:
    static constexpr std::size_t route_limit = 200;

    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>()(text);
        }
    };

    prometheus::Labels labels_;
    prometheus::Family<prometheus::Counter> &requests_;
    prometheus::Family<prometheus::Histogram> &seconds_;
    prometheus::Family<prometheus::Gauge> &lane_queue_length_;
    prometheus::Family<prometheus::Gauge> &lane_queue_age_;
    prometheus::Family<prometheus::Gauge> &lane_in_flight_;
    prometheus::Family<prometheus::Gauge> &lane_connections_;
    prometheus::Family<prometheus::Counter> &refused_;
    prometheus::Family<prometheus::Counter> &connects_;
    prometheus::Family<prometheus::Counter> &errors_;
    prometheus::Histogram &queue_seconds_;
    prometheus::Histogram &database_seconds_;
    prometheus::Gauge &in_flight_;
    prometheus::Gauge &clients_;
    prometheus::Counter &accepted_;
    prometheus::Counter &received_bytes_;
    prometheus::Counter &sent_bytes_;
    prometheus::Counter &retries_;
    prometheus::Counter &cancels_;
    std::unordered_map<std::string, RequestMetrics, Hash, std::equal_to<>> known_;
    std::unordered_map<std::string, bool, Hash, std::equal_to<>> routes_;
    std::string key_;
};

/// The text that Prometheus scrapes.
std::string metrics_page(const prometheus::Registry &registry);

} // namespace inventory::proxy
