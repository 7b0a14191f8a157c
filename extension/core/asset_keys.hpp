#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace inventory {

// The keys of an asset are what the index of searches finds it by: the scopes that it was
// seen in and the parts of its text. Each key names the tenant too, so that looking one
// up reads nothing of another tenant's. From the highest bit on: 32 bits that stand for
// the tenant, 2 for the kind of key, 30 for the part.
//
// The parts of a text are all its triples of bytes and all its quadruples of hexadecimal
// digits. Of a long run of such digits the triples are left out, all but the last: each
// is in a few of a hundred digests and would tell nothing. So whoever looks for three
// hexadecimal digits looks for the triple and for the quadruples that begin with it.
// Separators are in no part.

using AssetKey = std::int64_t;

/// The bytes of a UUID.
using UuidBytes = const std::uint8_t *;

/// Between the parts of the searched column (asset_search); no term can hold it.
inline constexpr char search_separator = '\x1f';

/// So many hexadecimal digits in a row are taken for a digest.
inline constexpr std::size_t digest_run = 32;

/// At most so many keys has an asset with a text of so many bytes.
constexpr std::size_t most_asset_keys(std::size_t scopes, std::size_t bytes) noexcept {
    return 1 + scopes + 2 * bytes;
}

/// Writes the keys of an asset in ascending order, each once; returns how many: at most
/// `most_asset_keys`. Scopes are UUIDs, one after another; fold the text's case before.
std::size_t asset_keys(UuidBytes tenant, std::span<const std::uint8_t> scopes,
                       std::string_view text, AssetKey *keys) noexcept;

/// At most so many keys has a term of so many bytes.
constexpr std::size_t most_term_keys(std::size_t bytes) noexcept {
    return 2 * bytes;
}

/// Writes the keys that an asset must have whose text holds the folded term, ascending;
/// returns how many: at most `most_term_keys`. A term of one or two bytes has none, nor
/// has one with alternative keys.
std::size_t term_keys(UuidBytes tenant, std::string_view term, AssetKey *keys) noexcept;

/// Whether a term is three hexadecimal digits, in any case: then an asset that holds it
/// has one of its alternative keys.
bool has_alternative_keys(std::string_view term) noexcept;

inline constexpr std::size_t alternative_keys = 17;

/// Writes the `alternative_keys` keys of a folded term that has them, ascending.
void write_alternative_keys(UuidBytes tenant, std::string_view term, AssetKey *keys) noexcept;

/// The key that all assets of a tenant have.
AssetKey tenant_key(UuidBytes tenant) noexcept;

/// The key that the assets seen in a group or org have.
AssetKey scope_key(UuidBytes tenant, UuidBytes scope) noexcept;

} // namespace inventory
