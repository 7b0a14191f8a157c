// Operation 2: GET S/inventory/assets.

#include "api/asset_list.hpp"
#include "api/facets.hpp"
#include "api/operations.hpp"
#include "core/error.hpp"

#include <array>

namespace inventory::api {

Response list_assets(const Request &request) {
    static constexpr std::array<std::string_view, 2> counts{"with", "only"};
    ListRequest list;
    list.selection.tenant = request.scope().tenant;
    list.selection.seen_in = request.scope().seen_in();
    if (const std::string *filter = request.parameter("filter")) {
        list.selection.filter =
            read_filter(*filter, *request.catalogue, SourceKind::parameter, "filter");
    }
    try {
        const std::string *sort = request.parameter("sort");
        list.page.sort =
            parse_sort(sort != nullptr ? *sort : default_sort, *request.catalogue, SortScope::list);
    } catch (Error &error) {
        error.set_source(SourceKind::parameter, "sort");
        throw;
    }
    list.page.limit = read_limit(request);
    read_cursors(request, list.page);
    const auto count = read_choice(request, "meta_count", counts);
    list.wants_count = count.has_value();
    list.wants_data = count != "only";
    // A plain page costs less than to ask whether anything changed.
    const auto tag = list.selection.filter || list.wants_count ? change_tag(request) : std::nullopt;
    if (!tag) {
        return respond(request, list_document(request, list));
    }
    if (auto unchanged = not_modified(request, *tag)) {
        return *std::move(unchanged);
    }
    return respond_tagged(request, *tag, list_document(request, list));
}

} // namespace inventory::api
