#pragma once

#include <cstdint>
#include <string_view>

namespace inventory::api {

/// The one release of the API (contract.md §3).
inline constexpr std::string_view release_date = "2024-10-15";
inline constexpr std::string_view release_stage = "beta";
inline constexpr std::string_view release = "2024-10-15~beta";

/// Reads a version, a date up to today (UTC), as days since 1970-01-01. Throws
/// Error(version_invalid).
std::int64_t read_version_date(std::string_view text);

/// Throws Error(version_unknown) when no release is as old as that day.
void check_release(std::int64_t date);

} // namespace inventory::api
