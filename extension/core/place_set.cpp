#include "core/place_set.hpp"

#include <algorithm>
#include <bit>
#include <new>

namespace inventory {

void PlaceSet::add(const PlaceSet &other) noexcept {
    is_short_ = is_short_ || other.is_short_;
    for (std::size_t at = 0; at < chunks_.size() && at < other.chunks_.size(); ++at) {
        if (other.chunks_[at] == nullptr) {
            continue;
        }
        for (std::size_t n = 0; n < chunk_blocks; ++n) {
            if ((*other.chunks_[at])[n] != 0) {
                add(static_cast<std::uint32_t>(at * chunk_blocks + n), (*other.chunks_[at])[n]);
            }
        }
    }
}

void PlaceSet::keep(const PlaceSet &other) noexcept {
    size_ = 0;
    for (std::size_t at = 0; at < chunks_.size(); ++at) {
        for (std::size_t n = 0; chunks_[at] != nullptr && n < chunk_blocks; ++n) {
            std::uint32_t &word = (*chunks_[at])[n];
            if (word != 0) { // few are, and counting takes longer than asking
                word &= other.bits(static_cast<std::uint32_t>(at * chunk_blocks + n));
                size_ += static_cast<std::size_t>(std::popcount(word));
            }
        }
    }
}

bool PlaceSet::has_any(std::uint32_t first, std::uint32_t last) const noexcept {
    for (std::size_t at = first / chunk_blocks; at < chunks_.size() && at <= last / chunk_blocks;
         ++at) {
        if (chunks_[at] == nullptr) {
            continue;
        }
        const auto *const begin = chunks_[at]->begin();
        const auto *const from = begin + (at == first / chunk_blocks ? first % chunk_blocks : 0);
        const auto *const to =
            at == last / chunk_blocks ? begin + last % chunk_blocks + 1 : chunks_[at]->end();
        if (std::any_of(from, to, [](std::uint32_t word) { return word != 0; })) {
            return true;
        }
    }
    return false;
}

void PlaceSet::clear() noexcept {
    for (const std::unique_ptr<Chunk> &chunk : chunks_) {
        if (chunk != nullptr) {
            chunk->fill(0);
        }
    }
    size_ = 0;
}

std::vector<Place> PlaceSet::sample(std::size_t count) const {
    std::vector<Place> out;
    const std::size_t stride = std::max<std::size_t>(size_ / std::max<std::size_t>(count, 1), 1);
    std::size_t passed = 0;
    each_block([&](std::uint32_t block) {
        const std::uint32_t offsets = (bits(block) & 1U) != 0 ? 0 : bits(block);
        const std::size_t before = passed / stride;
        passed += static_cast<std::size_t>(std::popcount(offsets));
        if (passed / stride > before && out.size() < count) {
            out.push_back({block, static_cast<std::uint16_t>(std::countr_zero(offsets))});
        }
    });
    return out;
}

bool PlaceSet::make_chunk(std::size_t at) noexcept {
    chunks_[at].reset(new (std::nothrow) Chunk());
    is_short_ = is_short_ || chunks_[at] == nullptr;
    return chunks_[at] != nullptr;
}

} // namespace inventory
