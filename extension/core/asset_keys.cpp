#include "core/asset_keys.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>

namespace inventory {
namespace {

// Kinds of keys.
constexpr std::uint64_t member_kind = 0; // and, with nothing to say, the tenant's
constexpr std::uint64_t scope_kind = 1;
constexpr std::uint64_t triple_kind = 2;
constexpr std::uint64_t quadruple_kind = 3;

constexpr int kind_bit = 30;
constexpr std::uint64_t part_mask = (std::uint64_t{1} << kind_bit) - 1;
constexpr std::uint64_t tenant_mask = ~std::uint64_t{0xffffffff};
constexpr std::size_t uuid_bytes = 16;
constexpr std::uint8_t no_digit = 16;

constexpr std::array<std::uint8_t, 256> make_digits() {
    std::array<std::uint8_t, 256> digits{};
    digits.fill(no_digit);
    for (std::uint8_t i = 0; i < 16; ++i) {
        digits[static_cast<std::uint8_t>("0123456789abcdef"[i])] = i;
        digits[static_cast<std::uint8_t>("0123456789ABCDEF"[i])] = i;
    }
    return digits;
}

/// The value of a hexadecimal digit; `no_digit` of any other byte.
constexpr std::array<std::uint8_t, 256> digit_values = make_digits();

std::uint64_t hash(UuidBytes uuid) noexcept {
    return XXH3_64bits(uuid, uuid_bytes);
}

std::uint64_t hash(std::uint64_t seed, std::string_view text) noexcept {
    return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

std::uint8_t digit_at(std::string_view text, std::size_t at) noexcept {
    return digit_values[static_cast<std::uint8_t>(text[at])];
}

/// The number of hexadecimal digits from here on.
std::size_t run_length(std::string_view text, std::size_t at) noexcept {
    std::size_t end = at;
    while (end < text.size() && digit_at(text, end) != no_digit) {
        ++end;
    }
    return end - at;
}

} // namespace

AssetKeyWriter::AssetKeyWriter(UuidBytes tenant, AssetKey *keys) noexcept
    : tenant_(hash(tenant) & tenant_mask), begin_(keys), end_(keys) {}

void AssetKeyWriter::add(std::uint64_t kind, std::uint64_t part) noexcept {
    *end_++ = static_cast<AssetKey>(tenant_ | kind << kind_bit | part);
}

/// Nothing to say, 0, is left to the key of the tenant.
void AssetKeyWriter::add_hash(std::uint64_t kind, std::uint64_t hash) noexcept {
    add(kind, std::max<std::uint64_t>(hash & part_mask, 1));
}

void AssetKeyWriter::add_tenant() noexcept {
    add(member_kind, 0);
}

void AssetKeyWriter::add_scope(UuidBytes scope) noexcept {
    add_hash(scope_kind, hash(scope));
}

void AssetKeyWriter::add_member(MemberColumn column, std::string_view value) noexcept {
    add_hash(member_kind, hash(static_cast<std::uint64_t>(column), value));
}

void AssetKeyWriter::add_pair(MemberColumn column, std::string_view key,
                              std::string_view value) noexcept {
    add_hash(member_kind, hash(hash(static_cast<std::uint64_t>(column), key), value));
}

void AssetKeyWriter::add_triple(std::string_view bytes) noexcept {
    const auto byte = [bytes](std::size_t at) {
        return std::uint64_t{static_cast<std::uint8_t>(bytes[at])};
    };
    add(triple_kind, byte(0) << 16 | byte(1) << 8 | byte(2));
}

void AssetKeyWriter::add_quadruple(std::uint64_t digits) noexcept {
    add(quadruple_kind, digits);
}

/// Every quadruple of a run of digits.
void AssetKeyWriter::add_quadruples(std::string_view run) noexcept {
    std::uint64_t digits = 0;
    for (std::size_t i = 0; i < run.size(); ++i) {
        digits = (digits << 4 | digit_at(run, i)) & 0xffff;
        if (i >= 3) {
            add_quadruple(digits);
        }
    }
}

/// The keys of a part without separators.
void AssetKeyWriter::add_part(std::string_view part) noexcept {
    std::size_t next_run = 0;  // where digits were not looked for yet
    std::size_t quiet_end = 0; // triples that begin before it are inside a digest
    for (std::size_t i = 0; i < part.size(); ++i) {
        if (i >= next_run) {
            const std::size_t length = run_length(part, i);
            add_quadruples(part.substr(i, length));
            next_run = i + length + 1;
            if (length >= digest_run) {
                quiet_end = i + length - 3;
                i = quiet_end;
            }
        }
        if (i + 3 <= part.size() && i >= quiet_end) {
            add_triple(part.substr(i, 3));
        }
    }
    if (part.size() >= 2) {
        const char last[3] = {part[part.size() - 2], part.back(), search_separator};
        add_triple({last, 3});
    }
}

void AssetKeyWriter::add_text(std::string_view text) noexcept {
    while (!text.empty()) {
        const std::size_t end = text.find(search_separator);
        add_part(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
}

std::size_t AssetKeyWriter::finish() noexcept {
    std::sort(begin_, end_);
    end_ = std::unique(begin_, end_);
    return static_cast<std::size_t>(end_ - begin_);
}

std::size_t term_keys(UuidBytes tenant, std::string_view term, AssetKey *keys) noexcept {
    AssetKeyWriter writer(tenant, keys);
    std::uint64_t digits = 0;
    std::size_t run = 0; // of digits, before and with this byte
    for (std::size_t i = 0; i < term.size(); ++i) {
        const std::uint8_t digit = digit_at(term, i);
        run = digit == no_digit ? 0 : run + 1;
        digits = (digits << 4 | digit) & 0xffff;
        if (run >= 4) {
            writer.add_quadruple(digits);
        }
        if (i >= 2 && run < 3) {
            writer.add_triple(term.substr(i - 2, 3));
        }
    }
    return writer.finish();
}

bool has_alternative_keys(std::string_view term) noexcept {
    const bool is_run = run_length(term, 0) == term.size();
    return is_run ? term.size() == 3 : term.size() == 2;
}

std::size_t alternative_keys(UuidBytes tenant, std::string_view term, AssetKey *keys) noexcept {
    AssetKeyWriter writer(tenant, keys);
    char triple[3] = {term[0], term[1], '\0'};
    if (term.size() == 2) {
        // Every byte but NUL that UTF-8 has; the separator is one of them.
        for (int last = 1; last <= 0xf4; ++last) {
            triple[2] = static_cast<char>(last);
            writer.add_triple({triple, 3});
        }
        return writer.finish();
    }
    triple[2] = term[2];
    writer.add_triple({triple, 3});
    const std::uint64_t digits =
        std::uint64_t{digit_at(term, 0)} << 8 | digit_at(term, 1) << 4 | digit_at(term, 2);
    for (std::uint64_t last = 0; last < 16; ++last) {
        writer.add_quadruple(digits << 4 | last);
    }
    return writer.finish();
}

} // namespace inventory
