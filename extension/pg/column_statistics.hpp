#pragma once

#include "pg/postgres.hpp"

#include <algorithm>
#include <cstddef>

namespace inventory::pg {

/// How many of so many rows have one of some values in a column of a table, or of an index of
/// expressions, as the last ANALYZE knows it; all when it knows nothing. `is_value` says of a
/// Datum of the column whether it is one of them. To be called behind a gate: it reads the
/// server's caches.
template <typename IsValue>
double rows_with(Oid relation, AttrNumber column, double rows, IsValue is_value,
                 std::size_t values = 1) {
    const HeapTuple row = SearchSysCache3(STATRELATTINH, ObjectIdGetDatum(relation),
                                          Int16GetDatum(column), BoolGetDatum(false));
    if (!HeapTupleIsValid(row)) {
        return rows;
    }
    const double stated = reinterpret_cast<Form_pg_statistic>(GETSTRUCT(row))->stadistinct;
    double distinct = stated < 0 ? -stated * rows : stated; // a share of the rows, or a number
    double others = 1;
    double share = 0;
    AttStatsSlot slot{};
    if (get_attstatsslot(&slot, row, STATISTIC_KIND_MCV, InvalidOid,
                         ATTSTATSSLOT_VALUES | ATTSTATSSLOT_NUMBERS)) {
        distinct -= slot.nvalues;
        for (int i = 0; i < slot.nvalues; ++i) {
            others -= slot.numbers[i];
            if (is_value(slot.values[i])) {
                share += slot.numbers[i];
                --values;
            }
        }
        free_attstatsslot(&slot);
    }
    ReleaseSysCache(row);
    const double other = std::max(others, 0.0) / std::max(distinct, 1.0);
    return std::min(share + static_cast<double>(values) * other, 1.0) * rows;
}

} // namespace inventory::pg
