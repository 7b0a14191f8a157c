#include "core/place_set.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <new>

namespace inventory {

// calloc gives pages of zeroes that cost nothing until they are written to; a vector would
// write to all of them.
PlaceSet::PlaceSet(std::uint32_t blocks)
    : blocks_(blocks),
      words_(static_cast<std::uint32_t *>(std::calloc(std::size_t{blocks} + 1, sizeof(std::uint32_t)))) {
    if (words_ == nullptr) {
        throw std::bad_alloc();
    }
}

void PlaceSet::add(const PlaceSet &other) noexcept {
    const std::uint32_t blocks = std::min(blocks_, other.blocks_);
    for (std::uint32_t block = 0; block < blocks; ++block) {
        if (const std::uint32_t fresh = other.words_[block] & ~words_[block]; fresh != 0) {
            words_[block] |= fresh;
            size_ += static_cast<std::size_t>(std::popcount(fresh));
        }
    }
}

void PlaceSet::Free::operator()(std::uint32_t *words) const noexcept {
    std::free(words);
}

} // namespace inventory
