#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inventory {

inline constexpr std::size_t max_updates = 100;

struct ClassUpdate {
    int rank = 0;               ///< 1..4
    std::optional<bool> locked; ///< Absent: the lock stays.
};

/// `add` comes after what is kept; `remove` never names what `add` does.
struct LabelsUpdate {
    bool replaces_all = false;    ///< A plain array: `add` is all there is afterwards.
    std::vector<std::string> add; ///< Each once.
    std::vector<std::string> remove;
};

struct TagsUpdate {
    bool replaces_all = false; ///< A plain map: `add` is all there is afterwards.
    std::map<std::string, std::string> add;
    std::vector<std::string> remove;
};

/// What a client wants of one asset (contract.md §6): at least one of three.
struct AssetUpdate {
    std::string pointer; ///< Of the resource object in the body: `/data`, `/data/57`.
    std::string type;
    std::string id; ///< As spelled; not necessarily a UUID.
    std::optional<ClassUpdate> asset_class;
    std::optional<LabelsUpdate> labels;
    std::optional<TagsUpdate> tags;
};

/// Reads the body of operation 3: `{"data": {"type", "id", "attributes"}}`. Throws
/// Error(body_syntax, body_invalid) with the pointer of the first member at fault;
/// a missing member is pointed at where it would be.
AssetUpdate read_update(std::string_view body);

/// Reads the body of operation 1, the same with `data` an array of 1..100 with
/// different ids. Throws as `read_update` does.
std::vector<AssetUpdate> read_updates(std::string_view body);

} // namespace inventory
