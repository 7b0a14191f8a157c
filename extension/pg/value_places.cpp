#include "pg/value_places.hpp"

#include "pg/column_statistics.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <string_view>

namespace inventory::pg {
namespace {

/// The column of the text, behind that of the tenant.
constexpr AttrNumber text_column = 2;

/// What is looked up. Plain C from here on: an ERROR leaves nothing behind.
struct Lookup {
    Relation table;
    Relation index;
    pg_uuid_t tenant;
    const char *text;
    std::size_t size;
    const PlaceSet *among;
    PlaceSet *out;
};

RegProcedure equality(Relation index) {
    const Oid type = index->rd_opcintype[text_column - 1];
    return get_opcode(get_opfamily_member(index->rd_opfamily[text_column - 1], type, type,
                                          BTEqualStrategyNumber));
}

void add(const Lookup &lookup, const ItemPointerData &item) noexcept {
    const BlockNumber block = ItemPointerGetBlockNumberNoCheck(&item);
    std::uint32_t bits = PlaceSet::bits_of(ItemPointerGetOffsetNumberNoCheck(&item));
    if (lookup.among != nullptr) {
        bits &= lookup.among->bits(block);
    }
    if (bits != 0) {
        lookup.out->add(block, bits);
    }
}

void read_entries(Lookup *lookup) {
    std::array<ScanKeyData, 2> keys{};
    ScanKeyInit(&keys[0], 1, BTEqualStrategyNumber, F_UUID_EQ, UUIDPGetDatum(&lookup->tenant));
    ScanKeyEntryInitialize(
        &keys[1], 0, text_column, BTEqualStrategyNumber, InvalidOid,
        lookup->index->rd_indcollation[text_column - 1], equality(lookup->index),
        PointerGetDatum(cstring_to_text_with_len(lookup->text, static_cast<int>(lookup->size))));
    const IndexScanDesc scan =
        index_beginscan(lookup->table, lookup->index, GetActiveSnapshot(), 2, 0);
    index_rescan(scan, keys.data(), 2, nullptr, 0);
    while (const ItemPointer item = index_getnext_tid(scan, ForwardScanDirection)) {
        add(*lookup, *item);
        CHECK_FOR_INTERRUPTS();
    }
    index_endscan(scan);
}

double estimate(Relation table, Relation index, const std::string *value) {
    return rows_with(RelationGetRelid(index), text_column, Max(table->rd_rel->reltuples, 0),
                     [value](Datum known) {
                         const auto *const text =
                             reinterpret_cast<const struct varlena *>(DatumGetPointer(known));
                         return std::string_view(VARDATA_ANY(text), VARSIZE_ANY_EXHDR(text)) ==
                                *value;
                     });
}

} // namespace

bool can_read_values(const OpenRelation &table, const OpenRelation &index) {
    return index && !IsolationIsSerializable() && index->rd_rel->relam == BTREE_AM_OID &&
           index->rd_index->indrelid == RelationGetRelid(table.get()) && has_all_rows(index) &&
           heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, nullptr) &&
           index->rd_index->indnkeyatts >= text_column && index->rd_opcintype[0] == UUIDOID &&
           index->rd_opcintype[text_column - 1] == TEXTOID;
}

double rows_with_value(const OpenRelation &table, const OpenRelation &index,
                       const std::string &value) {
    return call(&estimate, table.get(), index.get(), &value);
}

void read_value(const OpenRelation &table, const OpenRelation &index, const Uuid &tenant,
                const std::string &value, const PlaceSet *among, PlaceSet &out) {
    Lookup lookup{table.get(), index.get(), {}, value.data(), value.size(), among, &out};
    std::copy(tenant.begin(), tenant.end(), lookup.tenant.data);
    call(&read_entries, &lookup);
    if (out.is_short()) {
        throw std::bad_alloc();
    }
}

} // namespace inventory::pg
