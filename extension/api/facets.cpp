#include "api/facets.hpp"

#include "api/search_worker.hpp"
#include "pg/settings.hpp"
#include "pg/relation.hpp"
#include "pg/spi.hpp"

#include <algorithm>
#include <array>

namespace inventory::api {
namespace {

/// The relation cache answers, so that dropping or disabling a trigger is seen at once.
bool has_triggers() {
    static constexpr std::array names{"facets_insert", "facets_update", "facets_delete",
                                      "facets_truncate"};
    const Oid table = pg::inventory_relation("asset");
    if (!OidIsValid(table)) {
        return false;
    }
    const Relation relation = table_open(table, AccessShareLock);
    std::size_t found = 0;
    for (int i = 0; relation->trigdesc != nullptr && i < relation->trigdesc->numtriggers; ++i) {
        const Trigger &trigger = relation->trigdesc->triggers[i];
        const bool is_enabled = trigger.tgenabled == TRIGGER_FIRES_ON_ORIGIN ||
                                trigger.tgenabled == TRIGGER_FIRES_ALWAYS;
        found += is_enabled && std::any_of(names.begin(), names.end(), [&](const char *name) {
                     return std::strcmp(name, trigger.tgname) == 0;
                 });
    }
    table_close(relation, NoLock);
    return found == names.size();
}

/// All that an answer takes from the catalogue. Kept for the catalogue that the session
/// read last.
const std::string &fingerprint(const std::shared_ptr<const Catalogue> &catalogue) {
    static std::weak_ptr<const Catalogue> known;
    static std::string text;
    if (known.lock() != catalogue) {
        text = INVENTORY_VERSION;
        for (const Field &field : catalogue->fields) {
            text += '\n' + field.name + '\t' + field.source + '\t' +
                    std::to_string(static_cast<int>(field.kind)) +
                    (field.is_attribute ? 'a' : '-') + (field.all_types ? '*' : '-');
            for (const std::string &type : field.asset_types) {
                text += '\t' + type;
            }
        }
        text = entity_tag(text);
        known = catalogue;
    }
    return text;
}

// inventory.change_stamp(), which would be planned anew at each call.
constexpr std::string_view stamp_statement =
    "select coalesce((select f.n from inventory.facet f where f.tenant_id = $1 and f.scope_id = $1 "
    "and f.field = '#' and f.type = '' and f.key = '' and f.value = ''), 0) "
    "# coalesce((select bit_xor(uuid_hash_extended(d.id, 0)) from inventory.facet_delta d "
    "where d.tenant_id = $1 and d.field = ''), 0)";

} // namespace

bool are_facets_kept() {
    return pg::settings::facets && pg::call(&has_triggers);
}

std::optional<std::int64_t> facet_count(const Selection &selection, const Catalogue &catalogue) {
    const auto statement = facet_count_statement(selection, catalogue);
    if (!statement || !are_facets_kept()) {
        return std::nullopt;
    }
    std::optional<std::int64_t> count;
    pg::query(*statement, pg::PlanKind::generic,
              [&](const pg::Row &row) { count = DatumGetInt64(row[0]); });
    return count;
}

std::optional<FacetFacts> facet_facts(const ValueRequest &request) {
    if (!is_facet_request(request) || !are_facets_kept()) {
        return std::nullopt;
    }
    FacetFacts facts;
    pg::query(facet_facts_statement(request), pg::PlanKind::generic, [&](const pg::Row &row) {
        facts.is_counted = DatumGetBool(row[0]);
        facts.has_deltas = DatumGetBool(row[1]);
        for (const std::string_view type : pg::texts_of(row[2])) {
            facts.types.emplace_back(type);
        }
    });
    if (facts.has_deltas) {
        want_upkeep(); // A server that was stopped may have left them.
    }
    return facts.is_counted ? std::optional(std::move(facts)) : std::nullopt;
}

std::optional<std::string> change_tag(const Request &request) {
    if (!are_facets_kept()) {
        return std::nullopt;
    }
    std::string parts = fingerprint(request.catalogue) + self_link(request) + '\n';
    pg::query({std::string(stamp_statement), {request.scope().tenant}}, pg::PlanKind::generic,
              [&](const pg::Row &row) { parts += std::to_string(DatumGetInt64(row[0])); });
    return entity_tag(parts);
}

} // namespace inventory::api
