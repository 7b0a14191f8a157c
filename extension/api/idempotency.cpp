#include "api/idempotency.hpp"

#include "core/binder.hpp"
#include "core/error.hpp"
#include "pg/settings.hpp"
#include "pg/spi.hpp"

#include <algorithm>
#include <stdexcept>

namespace inventory::api {
namespace {

constexpr std::string_view header_name = "idempotency-key";
constexpr std::size_t max_key_size = 255;

const std::string *read_key(const Request &request) {
    const std::string *key = request.header(header_name);
    if (key != nullptr &&
        (key->empty() || key->size() > max_key_size ||
         !std::all_of(key->begin(), key->end(), [](char c) { return c > ' ' && c <= '~'; }))) {
        throw Error(Code::invalid_header, "The idempotency-key is not a key.",
                    "Send 1 to 255 visible ASCII characters, for example a UUID.")
            .in_header(header_name);
    }
    return key;
}

/// The row of a key: who asks, where, and under which key.
class KeyRow {
public:
    KeyRow(const Request &request, std::string_view tail, const std::string &key)
        : tenant_(request.scope().tenant), principal_(*request.access.principal), key_(key),
          body_hash_(sha256_hex(request.body.value_or(""))) {
        route_ = '/' + std::string(plural(request.scope().kind)) + '/' +
                 to_string(request.scope().id) + "/inventory/assets" + std::string(tail);
    }

    /// Takes the key unless it is in use; waits for a transaction that is taking it.
    bool claim() const {
        constexpr UnixMicros second = 1000000;
        ParameterBinder binder;
        const std::string columns = bind_key(binder);
        const std::string hash = binder.bind(body_hash_);
        const UnixMicros now = pg::time_of(TimestampTzGetDatum(pg::call(&GetCurrentTimestamp)));
        const std::string created = binder.bind(TimeParam{now});
        const std::string expires =
            binder.bind(TimeParam{now + pg::settings::idempotency_ttl * second});
        return pg::modify({"insert into inventory.idempotency_key as k (tenant_id, principal_id, "
                           "route, key, body_hash, created_at, expires_at) values (" +
                               columns + ", decode(" + hash + ", 'hex'), " + created + ", " +
                               expires +
                               ") on conflict (tenant_id, principal_id, route, key) do update set "
                               "body_hash = excluded.body_hash, created_at = excluded.created_at, "
                               "expires_at = excluded.expires_at where k.expires_at <= " +
                               created,
                           binder.values()},
                          ignore_row) > 0;
    }

    void remember(const Response &response) const {
        ParameterBinder binder;
        const std::string row = condition(binder);
        const std::string status = binder.bind(std::int64_t{response.status});
        const std::string headers = binder.bind(response.headers);
        const std::string body = binder.bind(response.body);
        pg::modify({"update inventory.idempotency_key k set status = " + status +
                        ", headers = " + headers + ", body = " + body + " where " + row,
                    binder.values()},
                   ignore_row);
    }

    /// The first answer. Throws Error(idempotency_conflict).
    Response recall() const {
        ParameterBinder binder;
        std::optional<Response> response;
        bool is_same = false;
        // A statement that may write sees what was committed while the claim waited.
        pg::modify({"select encode(k.body_hash, 'hex'), k.status, k.headers, k.body from "
                    "inventory.idempotency_key k where " +
                        condition(binder),
                    binder.values()},
                   [&](const pg::Row &row) {
                       is_same = pg::text_of(row[0]) == body_hash_;
                       response.emplace(Response{DatumGetInt32(row[1]),
                                                 std::string(pg::text_of(row[2])),
                                                 std::string(pg::text_of(row[3]))});
                   });
        if (!response) {
            throw std::logic_error("an idempotency key is neither free nor taken");
        }
        if (!is_same) {
            throw Error(Code::idempotency_conflict,
                        "The idempotency-key was used with another body on this route.",
                        "Use a new key for a new request.")
                .in_header(header_name);
        }
        return *std::move(response);
    }

private:
    static void ignore_row(const pg::Row &) {}

    std::string bind_key(Binder &binder) const {
        std::string out = binder.bind(tenant_);
        out += ", " + binder.bind(principal_);
        out += ", " + binder.bind(route_);
        out += ", " + binder.bind(key_);
        return out;
    }

    std::string condition(Binder &binder) const {
        std::string out = "k.tenant_id = " + binder.bind(tenant_);
        out += " and k.principal_id = " + binder.bind(principal_);
        out += " and k.route = " + binder.bind(route_);
        out += " and k.key = " + binder.bind(key_);
        return out;
    }

    Uuid tenant_;
    Uuid principal_;
    std::string route_;
    std::string key_;
    std::string body_hash_;
};

} // namespace

Response answer_once(const Request &request, std::string_view tail,
                     const std::function<Response()> &run) {
    const std::string *key = read_key(request);
    if (key == nullptr || !request.access.principal) {
        return run();
    }
    const KeyRow row(request, tail, *key);
    if (!row.claim()) {
        return row.recall();
    }
    Response response = run();
    row.remember(response);
    return response;
}

} // namespace inventory::api
