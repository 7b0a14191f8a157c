#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace inventory {

/// Where a version of a row lies in the table: what PostgreSQL calls a ctid or TID.
struct Place {
    std::uint32_t block = 0;
    std::uint16_t offset = 0; ///< Of the line pointer, from 1.
    bool operator==(const Place &) const = default;
};

/// Places that may hold what is looked for: a bit of 32 for each of a block, so offsets that
/// differ by 32 stand for one another, and whoever reads a row compares it. Takes 2 kB for
/// each 512 blocks in which a place was added.
///
/// No row has the offset 0, so its bit says that one of 32 or more was added to the block.
class PlaceSet {
public:
    /// Of a table of so many blocks; places beyond them are left out, for no row that a
    /// snapshot taken before sees lies there.
    explicit PlaceSet(std::uint32_t blocks) : chunks_((blocks + chunk_blocks - 1) / chunk_blocks) {}

    /// The bits that are set for a place in its block.
    static constexpr std::uint32_t bits_of(std::uint16_t offset) noexcept {
        return bit(offset) | (offset < 32 ? 0U : 1U);
    }
    /// Adds the places of a block whose bits are set. Without memory for them they are left
    /// out, and `is_short` from then on.
    void add(std::uint32_t block, std::uint32_t bits) noexcept {
        const std::size_t at = block / chunk_blocks;
        if (at < chunks_.size() && (chunks_[at] != nullptr || make_chunk(at))) {
            std::uint32_t &word = (*chunks_[at])[block % chunk_blocks];
            // Mostly one or two: counted so without an instruction that not all processors have.
            for (std::uint32_t fresh = bits & ~word; fresh != 0; fresh &= fresh - 1) {
                ++size_;
            }
            word |= bits;
        }
    }
    /// Adds a place, or, when others are given, what those have of its bits.
    void add_among(Place place, const PlaceSet *others) noexcept {
        const std::uint32_t all = bits_of(place.offset);
        const std::uint32_t bits = others == nullptr ? all : all & others->bits(place.block);
        if (bits != 0) {
            add(place.block, bits);
        }
    }
    /// The bits of a block.
    std::uint32_t bits(std::uint32_t block) const noexcept {
        const std::uint32_t *const word = find(block);
        return word == nullptr ? 0 : *word;
    }
    bool contains(Place place) const noexcept {
        return (bits(place.block) & bit(place.offset)) != 0;
    }
    /// Whether it has a place in one of these blocks, the last included.
    bool has_any(std::uint32_t first, std::uint32_t last) const noexcept;
    /// Takes a place out, unless its bit stands for another, or may do so, too. Returns whether
    /// it did.
    bool take_out(Place place) noexcept {
        std::uint32_t *const word = find(place.block);
        if (word == nullptr || place.offset >= 32 || (*word & 1U) != 0 ||
            (*word & bit(place.offset)) == 0) {
            return false;
        }
        *word &= ~bit(place.offset);
        --size_;
        return true;
    }
    /// So many of its places or fewer, evenly spread, whose bits stand for no other.
    std::vector<Place> sample(std::size_t count) const;
    /// Says that a block will be asked for.
    void prefetch(std::uint32_t block) const noexcept { __builtin_prefetch(find(block)); }
    /// Adds all places of a set of the same table.
    void add(const PlaceSet &other) noexcept;
    /// Takes out what is not in a set of the same table.
    void keep(const PlaceSet &other) noexcept;
    /// Takes all places out, and keeps the memory.
    void clear() noexcept;

    std::size_t size() const noexcept { return size_; }
    bool is_short() const noexcept { return is_short_; }

    /// Calls `each(block)` for the blocks that hold a place, in order.
    template <typename Each>
    void each_block(Each each) const {
        for (std::size_t at = 0; at < chunks_.size(); ++at) {
            for (std::size_t n = 0; chunks_[at] != nullptr && n < chunk_blocks; ++n) {
                if ((*chunks_[at])[n] != 0) {
                    each(static_cast<std::uint32_t>(at * chunk_blocks + n));
                }
            }
        }
    }

private:
    static constexpr std::size_t chunk_blocks = 512;
    using Chunk = std::array<std::uint32_t, chunk_blocks>;

    static constexpr std::uint32_t bit(std::uint16_t offset) noexcept {
        return 1U << (offset % 32U);
    }
    std::uint32_t *find(std::uint32_t block) const noexcept {
        const std::size_t at = block / chunk_blocks;
        return at < chunks_.size() && chunks_[at] != nullptr ? &(*chunks_[at])[block % chunk_blocks]
                                                             : nullptr;
    }
    bool make_chunk(std::size_t at) noexcept;

    std::vector<std::unique_ptr<Chunk>> chunks_;
    std::size_t size_ = 0;
    bool is_short_ = false;
};

} // namespace inventory
