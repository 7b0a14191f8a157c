#include "pg/visible_places.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace inventory::pg {
namespace {

using Kind = KeyCondition::Kind;

/// Of a score of texts.
constexpr std::size_t most_failed_bytes = 8192;

bool has_kind(const KeyCondition &condition, std::initializer_list<Kind> kinds) noexcept {
    return std::ranges::find(kinds, condition.kind) != kinds.end() ||
           std::ranges::any_of(condition.parts,
                               [&](const KeyCondition &it) { return has_kind(it, kinds); });
}

/// Without a text any term may hold.
bool may_hold_of(const KeyCondition &condition, const std::string_view *text,
                 std::uint32_t rank) noexcept {
    const auto holds = [&](const KeyCondition &it) { return may_hold_of(it, text, rank); };
    switch (condition.kind) {
    case Kind::term:
    case Kind::alternatives:
        return text == nullptr || memmem(text->data(), text->size(), condition.term.data(),
                                         condition.term.size()) != nullptr;
    case Kind::classes:
        return (condition.ranks & rank) != 0;
    case Kind::every:
        return std::ranges::all_of(condition.parts, holds);
    case Kind::some:
        return std::ranges::any_of(condition.parts, holds);
    case Kind::none:
    case Kind::any:
    case Kind::values:
        break;
    }
    return true;
}

AttrNumber column_named(Relation table, std::string_view name, Oid type) noexcept {
    const TupleDesc columns = RelationGetDescr(table);
    for (int i = 0; i < columns->natts; ++i) {
        const Form_pg_attribute column = TupleDescAttr(columns, i);
        if (!column->attisdropped && column->atttypid == type && NameStr(column->attname) == name) {
            return column->attnum;
        }
    }
    return InvalidAttrNumber;
}

// Plain C from here on: an ERROR leaves nothing behind.

/// Asks for a block some looks before it is looked at, where blocks come from a disk: it reads
/// many as fast as one. Where they are in memory, if only the kernel's, asking costs more than
/// it saves, so it is the clock that tells.
struct ReadAhead {
    Relation table;
    std::size_t looks;
    std::size_t until; ///< This look it is worth it.
    instr_time since;  ///< The window began.
};

constexpr std::size_t looks_ahead = 32;

void read_ahead(ReadAhead *it, BlockNumber block) {
    constexpr std::size_t window = 16;
    constexpr std::size_t worth = 512;
    constexpr double slow = 20; // us a look
    if (it->looks % window == 0) {
        instr_time now;
        INSTR_TIME_SET_CURRENT(now);
        instr_time took = now;
        INSTR_TIME_SUBTRACT(took, it->since);
        if (it->looks > 0 && INSTR_TIME_GET_DOUBLE(took) * 1e6 > slow * window) {
            it->until = it->looks + worth;
        }
        it->since = now;
    }
    if (it->looks++ < it->until && effective_io_concurrency > 0) {
        PrefetchBuffer(it->table, MAIN_FORKNUM, block);
    }
}

/// A look at rows by the places of their index entries.
struct Look {
    Relation table;
    RowTest *test; ///< Null when there is none.
    ReadAhead ahead;
    IndexFetchTableData *fetch;
    TupleTableSlot *slot;
};

void begin_look(Look *look) {
    CHECK_FOR_INTERRUPTS();
    look->fetch = table_index_fetch_begin(look->table);
    look->slot = table_slot_create(look->table, nullptr);
}

void end_look(Look *look) {
    ExecDropSingleTupleTableSlot(look->slot);
    table_index_fetch_end(look->fetch);
}

/// Whether the snapshot sees a version of the row that passes the test; `place` becomes its
/// place.
bool see(Look *look, Place *place) {
    ItemPointerData item;
    ItemPointerSet(&item, place->block, place->offset);
    bool call_again = false;
    const bool is_seen = table_index_fetch_tuple(look->fetch, &item, GetActiveSnapshot(),
                                                 look->slot, &call_again, nullptr);
    if (is_seen) {
        const ItemPointerData &at = look->slot->tts_tid;
        *place = {ItemPointerGetBlockNumber(&at), ItemPointerGetOffsetNumber(&at)};
        return look->test == nullptr || look->test->passes([look](AttrNumber n, bool *is_null) {
            return slot_getattr(look->slot, n, is_null);
        });
    }
    return false;
}

bool passes(Relation table, RowTest *test, HeapTuple row) {
    return test == nullptr || test->passes([=](AttrNumber n, bool *is_null) {
        return heap_getattr(row, n, RelationGetDescr(table), is_null);
    });
}

/// Appends the places in a block of a set whose rows are seen and pass the test, as
/// heapam_index_fetch_tuple finds them. The set knows offsets up to 32 only, so the others that
/// they stand for are tried, too.
std::size_t see_block(Look *look, const PlaceSet *set, BlockNumber block, BlockNumber later,
                      Place *out) {
    CHECK_FOR_INTERRUPTS();
    read_ahead(&look->ahead, later);
    const Relation table = look->table;
    const Buffer buffer = ReadBuffer(table, block);
    LockBuffer(buffer, BUFFER_LOCK_SHARE);
    const OffsetNumber last = PageGetMaxOffsetNumber(BufferGetPage(buffer));
    std::size_t seen = 0;
    for (OffsetNumber n = FirstOffsetNumber; n <= last; n = OffsetNumberNext(n)) {
        ItemPointerData item;
        ItemPointerSet(&item, block, n);
        HeapTupleData row;
        if (set->contains({block, n}) &&
            heap_hot_search_buffer(&item, table, buffer, GetActiveSnapshot(), &row, nullptr,
                                   true) &&
            passes(table, look->test, &row)) {
            out[seen++] = {block, ItemPointerGetOffsetNumber(&item)};
        }
    }
    UnlockReleaseBuffer(buffer);
    return seen;
}

/// Writes those of the places that pass until there are `most`; returns how many it looked at.
std::size_t see_next(Look *look, const Place *places, std::size_t count, Place *out,
                     std::size_t most, std::size_t *passed) {
    std::size_t at = 0;
    for (*passed = 0; at < count && *passed < most; ++at) {
        read_ahead(&look->ahead, places[std::min(at + looks_ahead, count - 1)].block);
        out[*passed] = places[at];
        *passed += see(look, &out[*passed]) ? 1 : 0;
        CHECK_FOR_INTERRUPTS();
    }
    return at;
}

Look look_at(const OpenRelation &table, RowTest &test) noexcept {
    return {
        table.get(), test.is_needed() ? &test : nullptr, {table.get(), 0, 0, {}}, nullptr, nullptr};
}

} // namespace

RowTest::RowTest(const OpenRelation &table, KeyCondition condition)
    : condition_(std::move(condition)),
      text_column_(has_kind(condition_, {Kind::term, Kind::alternatives})
                       ? column_named(table.get(), "search", TEXTOID)
                       : InvalidAttrNumber),
      rank_column_(has_kind(condition_, {Kind::classes})
                       ? column_named(table.get(), "class_rank", INT4OID)
                       : InvalidAttrNumber) {
    failed_.reserve(text_column_ == InvalidAttrNumber ? 0 : most_failed_bytes);
}

bool RowTest::may_hold(const Datum *stored, std::uint32_t rank) noexcept {
    const auto *const value =
        stored == nullptr ? nullptr
                          : reinterpret_cast<const struct varlena *>(DatumGetPointer(*stored));
    if (value == nullptr || VARATT_IS_EXTERNAL(value) || VARATT_IS_COMPRESSED(value)) {
        return may_hold_of(condition_, nullptr, rank);
    }
    const std::string_view text(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
    const bool holds = may_hold_of(condition_, &text, rank);
    if (!holds && failed_.size() + text.size() < failed_.capacity() &&
        !may_hold_of(condition_, &text, any_rank)) {
        failed_.append(text).push_back('\0');
    }
    return holds;
}

std::vector<std::string> RowTest::take_failed() {
    std::vector<std::string> out;
    for (std::string_view rest = failed_; !rest.empty();
         rest.remove_prefix(out.back().size() + 1)) {
        out.emplace_back(rest.substr(0, rest.find('\0')));
    }
    failed_.clear();
    return out;
}

std::vector<Place> visible_places(const OpenRelation &table, const PlaceSet &set, RowTest &test) {
    std::vector<BlockNumber> blocks;
    set.each_block([&](BlockNumber block) { blocks.push_back(block); });
    Look look = look_at(table, test);
    std::vector<Place> out;
    std::array<Place, MaxHeapTuplesPerPage> found;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const BlockNumber later = blocks[std::min(i + looks_ahead, blocks.size() - 1)];
        const std::size_t seen =
            call(&see_block, &look, &set, BlockNumber{blocks[i]}, later, found.data());
        out.insert(out.end(), found.begin(), found.begin() + seen);
    }
    return out;
}

std::vector<Place> next_visible(const OpenRelation &table, std::span<const Place> &places,
                                RowTest &test, std::size_t most) {
    std::vector<Place> out(std::min(places.size(), most));
    Look look = look_at(table, test);
    std::size_t passed = 0;
    call(&begin_look, &look);
    places = places.subspan(
        call(&see_next, &look, places.data(), places.size(), out.data(), out.size(), &passed));
    call(&end_look, &look);
    out.resize(passed);
    return out;
}

} // namespace inventory::pg
