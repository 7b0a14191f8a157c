#include "api/key_statistics.hpp"

#include "pg/relation.hpp"

#include <algorithm>
#include <span>

namespace inventory::api {

KeyStatistics::KeyStatistics() {
    const Oid table = pg::inventory_relation("asset");
    const Oid index = pg::inventory_relation("asset_keys_idx");
    const HeapTuple row = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
    const HeapTuple statistics = SearchSysCache3(STATRELATTINH, ObjectIdGetDatum(index),
                                                 Int16GetDatum(1), BoolGetDatum(false));
    if (HeapTupleIsValid(row) && HeapTupleIsValid(statistics) &&
        get_attstatsslot(&slot_, statistics, STATISTIC_KIND_MCELEM, InvalidOid,
                         ATTSTATSSLOT_VALUES | ATTSTATSSLOT_NUMBERS)) {
        rows_ = Max(reinterpret_cast<Form_pg_class>(GETSTRUCT(row))->reltuples, 0);
    }
    if (HeapTupleIsValid(statistics)) {
        ReleaseSysCache(statistics);
    }
    if (HeapTupleIsValid(row)) {
        ReleaseSysCache(row);
    }
}

double KeyStatistics::assets(AssetKey key) const noexcept {
    const std::span<const Datum> known{slot_.values, static_cast<std::size_t>(slot_.nvalues)};
    const auto found =
        std::ranges::lower_bound(known, key, {}, [](Datum datum) { return DatumGetInt64(datum); });
    return found != known.end() && DatumGetInt64(*found) == key
               ? rows_ * slot_.numbers[found - known.begin()]
               : 0;
}

// The frequencies are followed by the least and the greatest.
double KeyStatistics::least_assets() const noexcept {
    return slot_.nnumbers > slot_.nvalues ? rows_ * slot_.numbers[slot_.nvalues] : 0;
}

} // namespace inventory::api
