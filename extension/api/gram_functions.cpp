// Signatures of the values of a block of facets (sql/38_facet_blocks.sql). They run once
// a value or block, so they are written against the server's C interface: one gate, no
// C++ object alive inside.

#include "core/gram_signature.hpp"
#include "pg/datum.hpp"
#include "pg/elements.hpp"

using namespace inventory;

namespace {

bytea *make_bytes(std::size_t size) {
    auto *const out = static_cast<bytea *>(palloc0(VARHDRSZ + size));
    SET_VARSIZE(out, VARHDRSZ + size);
    return out;
}

Datum gram_signature(FunctionCallInfo fcinfo) {
    bytea *const out = make_bytes(signature_size);
    auto *const signature = reinterpret_cast<std::uint8_t *>(VARDATA(out));
    if (!PG_ARGISNULL(1)) {
        const bytea *base = PG_GETARG_BYTEA_PP(1);
        std::memcpy(signature, VARDATA_ANY(base), Min(VARSIZE_ANY_EXHDR(base), signature_size));
    }
    if (PG_ARGISNULL(0)) {
        return PointerGetDatum(out);
    }
    pg::every_text(PG_GETARG_ARRAYTYPE_P(0), [signature](std::string_view item) {
        add_grams(item, signature);
        return true;
    });
    return PointerGetDatum(out);
}

Datum term_grams(FunctionCallInfo fcinfo) {
    const text *term = PG_GETARG_TEXT_PP(0);
    const std::string_view bytes{VARDATA_ANY(term), VARSIZE_ANY_EXHDR(term)};
    bytea *const out = make_bytes(most_grams(bytes.size()) * sizeof(std::uint16_t));
    const std::size_t count = grams_of(bytes, reinterpret_cast<std::uint16_t *>(VARDATA(out)));
    SET_VARSIZE(out, VARHDRSZ + count * sizeof(std::uint16_t));
    return PointerGetDatum(out);
}

Datum may_hold_term(FunctionCallInfo fcinfo) {
    const bytea *signature = PG_GETARG_BYTEA_PP(0);
    const bytea *grams = PG_GETARG_BYTEA_P(1); // aligned
    // Whatever is no signature says nothing.
    return BoolGetDatum(VARSIZE_ANY_EXHDR(signature) != signature_size ||
                        may_hold(reinterpret_cast<const std::uint8_t *>(VARDATA_ANY(signature)),
                                 reinterpret_cast<const std::uint16_t *>(VARDATA(grams)),
                                 VARSIZE_ANY_EXHDR(grams) / sizeof(std::uint16_t)));
}

} // namespace

/// gram_signature(values, base): the signature of folded texts, added to another.
SQL_FUNCTION(inventory_gram_signature) {
    return pg::call(&gram_signature, fcinfo);
}

/// term_grams(term): what the signature of a text that holds a folded term must have.
SQL_FUNCTION(inventory_term_grams) {
    return pg::call(&term_grams, fcinfo);
}

/// may_hold(signature, grams)
SQL_FUNCTION(inventory_may_hold) {
    return pg::call(&may_hold_term, fcinfo);
}
