#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace inventory {

/// Where a version of a row lies in the table: what PostgreSQL calls a ctid or TID.
struct Place {
    std::uint32_t block = 0;
    std::uint16_t offset = 0; ///< Of the line pointer, from 1.
    bool operator==(const Place &) const = default;
};

/// Places that may hold what is looked for: a bit of 32 for each of a block, so offsets that
/// differ by 32 stand for one another, and whoever reads a row compares it. Costs four bytes
/// a block of the table, of which those that hold no place are never touched.
class PlaceSet {
public:
    /// Of a table of so many blocks; places beyond them are left out, for no row that a
    /// snapshot taken before sees lies there. Throws std::bad_alloc.
    explicit PlaceSet(std::uint32_t blocks);

    void add(std::uint32_t block, std::uint16_t offset) noexcept {
        if (block < blocks_) {
            const std::uint32_t bit = 1U << (offset % 32U);
            std::uint32_t &word = words_[block];
            size_ += (word & bit) == 0;
            word |= bit;
        }
    }
    bool contains(std::uint32_t block, std::uint16_t offset) const noexcept {
        return block < blocks_ && (words_[block] >> (offset % 32U) & 1U) != 0;
    }
    /// Adds all places of a set of the same table.
    void add(const PlaceSet &other) noexcept;
    std::size_t size() const noexcept { return size_; }
    std::uint32_t blocks() const noexcept { return blocks_; }

    /// Calls `each(block)` for the blocks that hold a place, in order.
    template <typename Each>
    void each_block(Each each) const {
        for (std::uint32_t block = 0; block < blocks_; ++block) {
            if (words_[block] != 0) {
                each(block);
            }
        }
    }

private:
    struct Free {
        void operator()(std::uint32_t *words) const noexcept;
    };

    std::uint32_t blocks_;
    std::size_t size_ = 0;
    std::unique_ptr<std::uint32_t[], Free> words_;
};

} // namespace inventory
