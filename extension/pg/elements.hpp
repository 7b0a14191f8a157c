#pragma once

#include "pg/postgres.hpp"

#include <string_view>

namespace inventory::pg {

/// Calls `each(std::string_view)` for the elements of a text[] that are not null, until it says
/// false; whether it never did. For functions that run once a row: plain C inside, so an ERROR
/// leaves nothing behind, and `each` must not throw.
template <typename Each>
bool every_text(ArrayType *array, Each each) {
    Datum *items = nullptr;
    bool *nulls = nullptr;
    int count = 0;
    deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &items, &nulls, &count);
    for (int i = 0; i < count; ++i) {
        if (!nulls[i]) {
            const text *item = DatumGetTextPP(items[i]);
            if (!each(std::string_view(VARDATA_ANY(item), VARSIZE_ANY_EXHDR(item)))) {
                return false;
            }
        }
    }
    return true;
}

} // namespace inventory::pg
