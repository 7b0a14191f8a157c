#include "core/gram_signature.hpp"

#include <algorithm>
#include <array>

namespace inventory {
namespace {

constexpr std::size_t class_count = 64; // its square is pair_bits

/// What stands for a byte in a pair: a letter, digit or frequent sign has a class of
/// its own; the other bytes, those of UTF-8 sequences among them, share the rest.
constexpr std::array<std::uint8_t, 256> make_classes() {
    constexpr std::string_view own = "abcdefghijklmnopqrstuvwxyz0123456789-_./:@+";
    std::array<std::uint8_t, 256> classes{};
    for (std::size_t byte = 0; byte < classes.size(); ++byte) {
        const std::size_t place = own.find(static_cast<char>(byte));
        classes[byte] = static_cast<std::uint8_t>(
            place != own.npos ? place : own.size() + byte % (class_count - own.size()));
    }
    return classes;
}

constexpr std::array<std::uint8_t, 256> byte_class = make_classes();

/// Calls `each(bit)` for what the part of `size` bytes at `bytes` sets.
template <typename Each>
void each_bit(const std::uint8_t *bytes, std::size_t size, Each each) {
    if (size == 1) {
        each(bytes[0]);
    } else if (size == 2) {
        each(single_bits + byte_class[bytes[0]] * class_count + byte_class[bytes[1]]);
    } else {
        std::uint32_t hash = (bytes[0] << 16U) | (bytes[1] << 8U) | bytes[2];
        for (int i = 0; i < 2; ++i) {
            hash = (hash ^ (hash >> 15U)) * 0x2c1b3c6dU;
            hash ^= hash >> 12U;
            each(single_bits + pair_bits + hash % triple_bits);
            hash *= 0x297a2d39U;
        }
    }
}

const std::uint8_t *bytes_of(std::string_view text) noexcept {
    return reinterpret_cast<const std::uint8_t *>(text.data());
}

} // namespace

void add_grams(std::string_view text, std::uint8_t *signature) noexcept {
    for (std::size_t i = 0; i < text.size(); ++i) {
        for (std::size_t size = 1; size <= std::min<std::size_t>(3, text.size() - i); ++size) {
            each_bit(bytes_of(text) + i, size, [signature](std::size_t bit) {
                signature[bit / 8] |= static_cast<std::uint8_t>(1U << (bit % 8));
            });
        }
    }
}

std::size_t grams_of(std::string_view term, std::uint16_t *grams) noexcept {
    std::size_t count = 0;
    // The shorter parts are in the longer ones: of a long term, pairs still help.
    for (std::size_t size = std::min<std::size_t>(2, term.size());
         size >= 1 && size <= std::min<std::size_t>(3, term.size()); ++size) {
        for (std::size_t i = 0; i + size <= term.size(); ++i) {
            each_bit(bytes_of(term) + i, size, [grams, &count](std::size_t bit) {
                grams[count++] = static_cast<std::uint16_t>(bit);
            });
        }
    }
    return count;
}

bool may_hold(const std::uint8_t *signature, const std::uint16_t *grams,
              std::size_t count) noexcept {
    return std::all_of(grams, grams + count, [signature](std::uint16_t bit) {
        // A number that is no gram says nothing.
        return bit >= signature_size * 8 || (signature[bit / 8] >> (bit % 8) & 1U) != 0;
    });
}

} // namespace inventory
