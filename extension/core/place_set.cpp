#include "core/place_set.hpp"

#include <new>

namespace inventory {

void PlaceSet::add(const PlaceSet &other) noexcept {
    is_short_ = is_short_ || other.is_short_;
    for (std::size_t at = 0; at < chunks_.size() && at < other.chunks_.size(); ++at) {
        if (other.chunks_[at] == nullptr) {
            continue;
        }
        for (std::size_t n = 0; n < chunk_blocks; ++n) {
            add(static_cast<std::uint32_t>(at * chunk_blocks + n), (*other.chunks_[at])[n]);
        }
    }
}

void PlaceSet::clear() noexcept {
    for (const std::unique_ptr<Chunk> &chunk : chunks_) {
        if (chunk != nullptr) {
            chunk->fill(0);
        }
    }
    size_ = 0;
}

bool PlaceSet::make_chunk(std::size_t at) noexcept {
    chunks_[at].reset(new (std::nothrow) Chunk());
    is_short_ = is_short_ || chunks_[at] == nullptr;
    return chunks_[at] != nullptr;
}

} // namespace inventory
