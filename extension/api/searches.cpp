// Operations 5 and 6: POST S/inventory/assets/searches, and GET …/{search_id}/results.

#include "api/asset_list.hpp"
#include "api/idempotency.hpp"
#include "api/operations.hpp"
#include "api/search_store.hpp"
#include "api/search_wait.hpp"
#include "api/search_worker.hpp"
#include "api/sql_call.hpp"
#include "core/error.hpp"
#include "core/search_query.hpp"

namespace inventory::api {
namespace {

constexpr std::string_view release_date = "2024-10-15";

Uuid start_search(const Request &request, const SearchOptions &options) {
    const Uuid id = insert_search(request.access, options);
    want_worker();
    return id;
}

std::string results_link(const Request &request, const SearchOptions &options, const Uuid &id) {
    std::string out(assets_path(request));
    out += "/searches/" + to_string(id) + "/results?version=";
    append_percent_encoded(out, request.version.empty() ? release_date : request.version);
    out += "&limit=" + std::to_string(options.limit) + "&sort=";
    append_percent_encoded(out, options.sort);
    return out;
}

inventory::Sort read_sort(const Request &request, std::string_view text) {
    try {
        return parse_sort(text, *request.catalogue, SortScope::search);
    } catch (Error &error) {
        error.set_source(SourceKind::parameter, "sort");
        throw;
    }
}

} // namespace

Response create_search(const Request &request) {
    const SearchOptions options = read_search_document(request.body, *request.catalogue);
    return answer_once(request, "/searches", [&]() -> Response {
        const Uuid id = start_search(request, options);
        return {302, "location: " + results_link(request, options, id) + '\n',
                "{\"jsonapi\":{\"version\":\"1.0\"}}"};
    });
}

Response search_results(const Request &request) {
    // What is wrong with the parameters is said before whether the search is there.
    const std::string *sort = request.parameter("sort");
    const int own_limit = read_limit(request);
    if (sort != nullptr) {
        read_sort(request, *sort);
    }
    const Search search = await_search(request.scope(), request.path_values.front());
    const FreshSnapshot snapshot;
    const inventory::Sort made_with = read_sort(request, search.options.sort);
    ListRequest list;
    list.selection = {request.scope().tenant, request.scope().seen_in(), {}, search.id};
    list.page.limit = request.parameter("limit") != nullptr ? own_limit : search.options.limit;
    list.page.sort = sort != nullptr ? read_sort(request, *sort) : made_with;
    list.is_ranked = list.page.sort.canonical == made_with.canonical;
    if (list.is_ranked) {
        list.page.sort = ranked_sort(made_with);
    }
    read_cursors(request, list.page);
    list.wants_count = search.options.meta_count.has_value();
    list.wants_data = search.options.meta_count != "only";
    list.known_count = search.found;
    return respond(request,
                   list_document(request, list, search.is_truncated ? "\"truncated\":true" : ""));
}

} // namespace inventory::api

using namespace inventory;

/// create_search(scope, document)
SQL_FUNCTION(inventory_create_search) {
    const std::string scope = api::required(fcinfo, 0, "scope");
    Uuid id;
    {
        const pg::Spi spi;
        api::Request request = api::sql_request(scope, "/searches", false);
        request.body = pg::text_argument(fcinfo, 1);
        id =
            api::start_search(request, api::read_search_document(request.body, *request.catalogue));
    }
    PG_RETURN_DATUM(pg::uuid_datum(id));
}

/// search_results(scope, search_id, sort, limit, starting_after, ending_before)
SQL_FUNCTION(inventory_search_results) {
    const std::string scope = api::required(fcinfo, 0, "scope");
    if (PG_ARGISNULL(1)) {
        throw Error(Code::search_unknown, "The argument search_id is null.")
            .in_parameter("search_id");
    }
    const std::string id = to_string(pg::uuid_of(PG_GETARG_DATUM(1)));
    api::Response response;
    {
        const pg::Spi spi;
        api::Request request = api::sql_request(scope, "/searches/" + id + "/results", false);
        request.path_values = {id};
        api::add_parameter(request, "sort", pg::text_argument(fcinfo, 2));
        api::add_limit(request, fcinfo, 3);
        api::add_parameter(request, "starting_after", pg::text_argument(fcinfo, 4));
        api::add_parameter(request, "ending_before", pg::text_argument(fcinfo, 5));
        response = api::search_results(request);
    }
    PG_RETURN_DATUM(api::document_datum(response));
}

/// run_searches(): how many it ran.
SQL_FUNCTION(inventory_run_searches) {
    int count = 0;
    {
        const pg::Spi spi;
        count = api::run_queue();
    }
    PG_RETURN_INT32(count);
}
