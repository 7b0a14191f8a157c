// inventory.rest: a request is a pipe of values. The checks come in the order of
// contract.md §10: request line, method and route, key, media types, scope,
// parameters, then the operation.

#include "api/access.hpp"
#include "api/catalogue_cache.hpp"
#include "api/error_code.hpp"
#include "api/openapi.hpp"
#include "api/operations.hpp"
#include "api/release.hpp"
#include "api/routes.hpp"
#include "api/timing.hpp"
#include "core/error.hpp"
#include "core/error_document.hpp"
#include "core/media_type.hpp"
#include "core/utf8.hpp"
#include "pg/deadline.hpp"
#include "pg/priority.hpp"
#include "pg/settings.hpp"
#include "pg/spi.hpp"

namespace inventory::api {
namespace {

/// What the caller of `rest` handed over, and what was learnt of it on the way: it
/// outlives an error, for every answer carries these headers.
struct Exchange {
    std::string_view method;
    std::string_view target;
    Request request;
    std::string requested_version = std::string(release);
    std::string route; ///< Template, when known.
};

std::vector<std::pair<std::string, std::string>> parse_headers(std::string_view lines) {
    std::vector<std::pair<std::string, std::string>> headers;
    while (!lines.empty()) {
        const std::size_t end = std::min(lines.find('\n'), lines.size());
        std::string_view line = lines.substr(0, end);
        lines.remove_prefix(std::min(end + 1, lines.size()));
        if (!line.empty() && line.back() == '\r') {
            line.remove_suffix(1);
        }
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || colon == 0) {
            continue;
        }
        std::string name(line.substr(0, colon));
        for (char &c : name) {
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
        std::string_view value = line.substr(colon + 1);
        value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
        value = value.substr(0, value.find_last_not_of(" \t") + 1);
        headers.emplace_back(std::move(name), value);
    }
    return headers;
}

std::string request_id(const Request &request) {
    const std::string *given = request.header("snyk-request-id");
    const auto uuid = given != nullptr ? parse_uuid(*given) : std::nullopt;
    return uuid ? *given : to_string(pg::random_uuid());
}

bool is_word(std::string_view text, std::string_view word) noexcept {
    if (text.size() != word.size()) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c =
            text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
        if (c != word[i]) {
            return false;
        }
    }
    return true;
}

/// The hash of the request's key: of `authorization`, or as the proxy sends it, so
/// that no server log can hold a key. Empty when there is none of the right form.
std::string key_hash(const Request &request) {
    if (const std::string *hash = request.header("x-inventory-key-sha256")) {
        const bool is_hash =
            hash->size() == 64 && hash->find_first_not_of("0123456789abcdef") == std::string::npos;
        return is_hash ? *hash : std::string();
    }
    const std::string *authorization = request.header("authorization");
    if (authorization == nullptr) {
        return {};
    }
    const std::string_view text = *authorization;
    const std::size_t blank = std::min(text.find(' '), text.size());
    const std::string_view scheme = text.substr(0, blank);
    std::string_view key = text.substr(blank);
    key.remove_prefix(std::min(key.find_first_not_of(' '), key.size()));
    if ((!is_word(scheme, "token") && !is_word(scheme, "bearer")) || key.empty() ||
        key.find_first_of(" \t,") != std::string_view::npos) {
        return {};
    }
    return sha256_hex(key);
}

void check_method(const Route &route, std::string_view method) {
    const bool is_known = route.is_openapi ? route.allow.empty() : route.operation != nullptr;
    if (!is_known) {
        throw Error(Code::method_not_allowed,
                    "The path does not take " + quote_for_message(method) + '.',
                    "It takes " + route.allow + '.');
    }
}

void check_media_types(const Request &request, const Operation &operation) {
    const std::string *type = request.header("content-type");
    if (operation.takes_body && request.body && !request.body->empty() &&
        (type == nullptr || !is_body_type(*type))) {
        throw Error(Code::media_type_unsupported,
                    type == nullptr
                        ? "The body has no content-type."
                        : "The body's content-type is " + quote_for_message(*type) + '.',
                    "Send application/vnd.api+json without ext, or application/json.")
            .in_header("content-type");
    }
    const std::string *accept = request.header("accept");
    if (accept != nullptr && !accepts_json_api(*accept)) {
        throw Error(Code::not_acceptable, "Nothing that accept lists can be served.",
                    "Accept application/vnd.api+json.")
            .in_header("accept");
    }
}

void check_parameters(const Request &request, const Operation &operation) {
    for (std::size_t i = 0; i < request.parameters.size(); ++i) {
        const std::string &name = request.parameters[i].name;
        if (!takes_parameter(operation, name)) {
            throw Error(Code::parameter_unknown,
                        "The operation takes no parameter " + quote_for_message(name) + '.',
                        "It takes " + std::string(operation.parameters) + '.')
                .in_parameter(name);
        }
        for (std::size_t j = 0; j < i; ++j) {
            if (request.parameters[j].name == name) {
                throw Error(Code::parameter_repeated,
                            "The parameter " + quote_for_message(name) + " is given twice.",
                            "Send it once.")
                    .in_parameter(name);
            }
        }
    }
}

void read_version(Exchange &exchange) {
    Request &request = exchange.request;
    const std::string *version = request.parameter("version");
    if (version == nullptr) {
        if (pg::settings::require_version) {
            throw Error(Code::version_required, "The request names no version.",
                        "Send version=" + std::string(release_date) + '.')
                .in_parameter("version");
        }
        return;
    }
    try {
        const std::int64_t date = read_version_date(*version);
        exchange.requested_version = *version;
        check_release(date);
    } catch (Error &error) {
        error.set_source(SourceKind::parameter, "version");
        throw;
    }
    request.version = *version;
}

bool has_body(int status) noexcept {
    return status != 204 && status != 304;
}

std::string common_headers(const Exchange &exchange, const Response &response) {
    std::string out;
    if (has_body(response.status)) {
        out = "content-type: ";
        out += response.content_type;
        out += '\n';
    }
    out += "vary: accept\nsnyk-request-id: " + exchange.request.request_id;
    out += "\nsnyk-version-requested: " + exchange.requested_version;
    out += "\nsnyk-version-served: " + std::string(release);
    out += "\nsnyk-version-lifecycle-stage: " + std::string(release_stage) + '\n';
    if (!exchange.route.empty()) {
        out += "x-inventory-route: " + exchange.route + '\n';
    }
    return out;
}

/// The preferences of RFC 7240 that the server knows.
struct Preferences {
    bool wants_timing = false; ///< `timing`
    int wait = 0;              ///< `wait=N`, in milliseconds; 0 when absent.
};

/// What cannot be read is passed over (RFC 7240 §2).
Preferences read_preferences(const Request &request) {
    Preferences preferences;
    const std::string *header = request.header("prefer");
    std::string_view rest = header != nullptr ? std::string_view(*header) : std::string_view();
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find_first_of(",;"), rest.size());
        std::string_view item = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        item.remove_prefix(std::min(item.find_first_not_of(" \t"), item.size()));
        item = item.substr(0, item.find_last_not_of(" \t") + 1);
        if (item == "timing") {
            preferences.wants_timing = true;
        } else if (item.substr(0, 5) == "wait=" && item.size() > 5 && item.size() < 11 &&
                   item.find_first_not_of("0123456789", 5) == std::string_view::npos) {
            constexpr long long most = 1000000;
            preferences.wait =
                static_cast<int>(std::min(std::stoll(std::string(item.substr(5))), most) * 1000);
        }
    }
    return preferences;
}

/// What a proxy allows the request, in milliseconds; 0 when it does not say.
int proxy_deadline(const Request &request) {
    const std::string *text = request.header("x-inventory-deadline-ms");
    const bool is_number = text != nullptr && !text->empty() && text->size() < 9 &&
                           text->find_first_not_of("0123456789") == std::string::npos;
    return is_number ? std::stoi(*text) : 0;
}

/// The nearest of the server's limit for a request, the proxy's and the client's own.
void set_deadline(const Request &request, int wait) {
    int nearest = 0;
    for (const int limit : {pg::settings::request_timeout, proxy_deadline(request), wait}) {
        nearest = limit > 0 && (nearest == 0 || limit < nearest) ? limit : nearest;
    }
    if (nearest > 0) {
        pg::arm_deadline(nearest);
    }
}

/// The path as links repeat it, however the request escaped it.
std::string spell_path(const std::vector<std::string> &segments) {
    std::string path;
    for (const std::string &segment : segments) {
        path += '/';
        append_percent_encoded(path, segment);
    }
    return path;
}

/// Everything up to the operation, and the operation.
Response answer(Exchange &exchange) {
    Request &request = exchange.request;
    Target target = parse_target(exchange.target);
    auto route = find_route(exchange.method, target.segments);
    if (!route) {
        throw Error(Code::route_unknown, "There is no such path.", "GET /openapi lists the paths.");
    }
    if (route->operation != nullptr) {
        exchange.route = route_template(route->scope, *route->operation);
    } else if (route->is_openapi) {
        exchange.route = route->path_values.empty() ? "/openapi" : "/openapi/{version}";
    }
    request.path = spell_path(target.segments);
    request.parameters = std::move(target.parameters);
    request.path_values = std::move(route->path_values);
    check_method(*route, exchange.method);
    if (route->is_openapi) {
        return answer_openapi(request);
    }
    const Operation &operation = *route->operation;
    const std::string hash = key_hash(request);
    std::optional<Access> access;
    if (!hash.empty()) {
        const StageTimer timer(Stage::auth);
        access =
            access_by_key(hash, route->scope, parse_uuid(route->scope_id), operation.needs_edit);
    }
    if (!access) {
        throw Error(Code::unauthenticated, "The request holds no valid API key.",
                    "Send authorization: Token <key>.")
            .in_header("authorization");
    }
    request.access = *access;
    check_media_types(request, operation);
    check_access(request.access, operation.needs_edit);
    check_parameters(request, operation);
    read_version(exchange);
    request.catalogue = current_catalogue();
    if (operation.run == nullptr) {
        throw Error(Code::not_implemented, "This release does not answer the operation.");
    }
    return operation.run(request);
}

Response error_response(const Exchange &exchange, const Error &error) {
    Response response{
        describe(error.code()).status, {}, error_document(error, exchange.request.request_id)};
    if (error.code() == Code::unauthenticated) {
        response.headers = "www-authenticate: Token\n";
    } else if (error.code() == Code::method_not_allowed) {
        const auto route = find_route(exchange.method, parse_target(exchange.target).segments);
        response.headers = "allow: " + route->allow + '\n';
    } else if (response.status == 503) {
        response.headers = "retry-after: 1\n";
    } else if (response.status == 429) {
        response.headers = "retry-after: 60\n";
    }
    return response;
}

Response run(Exchange &exchange) {
    try {
        const StageTimer timer(Stage::parse);
        pg::Subtransaction transaction;
        Response response;
        {
            const pg::Spi spi;
            response = answer(exchange);
        }
        transaction.commit();
        return response;
    } catch (const Error &error) {
        return error_response(exchange, error);
    } catch (const pg::Error &error) {
        const ErrorData &data = *error.data();
        const Code code = code_of(data);
        if (code == Code::internal) {
            pg::report(data, exchange.request.request_id);
        }
        return error_response(exchange, Error(code, describe(code).help));
    }
}

} // namespace

/// Answers one request; the body of `inventory.rest`.
Response rest(std::string_view method, std::string_view target, std::string_view headers,
              std::optional<std::string> body) {
    Exchange exchange;
    exchange.method = method;
    exchange.target = target;
    exchange.request.headers = parse_headers(headers);
    exchange.request.body = std::move(body);
    exchange.request.request_id = request_id(exchange.request);
    const Preferences preferences = read_preferences(exchange.request);
    begin_timing(preferences.wants_timing);
    pg::lower_priority();
    set_deadline(exchange.request, preferences.wait);
    Response response = run(exchange);
    response.headers = common_headers(exchange, response) + response.headers + timing_header();
    if (method == "HEAD") {
        response.headers += "x-inventory-length: " + std::to_string(response.body.size()) + '\n';
    }
    if (method == "HEAD" || !has_body(response.status)) {
        response.body.clear();
    }
    return response;
}

} // namespace inventory::api

/// rest(method, target, headers, body): see docs/reference.
SQL_FUNCTION(inventory_rest) {
    using namespace inventory;
    const std::string method = pg::text_argument(fcinfo, 0).value_or("");
    const std::string target = pg::text_argument(fcinfo, 1).value_or("");
    const std::string headers = pg::text_argument(fcinfo, 2).value_or("");
    const api::Response response = api::rest(method, target, headers, pg::text_argument(fcinfo, 3));
    TupleDesc description = nullptr;
    pg::call(&get_call_result_type, fcinfo, static_cast<Oid *>(nullptr), &description);
    Datum values[] = {Int32GetDatum(response.status), pg::text_datum(response.headers),
                      pg::text_datum(response.body)};
    bool nulls[] = {false, false, false};
    PG_RETURN_DATUM(
        HeapTupleGetDatum(pg::call(&heap_form_tuple, description, &values[0], &nulls[0])));
}
