#include "pg/key_postings.hpp"

#include <algorithm>
#include <new>
#include <span>

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

void add(const Lookup &lookup, std::span<const ItemPointerData> items) noexcept {
    const auto end = items.end();
    for (auto item = items.begin(); item != end;) {
        const BlockNumber block = ItemPointerGetBlockNumberNoCheck(&*item);
        std::uint32_t bits = 0;
        do {
            bits |= PlaceSet::bits_of(ItemPointerGetOffsetNumberNoCheck(&*item));
            ++item;
        } while (item != end && ItemPointerGetBlockNumberNoCheck(&*item) == block);
        bits &= lookup.among == nullptr ? ~0U : lookup.among->bits(block);
        if (bits != 0) {
            lookup.out->add(block, bits);
        }
    }
}

void read_tree(const Lookup &lookup, BlockNumber root) {
    GinBtreeData tree;
    GinBtreeStack *const stack =
        ginScanBeginPostingTree(&tree, lookup.index, root, GetActiveSnapshot());
    Buffer buffer = stack->buffer;
    IncrBufferRefCount(buffer); // freeGinBtreeStack unpins it
    freeGinBtreeStack(stack);
    ItemPointerData before_all;
    ItemPointerSetMin(&before_all);
    for (;;) {
        const Page page = BufferGetPage(buffer);
        if (!GinPageIsDeleted(page)) {
            int count = 0;
            const ItemPointer items = GinDataLeafPageGetItems(page, &count, before_all);
            if (items != nullptr) { // VACUUM leaves pages without any
                add(lookup, {items, static_cast<std::size_t>(count)});
                pfree(items);
            }
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
            add(*lookup, {items, static_cast<std::size_t>(count)});
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
