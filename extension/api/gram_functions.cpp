// Signatures of the values of a block of facets, and the values of one (sql/38_facet_blocks.sql).
// They run once a value or block, so they are written against the server's C interface: one gate,
// no C++ object alive inside.

#include "core/gram_signature.hpp"
#include "pg/datum.hpp"
#include "pg/elements.hpp"

#include <algorithm>

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

bool is_ascii(std::string_view text) noexcept {
    unsigned char bits = 0;
    for (const char c : text) {
        bits |= static_cast<unsigned char>(c);
    }
    return bits < 0x80;
}

char fold_ascii(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Whether the database's collation folds the letters of ASCII to those of ASCII: of some
/// languages it does not.
bool folds_ascii_plainly() {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    char *const folded = str_tolower(letters.data(), letters.size(), DEFAULT_COLLATION_OID);
    const bool is_plain = std::strcmp(folded, "abcdefghijklmnopqrstuvwxyz") == 0;
    pfree(folded);
    return is_plain;
}

bool holds(std::string_view folded, std::string_view term) noexcept {
    return memmem(folded.data(), folded.size(), term.data(), term.size()) != nullptr;
}

Datum holds_term(FunctionCallInfo fcinfo) {
    static int is_plain = -1; // no C++ guard, which an ERROR would leave locked
    if (is_plain < 0) {
        is_plain = folds_ascii_plainly() ? 1 : 0;
    }
    const text *const stored = PG_GETARG_TEXT_PP(0);
    const text *const wanted = PG_GETARG_TEXT_PP(1);
    const std::string_view value{VARDATA_ANY(stored), VARSIZE_ANY_EXHDR(stored)};
    const std::string_view term{VARDATA_ANY(wanted), VARSIZE_ANY_EXHDR(wanted)};
    char buffer[512];
    if (is_plain > 0 && value.size() <= sizeof(buffer) && is_ascii(value)) {
        std::transform(value.begin(), value.end(), buffer, fold_ascii);
        return BoolGetDatum(holds({buffer, value.size()}, term));
    }
    return BoolGetDatum(
        holds(str_tolower(value.data(), value.size(), DEFAULT_COLLATION_OID), term));
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

/// holds_term(value, term): as `lower(value) like '%term%'` by the database's collation.
SQL_FUNCTION(inventory_holds_term) {
    return pg::call(&holds_term, fcinfo);
}
