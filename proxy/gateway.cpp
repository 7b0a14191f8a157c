#include "proxy/gateway.hpp"

#include "core/error_document.hpp"
#include "core/json_writer.hpp"
#include "proxy/log.hpp"
#include "proxy/response.hpp"
#include "proxy/secret.hpp"

#include <algorithm>
#include <charconv>

namespace inventory::proxy {
namespace {

std::string_view column(const PGresult *result, int index) {
    return {PQgetvalue(result, 0, index), static_cast<std::size_t>(PQgetlength(result, 0, index))};
}

/// The status, or 0 for what is none that a final answer can have.
int status_of(const PGresult *result) {
    const auto text = column(result, 0);
    int status = 0;
    std::from_chars(text.data(), text.data() + text.size(), status);
    return status >= 200 && status <= 599 ? status : 0;
}

std::int64_t micros(Clock::duration duration) {
    return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

double seconds(Clock::duration duration) {
    return std::chrono::duration<double>(duration).count();
}

} // namespace

Gateway::Gateway(Loop &loop, Canceller &canceller, Metrics &metrics, RateLimiter &limiter,
                 const DocsPage &docs, const Config &config, const Limits &limits)
    : loop_(loop), metrics_(metrics), limiter_(limiter), docs_(docs),
      database_(loop, *this, canceller, metrics, config, limits) {
    reload(config);
}

void Gateway::reload(const Config &config) {
    if (config.gzip_level != options_.gzip_level) {
        gzip_ = config.gzip_level == 0 ? nullptr : std::make_unique<Gzip>(config.gzip_level);
    }
    options_ = {config.gzip_level,      config.gzip_bytes,   config.cancel_on_fin,
                config.trust_forwarded, config.log_requests, config.log_redact};
}

void Gateway::on_tick(Clock::time_point now) {
    database_.on_tick(now);
    metrics_.in_flight().Set(static_cast<double>(in_flight_));
}

void Gateway::handle(Client &client) {
    auto exchange = std::make_unique<Exchange>();
    exchange->request = client.take_request();
    exchange->received = Clock::now();
    const auto &key = exchange->request.key_hash;
    exchange->rate = limiter_.take(key.empty() ? client.address() : key, exchange->received);
    if (!exchange->rate.allowed) {
        answer_error(client, exchange->request, exchange->rate,
                     {Code::rate_limited, "The key has used up its requests.",
                      "Try again in " + std::to_string(exchange->rate.retry_after) + " s."},
                     {exchange->received, {}, exchange->received});
        return;
    }
    if (docs_.has(exchange->request.path())) {
        answer_docs(client, exchange->request, exchange->rate, exchange->received);
        return;
    }
    exchange->client = &client;
    client.exchange = exchange.get();
    ++in_flight_;
    database_.submit(std::move(exchange));
}

void Gateway::refuse(Client &client, const Error &error) {
    Request request = client.take_request();
    if (request.id.empty()) {
        request.id = to_string(random_uuid());
    }
    const auto now = Clock::now();
    answer_error(client, request, {}, error, {now, {}, now});
}

void Gateway::forget(Client &client) {
    if (client.exchange != nullptr) {
        Exchange &exchange = *client.exchange;
        client.exchange = nullptr;
        --in_flight_;
        database_.abandon(exchange);
    }
}

void Gateway::count_received(std::size_t bytes) {
    metrics_.received_bytes().Increment(static_cast<double>(bytes));
}

void Gateway::count_sent(std::size_t bytes) {
    metrics_.sent_bytes().Increment(static_cast<double>(bytes));
}

Client *Gateway::take_client(Exchange &exchange) {
    Client *client = exchange.client;
    exchange.client = nullptr;
    client->exchange = nullptr;
    --in_flight_;
    return client;
}

void Gateway::on_answer(std::unique_ptr<Exchange> exchange, Result result) {
    const Request &request = exchange->request;
    const int status = status_of(result.get());
    auto body = column(result.get(), 2);
    const auto headers = column(result.get(), 1);
    // To HEAD the database tells the length of the body that it left out.
    const std::optional<std::size_t> length =
        request.is_head ? announced_length(headers) : body.size();
    const bool may_compress =
        gzip_ != nullptr && has_body(status) && length.value_or(0) >= options_.gzip_bytes;
    ResponseInfo info;
    head_.clear();
    append_status_line(head_, status);
    if (status == 0 || !append_database_headers(head_, headers, may_compress, info)) {
        log_event(Level::error, "inventory.rest gave a malformed answer", {{"id", request.id}});
        metrics_.database_errors("shape").Increment();
        on_failure(std::move(exchange), {Code::internal, ""});
        return;
    }
    const Timing timing{exchange->received, exchange->sent, Clock::now()};
    Client &client = *take_client(*exchange);
    Body out;
    const bool compress = may_compress && request.accepts_gzip && !info.has_content_encoding;
    if (compress && !request.is_head) {
        out.text = gzip_->compress(body);
        body = out.text;
        append_header(head_, "content-encoding", "gzip");
    }
    // The length that a body would have compressed is not known; HEAD need not tell
    // it (RFC 9110 §9.3.2).
    if (has_body(status) && !request.is_head) {
        append_header(head_, "content-length", body.size());
    } else if (has_body(status) && !compress && length) {
        append_header(head_, "content-length", *length);
    }
    if (!has_body(status) || request.is_head) {
        body = {};
    }
    append_rate(exchange->rate);
    append_framing(client, request);
    record(client, request, status, info.route, body.size(), timing);
    if (out.text.empty()) {
        out.bytes = body;
        out.result = std::move(result);
    }
    client.answer(head_, std::move(out));
}

void Gateway::on_failure(std::unique_ptr<Exchange> exchange, const Error &error) {
    const Timing timing{exchange->received, exchange->sent, Clock::now()};
    Client &client = *take_client(*exchange);
    answer_error(client, exchange->request, exchange->rate, error, timing);
}

void Gateway::answer_docs(Client &client, const Request &request, const RateState &rate,
                          Clock::time_point received) {
    try {
        auto [status, headers, body] = docs_.answer(request, database_.routes());
        head_.clear();
        append_status_line(head_, status);
        head_ += headers;
        if (has_body(status)) {
            append_header(head_, "content-length", std::max(body.bytes.size(), body.text.size()));
        }
        append_rate(rate);
        append_framing(client, request);
        if (request.is_head) {
            body = {};
        }
        record(client, request, status, "/docs", std::max(body.bytes.size(), body.text.size()),
               {received, {}, Clock::now()});
        client.answer(head_, std::move(body));
    } catch (const Error &error) {
        answer_error(client, request, rate, error, {received, {}, Clock::now()});
    }
}

void Gateway::answer_error(Client &client, const Request &request, const RateState &rate,
                           const Error &error, Timing timing) {
    const int status = describe(error.code()).status;
    Body body;
    body.text = error_document(error, request.id);
    head_.clear();
    append_status_line(head_, status);
    append_header(head_, "content-type", "application/vnd.api+json");
    append_header(head_, "vary", "accept");
    append_header(head_, "snyk-request-id", request.id);
    if (status == 503) {
        append_header(head_, "retry-after", "1");
    } else if (status == 429) {
        append_header(head_, "retry-after", rate.retry_after);
    } else if (status == 405) {
        append_header(head_, "allow", "GET, HEAD"); // the docs are all that the proxy itself serves
    }
    append_header(head_, "content-length", body.text.size());
    append_rate(rate);
    append_framing(client, request);
    if (request.is_head) {
        body.text.clear();
    }
    record(client, request, status, {}, body.text.size(), timing);
    client.answer(head_, std::move(body));
}

void Gateway::append_rate(const RateState &rate) {
    if (rate.limited) {
        append_header(head_, "ratelimit-limit", rate.limit);
        append_header(head_, "ratelimit-remaining", rate.remaining);
        append_header(head_, "ratelimit-reset", rate.reset);
    }
}

/// Says what becomes of the connection, and ends the head.
void Gateway::append_framing(Client &client, const Request &request) {
    if (draining_) {
        client.close_after_answer();
    }
    if (client.will_close()) {
        append_header(head_, "connection", "close");
    } else if (request.is_http10) {
        append_header(head_, "connection", "keep-alive");
    }
    head_ += "\r\n";
}

void Gateway::record(const Client &client, const Request &request, int status,
                     std::string_view route, std::size_t bytes, Timing timing) {
    const auto metrics = metrics_.request(route, request.method, status);
    metrics.count->Increment();
    metrics.seconds->Observe(seconds(timing.answered - timing.received));
    if (timing.sent != Clock::time_point{}) {
        metrics_.queue_seconds().Observe(seconds(timing.sent - timing.received));
        metrics_.database_seconds().Observe(seconds(timing.answered - timing.sent));
    }
    if (options_.log_requests && is_logged(Level::info)) {
        log_request(client, request, status, route, bytes, timing);
    }
}

void Gateway::log_request(const Client &client, const Request &request, int status,
                          std::string_view route, std::size_t bytes, Timing timing) {
    line_ = ",\"level\":\"info\",\"message\":\"request\",\"id\":\"";
    line_ += request.id;
    line_ += "\",\"client\":";
    append_json_string(line_, options_.trust_forwarded && !request.forwarded_for.empty()
                                  ? request.forwarded_for
                                  : client.address());
    const auto text = [&](const char *name, std::string_view value) {
        line_ += name;
        append_json_string(line_, value);
    };
    const auto number = [&](const char *name, std::int64_t value) {
        line_ += name;
        append_integer(line_, value);
    };
    text(",\"method\":", request.method);
    text(",\"target\":", options_.log_redact ? request.path() : std::string_view(request.target));
    text(",\"route\":", route);
    number(",\"status\":", status);
    number(",\"bytes\":", static_cast<std::int64_t>(bytes));
    const bool was_sent = timing.sent != Clock::time_point{};
    number(",\"queue_us\":", micros((was_sent ? timing.sent : timing.answered) - timing.received));
    number(",\"database_us\":", was_sent ? micros(timing.answered - timing.sent) : 0);
    number(",\"total_us\":", micros(timing.answered - timing.received));
    if (!request.traceparent.empty()) {
        text(",\"traceparent\":", request.traceparent);
    }
    log_line(line_);
}

} // namespace inventory::proxy
