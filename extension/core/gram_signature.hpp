#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace inventory {

// A signature is a set of bits that the bytes of some texts set, alone, in twos and in
// threes: a text is not among them when a bit of one of its parts is missing. Single
// bytes have a bit each, and so has each pair of letters, digits and signs; threes are
// hashed twice.

inline constexpr std::size_t single_bits = 256;
inline constexpr std::size_t pair_bits = 4096;
inline constexpr std::size_t triple_bits = 16384;

/// The bytes of a signature.
inline constexpr std::size_t signature_size = (single_bits + pair_bits + triple_bits) / 8;

/// The grams of the longest text of this many bytes are at most so many.
constexpr std::size_t most_grams(std::size_t bytes) noexcept {
    return bytes == 0 ? 0 : 4 * bytes;
}

/// Sets the bits of all parts of `text` in `signature_size` bytes. Fold case before.
void add_grams(std::string_view text, std::uint8_t *signature) noexcept;

/// Writes the bits that a text which holds `term` sets; returns how many: at most
/// `most_grams(term.size())`.
std::size_t grams_of(std::string_view term, std::uint16_t *grams) noexcept;

/// Whether one of the texts of the signature may hold a term of these grams; false is certain.
bool may_hold(const std::uint8_t *signature, const std::uint16_t *grams,
              std::size_t count) noexcept;

} // namespace inventory
