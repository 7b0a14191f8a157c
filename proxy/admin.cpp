#include "proxy/admin.hpp"

#include "proxy/metrics.hpp"
#include "proxy/response.hpp"

namespace inventory::proxy {

void Admin::handle(Client &client) {
    const Request request = client.take_request();
    const auto path = request.path();
    if (!request.is_safe()) {
        answer(client, request, 405, "GET only\n");
    } else if (path == "/livez") {
        answer(client, request, 200, "alive\n");
    } else if (path == "/readyz") {
        if (state_.draining) {
            answer(client, request, 503, "draining\n");
        } else if (state_.workers_up < workers_) {
            answer(client, request, 503, "the database is away\n");
        } else {
            answer(client, request, 200, "ready\n");
        }
    } else if (path == "/metrics") {
        answer(client, request, 200, metrics_page(state_.registry));
    } else {
        answer(client, request, 404, "/livez, /readyz and /metrics are here\n");
    }
}

void Admin::refuse(Client &client, const Error &error) {
    answer(client, client.take_request(), describe(error.code()).status, error.detail() + "\n");
}

void Admin::answer(Client &client, const Request &request, int status, std::string text) {
    std::string head;
    append_status_line(head, status);
    append_header(head, "content-type", "text/plain; version=0.0.4; charset=utf-8");
    append_header(head, "cache-control", "no-store");
    append_header(head, "content-length", text.size());
    if (client.will_close()) {
        append_header(head, "connection", "close");
    }
    head += "\r\n";
    Body body;
    if (!request.is_head) {
        body.text = std::move(text);
    }
    client.answer(head, std::move(body));
}

} // namespace inventory::proxy
