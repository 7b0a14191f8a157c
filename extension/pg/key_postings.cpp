#include "pg/key_postings.hpp"

#include <algorithm>
#include <new>

namespace inventory::pg {
namespace {

/// One key that is looked up. Plain C from here on: an ERROR leaves nothing behind.
struct Lookup {
    Relation index;
    GinState *state;
    AssetKey key;
    const PlaceSet *among;
    PlaceSet *out;
};

/// Adds a place that is looked for.
void add(const Lookup &lookup, BlockNumber block, OffsetNumber offset) noexcept {
    lookup.out->add_among({block, offset}, lookup.among);
}

/// The numbers of ginpostinglist.c: 7 bits a byte, the lowest first. Mostly one byte or two,
/// and which of the two nobody can predict: so those are read without a branch. May look at
/// one byte behind the last.
std::uint64_t read_number(const unsigned char *&at) noexcept {
    const unsigned has_second = at[0] >> 7U;
    std::uint64_t number = (at[0] & 0x7FU) | (has_second * (at[1] & 0x7FU)) << 7U;
    const bool has_third = (has_second & at[1] >> 7U) != 0;
    at += 1 + has_second;
    for (int shift = 14; has_third; shift += 7) {
        number |= std::uint64_t{*at & 0x7FU} << shift;
        if ((*at++ & 0x80U) == 0) {
            break;
        }
    }
    return number;
}

/// A run of places as ginpostinglist.c packs it: the first, then how far each lies behind the
/// one before. A place as a number has its offset in the lowest 11 bits.
void add_segment(const Lookup &lookup, const GinPostingList &segment) noexcept {
    constexpr int offset_bits = 11;
    constexpr std::uint64_t offset_mask = (1U << offset_bits) - 1;
    std::uint64_t place = std::uint64_t{ItemPointerGetBlockNumberNoCheck(&segment.first)}
                              << offset_bits |
                          ItemPointerGetOffsetNumberNoCheck(&segment.first);
    const unsigned char *at = segment.bytes;
    const unsigned char *const end = at + segment.nbytes;
    for (;; place += read_number(at)) {
        add(lookup, static_cast<BlockNumber>(place >> offset_bits),
            static_cast<OffsetNumber>(place & offset_mask));
        if (at >= end) {
            break;
        }
    }
}

/// The segments of a leaf of a posting tree, without those in whose blocks nothing is looked for.
void add_segments(const Lookup &lookup, Page page) noexcept {
    const GinPostingList *segment = GinDataLeafPageGetPostingList(page);
    const auto *const end = reinterpret_cast<const GinPostingList *>(
        reinterpret_cast<const char *>(segment) + GinDataLeafPageGetPostingListSize(page));
    const BlockNumber last_of_page =
        GinPageRightMost(page) ? InvalidBlockNumber
                               : ItemPointerGetBlockNumberNoCheck(GinDataPageGetRightBound(page));
    while (segment < end) {
        const GinPostingList *const next = GinNextPostingListSegment(segment);
        const BlockNumber last =
            next < end ? ItemPointerGetBlockNumberNoCheck(&next->first) : last_of_page;
        if (lookup.among == nullptr ||
            lookup.among->has_any(ItemPointerGetBlockNumberNoCheck(&segment->first), last)) {
            add_segment(lookup, *segment);
        }
        segment = next;
    }
}

void read_tree(const Lookup &lookup, BlockNumber root) {
    GinBtreeData tree;
    GinBtreeStack *const stack =
        ginScanBeginPostingTree(&tree, lookup.index, root, GetActiveSnapshot());
    Buffer buffer = stack->buffer;
    IncrBufferRefCount(buffer); // freeGinBtreeStack unpins it
    freeGinBtreeStack(stack);
    for (;;) {
        const Page page = BufferGetPage(buffer);
        if (!GinPageIsDeleted(page)) {
            add_segments(lookup, page);
        }
        if (GinPageRightMost(page)) {
            break;
        }
        buffer = ginStepRight(buffer, lookup.index, GIN_SHARE);
    }
    UnlockReleaseBuffer(buffer);
}

void read_entry(const Lookup *lookup) {
    CHECK_FOR_INTERRUPTS();
    GinBtreeData tree;
    ginPrepareEntryScan(&tree, FirstOffsetNumber, Int64GetDatum(lookup->key), GIN_CAT_NORM_KEY,
                        lookup->state);
    GinBtreeStack *const stack = ginFindLeafPage(&tree, true, false, GetActiveSnapshot());
    BlockNumber root = InvalidBlockNumber;
    if (tree.findItem(&tree, stack)) {
        const Page page = BufferGetPage(stack->buffer);
        const auto entry =
            reinterpret_cast<IndexTuple>(PageGetItem(page, PageGetItemId(page, stack->off)));
        if (GinIsPostingTree(entry)) {
            root = GinGetPostingTree(entry);
        } else if (GinGetNPosting(entry) > 0) {
            int count = 0;
            const ItemPointer items = ginReadTuple(lookup->state, FirstOffsetNumber, entry, &count);
            for (int i = 0; i < count; ++i) {
                add(*lookup, ItemPointerGetBlockNumberNoCheck(&items[i]),
                    ItemPointerGetOffsetNumberNoCheck(&items[i]));
            }
            pfree(items);
        }
    }
    // Before the tree is touched, or VACUUM and this wait for one another.
    LockBuffer(stack->buffer, GIN_UNLOCK);
    freeGinBtreeStack(stack);
    if (root != InvalidBlockNumber) {
        read_tree(*lookup, root);
    }
}

GinState *make_state(Relation index) {
    auto *const state = static_cast<GinState *>(palloc(sizeof(GinState)));
    initGinState(state, index);
    return state;
}

/// What waits to be merged, a page at a time.
struct WaitingPage {
    Buffer buffer; ///< InvalidBuffer behind the last.
};

void first_waiting(Relation index, WaitingPage *at) {
    const Buffer meta = ReadBuffer(index, GIN_METAPAGE_BLKNO);
    LockBuffer(meta, GIN_SHARE);
    const BlockNumber head = GinPageGetMeta(BufferGetPage(meta))->head;
    at->buffer = InvalidBuffer;
    if (head != InvalidBlockNumber) {
        at->buffer = ReadBuffer(index, head);
        LockBuffer(at->buffer, GIN_SHARE);
    }
    UnlockReleaseBuffer(meta);
}

void next_waiting(Relation index, WaitingPage *at) {
    const BlockNumber next = GinPageGetOpaque(BufferGetPage(at->buffer))->rightlink;
    const Buffer done = at->buffer;
    at->buffer = InvalidBuffer;
    if (next != InvalidBlockNumber) {
        // Locked before this one is let go: who merges would delete it between.
        at->buffer = ReadBuffer(index, next);
        LockBuffer(at->buffer, GIN_SHARE);
    }
    UnlockReleaseBuffer(done);
}

/// The keys and rows of a page of what waits; `each(key, place)` does not throw.
template <typename Each>
void each_waiting(GinState *state, const WaitingPage &at, Each each) {
    const Page page = BufferGetPage(at.buffer);
    const OffsetNumber last = PageGetMaxOffsetNumber(page);
    for (OffsetNumber n = FirstOffsetNumber; n <= last; n = OffsetNumberNext(n)) {
        const auto entry = reinterpret_cast<IndexTuple>(PageGetItem(page, PageGetItemId(page, n)));
        GinNullCategory category = GIN_CAT_NORM_KEY;
        const Datum key = gintuple_get_key(state, entry, &category);
        if (category == GIN_CAT_NORM_KEY) {
            each(DatumGetInt64(key), Place{ItemPointerGetBlockNumberNoCheck(&entry->t_tid),
                                           ItemPointerGetOffsetNumberNoCheck(&entry->t_tid)});
        }
    }
}

} // namespace

bool can_read_keys(const OpenRelation &table, const OpenRelation &index) {
    return !IsolationIsSerializable() && table->rd_rel->relam == HEAP_TABLE_AM_OID &&
           index->rd_rel->relam == GIN_AM_OID && has_all_rows(index) &&
           heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, nullptr);
}

KeyPostings::KeyPostings(const OpenRelation &table, const OpenRelation &index, const Uuid &tenant)
    : index_(index.get()), state_(call(&make_state, index.get())) {
    AssetKey of_tenant = 0;
    AssetKeyWriter(tenant.data(), &of_tenant).add_tenant();
    WaitingPage at{};
    for (call(&first_waiting, index_, &at); at.buffer != InvalidBuffer;
         call(&next_waiting, index_, &at)) {
        each_waiting(state_, at, [&](AssetKey key, Place place) {
            if (key >> 32 == of_tenant >> 32) {
                waiting_.push_back({key, place});
            }
        });
    }
    std::ranges::sort(waiting_, {}, &Waiting::key);
    blocks_ = call(&RelationGetNumberOfBlocksInFork, table.get(), MAIN_FORKNUM);
}

void KeyPostings::read(AssetKey key, const PlaceSet *among, PlaceSet &out) const {
    for (const Waiting &it : std::ranges::equal_range(waiting_, key, {}, &Waiting::key)) {
        if (among == nullptr || among->contains(it.place)) {
            out.add(it.place.block, PlaceSet::bits_of(it.place.offset));
        }
    }
    const Lookup lookup{index_, state_, key, among, &out};
    call(&read_entry, &lookup);
    if (out.is_short()) {
        throw std::bad_alloc();
    }
}

} // namespace inventory::pg
