#pragma once

#include "proxy/client.hpp"
#include "proxy/database.hpp"
#include "proxy/docs_page.hpp"
#include "proxy/gzip.hpp"
#include "proxy/metrics.hpp"
#include "proxy/rate_limiter.hpp"

#include <memory>
#include <string>

namespace inventory::proxy {

/// What the gateway needs of the configuration and SIGHUP may change.
struct GatewayOptions {
    int gzip_level = 0;
    std::size_t gzip_bytes = 0;
    bool cancel_on_fin = false;
    bool trust_forwarded = false;
    bool log_requests = true;
    bool log_redact = false;
};

/// Turns each request of a client into one exchange with the database and the
/// exchange's end into the answer: head, compression, error documents, the line
/// in the log, the numbers.
class Gateway : public Service, public Database::Sink {
public:
    Gateway(Loop &loop, Canceller &canceller, Metrics &metrics, RateLimiter &limiter,
            const DocsPage &docs, const Config &config, const Limits &limits);

    /// Applies what of the configuration can change.
    void reload(const Config &config);
    /// From now on each answer ends its connection.
    void drain() noexcept { draining_ = true; }
    bool is_up() const noexcept { return database_.is_up(); }
    std::size_t in_flight() const noexcept { return in_flight_; }
    void on_tick(Clock::time_point now);

    void handle(Client &client) override;
    void refuse(Client &client, const Error &error) override;
    void forget(Client &client) override;
    bool is_gone_on_fin() const override { return options_.cancel_on_fin; }
    void count_received(std::size_t bytes) override;
    void count_sent(std::size_t bytes) override;

private:
    /// When what happened, for the log and the histograms.
    struct Timing {
        Clock::time_point received;
        Clock::time_point sent; ///< The epoch when it was not.
        Clock::time_point answered;
    };

    void on_answer(std::unique_ptr<Exchange> exchange, Result result) override;
    void on_failure(std::unique_ptr<Exchange> exchange, const Error &error) override;

    Client *take_client(Exchange &exchange);
    void answer_docs(Client &client, const Request &request, const RateState &rate,
                     Clock::time_point received);
    void answer_error(Client &client, const Request &request, const RateState &rate,
                      const Error &error, Timing timing);
    void append_rate(const RateState &rate);
    void append_framing(Client &client, const Request &request);
    void record(const Client &client, const Request &request, int status, std::string_view route,
                std::size_t bytes, Timing timing);
    void log_request(const Client &client, const Request &request, int status,
                     std::string_view route, std::size_t bytes, Timing timing);

    Loop &loop_;
    Metrics &metrics_;
    RateLimiter &limiter_;
    const DocsPage &docs_;
    GatewayOptions options_;
    std::unique_ptr<Gzip> gzip_;
    Database database_;
    std::size_t in_flight_ = 0;
    bool draining_ = false;
    std::string head_; // reused for each answer
    std::string line_; // reused for each line of the log
};

} // namespace inventory::proxy
