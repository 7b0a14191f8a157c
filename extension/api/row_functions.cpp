// Functions that the tables themselves use, in generated columns and constraints.
// They run once a written row, so they are written against the server's C interface:
// one gate, no C++ object alive inside.

#include "core/asset_keys.hpp"
#include "core/label.hpp"
#include "pg/datum.hpp"
#include "pg/elements.hpp"
#include "pg/name_uuid.hpp"

using namespace inventory;

namespace {

bool is_digest(std::string_view text) noexcept {
    const bool is_sha256 = text.size() == 71 && text.starts_with("sha256:");
    const bool is_sha512 = text.size() == 135 && text.starts_with("sha512:");
    if (!is_sha256 && !is_sha512) {
        return false;
    }
    for (std::size_t i = 7; i < text.size(); ++i) {
        if (!((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f'))) {
            return false;
        }
    }
    return true;
}

void append_part(StringInfo out, std::string_view part) {
    for (const char c : part) {
        appendStringInfoChar(out, c == search_separator ? ' ' : c);
    }
    appendStringInfoChar(out, search_separator);
}

Datum asset_search(FunctionCallInfo fcinfo) {
    StringInfoData parts;
    initStringInfo(&parts);
    const auto append = [&parts](std::string_view part) {
        append_part(&parts, part);
        return true;
    };
    for (const int n : {0, 5, 6}) {
        if (!PG_ARGISNULL(n)) {
            pg::every_text(PG_GETARG_ARRAYTYPE_P(n), append);
        }
    }
    for (const int n : {2, 3, 4}) {
        if (!PG_ARGISNULL(n)) {
            const text *value = PG_GETARG_TEXT_PP(n);
            append({VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)});
        }
    }
    if (!PG_ARGISNULL(1)) {
        JsonbIterator *it = JsonbIteratorInit(&PG_GETARG_JSONB_P(1)->root);
        JsonbValue value;
        JsonbIteratorToken token;
        while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE) {
            if ((token == WJB_KEY || token == WJB_VALUE) && value.type == jbvString) {
                append({value.val.string.val, static_cast<std::size_t>(value.val.string.len)});
            }
        }
    }
    const char *folded =
        str_tolower(parts.data, static_cast<size_t>(parts.len), DEFAULT_COLLATION_OID);
    return PointerGetDatum(cstring_to_text(folded));
}

Datum are_labels(FunctionCallInfo fcinfo) {
    return BoolGetDatum(pg::every_text(PG_GETARG_ARRAYTYPE_P(0), &is_label));
}

Datum are_digests(FunctionCallInfo fcinfo) {
    return BoolGetDatum(pg::every_text(PG_GETARG_ARRAYTYPE_P(0), &is_digest));
}

Datum are_tags(FunctionCallInfo fcinfo) {
    Jsonb *const tags = PG_GETARG_JSONB_P(0);
    if (!JB_ROOT_IS_OBJECT(tags) || JB_ROOT_COUNT(tags) > max_tags) {
        return BoolGetDatum(false);
    }
    JsonbIterator *it = JsonbIteratorInit(&tags->root);
    JsonbValue value;
    JsonbIteratorToken token;
    while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE) {
        const auto text = [&value]() -> std::string_view {
            return {value.val.string.val, static_cast<std::size_t>(value.val.string.len)};
        };
        const bool is_wrong = token == WJB_KEY     ? !is_tag_key(text())
                              : token == WJB_VALUE ? value.type != jbvString || !is_label(text())
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
