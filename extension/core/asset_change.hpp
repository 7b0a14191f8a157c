#pragma once

#include "core/update_document.hpp"
#include "core/uuid.hpp"

#include <map>
#include <span>
#include <string>
#include <vector>

namespace inventory {

/// What of an asset an update can change.
struct AssetState {
    int class_rank = 0; ///< 0: no class.
    bool is_locked = false;
    std::vector<std::string> labels;
    std::map<std::string, std::string> tags;

    bool operator==(const AssetState &) const = default;
};

/// The state after an update. What the update does not name stays. Throws
/// Error(body_invalid) when more than 50 labels or 100 tags would be left.
AssetState apply(const AssetUpdate &update, AssetState state);

/// The state as a JSON object {"class", "labels", "tags"}: only what differs from
/// `other`, with the form that responses have; an absent class is null.
std::string difference(const AssetState &state, const AssetState &other);

/// An asset that an update really changed.
struct AssetChange {
    Uuid id{};
    AssetState before;
    AssetState after;
};

/// The changes as a JSON array of objects, to be read with `jsonb_to_recordset`: id;
/// class_rank, class_locked, labels and tags as they are afterwards; and the
/// differences `before` and `after`.
std::string changes_json(std::span<const AssetChange> changes);

} // namespace inventory
