#include "pg/order_walk.hpp"

#include "pg/spi.hpp"

#include <array>

namespace inventory::pg {
namespace {

/// Tenant, sort key, id.
constexpr int index_keys = 3;

/// Whether the page's order is the index's own, not its reverse.
bool is_forward(const PageRequest &page) {
    return page.sort.keys.front().descending == page.backward;
}

/// The three-way comparison of a column of the index, number 1 on, with a value of a type;
/// InvalidOid when there is none.
Oid comparison(Relation index, int column, Oid type) {
    return get_opfamily_proc(index->rd_opfamily[column - 1], index->rd_opcintype[column - 1], type,
                             BTORDER_PROC);
}

/// A column of a row comparison.
void set_member(ScanKey key, Relation index, int column, int flags, Oid type,
                StrategyNumber strategy, Datum value) {
    ScanKeyEntryInitialize(key, SK_ROW_MEMBER | flags, static_cast<AttrNumber>(column), strategy,
                           type, index->rd_indcollation[column - 1],
                           comparison(index, column, type), value);
}

/// Where to begin. Plain C from here on: an ERROR leaves nothing behind.
struct Start {
    Relation table;
    Relation index;
    pg_uuid_t *tenant;
    bool forward;
    bool has_position;
    Oid key_type;
    Datum key;
    Datum id;
};

/// The page of the first entry, found by a scan.
void find_start(const Start *start, OrderWalk::Leaf *leaf) {
    std::array<ScanKeyData, 2> keys{};
    std::array<ScanKeyData, 2> row{};
    ScanKeyInit(&keys[0], 1, BTEqualStrategyNumber, F_UUID_EQ, UUIDPGetDatum(start->tenant));
    if (start->has_position) {
        const StrategyNumber strategy =
            start->forward ? BTGreaterEqualStrategyNumber : BTLessEqualStrategyNumber;
        set_member(&row[0], start->index, 2, 0, start->key_type, strategy, start->key);
        set_member(&row[1], start->index, 3, SK_ROW_END, UUIDOID, strategy, start->id);
        keys[1].sk_flags = SK_ROW_HEADER;
        keys[1].sk_attno = 2;
        keys[1].sk_strategy = strategy;
        keys[1].sk_argument = PointerGetDatum(row.data());
    }
    const int count = start->has_position ? 2 : 1;
    const IndexScanDesc scan =
        index_beginscan(start->table, start->index, GetActiveSnapshot(), count, 0);
    index_rescan(scan, keys.data(), count, nullptr, 0);
    *leaf = {InvalidBlockNumber, P_NONE, false};
    if (index_getnext_tid(scan, start->forward ? ForwardScanDirection : BackwardScanDirection) !=
        nullptr) {
        const BTScanPosData &position = static_cast<BTScanOpaque>(scan->opaque)->currPos;
        *leaf = {position.currPage, position.nextPage, false};
    }
    index_endscan(scan);
}

/// A step of a walk.
struct Step {
    Relation index;
    const pg_uuid_t *tenant;
    bool forward;
    const PlaceSet *set;
    Place *out; ///< Room for MaxTIDsPerBTreePage.
    std::size_t count;
    std::size_t passed; ///< Entries.
};

/// Of a walk to the left: a page may have been split since its right neighbour was read, and
/// the right part of what it held is now between the two (_bt_walk_left).
Buffer read_left_of(Relation index, BlockNumber block, BlockNumber from) {
    constexpr int most_splits = 16;
    Buffer buffer = _bt_getbuf(index, block, BT_READ);
    for (int n = 0; n < most_splits; ++n) {
        const BTPageOpaque opaque = BTPageGetOpaque(BufferGetPage(buffer));
        if (P_ISDELETED(opaque)) {
            break;
        }
        if (opaque->btpo_next == from) {
            return buffer;
        }
        if (P_RIGHTMOST(opaque)) {
            break;
        }
        buffer = _bt_relandgetbuf(index, buffer, opaque->btpo_next, BT_READ);
    }
    _bt_relbuf(index, buffer);
    return InvalidBuffer;
}

/// The first column of an index whose columns are never null.
bool is_of_tenant(IndexTuple entry, const pg_uuid_t *tenant) {
    const char *data =
        reinterpret_cast<const char *>(entry) + IndexInfoFindDataOffset(entry->t_info);
    return std::memcmp(data, tenant->data, UUID_LEN) == 0;
}

/// Every entry of a page is taken before any is looked up, so that the set's memory comes
/// while the others are taken.
void take(Step *step, const ItemPointerData &item) {
    const Place place{ItemPointerGetBlockNumberNoCheck(&item),
                      ItemPointerGetOffsetNumberNoCheck(&item)};
    step->set->prefetch(place.block);
    step->out[step->count++] = place;
}

void take_entry(Step *step, IndexTuple entry) {
    if (!BTreeTupleIsPosting(entry)) {
        take(step, entry->t_tid);
        return;
    }
    // Versions of one row, so their order is nobody's concern.
    for (int n = 0; n < BTreeTupleGetNPosting(entry); ++n) {
        take(step, *BTreeTupleGetPostingN(entry, n));
    }
}

void keep_those_in_set(Step *step) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < step->count; ++i) {
        const Place place = step->out[i];
        step->out[kept] = place;
        kept += step->set->contains(place) ? 1 : 0;
    }
    step->passed += step->count;
    step->count = kept;
}

void read_leaf(Step *step, OrderWalk::Leaf *leaf) {
    CHECK_FOR_INTERRUPTS();
    step->count = 0;
    const Buffer buffer = step->forward ? _bt_getbuf(step->index, leaf->next, BT_READ)
                                        : read_left_of(step->index, leaf->next, leaf->from);
    if (!BufferIsValid(buffer)) {
        *leaf = {InvalidBlockNumber, P_NONE, true};
        return;
    }
    const Page page = BufferGetPage(buffer);
    const BTPageOpaque opaque = BTPageGetOpaque(page);
    bool is_last = step->forward ? P_RIGHTMOST(opaque) : P_LEFTMOST(opaque);
    const OffsetNumber first = P_FIRSTDATAKEY(opaque);
    const OffsetNumber last = PageGetMaxOffsetNumber(page);
    if (!P_IGNORE(opaque) && first <= last) {
        // The entries of a page lie in any order, so their memory is asked for at once.
        for (std::size_t at = 0; at < BLCKSZ; at += PG_CACHE_LINE_SIZE / 2) {
            __builtin_prefetch(static_cast<const char *>(page) + at);
        }
        const auto entry = [page](OffsetNumber n) {
            return reinterpret_cast<IndexTuple>(PageGetItem(page, PageGetItemId(page, n)));
        };
        if (step->forward) {
            for (OffsetNumber n = first; n <= last; n = OffsetNumberNext(n)) {
                take_entry(step, entry(n));
            }
        } else {
            for (OffsetNumber n = last; n >= first; n = OffsetNumberPrev(n)) {
                take_entry(step, entry(n));
            }
        }
        is_last = is_last || !is_of_tenant(entry(step->forward ? last : first), step->tenant);
    }
    leaf->from = BufferGetBlockNumber(buffer);
    leaf->next = is_last         ? InvalidBlockNumber
                 : step->forward ? opaque->btpo_next
                                 : opaque->btpo_prev;
    _bt_relbuf(step->index, buffer);
    keep_those_in_set(step);
}

} // namespace

bool OrderWalk::can_walk(const OpenRelation &table, const OpenRelation &index,
                         const PageRequest &page) {
    // A serializable transaction would have to lock what it reads.
    if (!table || !index || IsolationIsSerializable() || page.sort.keys.size() != 1 ||
        table->rd_rel->relam != HEAP_TABLE_AM_OID || index->rd_rel->relam != BTREE_AM_OID ||
        index->rd_index->indrelid != RelationGetRelid(table.get()) || !has_all_rows(index) ||
        index->rd_index->indnkeyatts != index_keys || index->rd_opcintype[0] != UUIDOID ||
        index->rd_opcintype[2] != UUIDOID) {
        return false;
    }
    for (int i = 0; i < index_keys; ++i) {
        if (index->rd_indoption[i] != 0) {
            return false;
        }
    }
    return !page.position ||
           OidIsValid(call(&comparison, index.get(), 2, type_of(page.position->keys.front())));
}

OrderWalk::OrderWalk(const OpenRelation &table, const OpenRelation &index, const Uuid &tenant,
                     const PageRequest &page)
    : index_(index.get()), forward_(is_forward(page)) {
    std::copy(tenant.begin(), tenant.end(), tenant_.data);
    Start start{table.get(), index_, &tenant_, forward_, page.position.has_value(),
                InvalidOid,  0,      0};
    if (page.position) {
        start.key_type = type_of(page.position->keys.front());
        start.key = to_datum(page.position->keys.front());
        start.id = to_datum(page.position->id);
    }
    call(&find_start, &start, &leaf_);
}

std::vector<Place> OrderWalk::next(const PlaceSet &set, std::size_t least, std::size_t enough,
                                   std::size_t most) {
    std::vector<Place> out;
    std::array<Place, MaxTIDsPerBTreePage> found;
    Step step{index_, &tenant_, forward_, &set, found.data(), 0, 0};
    while (!is_at_end() && out.size() < least && step.passed < (out.empty() ? most : enough)) {
        call(&read_leaf, &step, &leaf_);
        out.insert(out.end(), found.begin(), found.begin() + step.count);
    }
    passed_ += step.passed;
    return out;
}

} // namespace inventory::pg
