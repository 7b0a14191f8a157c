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
class PlaceSet {
public:
    /// Of a table of so many blocks; places beyond them are left out, for no row that a
    /// snapshot taken before sees lies there.
    explicit PlaceSet(std::uint32_t blocks) : chunks_((blocks + chunk_blocks - 1) / chunk_blocks) {}

    /// Without memory for it the place is left out, and `is_short` from then on.
    void add(std::uint32_t block, std::uint16_t offset) noexcept {
        const std::size_t at = block / chunk_blocks;
        if (at < chunks_.size() && (chunks_[at] != nullptr || make_chunk(at))) {
            const std::uint32_t bit = 1U << (offset % 32U);
            std::uint32_t &word = (*chunks_[at])[block % chunk_blocks];
            size_ += (word & bit) == 0;
            word |= bit;
        }
    }
    bool contains(std::uint32_t block, std::uint16_t offset) const noexcept {
        return (word(block) >> (offset % 32U) & 1U) != 0;
    }
    /// Adds all places of a set of the same table.
    void add(const PlaceSet &other) noexcept;
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

    std::uint32_t word(std::uint32_t block) const noexcept {
        const std::size_t at = block / chunk_blocks;
        return at < chunks_.size() && chunks_[at] != nullptr ? (*chunks_[at])[block % chunk_blocks]
                                                             : 0;
    }
    bool make_chunk(std::size_t at) noexcept;

    std::vector<std::unique_ptr<Chunk>> chunks_;
    std::size_t size_ = 0;
    bool is_short_ = false;
};

} // namespace inventory
