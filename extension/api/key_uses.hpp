#pragma once

#include <string_view>

namespace inventory::api {

/// Asks for the shared memory of the uses; called when the library is loaded. Without
/// shared_preload_libraries no use is noted.
void reserve_key_uses();

/// Notes that a key was used now, by the lower-case hex of its SHA-256. A request that
/// reads writes nothing: inventory.record_key_uses() brings what was noted to disk.
/// At most a fixed number of keys is remembered, those used last.
void note_key_use(std::string_view key_hash) noexcept;

} // namespace inventory::api
