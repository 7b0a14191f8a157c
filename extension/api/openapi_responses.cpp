// Responses of failure, one a status, with an example of every code of the error table.

#include "api/openapi_parts.hpp"
#include "core/error.hpp"

#include <algorithm>
#include <array>

namespace inventory::api {
namespace {

constexpr std::array described{400, 401, 403, 404, 406, 409, 412, 413,
                               414, 415, 422, 429, 500, 503, 504};

constexpr std::string_view example_request_id = "4a72d1db-b465-4764-99e1-ecedad03b06a";

Json error_example(const CodeInfo &info) {
    Json error = {
        {"id", example_request_id},
        {"status", std::to_string(info.status)},
        {"code", info.name},
        {"title", info.title},
        {"detail", info.code == Code::internal ? example_request_id : std::string_view(info.help)}};
    return {{"summary", info.title},
            {"value",
             {{"jsonapi", {{"version", "1.0"}}}, {"errors", Json::array({std::move(error)})}}}};
}

/// The response of a status, or of any that is not described when it is 0.
Json error_response(int status) {
    Json examples = Json::object();
    std::string titles;
    for (const CodeInfo &info : all_codes()) {
        if (status == 0 ? !is_described_status(info.status) : info.status == status) {
            examples[info.name] = error_example(info);
            titles += (titles.empty() ? "" : "; ") + std::string(info.title);
        }
    }
    Json headers = {{"snyk-request-id", reference("headers", "snyk-request-id")}};
    if (status == 401) {
        headers["www-authenticate"] = reference("headers", "www-authenticate");
    } else if (status == 429 || status == 503) {
        headers["retry-after"] = reference("headers", "retry-after");
    }
    const std::string schema = status == 0 ? "Errors" : "Errors" + std::to_string(status);
    return {{"description", titles + '.'},
            {"headers", std::move(headers)},
            {"content",
             {{"application/vnd.api+json",
               {{"schema", reference("schemas", schema)}, {"examples", std::move(examples)}}}}}};
}

} // namespace

bool is_described_status(int status) noexcept {
    return std::find(described.begin(), described.end(), status) != described.end();
}

Json openapi_responses() {
    Json responses = {{"NotModified",
                       {{"description", "An entity tag of `if-none-match` still holds."},
                        {"headers",
                         {{"snyk-request-id", reference("headers", "snyk-request-id")},
                          {"etag", reference("headers", "etag")}}}}}};
    for (const int status : described) {
        responses["Errors" + std::to_string(status)] = error_response(status);
    }
    responses["Errors"] = error_response(0);
    return responses;
}

} // namespace inventory::api
