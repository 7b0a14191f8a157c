#include "pg/settings.hpp"

#include "pg/postgres.hpp"

#include <climits>

namespace inventory::pg::settings {

bool require_version = false;
int search_wait = 10000;
int search_ttl = 86400;
int search_limit = 100000;
int search_quota = 1000;
int search_workers = 1;
int request_timeout = 10000;
int plan_cache_size = 256;
int walk_rows = 5000;
bool sieve = true;
bool facets = true;
int idempotency_ttl = 86400;
int audit_retention = 0;
int nice = 0;

void define() {
    // What guards the server against its users is not theirs to set.
    const auto boolean = [](const char *name, const char *what, bool *value) {
        DefineCustomBoolVariable(name, what, nullptr, value, *value, PGC_USERSET, 0, nullptr,
                                 nullptr, nullptr);
    };
    const auto integer = [](const char *name, const char *what, int *value, int least, int most,
                            int unit, GucContext context = PGC_USERSET) {
        DefineCustomIntVariable(name, what, nullptr, value, *value, least, most, context, unit,
                                nullptr, nullptr, nullptr);
    };
    boolean("asset_inventory.require_version", "Refuses requests without a version parameter.",
            &require_version);
    boolean("asset_inventory.sieve",
            "Finds the rows of a page by reading the pages of indexes, where that is faster.",
            &sieve);
    boolean("asset_inventory.facets",
            "Answers counts, groups and autocomplete from the facet dictionary.", &facets);
    integer("asset_inventory.search_wait",
            "Longest time that a reader waits for the results of a search.", &search_wait, 0,
            600000, GUC_UNIT_MS);
    integer("asset_inventory.search_ttl", "Time for which a search can be read.", &search_ttl, 1,
            INT_MAX, GUC_UNIT_S, PGC_SUSET);
    integer("asset_inventory.search_limit", "Most assets that a search keeps.", &search_limit, 1,
            10000000, 0, PGC_SUSET);
    integer("asset_inventory.search_quota", "Most live searches of a tenant.", &search_quota, 1,
            1000000, 0, PGC_SUSET);
    integer("asset_inventory.search_workers", "Most search workers of a database.", &search_workers,
            0, 64, 0, PGC_SUSET);
    integer("asset_inventory.request_timeout",
            "Longest time that one request may take; 0 is no limit.", &request_timeout, 0, INT_MAX,
            GUC_UNIT_MS);
    integer("asset_inventory.plan_cache_size", "Plans that a session keeps.", &plan_cache_size, 1,
            100000, 0);
    integer("asset_inventory.walk_rows",
            "Rows that the first walk of a page reads at most; 0 turns to the indexes of the "
            "filter at once.",
            &walk_rows, 0, 1000000, 0);
    integer("asset_inventory.idempotency_ttl", "Time for which an idempotency key is remembered.",
            &idempotency_ttl, 1, INT_MAX, GUC_UNIT_S, PGC_SUSET);
    integer("asset_inventory.audit_retention",
            "Time for which changes of assets are kept; 0 is for ever.", &audit_retention, 0,
            INT_MAX, GUC_UNIT_S, PGC_SUSET);
    integer("asset_inventory.nice",
            "Niceness to which a session lowers its process at its next request; it stays.", &nice,
            0, 19, 0);
    MarkGUCPrefixReserved("asset_inventory");
}

} // namespace inventory::pg::settings
