#include "api/sql_call.hpp"

#include "api/catalogue_cache.hpp"
#include "core/error.hpp"
#include "pg/datum.hpp"

#include <algorithm>

namespace inventory::api {

namespace {

[[noreturn]] void refuse_null(std::string_view name) {
    throw Error(Code::parameter_invalid, "The argument " + std::string(name) + " is null.",
                "It is required.")
        .in_parameter(name);
}

} // namespace

std::string required(FunctionCallInfo fcinfo, int n, std::string_view name) {
    auto text = pg::text_argument(fcinfo, n);
    if (!text) {
        refuse_null(name);
    }
    return *std::move(text);
}

std::string required_uuid(FunctionCallInfo fcinfo, int n, std::string_view name) {
    if (PG_ARGISNULL(n)) {
        refuse_null(name);
    }
    return to_string(pg::uuid_of(PG_GETARG_DATUM(n)));
}

Request sql_request(const std::string &scope, std::string_view tail, bool needs_edit) {
    Request request;
    request.access = require_scope(scope, needs_edit);
    request.path = '/' + scope + "/inventory/assets" + std::string(tail);
    request.request_id = to_string(pg::random_uuid());
    request.catalogue = current_catalogue();
    return request;
}

void add_parameter(Request &request, std::string_view name, std::optional<std::string> value) {
    if (value) {
        request.parameters.push_back({std::string(name), *std::move(value)});
    }
}

void add_limit(Request &request, FunctionCallInfo fcinfo, int n) {
    if (!PG_ARGISNULL(n)) {
        add_parameter(request, "limit", std::to_string(PG_GETARG_INT32(n)));
    }
}

void add_fields(Request &request, const std::optional<std::string> &fields) {
    if (!fields) {
        return;
    }
    const Catalogue &catalogue = *request.catalogue;
    for (std::size_t i = 0; i < catalogue.types.size(); ++i) {
        std::string own;
        std::size_t begin = 0;
        while (begin <= fields->size() && !fields->empty()) {
            const std::size_t end = std::min(fields->find(',', begin), fields->size());
            const std::string item = fields->substr(begin, end - begin);
            const Field *field = catalogue.find(item);
            const bool is_known =
                field != nullptr && field->is_attribute && catalogue.is_live(*field);
            if (is_known ? field->belongs_to(catalogue.types[i]) : i == 0) {
                own += (own.empty() ? "" : ",") + item;
            }
            begin = end + 1;
        }
        request.parameters.push_back({"fields[" + catalogue.types[i] + ']', own});
    }
}

Datum document_datum(const Response &response) {
    return pg::text_datum(response.body);
}

} // namespace inventory::api
