#include "pg/datum.hpp"

#include "core/json_writer.hpp"
#include "pg/spi.hpp"

#include <optional>
#include <stdexcept>

namespace inventory::pg {
namespace {

/// 2000-01-01 in microseconds since 1970-01-01.
constexpr std::int64_t postgres_epoch = 946684800000000;

struct varlena *packed(Datum value) {
    auto *const raw = reinterpret_cast<struct varlena *>(DatumGetPointer(value));
    // A pointer to an out-of-line value counts as VARATT_IS_SHORT too.
    return VARATT_IS_COMPRESSED(raw) || VARATT_IS_EXTERNAL(raw)
               ? call(&pg_detoast_datum_packed, raw)
               : raw;
}

ArrayType *array_of(Datum value) {
    return reinterpret_cast<ArrayType *>(
        call(&pg_detoast_datum, reinterpret_cast<struct varlena *>(DatumGetPointer(value))));
}

Datum place_datum(Place place) {
    auto *const item = static_cast<ItemPointer>(call(&palloc, sizeof(ItemPointerData)));
    ItemPointerSet(item, place.block, place.offset);
    return PointerGetDatum(item);
}

template <typename T, typename Make>
Datum array_datum(const std::vector<T> &items, Oid type, int length, bool by_value, char align,
                  Make make) {
    std::vector<Datum> values;
    values.reserve(items.size());
    for (const T &item : items) {
        values.push_back(make(item));
    }
    return PointerGetDatum(call(&construct_array, values.data(), static_cast<int>(values.size()),
                                type, length, by_value, align));
}

/// A flat object of strings, as jsonb lays it out: the entries of all keys, then those of
/// all values, then their bytes in the same order (utils/jsonb.h).
struct StringMembers {
    const JEntry *entries;
    const char *bytes;
    std::uint32_t count;
    std::uint32_t keys_size;
};

/// The end of an entry that begins at `begin`: every so many entries tell their end, the
/// others their length.
std::uint32_t end_of(JEntry entry, std::uint32_t begin) noexcept {
    return JBE_HAS_OFF(entry) ? JBE_OFFLENFLD(entry) : begin + JBE_OFFLENFLD(entry);
}

std::optional<StringMembers> string_members(const JsonbContainer &object) noexcept {
    if (!JsonContainerIsObject(&object)) {
        return std::nullopt;
    }
    const std::uint32_t count = JsonContainerSize(&object);
    const JEntry *const entries = object.children;
    std::uint32_t keys_size = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        keys_size = end_of(entries[i], keys_size);
        if (!JBE_ISSTRING(entries[count + i])) {
            return std::nullopt;
        }
    }
    return StringMembers{entries, reinterpret_cast<const char *>(entries + 2 * count), count,
                         keys_size};
}

void append_members(const StringMembers &members, std::string &out) {
    const auto append = [&](std::uint32_t entry, std::uint32_t begin) {
        const std::uint32_t end = end_of(members.entries[entry], begin);
        append_json_string(out, {members.bytes + begin, end - begin});
        return end;
    };
    std::uint32_t key = 0;
    std::uint32_t value = members.keys_size;
    out += '{';
    for (std::uint32_t i = 0; i < members.count; ++i) {
        out += i == 0 ? "" : ", ";
        key = append(i, key);
        out += ": ";
        value = append(members.count + i, value);
    }
    out += '}';
}

} // namespace

std::string_view text_of(Datum value) {
    const struct varlena *text = packed(value);
    return {VARDATA_ANY(text), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(text))};
}

Place place_of(Datum value) {
    const auto *const item = reinterpret_cast<ItemPointer>(DatumGetPointer(value));
    return {ItemPointerGetBlockNumberNoCheck(item), ItemPointerGetOffsetNumberNoCheck(item)};
}

Uuid uuid_of(Datum value) {
    Uuid out;
    std::memcpy(out.data(), DatumGetUUIDP(value)->data, out.size());
    return out;
}

UnixMicros time_of(Datum value) {
    const TimestampTz time = DatumGetTimestampTz(value);
    return TIMESTAMP_NOT_FINITE(time) ? INT64_MAX : time + postgres_epoch;
}

std::vector<std::string_view> texts_of(Datum value) {
    const ArrayType *array = array_of(value);
    std::vector<std::string_view> out;
    const int count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
    out.reserve(static_cast<std::size_t>(count));
    const char *data = ARR_DATA_PTR(array);
    const bits8 *nulls = ARR_NULLBITMAP(array);
    for (int i = 0; i < count; ++i) {
        if (nulls != nullptr && (nulls[i / 8] & (1 << (i % 8))) == 0) {
            continue;
        }
        data = reinterpret_cast<const char *>(att_align_pointer(data, TYPALIGN_INT, -1, data));
        out.emplace_back(VARDATA_ANY(data), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(data)));
        data += VARSIZE_ANY(data);
    }
    return out;
}

std::vector<Uuid> uuids_of(Datum value) {
    const ArrayType *array = array_of(value);
    const int count = ARR_HASNULL(array) ? 0 : ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
    std::vector<Uuid> out(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
        std::memcpy(out[static_cast<std::size_t>(i)].data(), ARR_DATA_PTR(array) + i * UUID_LEN,
                    UUID_LEN);
    }
    return out;
}

std::string_view jsonb_text(Datum value) {
    auto *const jsonb = reinterpret_cast<Jsonb *>(
        call(&pg_detoast_datum, reinterpret_cast<struct varlena *>(DatumGetPointer(value))));
    return call(&JsonbToCString, static_cast<StringInfo>(nullptr), &jsonb->root,
                static_cast<int>(VARSIZE(jsonb)));
}

void append_jsonb(Datum value, std::string &out) {
    const auto *const jsonb = reinterpret_cast<const Jsonb *>(
        call(&pg_detoast_datum, reinterpret_cast<struct varlena *>(DatumGetPointer(value))));
    if (const auto members = string_members(jsonb->root)) {
        append_members(*members, out);
    } else {
        out += jsonb_text(value);
    }
}

Datum text_datum(std::string_view text) {
    return PointerGetDatum(
        call(&cstring_to_text_with_len, text.data(), static_cast<int>(text.size())));
}

Datum uuid_datum(const Uuid &uuid) {
    auto *const out = static_cast<pg_uuid_t *>(call(&palloc, sizeof(pg_uuid_t)));
    std::memcpy(out->data, uuid.data(), uuid.size());
    return UUIDPGetDatum(out);
}

Datum time_datum(UnixMicros time) {
    return TimestampTzGetDatum(time == INT64_MAX ? DT_NOEND : time - postgres_epoch);
}

Datum jsonb_datum(std::string_view json) {
    const std::string text(json);
    return call(&DirectFunctionCall1Coll, static_cast<PGFunction>(&jsonb_in), InvalidOid,
                CStringGetDatum(text.c_str()));
}

Uuid random_uuid() {
    // Names things, guards nothing: the session's generator will do.
    const std::uint64_t words[2] = {pg_prng_uint64(&pg_global_prng_state),
                                    pg_prng_uint64(&pg_global_prng_state)};
    Uuid out;
    std::memcpy(out.data(), words, out.size());
    out[6] = static_cast<std::uint8_t>((out[6] & 0x0F) | 0x40);
    out[8] = static_cast<std::uint8_t>((out[8] & 0x3F) | 0x80);
    return out;
}

std::optional<std::string> text_argument(FunctionCallInfo fcinfo, int n) {
    if (PG_ARGISNULL(n)) {
        return std::nullopt;
    }
    return std::string(text_of(PG_GETARG_DATUM(n)));
}

Datum to_datum(const Param &param) {
    struct Convert {
        Datum operator()(const std::string &value) const { return text_datum(value); }
        Datum operator()(std::int64_t value) const { return Int64GetDatum(value); }
        Datum operator()(TimeParam value) const { return time_datum(value.micros); }
        Datum operator()(const Uuid &value) const { return uuid_datum(value); }
        Datum operator()(const JsonParam &value) const { return jsonb_datum(value.text); }
        Datum operator()(const std::vector<std::string> &items) const {
            return array_datum(items, TEXTOID, -1, false, TYPALIGN_INT,
                               [](const std::string &it) { return text_datum(it); });
        }
        Datum operator()(const std::vector<std::int64_t> &items) const {
            return array_datum(items, INT8OID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
                               [](std::int64_t it) { return Int64GetDatum(it); });
        }
        Datum operator()(const std::vector<TimeParam> &items) const {
            return array_datum(items, TIMESTAMPTZOID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
                               [](TimeParam it) { return time_datum(it.micros); });
        }
        Datum operator()(const std::vector<Uuid> &items) const {
            return array_datum(items, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR,
                               [](const Uuid &it) { return uuid_datum(it); });
        }
        Datum operator()(const std::vector<Place> &items) const {
            return array_datum(items, TIDOID, sizeof(ItemPointerData), false, TYPALIGN_SHORT,
                               [](Place it) { return place_datum(it); });
        }
    };
    return std::visit(Convert{}, param);
}

} // namespace inventory::pg
