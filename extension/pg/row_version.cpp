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

/// Whether the block of the place is still one of the table's, which is not as it was before a
/// VACUUM cut it off. Pins the buffer where it was read last, if it holds the block
/// still, for that is all that is to be known; else asks how long the file is.
bool has_block(Relation table, const RowVersion &version, Buffer &pinned) {
    const BlockNumber block = ItemPointerGetBlockNumber(&version.place);
    if (BufferIsValid(version.buffer) &&
        ReadRecentBuffer(table->rd_node, MAIN_FORKNUM, block, version.buffer)) {
        pinned = version.buffer;
        return true;
    }
    return block < RelationGetNumberOfBlocks(table);
}

/// Plain C inside: an ERROR of the server leaves nothing behind.
bool check(const RowVersion *version, const Expected *expected, std::size_t count) {
    const Relation table = try_relation_open(version->table, AccessShareLock);
    if (table == nullptr) {
        return false;
    }
    bool is_same = false;
    Buffer pinned = InvalidBuffer;
    if (table->rd_rel->relam == HEAP_TABLE_AM_OID && has_block(table, *version, pinned)) {
        HeapTupleData tuple;
        tuple.t_self = version->place;
        Buffer buffer = InvalidBuffer;
        if (heap_fetch(table, GetActiveSnapshot(), &tuple, &buffer, false)) {
            is_same = true;
            for (std::size_t i = 0; i < count && is_same; ++i) {
                is_same = has_value(&tuple, RelationGetDescr(table), expected[i]);
            }
            version->buffer = buffer;
            ReleaseBuffer(buffer);
        }
        if (BufferIsValid(pinned)) {
            ReleaseBuffer(pinned);
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
