#include "proxy/metrics.hpp"

#include <prometheus/text_serializer.h>

#include <array>

namespace inventory::proxy {
namespace {

const prometheus::Histogram::BucketBoundaries seconds_buckets{
    0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30};

prometheus::Family<prometheus::Counter> &counter(prometheus::Registry &registry, const char *name,
                                                 const char *help) {
    return prometheus::BuildCounter()
        .Name(std::string("inventory_proxy_") + name)
        .Help(help)
        .Register(registry);
}

prometheus::Family<prometheus::Gauge> &gauge(prometheus::Registry &registry, const char *name,
                                             const char *help) {
    return prometheus::BuildGauge()
        .Name(std::string("inventory_proxy_") + name)
        .Help(help)
        .Register(registry);
}

prometheus::Family<prometheus::Histogram> &histogram(prometheus::Registry &registry,
                                                     const char *name, const char *help) {
    return prometheus::BuildHistogram()
        .Name(std::string("inventory_proxy_") + name)
        .Help(help)
        .Register(registry);
}

prometheus::Labels with(prometheus::Labels labels, const char *name, std::string_view value) {
    labels[name] = value;
    return labels;
}

/// A method is the client's word; only these get a series of their own.
std::string_view method_label(std::string_view method) {
    static constexpr std::array known{std::string_view("GET"),    std::string_view("HEAD"),
                                      std::string_view("POST"),   std::string_view("PATCH"),
                                      std::string_view("PUT"),    std::string_view("DELETE"),
                                      std::string_view("OPTIONS")};
    for (const auto name : known) {
        if (method == name) {
            return name;
        }
    }
    return "other";
}

} // namespace

Metrics::Metrics(prometheus::Registry &registry, int worker)
    : labels_{{"worker", std::to_string(worker)}},
      requests_(
          counter(registry, "requests_total", "Requests by route template, method and status.")),
      seconds_(histogram(registry, "request_seconds",
                         "From the complete request to its answer, by route template.")),
      lane_queue_length_(gauge(registry, "queue_length", "Requests that wait for a lane.")),
      lane_queue_age_(gauge(registry, "queue_age_seconds", "Age of the oldest of them.")),
      lane_in_flight_(gauge(registry, "database_in_flight", "Statements sent and not answered.")),
      lane_connections_(gauge(registry, "database_connections", "Sessions by lane and state.")),
      refused_(counter(registry, "refused_connections_total", "Clients turned away, by reason.")),
      connects_(counter(registry, "database_connects_total", "Attempts to connect, by result.")),
      errors_(counter(registry, "database_errors_total",
                      "Errors that are not the client's, by class of SQLSTATE.")),
      queue_seconds_(
          histogram(registry, "queue_seconds", "Wait for a lane.").Add(labels_, seconds_buckets)),
      database_seconds_(histogram(registry, "database_seconds", "From sending to the result.")
                            .Add(labels_, seconds_buckets)),
      in_flight_(gauge(registry, "in_flight", "Requests that have no answer yet.").Add(labels_)),
      clients_(gauge(registry, "client_connections", "Open client connections.").Add(labels_)),
      accepted_(counter(registry, "accepted_connections_total", "Client connections accepted.")
                    .Add(labels_)),
      received_bytes_(
          counter(registry, "received_bytes_total", "Bytes from clients.").Add(labels_)),
      sent_bytes_(counter(registry, "sent_bytes_total", "Bytes to clients.").Add(labels_)),
      retries_(
          counter(registry, "retries_total", "Requests sent to the database again.").Add(labels_)),
      cancels_(counter(registry, "cancels_total", "Statements cancelled for clients that left.")
                   .Add(labels_)) {}

RequestMetrics Metrics::request(std::string_view route, std::string_view method, int status) {
    method = method_label(method);
    if (route.empty()) {
        route = "none";
    }
    const auto make_key = [&] {
        key_.assign(route);
        key_ += ' ';
        key_ += method;
        key_ += static_cast<char>(status / 256);
        key_ += static_cast<char>(status % 256);
    };
    make_key();
    auto found = known_.find(key_);
    if (found != known_.end()) {
        return found->second;
    }
    if (!routes_.contains(route)) {
        if (routes_.size() >= route_limit) {
            route = "other";
            make_key();
        }
        routes_.emplace(route, true);
    }
    const auto by_route = with(labels_, "route", route);
    const RequestMetrics made{
        &requests_.Add(with(with(by_route, "method", method), "status", std::to_string(status))),
        &seconds_.Add(by_route, seconds_buckets)};
    return known_.emplace(key_, made).first->second;
}

LaneMetrics Metrics::lane(const std::string &name) {
    const auto labels = with(labels_, "lane", name);
    return {lane_queue_length_.Add(labels), lane_queue_age_.Add(labels),
            lane_in_flight_.Add(labels), lane_connections_.Add(with(labels, "state", "ready")),
            lane_connections_.Add(with(labels, "state", "away"))};
}

prometheus::Counter &Metrics::refused(const char *reason) {
    return refused_.Add(with(labels_, "reason", reason));
}

prometheus::Counter &Metrics::database_connects(const char *result) {
    return connects_.Add(with(labels_, "result", result));
}

prometheus::Counter &Metrics::database_errors(std::string_view what) {
    return errors_.Add(with(labels_, "class", what));
}

std::string metrics_page(const prometheus::Registry &registry) {
    return prometheus::TextSerializer().Serialize(registry.Collect());
}

} // namespace inventory::proxy
