#include "core/asset_keys.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace inventory {
namespace {

enum class KeyKind : std::uint64_t { tenant = 0, scope = 1, triple = 2, quadruple = 3 };

constexpr int kind_bit = 30;
constexpr std::uint64_t part_mask = (std::uint64_t{1} << kind_bit) - 1;
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

/// Spreads 64 bits over 64 (the finalizer of SplitMix64).
std::uint64_t mix(std::uint64_t bits) noexcept {
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
    return bits ^ (bits >> 31);
}

std::uint64_t hash(UuidBytes uuid) noexcept {
    std::uint64_t halves[2];
    std::memcpy(halves, uuid, uuid_bytes);
    return mix(mix(halves[0]) + halves[1]);
}

/// Writes the keys of one tenant.
class KeySink {
public:
    KeySink(UuidBytes tenant, AssetKey *keys) noexcept
        : tenant_(hash(tenant) & ~std::uint64_t{0xffffffff}), begin_(keys), end_(keys) {}

    void add(KeyKind kind, std::uint64_t part) noexcept {
        *end_++ = static_cast<AssetKey>(tenant_ | static_cast<std::uint64_t>(kind) << kind_bit |
                                        (part & part_mask));
    }

    void add_scope(UuidBytes scope) noexcept { add(KeyKind::scope, hash(scope)); }

    void add_triple(const char *at) noexcept {
        const auto *bytes = reinterpret_cast<const std::uint8_t *>(at);
        add(KeyKind::triple, static_cast<std::uint64_t>(bytes[0]) << 16 |
                                 static_cast<std::uint64_t>(bytes[1]) << 8 | bytes[2]);
    }

    /// Sorts what was written and leaves each key once; returns how many.
    std::size_t finish() noexcept {
        std::sort(begin_, end_);
        end_ = std::unique(begin_, end_);
        return static_cast<std::size_t>(end_ - begin_);
    }

private:
    std::uint64_t tenant_;
    AssetKey *begin_;
    AssetKey *end_;
};

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

/// Adds every quadruple of a run of digits.
void add_quadruples(std::string_view run, KeySink &sink) noexcept {
    std::uint64_t digits = 0;
    for (std::size_t i = 0; i < run.size(); ++i) {
        digits = (digits << 4 | digit_at(run, i)) & 0xffff;
        if (i >= 3) {
            sink.add(KeyKind::quadruple, digits);
        }
    }
}

/// Adds the keys of a part without separators.
void add_part(std::string_view part, KeySink &sink) noexcept {
    std::size_t next_run = 0;  // where digits were not looked for yet
    std::size_t quiet_end = 0; // triples that begin before it are inside a digest
    for (std::size_t i = 0; i < part.size(); ++i) {
        if (i >= next_run) {
            const std::size_t length = run_length(part, i);
            add_quadruples(part.substr(i, length), sink);
            next_run = i + length + 1;
            if (length >= digest_run) {
                quiet_end = i + length - 3;
                i = quiet_end;
            }
        }
        if (i + 3 <= part.size() && i >= quiet_end) {
            sink.add_triple(part.data() + i);
        }
    }
}

} // namespace

std::size_t asset_keys(UuidBytes tenant, std::span<const std::uint8_t> scopes,
                       std::string_view text, AssetKey *keys) noexcept {
    KeySink sink(tenant, keys);
    sink.add(KeyKind::tenant, 0);
    for (std::size_t i = 0; i + uuid_bytes <= scopes.size(); i += uuid_bytes) {
        sink.add_scope(scopes.data() + i);
    }
    while (!text.empty()) {
        const std::size_t end = text.find(search_separator);
        add_part(text.substr(0, end), sink);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return sink.finish();
}

std::size_t term_keys(UuidBytes tenant, std::string_view term, AssetKey *keys) noexcept {
    KeySink sink(tenant, keys);
    for (std::size_t i = 0; i < term.size();) {
        const std::size_t length = run_length(term, i);
        add_quadruples(term.substr(i, length), sink);
        i += length + 1;
    }
    for (std::size_t i = 0; i + 3 <= term.size(); ++i) {
        if (run_length(term.substr(i, 3), 0) < 3) {
            sink.add_triple(term.data() + i);
        }
    }
    return sink.finish();
}

bool has_alternative_keys(std::string_view term) noexcept {
    return term.size() == 3 && run_length(term, 0) == 3;
}

void write_alternative_keys(UuidBytes tenant, std::string_view term, AssetKey *keys) noexcept {
    KeySink sink(tenant, keys);
    sink.add_triple(term.data());
    const std::uint64_t digits =
        std::uint64_t{digit_at(term, 0)} << 8 | digit_at(term, 1) << 4 | digit_at(term, 2);
    for (std::uint64_t last = 0; last < 16; ++last) {
        sink.add(KeyKind::quadruple, digits << 4 | last);
    }
    sink.finish();
}

AssetKey tenant_key(UuidBytes tenant) noexcept {
    AssetKey key = 0;
    KeySink(tenant, &key).add(KeyKind::tenant, 0);
    return key;
}

AssetKey scope_key(UuidBytes tenant, UuidBytes scope) noexcept {
    AssetKey key = 0;
    KeySink(tenant, &key).add_scope(scope);
    return key;
}

} // namespace inventory
