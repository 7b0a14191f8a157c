#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace inventory {

// The keys of an asset are what the index of filters finds it by: the scopes that it was
// seen in, its labels, tags and other members, and the parts of its text. Each names the
// tenant too, so that looking one up reads nothing of another tenant's. From the highest
// bit on: 32 bits that stand for the tenant, 2 for the kind of key, 30 for what it says;
// of members and scopes that is a hash, so whoever finds an asset by them compares again.
//
// The parts of a text are all its triples of bytes and all its quadruples of hexadecimal
// digits. Of a long run of such digits the triples are left out, all but the last: each
// is in a few of a hundred digests and would tell nothing. So whoever looks for three
// hexadecimal digits looks for the triple and for the quadruples that begin with it, and
// whoever looks for two bytes looks for the triples that begin with them, of which one
// ends with a separator. Two hexadecimal digits are in about every digest.

using AssetKey = std::int64_t;

/// The bytes of a UUID.
using UuidBytes = const std::uint8_t *;

/// Between the parts of the searched column (asset_search); no term can hold it.
inline constexpr char search_separator = '\x1f';

/// So many hexadecimal digits in a row are taken for a digest.
inline constexpr std::size_t digest_run = 32;

/// The columns whose members are keys.
enum class MemberColumn : std::uint8_t {
    labels = 1,
    tags,
    image_tags,
    manifest_digests,
    index_digests,
    image_labels,
};

/// Writes keys of one tenant, as they come, where the caller has room for them.
class AssetKeyWriter {
public:
    AssetKeyWriter(UuidBytes tenant, AssetKey *keys) noexcept;

    void add_tenant() noexcept; ///< The key that all assets of the tenant have.
    void add_scope(UuidBytes scope) noexcept;
    /// An element of an array, or a key of an object.
    void add_member(MemberColumn column, std::string_view value) noexcept;
    /// A key of an object with its value.
    void add_pair(MemberColumn column, std::string_view key, std::string_view value) noexcept;
    /// All parts of a text whose case is folded: at most `most_text_keys`.
    void add_text(std::string_view text) noexcept;
    void add_triple(std::string_view bytes) noexcept;
    void add_quadruple(std::uint64_t digits) noexcept;

    /// Sorts the keys, leaves each once and returns how many they are.
    std::size_t finish() noexcept;

private:
    void add(std::uint64_t kind, std::uint64_t part) noexcept;
    void add_hash(std::uint64_t kind, std::uint64_t hash) noexcept;
    void add_quadruples(std::string_view run) noexcept;
    void add_part(std::string_view part) noexcept;

    std::uint64_t tenant_;
    AssetKey *begin_;
    AssetKey *end_;
};

/// At most so many keys has a text of so many bytes.
constexpr std::size_t most_text_keys(std::size_t bytes) noexcept {
    return 2 * bytes + 1;
}

/// At most so many keys has a term of so many bytes.
constexpr std::size_t most_term_keys(std::size_t bytes) noexcept {
    return 2 * bytes;
}

/// Writes the keys that an asset must have whose text holds the folded term, ascending;
/// returns how many: at most `most_term_keys`. A term of one or two bytes has none, nor
/// has one with alternative keys.
std::size_t term_keys(UuidBytes tenant, std::string_view term, AssetKey *keys) noexcept;

/// Whether an asset that holds the term has one of its alternative keys: if it is three
/// hexadecimal digits, in any case, or two bytes that are not both such digits.
bool has_alternative_keys(std::string_view term) noexcept;

inline constexpr std::size_t most_alternative_keys = 256;

/// Writes the alternative keys of a folded term that has them, ascending; returns how
/// many: at most `most_alternative_keys`.
std::size_t alternative_keys(UuidBytes tenant, std::string_view term, AssetKey *keys) noexcept;

} // namespace inventory
