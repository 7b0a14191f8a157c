// Functions that the tables themselves use, in generated columns and constraints.
// They run once a written row, so they are written against the server's C interface:
// one gate, no C++ object alive inside.

#include "pg/datum.hpp"
#include "pg/name_uuid.hpp"

using namespace inventory;

namespace {

constexpr char separator = '\x1f';

bool is_label_character(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::strchr("_/:?#@&=+%~-", c) != nullptr;
}

bool is_key_character(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

/// Whether a text is 1 to `most` characters of one class.
bool consists_of(const char *text, int size, int most, bool (*is_fine)(char)) noexcept {
    if (size < 1 || size > most) {
        return false;
    }
    for (int i = 0; i < size; ++i) {
        if (text[i] == '\0' || !is_fine(text[i])) {
            return false;
        }
    }
    return true;
}

bool is_digest(const char *text, int size) noexcept {
    const bool is_sha256 = size == 71 && std::memcmp(text, "sha256:", 7) == 0;
    const bool is_sha512 = size == 135 && std::memcmp(text, "sha512:", 7) == 0;
    if (!is_sha256 && !is_sha512) {
        return false;
    }
    for (int i = 7; i < size; ++i) {
        if (!((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f'))) {
            return false;
        }
    }
    return true;
}

/// Calls `each(text, size)` for the elements that are not null, until it says false.
template <typename Each>
bool every_element(ArrayType *array, Each each) {
    Datum *items = nullptr;
    bool *nulls = nullptr;
    int count = 0;
    deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &items, &nulls, &count);
    for (int i = 0; i < count; ++i) {
        if (!nulls[i]) {
            const text *item = DatumGetTextPP(items[i]);
            if (!each(VARDATA_ANY(item), static_cast<int>(VARSIZE_ANY_EXHDR(item)))) {
                return false;
            }
        }
    }
    return true;
}

void append_part(StringInfo out, const char *text, int size) {
    for (int i = 0; i < size; ++i) {
        appendStringInfoChar(out, text[i] == separator ? ' ' : text[i]);
    }
    appendStringInfoChar(out, separator);
}

Datum asset_search(FunctionCallInfo fcinfo) {
    StringInfoData parts;
    initStringInfo(&parts);
    const auto append = [&parts](const char *text, int size) {
        append_part(&parts, text, size);
        return true;
    };
    for (const int n : {0, 5, 6}) {
        if (!PG_ARGISNULL(n)) {
            every_element(PG_GETARG_ARRAYTYPE_P(n), append);
        }
    }
    for (const int n : {2, 3, 4}) {
        if (!PG_ARGISNULL(n)) {
            const text *value = PG_GETARG_TEXT_PP(n);
            append(VARDATA_ANY(value), static_cast<int>(VARSIZE_ANY_EXHDR(value)));
        }
    }
    if (!PG_ARGISNULL(1)) {
        JsonbIterator *it = JsonbIteratorInit(&PG_GETARG_JSONB_P(1)->root);
        JsonbValue value;
        JsonbIteratorToken token;
        while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE) {
            if ((token == WJB_KEY || token == WJB_VALUE) && value.type == jbvString) {
                append(value.val.string.val, value.val.string.len);
            }
        }
    }
    const char *folded =
        str_tolower(parts.data, static_cast<size_t>(parts.len), DEFAULT_COLLATION_OID);
    return PointerGetDatum(cstring_to_text(folded));
}

Datum are_labels(FunctionCallInfo fcinfo) {
    return BoolGetDatum(every_element(PG_GETARG_ARRAYTYPE_P(0), [](const char *text, int size) {
        return consists_of(text, size, 40, is_label_character);
    }));
}

Datum are_digests(FunctionCallInfo fcinfo) {
    return BoolGetDatum(every_element(PG_GETARG_ARRAYTYPE_P(0), is_digest));
}

Datum are_tags(FunctionCallInfo fcinfo) {
    Jsonb *const tags = PG_GETARG_JSONB_P(0);
    if (!JB_ROOT_IS_OBJECT(tags) || JB_ROOT_COUNT(tags) > 100) {
        return BoolGetDatum(false);
    }
    JsonbIterator *it = JsonbIteratorInit(&tags->root);
    JsonbValue value;
    JsonbIteratorToken token;
    while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE) {
        const bool is_wrong =
            token == WJB_KEY
                ? !consists_of(value.val.string.val, value.val.string.len, 30, is_key_character)
            : token == WJB_VALUE ? value.type != jbvString ||
                                       !consists_of(value.val.string.val, value.val.string.len, 40,
                                                    is_label_character)
                                 : false;
        if (is_wrong) {
            return BoolGetDatum(false);
        }
    }
    return BoolGetDatum(true);
}

/// The namespace of field ids: version 5 of its own address.
constexpr std::uint8_t field_namespace[16] = {0xea, 0x66, 0xd6, 0x32, 0xd5, 0x73, 0x56, 0x48,
                                              0xbf, 0xb6, 0xa8, 0xba, 0x49, 0xbf, 0x19, 0x45};

Datum field_id(FunctionCallInfo fcinfo) {
    const text *name = PG_GETARG_TEXT_PP(0);
    auto *const id = static_cast<pg_uuid_t *>(palloc(sizeof(pg_uuid_t)));
    pg::make_name_uuid(field_namespace, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name), id->data);
    return UUIDPGetDatum(id);
}

} // namespace

SQL_FUNCTION(inventory_asset_search) {
    return pg::call(&asset_search, fcinfo);
}

SQL_FUNCTION(inventory_are_labels) {
    return pg::call(&are_labels, fcinfo);
}

SQL_FUNCTION(inventory_are_tags) {
    return pg::call(&are_tags, fcinfo);
}

SQL_FUNCTION(inventory_are_digests) {
    return pg::call(&are_digests, fcinfo);
}

/// field_id(name): the version 5 UUID of a field's name (RFC 9562 §5.5).
SQL_FUNCTION(inventory_field_id) {
    return pg::call(&field_id, fcinfo);
}
