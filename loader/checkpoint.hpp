#pragma once

#include "loader/documents.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace inventory::loader {

/// What became of the documents so far.
struct Counts {
    std::uint64_t documents = 0;
    std::uint64_t inserted = 0; ///< Assets; a document may be several.
    std::uint64_t updated = 0;
    std::uint64_t unchanged = 0;
    std::uint64_t rejected = 0;
};

/// How far a load has come: everything before is committed.
struct Checkpoint {
    std::string scope;
    std::vector<std::string> inputs;
    std::size_t input = 0; ///< The number of inputs that are done.
    Place place;           ///< In the next one.
    std::uint64_t rejects_size = 0;
    Counts counts;
};

/// Nothing when there is no such file. Throws std::runtime_error when it is none of
/// ours, or of a load of other inputs or into another scope than `wanted`.
std::optional<Checkpoint> read_checkpoint(const std::string &path, const Checkpoint &wanted);

/// Replaces the file as a whole. Throws std::system_error.
void write_checkpoint(const std::string &path, const Checkpoint &checkpoint);

} // namespace inventory::loader
