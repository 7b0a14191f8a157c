#include "api/walk.hpp"

#include "pg/column_statistics.hpp"
#include "pg/relation.hpp"
#include "pg/settings.hpp"

#include <algorithm>
#include <cmath>

namespace inventory::api {
namespace {

constexpr int least_rows = 256;

double planned_rows(pg_uuid_t tenant) {
    const Oid relation = pg::inventory_relation("asset");
    const HeapTuple row = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
    if (!HeapTupleIsValid(row)) {
        return 0;
    }
    const double rows = reinterpret_cast<Form_pg_class>(GETSTRUCT(row))->reltuples;
    ReleaseSysCache(row);
    return rows <= 0
               ? 0
               : pg::rows_with(relation, get_attnum(relation, "tenant_id"), rows, [&](Datum value) {
                     return std::memcmp(DatumGetUUIDP(value), tenant.data, UUID_LEN) == 0;
                 });
}

int power_of_two(double rows) noexcept {
    int power = least_rows;
    while (power < rows && power < (1 << 24)) {
        power *= 2;
    }
    return power;
}

} // namespace

double planned_assets(const Uuid &tenant) {
    pg_uuid_t id;
    std::copy(tenant.begin(), tenant.end(), id.data);
    return pg::call(&planned_rows, id);
}

int first_walk(const ListRequest &list) {
    if (!list.page.sort.is_walkable()) {
        return 0;
    }
    const double even = std::sqrt(planned_assets(list.selection.tenant) * list.page.rows() / 3);
    int rows = std::min(pg::settings::walk_rows, power_of_two(even));
    if (list.selection.search) {
        // About as many as the search found, which is what the other path looks up.
        const std::int64_t found = list.known_count.value_or(0);
        if (found < rows / 4) {
            return 0;
        }
        while (rows > 0 && std::int64_t{rows} * 2 <= found) {
            rows *= 2;
        }
    }
    return rows;
}

int short_walk(const ListRequest &list) {
    return std::min(first_walk(list), power_of_two(8.0 * list.page.rows()));
}

int second_walk(const ListRequest &list, int rows, std::size_t found) {
    constexpr double look_up_cost = 1; // of a row, in rows walked
    if (found == 0 || list.selection.search) {
        return 0;
    }
    const double share = static_cast<double>(found) / rows;
    const double distance = list.page.rows() / share;
    const double matches = planned_assets(list.selection.tenant) * share;
    return distance <= matches * look_up_cost ? power_of_two(1.5 * distance) : 0;
}

double walk_cost(int rows) {
    constexpr double row_cost = 0.7;
    return rows * row_cost;
}

} // namespace inventory::api
