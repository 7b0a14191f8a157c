#include "pg/row_version.hpp"

namespace inventory::pg {
namespace {

bool has_value(HeapTuple tuple, TupleDesc description, const Expected &expected) {
    bool is_null = false;
    const Datum value = heap_getattr(tuple, expected.column, description, &is_null);
    if (is_null) {
        return false;
    }
    const Form_pg_attribute attribute = TupleDescAttr(description, expected.column - 1);
    if (attribute->attlen > 0) {
        return static_cast<std::size_t>(attribute->attlen) == expected.bytes.size() &&
               std::memcmp(DatumGetPointer(value), expected.bytes.data(), expected.bytes.size()) ==
                   0;
    }
    const auto *bytes = reinterpret_cast<const struct varlena *>(DatumGetPointer(value));
    return !VARATT_IS_EXTERNAL(bytes) && !VARATT_IS_COMPRESSED(bytes) &&
           VARSIZE_ANY_EXHDR(bytes) == expected.bytes.size() &&
           std::memcmp(VARDATA_ANY(bytes), expected.bytes.data(), expected.bytes.size()) == 0;
}

/// Plain C inside: an ERROR of the server leaves nothing behind.
bool check(const RowVersion *version, const Expected *expected, std::size_t count) {
    const Relation table = try_relation_open(version->table, AccessShareLock);
    if (table == nullptr) {
        return false;
    }
    bool is_same = false;
    if (table->rd_rel->relam == HEAP_TABLE_AM_OID &&
        ItemPointerGetBlockNumber(&version->place) < RelationGetNumberOfBlocks(table)) {
        HeapTupleData tuple;
        tuple.t_self = version->place;
        Buffer buffer = InvalidBuffer;
        if (heap_fetch(table, GetActiveSnapshot(), &tuple, &buffer, false)) {
            is_same = true;
            for (std::size_t i = 0; i < count && is_same; ++i) {
                is_same = has_value(&tuple, RelationGetDescr(table), expected[i]);
            }
            ReleaseBuffer(buffer);
        }
    }
    relation_close(table, AccessShareLock);
    return is_same;
}

} // namespace

bool is_still(const RowVersion &version, std::span<const Expected> expected) {
    return call(&check, &version, expected.data(), expected.size());
}

} // namespace inventory::pg
