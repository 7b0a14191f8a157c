// Paths: the routing table, at each of the three scopes, with the sentences and the
// names of bodies that it does not hold.

#include "api/openapi_parts.hpp"
#include "core/error.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <vector>

namespace inventory::api {
namespace {

/// What the document says of an operation beyond its row of the routing table.
struct OperationText {
    std::string_view id;
    std::string_view tag;
    std::string_view description;
    int status; ///< Of success.
    std::string_view success;
    std::string_view answer;       ///< Schema and example of the answer; empty for no body.
    std::string_view request = {}; ///< Schema and example of the request's body.
    std::string_view sort = {};    ///< The component that `sort` is.
};

constexpr std::array texts{
    OperationText{
        "bulkUpdateAssets", "Updates",
        "Changes class, labels and tags of up to 100 assets in one transaction: all of them or "
        "none. What the body does not name stays as it is.",
        204, "All assets are as the body wants them.", "", "BulkAssetUpdateDocument"},
    OperationText{"listAssets", "Assets",
                  "A polymorphic list of the assets of all types, filtered, sorted and paged by "
                  "cursors. Follow `links.next` for the next page.",
                  200, "A page of assets.", "AssetListDocument", "", "list_sort"},
    OperationText{"updateAsset", "Updates",
                  "Changes class, labels and tags of an asset; at least one of them must be there. "
                  "With `if-match` only if nobody else has changed it meanwhile.",
                  200, "The asset as it is now.", "UpdatedAssetDocument", "AssetUpdateDocument"},
    OperationText{"getAsset", "Assets", "One asset with the attributes of its type.", 200,
                  "The asset.", "AssetDocument"},
    OperationText{"createSearch", "Searches",
                  "Starts a search that runs outside of the request, and redirects to its results; "
                  "a client that follows redirects gets them in one call. Without a body it finds "
                  "all assets of the scope.",
                  302, "The search has been started; its results are at `location`.",
                  "SearchStartedDocument", "SearchDocument"},
    OperationText{"getSearchResults", "Searches",
                  "A page of what a search found. Waits for a search that still runs; 503 with "
                  "`retry-after` when that takes too long. Searches expire.",
                  200, "A page of results.", "SearchResultsDocument", "", "search_sort"},
    OperationText{"listGroupFields", "Groups",
                  "The fields by whose values assets can be counted, all in one page.", 200,
                  "The group fields.", "GroupFieldListDocument"},
    OperationText{"listGroupValues", "Groups",
                  "The number of assets with each distinct value of a field, most frequent first. "
                  "An asset counts once for each of its labels, tags and image tags.",
                  200, "A page of values with their counts.", "GroupValueListDocument", "",
                  "group_value_sort"},
    OperationText{"listFilterFields", "Filters",
                  "The fields that a filter can name, all in one page; limit and cursors are "
                  "checked, then ignored. A field whose values can be listed has the relationship "
                  "`values`.",
                  200, "The filter fields.", "FilterFieldListDocument"},
    OperationText{"listFilterValues", "Filters",
                  "The distinct values of a field in code-point order, for autocomplete. Of an "
                  "object field, keys and values.",
                  200, "A page of values.", "FilterValueListDocument"},
};

const OperationText &text_of(const Operation &operation) {
    for (const OperationText &text : texts) {
        if (text.id == operation.id) {
            return text;
        }
    }
    throw std::logic_error("an operation has no text for OpenAPI");
}

struct ScopeText {
    ScopeKind kind;
    std::string_view name;
    std::string_view article;
    std::string_view suffix;
};

constexpr std::array scopes{ScopeText{ScopeKind::tenant, "tenant", "a ", "InTenant"},
                            ScopeText{ScopeKind::group, "group", "a ", "InGroup"},
                            ScopeText{ScopeKind::org, "org", "an ", "InOrg"}};

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const std::size_t blank = std::min(text.find(' '), text.size());
        out.emplace_back(text.substr(0, blank));
        text.remove_prefix(std::min(blank + 1, text.size()));
    }
    return out;
}

/// References to the ids of a path template, in order.
Json path_parameters(std::string_view path) {
    Json out = Json::array();
    for (std::size_t open = path.find('{'); open != std::string_view::npos;
         open = path.find('{', open + 1)) {
        out.push_back(
            reference("parameters", path.substr(open + 1, path.find('}', open) - open - 1)));
    }
    return out;
}

Json operation_parameters(const Operation &operation, const OperationText &text,
                          const Catalogue &catalogue) {
    Json out = Json::array();
    for (const std::string &name : split(operation.parameters)) {
        if (name == "fields[]") {
            for (const std::string &type : catalogue.types) {
                out.push_back(reference("parameters", "fields_" + type));
            }
        } else {
            out.push_back(reference("parameters", name == "sort" ? text.sort : name));
        }
    }
    if (operation.method == "GET") {
        out.push_back(reference("parameters", "if-none-match"));
    } else {
        out.push_back(reference("parameters", "idempotency-key"));
    }
    if (operation.id == "updateAsset") {
        out.push_back(reference("parameters", "if-match"));
    }
    out.push_back(reference("parameters", "prefer"));
    out.push_back(reference("parameters", "snyk-request-id"));
    return out;
}

Json json_api_content(std::string_view schema) {
    return {{"application/vnd.api+json",
             {{"schema", reference("schemas", schema)},
              {"examples", {{"example", reference("examples", schema)}}}}}};
}

Json success_headers(std::string_view method, int status) {
    Json headers = Json::object();
    for (const std::string_view name : {"snyk-request-id", "snyk-version-requested",
                                        "snyk-version-served", "snyk-version-lifecycle-stage"}) {
        headers[std::string(name)] = reference("headers", name);
    }
    if (method == "GET" || status == 200) {
        headers["etag"] = reference("headers", "etag");
    }
    if (status == 302) {
        headers["location"] = reference("headers", "location");
    }
    return headers;
}

/// The statuses of failure that an operation can answer by itself.
std::vector<int> failures(const Operation &operation) {
    std::vector<int> out{400, 401, 404, 406, 414, 429, 500, 503, 504};
    if (operation.needs_edit) {
        out.push_back(403);
    }
    if (operation.id == "updateAsset") {
        out.push_back(412);
    }
    if (operation.takes_body) {
        out.insert(out.end(), {409, 413, 415, 422});
    }
    std::sort(out.begin(), out.end());
    return out;
}

Json with_errors(Json responses, const std::vector<int> &statuses) {
    for (const int status : statuses) {
        responses[std::to_string(status)] =
            reference("responses", "Errors" + std::to_string(status));
    }
    responses["default"] = reference("responses", "Errors");
    return responses;
}

Json operation_object(const Operation &operation, const ScopeText &scope,
                      const Catalogue &catalogue) {
    const OperationText &text = text_of(operation);
    const std::string permission =
        std::string(scope.name) + (operation.needs_edit ? ".edit" : ".read");
    Json success = {{"description", text.success},
                    {"headers", success_headers(operation.method, text.status)}};
    if (!text.answer.empty()) {
        success["content"] = json_api_content(text.answer);
    }
    Json responses = {{std::to_string(text.status), std::move(success)}};
    if (operation.method == "GET") {
        responses["304"] = reference("responses", "NotModified");
    }
    Json object = {{"operationId", std::string(operation.id) + std::string(scope.suffix)},
                   {"summary", std::string(operation.summary) + " in " +
                                   std::string(scope.article) + std::string(scope.name)},
                   {"description", std::string(text.description) + "\n\nRequired permission: `" +
                                       permission + "`."},
                   {"tags", {text.tag}},
                   {"parameters", operation_parameters(operation, text, catalogue)}};
    if (operation.takes_body) {
        Json content = json_api_content(text.request);
        content["application/json"] = content["application/vnd.api+json"];
        object["requestBody"] = {{"required", operation.method == "PATCH"},
                                 {"content", std::move(content)}};
    }
    object["responses"] = with_errors(std::move(responses), failures(operation));
    return object;
}

std::string lower_case(std::string_view text) {
    std::string out(text);
    for (char &c : out) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

/// Route 11, which has no scope and needs no key.
Json openapi_path(std::string_view id, std::string_view summary, std::string_view description,
                  std::string_view schema) {
    Json success = {
        {"description", description},
        {"headers", success_headers("GET", 200)},
        {"content", {{"application/json", {{"schema", reference("schemas", schema)}}}}}};
    Json responses = {{"200", std::move(success)}, {"304", reference("responses", "NotModified")}};
    return {
        {"operationId", id},
        {"summary", summary},
        {"tags", {"OpenAPI"}},
        {"security", Json::array()},
        {"parameters",
         {reference("parameters", "if-none-match"), reference("parameters", "snyk-request-id")}},
        {"responses", with_errors(std::move(responses), {400, 404, 429, 503})}};
}

} // namespace

Json openapi_paths(const Catalogue &catalogue) {
    Json paths = Json::object();
    for (const ScopeText &scope : scopes) {
        for (const Operation &operation : operations()) {
            const std::string path = route_template(scope.kind, operation);
            Json &item = paths[path];
            item["parameters"] = path_parameters(path);
            item[lower_case(operation.method)] = operation_object(operation, scope, catalogue);
        }
    }
    paths["/openapi"]["get"] = openapi_path("listOpenApiVersions", "List the versions of the API",
                                            "The versions, oldest first.", "VersionList");
    paths["/openapi/{version}"] = {
        {"parameters", {reference("parameters", "openapi_version")}},
        {"get", openapi_path("getOpenApi", "Get the OpenAPI document of a version",
                             "This document.", "OpenApiDocument")}};
    return paths;
}

} // namespace inventory::api
