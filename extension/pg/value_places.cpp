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

void read_entries(Lookup *lookup) {
    CHECK_FOR_INTERRUPTS();
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
        lookup->out->add_among(
            {ItemPointerGetBlockNumberNoCheck(item), ItemPointerGetOffsetNumberNoCheck(item)},
            lookup->among);
        CHECK_FOR_INTERRUPTS();
    }
    index_endscan(scan);
}

double estimate(Relation table, Relation index, const std::vector<std::string> *values) {
    const auto is_asked_for = [values](Datum known) {
        const auto *const text = reinterpret_cast<const struct varlena *>(DatumGetPointer(known));
        return std::ranges::binary_search(
            *values, std::string_view(VARDATA_ANY(text), VARSIZE_ANY_EXHDR(text)), std::less<>());
    };
    // The statistics are those of the index where it has an expression.
    const AttrNumber column = index->rd_index->indkey.values[text_column - 1];
    return rows_with(column == 0 ? RelationGetRelid(index) : RelationGetRelid(table),
                     column == 0 ? text_column : column, Max(table->rd_rel->reltuples, 0),
                     is_asked_for, values->size());
}

/// Whether an index has a column's own values: the column, or coalesce(column, constant).
bool has_plain_values(Relation index) {
    if (index->rd_index->indkey.values[text_column - 1] != 0) {
        return true;
    }
    const List *const expressions = RelationGetIndexExpressions(index);
    const auto *const node = static_cast<const Node *>(linitial(expressions));
    if (!IsA(node, CoalesceExpr)) {
        return false;
    }
    const List *const parts = reinterpret_cast<const CoalesceExpr *>(node)->args;
    return list_length(parts) == 2 && IsA(linitial(parts), Var) && IsA(lsecond(parts), Const);
}

} // namespace

bool can_read_values(const OpenRelation &table, const OpenRelation &index) {
    return index && !IsolationIsSerializable() && index->rd_rel->relam == BTREE_AM_OID &&
           index->rd_index->indrelid == RelationGetRelid(table.get()) && has_all_rows(index) &&
           heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, nullptr) &&
           index->rd_index->indnkeyatts >= text_column && index->rd_opcintype[0] == UUIDOID &&
           index->rd_opcintype[text_column - 1] == TEXTOID && call(&has_plain_values, index.get());
}

double rows_with_values(const OpenRelation &table, const OpenRelation &index,
                        const std::vector<std::string> &values) {
    return call(&estimate, table.get(), index.get(), &values);
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
