// Operations 1 and 3: PATCH S/inventory/assets and S/inventory/assets/{asset_id}.
// The assets are locked in the order of their ids, so that two updates of the same
// assets wait for each other and never in a circle; what an update asks for is
// worked out on the locked rows, so that no change of another is lost; then one
// statement writes all that differ.

#include "api/asset_document.hpp"
#include "api/idempotency.hpp"
#include "api/operations.hpp"
#include "api/search_worker.hpp"
#include "api/sql_call.hpp"
#include "core/asset_change.hpp"
#include "core/binder.hpp"
#include "core/error.hpp"
#include "core/utf8.hpp"
#include "pg/spi.hpp"

#include <map>
#include <nlohmann/json.hpp>

namespace inventory::api {
namespace {

/// A locked asset.
struct Locked {
    std::string type;
    AssetState state;
    std::string resource; ///< As a resource object; empty unless asked for.
};

using LockedAssets = std::map<Uuid, Locked>;

/// `a.id` and `a.type` come before: see AssetDocument.
constexpr std::string_view state_columns = ", a.class_rank, a.class_locked, a.labels, a.tags";

AssetState read_state(const pg::Row &row, int first) {
    AssetState state;
    state.class_rank = row.is_null(first) ? 0 : DatumGetInt32(row[first]);
    state.is_locked = DatumGetBool(row[first + 1]);
    for (const std::string_view label : pg::texts_of(row[first + 2])) {
        state.labels.emplace_back(label);
    }
    const auto tags = nlohmann::json::parse(pg::jsonb_text(row[first + 3]));
    for (const auto &[key, value] : tags.items()) {
        state.tags.emplace(key, value.get<std::string>());
    }
    return state;
}

/// Locks those of the assets that the scope has.
LockedAssets lock(const Request &request, std::vector<Uuid> ids, const AssetDocument *document) {
    LockedAssets out;
    const int state_column = document == nullptr ? 2 : 1 + document->width();
    ParameterBinder binder;
    std::string sql = "select a.id";
    sql += document == nullptr ? ", a.type" : document->columns();
    sql += state_columns;
    sql += " from inventory.asset a where a.tenant_id = " + binder.bind(request.scope().tenant);
    sql += " and a.id = any(" + binder.bind(std::move(ids)) + ')';
    if (const auto seen_in = request.scope().seen_in()) {
        sql += " and a.scope_ids @> array[" + binder.bind(*seen_in) + ']';
    }
    pg::modify({sql + " order by a.id for update", binder.values()}, [&](const pg::Row &row) {
        Locked &it = out[pg::uuid_of(row[0])];
        it.type = pg::text_of(row[1]);
        it.state = read_state(row, state_column);
        if (document != nullptr) {
            document->write(row, 0, it.resource);
        }
    });
    return out;
}

[[noreturn]] void throw_conflict(const AssetUpdate &update, std::string_view member,
                                 const std::string &given, std::string_view right) {
    throw Error(Code::identity_conflict,
                "The " + std::string(member) + ' ' + quote_for_message(given) +
                    " is not that of the asset.",
                "It is " + quote_for_message(right) + '.')
        .in_pointer(update.pointer + '/' + std::string(member));
}

void check_type(const AssetUpdate &update, const Locked &asset) {
    if (update.type != asset.type) {
        throw_conflict(update, "type", update.type, asset.type);
    }
}

/// Appends what the update changes, if anything.
void add_change(const AssetUpdate &update, const Uuid &id, const Locked &asset,
                std::vector<AssetChange> &changes) {
    AssetState after = apply(update, asset.state);
    if (after != asset.state) {
        changes.push_back({id, asset.state, std::move(after)});
    }
}

/// Writes the changes and their audit. With a document, returns the resource object
/// of the last asset as it is now.
std::string write(const Request &request, std::span<const AssetChange> changes,
                  const AssetDocument *document) {
    std::string resource;
    if (changes.empty()) {
        return resource;
    }
    // The time after the locks: an update that waited is the later one.
    const TimeParam now{pg::time_of(TimestampTzGetDatum(pg::call(&GetCurrentTimestamp)))};
    const JsonParam json{changes_json(changes)};
    ParameterBinder update;
    const std::string tenant = update.bind(request.scope().tenant);
    const std::string time = update.bind(now);
    pg::modify({"update inventory.asset a set class_rank = w.class_rank, class_locked = "
                "w.class_locked, labels = w.labels, tags = w.tags, updated_at = " +
                    time + " from jsonb_to_recordset(" + update.bind(json) +
                    ") w (id uuid, class_rank int, class_locked boolean, labels text[], tags "
                    "jsonb) where a.tenant_id = " +
                    tenant + " and a.id = w.id returning a.id" +
                    (document == nullptr ? "" : document->columns()),
                update.values()},
               [&](const pg::Row &row) {
                   if (document != nullptr) {
                       resource.clear();
                       document->write(row, 0, resource);
                   }
               });
    ParameterBinder audit;
    const auto &principal = request.access.principal;
    std::string sql = "insert into inventory.asset_change (tenant_id, asset_id, changed_at, "
                      "principal_id, request_id, before, after) select ";
    sql += audit.bind(request.scope().tenant) + ", w.id";
    sql += ", " + audit.bind(now);
    sql += ", " + (principal ? audit.bind(*principal) : "null");
    sql += ", " + audit.bind(*parse_uuid(request.request_id));
    sql += ", w.before, w.after from jsonb_to_recordset(" + audit.bind(json) +
           ") w (id uuid, before jsonb, after jsonb)";
    pg::modify({std::move(sql), audit.values()}, [](const pg::Row &) {});
    return resource;
}

void update_all(const Request &request, const std::vector<AssetUpdate> &updates) {
    std::vector<Uuid> ids;
    for (const AssetUpdate &update : updates) {
        if (const auto id = parse_uuid(update.id)) {
            ids.push_back(*id);
        }
    }
    const LockedAssets assets = lock(request, std::move(ids), nullptr);
    for (const AssetUpdate &update : updates) {
        const auto id = parse_uuid(update.id);
        if (!id || !assets.contains(*id)) {
            throw Error(Code::asset_unknown,
                        "There is no asset " + quote_for_message(update.id) + " in the scope.",
                        "Nothing was changed.")
                .in_pointer(update.pointer + "/id");
        }
    }
    std::vector<AssetChange> changes;
    for (const AssetUpdate &update : updates) {
        const Uuid id = *parse_uuid(update.id);
        const Locked &asset = assets.at(id);
        check_type(update, asset);
        add_change(update, id, asset, changes);
    }
    write(request, changes, nullptr);
}

[[noreturn]] void throw_unknown_asset() {
    throw Error(Code::asset_unknown, "There is no asset of this id in the scope.");
}

/// Throws Error(precondition_failed) when `if-match` names another representation.
void check_if_match(const Request &request, const std::string &resource) {
    const std::string *wanted = request.header("if-match");
    if (wanted == nullptr) {
        return;
    }
    const std::string tag = entity_tag(single_document(request, resource));
    if (!names_tag(*wanted, tag, TagComparison::strong)) {
        throw Error(Code::precondition_failed,
                    "The asset is not, or no longer, the one that if-match names.",
                    "Get this URL again and send its etag.")
            .in_header("if-match");
    }
}

Response update_one(const Request &request, const AssetUpdate &update, const Uuid &id) {
    const AssetDocument document(request);
    const LockedAssets assets = lock(request, {id}, &document);
    if (assets.empty()) {
        throw_unknown_asset();
    }
    const Locked &asset = assets.at(id);
    if (parse_uuid(update.id) != id) {
        throw_conflict(update, "id", update.id, to_string(id));
    }
    check_type(update, asset);
    std::vector<AssetChange> changes;
    add_change(update, id, asset, changes);
    check_if_match(request, asset.resource);
    std::string resource = write(request, changes, &document);
    if (changes.empty()) {
        resource = asset.resource;
    }
    // The validator is that of the asset's new representation, so that the next
    // update can name it without another GET (RFC 9110 §8.8).
    const std::string body = single_document(request, resource);
    return {200, "etag: " + entity_tag(body) + '\n',
            R"({"jsonapi":{"version":"1.0"},)" + body.substr(1)};
}

} // namespace

Response update_assets(const Request &request) {
    const std::vector<AssetUpdate> updates = read_updates(request.body.value_or(""));
    return answer_once(request, "", [&] {
        update_all(request, updates);
        want_upkeep();
        return Response{204, {}, {}};
    });
}

Response update_asset(const Request &request) {
    const AssetUpdate update = read_update(request.body.value_or(""));
    const auto id = parse_uuid(request.path_values.front());
    if (!id) {
        throw_unknown_asset();
    }
    return answer_once(request, '/' + to_string(*id), [&] {
        Response response = update_one(request, update, *id);
        want_upkeep();
        return response;
    });
}

} // namespace inventory::api

using namespace inventory;

/// update_asset(scope, asset_id, document): the answer of operation 3.
SQL_FUNCTION(inventory_update_asset) {
    const std::string scope = api::required(fcinfo, 0, "scope");
    if (PG_ARGISNULL(1)) {
        throw Error(Code::asset_unknown, "The argument asset_id is null.").in_parameter("asset_id");
    }
    const std::string id = to_string(pg::uuid_of(PG_GETARG_DATUM(1)));
    api::Response response;
    {
        const pg::Spi spi;
        api::Request request = api::sql_request(scope, '/' + id, true);
        request.path_values = {id};
        request.body = api::required(fcinfo, 2, "document");
        response = api::update_asset(request);
    }
    PG_RETURN_DATUM(api::document_datum(response));
}

/// update_assets(scope, document): operation 1.
SQL_FUNCTION(inventory_update_assets) {
    const std::string scope = api::required(fcinfo, 0, "scope");
    const pg::Spi spi;
    api::Request request = api::sql_request(scope, "", true);
    request.body = api::required(fcinfo, 1, "document");
    api::update_assets(request);
    PG_RETURN_VOID();
}
