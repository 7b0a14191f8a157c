#include "core/error.hpp"

#include <array>

namespace inventory {
namespace {

// The one table of failures. Append; never rename, never reuse.
constexpr std::array table{
    CodeInfo{
        Code::invalid_target, "invalid-request-target", 400, "22023", "Malformed request target",
        "The path or query holds a broken percent escape, invalid UTF-8 or U+0000. Encode each "
        "value once, as UTF-8."},
    CodeInfo{Code::invalid_header, "invalid-header", 400, "22023", "Malformed request header",
             "A header that the operation reads has no valid form."},
    CodeInfo{Code::invalid_http, "invalid-http", 400, "22023", "Malformed HTTP request",
             "The message breaks HTTP/1.1 framing (RFC 9112); the connection is closed."},
    CodeInfo{Code::parameter_unknown, "unknown-parameter", 400, "22023", "Unknown query parameter",
             "The operation takes no parameter of this name."},
    CodeInfo{Code::parameter_repeated, "repeated-parameter", 400, "22023",
             "Query parameter given more than once", "Send every parameter at most once."},
    CodeInfo{Code::parameter_invalid, "invalid-parameter", 400, "22023", "Invalid query parameter",
             "The value is not one of those that the parameter takes."},
    CodeInfo{Code::version_invalid, "invalid-version", 400, "22023", "Invalid API version",
             "`version` is a date YYYY-MM-DD, not after today (UTC)."},
    CodeInfo{Code::version_required, "version-required", 400, "22023", "API version required",
             "This server wants `version` in every request (asset_inventory.require_version)."},
    CodeInfo{Code::filter_syntax, "filter-syntax", 400, "22023", "Invalid filter expression",
             "The filter is not RSQL; the detail names the 1-based code point."},
    CodeInfo{Code::filter_field, "filter-field", 400, "22023", "Unknown filter field",
             "No asset type that is asked for has this field; names are case-sensitive."},
    CodeInfo{Code::filter_operator, "filter-operator", 400, "22023",
             "Operator does not apply to the field",
             "For instance an ordering on an array, or anything but == on q."},
    CodeInfo{Code::filter_value, "filter-value", 400, "22023", "Invalid filter value",
             "The value has not the form of the field: a time, a number, a UUID, an asset type."},
    CodeInfo{Code::filter_too_large, "filter-too-large", 400, "54000", "Filter too large",
             "65,536 bytes, nesting 100, 1,000 comparisons, 10,000 values."},
    CodeInfo{Code::sort_invalid, "invalid-sort", 400, "22023", "Invalid sort",
             "A comma list of sort fields, each at most once, `-` for descending."},
    CodeInfo{Code::limit_invalid, "invalid-limit", 400, "22023", "Invalid limit",
             "`limit` is a number from 10 to 100, decimal digits only."},
    CodeInfo{
        Code::cursor_invalid, "invalid-cursor", 400, "22023", "Invalid cursor",
        "A cursor comes from a link of an earlier answer, under the same sort; one at a time."},
    CodeInfo{Code::fields_invalid, "invalid-fieldset", 400, "22023", "Invalid sparse fieldset",
             "fields[type] is a comma list of attributes of that type."},
    CodeInfo{Code::type_unknown, "unknown-asset-type", 400, "22023", "Unknown asset type",
             "The type is not registered."},
    CodeInfo{Code::body_syntax, "invalid-json", 400, "22023", "Request body is not JSON",
             "The body is not one JSON text in UTF-8 without repeated members."},
    CodeInfo{Code::body_invalid, "invalid-body", 400, "22023", "Invalid request document",
             "The member at source.pointer is missing, unknown or of the wrong form."},
    CodeInfo{Code::unauthenticated, "unauthenticated", 401, "28000", "Authentication required",
             "`Authorization: Token <key>` is missing, malformed, or holds no valid key."},
    CodeInfo{Code::forbidden, "forbidden", 403, "42501", "Not permitted",
             "The key may read the scope but not edit it."},
    CodeInfo{Code::route_unknown, "unknown-route", 404, "P0002", "No such route",
             "The path is not one of the API's."},
    CodeInfo{Code::version_unknown, "unknown-version", 404, "P0002", "No matching API version",
             "No release on or before that date."},
    CodeInfo{Code::scope_unknown, "unknown-scope", 404, "P0002", "Scope not found",
             "No tenant, group or org of that id that the caller can read."},
    CodeInfo{Code::asset_unknown, "unknown-asset", 404, "P0002", "Asset not found",
             "No asset of that id in the scope."},
    CodeInfo{Code::search_unknown, "unknown-search", 404, "P0002", "Search not found",
             "No live search of that id in the scope; searches expire."},
    CodeInfo{Code::group_unknown, "unknown-group-field", 404, "P0002", "Group field not found",
             "Take the id from the list of group fields."},
    CodeInfo{Code::filter_unknown, "unknown-filter-field", 404, "P0002", "Filter field not found",
             "Take the id from the list of filter fields."},
    CodeInfo{Code::method_not_allowed, "method-not-allowed", 405, "0A000", "Method not allowed",
             "The header `allow` lists the methods of the path."},
    CodeInfo{Code::not_acceptable, "not-acceptable", 406, "22023", "Not acceptable",
             "Answers are application/vnd.api+json; `accept` excludes it."},
    CodeInfo{Code::request_timeout, "request-timeout", 408, "57014", "Request not received in time",
             "The client was too slow in sending the request; the connection is closed."},
    CodeInfo{Code::identity_conflict, "identity-conflict", 409, "23505", "Identity conflict",
             "type or id in the body is not that of the path."},
    CodeInfo{Code::precondition_failed, "precondition-failed", 412, "40001", "Precondition failed",
             "The asset has changed since the ETag in `if-match` was given out; read it again."},
    CodeInfo{Code::body_too_large, "body-too-large", 413, "54000", "Request body too large",
             "The body is over the server's limit."},
    CodeInfo{Code::target_too_long, "target-too-long", 414, "54000", "Request target too long",
             "The target is over the server's limit; use a search (POST) for a long filter."},
    CodeInfo{Code::media_type_unsupported, "unsupported-media-type", 415, "22023",
             "Unsupported media type",
             "Send application/vnd.api+json without `ext`, or application/json."},
    CodeInfo{Code::expectation_failed, "expectation-failed", 417, "22023", "Expectation failed",
             "Only `expect: 100-continue` is known."},
    CodeInfo{Code::idempotency_conflict, "idempotency-conflict", 422, "23505",
             "Idempotency key used with another body",
             "The same `idempotency-key` came with another body within its life."},
    CodeInfo{Code::rate_limited, "rate-limited", 429, "53400", "Too many requests",
             "Wait for the seconds in `retry-after`."},
    CodeInfo{Code::headers_too_large, "headers-too-large", 431, "54000",
             "Request header fields too large", "The header section is over the server's limit."},
    CodeInfo{Code::internal, "internal-error", 500, "XX000", "Internal error",
             "A bug or a broken server; the request id finds it in the log."},
    CodeInfo{Code::search_failed, "search-failed", 500, "XX000", "The search failed",
             "The search ended in an error of its own; start it again."},
    CodeInfo{Code::not_implemented, "not-implemented", 501, "0A000", "Not implemented",
             "This release does not answer the operation."},
    CodeInfo{Code::http_version_unsupported, "http-version-unsupported", 505, "0A000",
             "HTTP version not supported", "Speak HTTP/1.1 or HTTP/1.0."},
    CodeInfo{Code::busy, "busy", 503, "53300", "Server busy",
             "No database connection was free in time; try again after `retry-after` seconds."},
    CodeInfo{Code::unavailable, "database-unavailable", 503, "57P01", "Database unavailable",
             "The database cannot be reached; try again after `retry-after` seconds."},
    CodeInfo{Code::search_pending, "search-pending", 503, "55000", "Search still running",
             "The results are not ready; try again after `retry-after` seconds."},
    CodeInfo{Code::deadline, "deadline-exceeded", 504, "57014", "Deadline exceeded",
             "The request took longer than its deadline and was cancelled; narrow the filter."},
    CodeInfo{Code::schema_outdated, "schema-outdated", 503, "55000", "The tables need a migration",
             "Run select inventory.migrate();"},
};

constexpr bool is_in_order() {
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (static_cast<std::size_t>(table[i].code) != i) {
            return false;
        }
    }
    return true;
}
static_assert(is_in_order());

} // namespace

const CodeInfo &describe(Code code) noexcept {
    return table[static_cast<std::size_t>(code)];
}

std::span<const CodeInfo> all_codes() noexcept {
    return table;
}

} // namespace inventory
