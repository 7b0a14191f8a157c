// Operation 4: GET S/inventory/assets/{asset_id}.

#include "api/asset_document.hpp"
#include "api/operations.hpp"
#include "api/timing.hpp"
#include "core/binder.hpp"
#include "core/error.hpp"
#include "pg/spi.hpp"

namespace inventory::api {

Response get_asset(const Request &request) {
    const AssetDocument document(request);
    const auto id = parse_uuid(request.path_values.front());
    std::string resource;
    if (id) {
        ParameterBinder binder;
        std::string sql =
            "select a.id" + document.columns() +
            " from inventory.asset a where a.tenant_id = " + binder.bind(request.scope().tenant) +
            " and a.id = " + binder.bind(*id);
        if (const auto seen_in = request.scope().seen_in()) {
            sql += " and a.scope_ids @> array[" + binder.bind(*seen_in) + ']';
        }
        const StageTimer timer(Stage::query);
        pg::query({std::move(sql), binder.values()}, pg::PlanKind::generic,
                  [&](const pg::Row &row) {
                      const StageTimer rendering(Stage::render);
                      document.write(row, 0, resource);
                  });
    }
    if (resource.empty()) {
        throw Error(Code::asset_unknown, "There is no asset of this id in the scope.");
    }
    return respond(request, single_document(request, resource));
}

} // namespace inventory::api
