#include "pg/name_uuid.hpp"

#include "pg/guard.hpp"

namespace inventory::pg {

void make_name_uuid(const std::uint8_t *name_space, const char *name, std::size_t size,
                    std::uint8_t *out) {
    std::uint8_t digest[SHA1_DIGEST_LENGTH];
    pg_cryptohash_ctx *const context = pg_cryptohash_create(PG_SHA1);
    if (pg_cryptohash_init(context) < 0 ||
        pg_cryptohash_update(context, name_space, UUID_LEN) < 0 ||
        pg_cryptohash_update(context, reinterpret_cast<const std::uint8_t *>(name), size) < 0 ||
        pg_cryptohash_final(context, digest, sizeof digest) < 0) {
        ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("SHA-1 is not available")));
    }
    pg_cryptohash_free(context);
    std::memcpy(out, digest, UUID_LEN);
    out[6] = static_cast<std::uint8_t>((out[6] & 0x0F) | 0x50);
    out[8] = static_cast<std::uint8_t>((out[8] & 0x3F) | 0x80);
}

Uuid name_uuid(const Uuid &name_space, std::string_view name) {
    Uuid out;
    call(&make_name_uuid, name_space.data(), name.data(), name.size(), out.data());
    return out;
}

} // namespace inventory::pg
