#include "api/openapi.hpp"

#include "api/catalogue_cache.hpp"
#include "api/openapi_parts.hpp"
#include "api/release.hpp"
#include "core/error.hpp"
#include "core/json_writer.hpp"
#include "core/utf8.hpp"
#include "pg/datum.hpp"
#include "pg/spi.hpp"

namespace inventory::api {
namespace {

constexpr std::string_view frame = R"json({
"openapi": "3.1.0",
"info": {
    "title": "Assets API",
    "summary": "An inventory of assets: list, search, group, filter and classify them.",
    "description": "JSON:API documents over HTTP. Every path is served below `/rest` too, and links repeat the spelling of the request. HEAD answers as GET, without the body. Every query parameter is given at most once; one that an operation does not take is an error. Every answer has a `snyk-request-id`.",
    "license": {"name": "PostgreSQL Licence", "identifier": "PostgreSQL"}
},
"servers": [
    {"url": "/", "description": "This server."},
    {"url": "/rest", "description": "The same, as older clients spell it."}
],
"security": [{"apiKey": []}],
"tags": [
    {"name": "Assets", "description": "Listing and reading assets."},
    {"name": "Updates", "description": "Changing class, labels and tags."},
    {"name": "Searches", "description": "Searches that run outside of a request."},
    {"name": "Groups", "description": "Numbers of assets by the values of a field."},
    {"name": "Filters", "description": "The fields that filters can name, and their values."},
    {"name": "OpenAPI", "description": "This document."}
]
})json";

constexpr std::string_view security_schemes = R"json({
"apiKey": {
    "type": "apiKey", "in": "header", "name": "Authorization",
    "description": "`Token <key>`; the scheme in any case, and `Bearer <key>` too."
}
})json";

std::string write_document(const Catalogue &catalogue) {
    Json document = Json::parse(frame);
    document["info"]["version"] = release;
    document["paths"] = openapi_paths(catalogue);
    document["components"] = {{"securitySchemes", Json::parse(security_schemes)},
                              {"parameters", openapi_parameters(catalogue)},
                              {"headers", openapi_headers()},
                              {"responses", openapi_responses()},
                              {"schemas", openapi_schemas(catalogue)},
                              {"examples", openapi_examples()}};
    return document.dump();
}

/// Kept until the catalogue is read again.
const std::string &current_document() {
    static std::shared_ptr<const Catalogue> source;
    static std::string text;
    auto catalogue = current_catalogue();
    if (catalogue != source) {
        text = write_document(*catalogue);
        source = std::move(catalogue);
    }
    return text;
}

/// A date, or a date and the stage that the release has.
void check_version(std::string_view version) {
    const std::size_t tilde = version.find('~');
    const std::int64_t date = read_version_date(version.substr(0, tilde));
    check_release(date);
    if (tilde != std::string_view::npos && version.substr(tilde + 1) != release_stage) {
        throw Error(Code::version_unknown,
                    "There is no release of the stage " +
                        quote_for_message(version.substr(tilde + 1)) + '.',
                    "Releases are " + std::string(release) + '.');
    }
}

std::string version_list() {
    std::string out;
    JsonWriter(out).begin_array().string(release).end_array();
    return out;
}

} // namespace

std::string pascal_case(std::string_view snake_case) {
    std::string out;
    bool is_first = true;
    for (const char c : snake_case) {
        if (c == '_') {
            is_first = true;
            continue;
        }
        out += is_first && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        is_first = false;
    }
    return out;
}

Json reference(std::string_view section, std::string_view name) {
    return {{"$ref", "#/components/" + std::string(section) + '/' + std::string(name)}};
}

std::string openapi_document(std::string_view version) {
    check_version(version);
    return current_document();
}

Response answer_openapi(const Request &request) {
    if (!request.parameters.empty()) {
        const std::string &name = request.parameters.front().name;
        throw Error(Code::parameter_unknown,
                    "The operation takes no parameter " + quote_for_message(name) + '.',
                    "It takes none.")
            .in_parameter(name);
    }
    Response response =
        respond(request, request.path_values.empty() ? version_list()
                                                     : openapi_document(request.path_values[0]));
    response.content_type = "application/json";
    return response;
}

} // namespace inventory::api

/// openapi(version): the document, as json.
SQL_FUNCTION(inventory_openapi) {
    using namespace inventory;
    const std::string version = pg::text_argument(fcinfo, 0).value_or(std::string(api::release));
    std::string document;
    {
        const pg::Spi spi;
        document = api::openapi_document(version);
    }
    PG_RETURN_DATUM(pg::text_datum(document));
}

/// error_codes(): the error table as rows.
SQL_FUNCTION(inventory_error_codes) {
    using namespace inventory;
    pg::call(&InitMaterializedSRF, fcinfo, static_cast<bits32>(0));
    auto *const result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    for (const CodeInfo &info : all_codes()) {
        Datum values[] = {pg::text_datum(info.name), Int32GetDatum(info.status),
                          pg::text_datum(info.sqlstate), pg::text_datum(info.title),
                          pg::text_datum(info.help)};
        bool nulls[] = {false, false, false, false, false};
        pg::call(&tuplestore_putvalues, result->setResult, result->setDesc, &values[0], &nulls[0]);
    }
    PG_RETURN_NULL();
}
