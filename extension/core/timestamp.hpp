#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace inventory {

/// Microseconds since 1970-01-01T00:00:00Z (proleptic Gregorian).
using UnixMicros = std::int64_t;

/// Reads a time as rsql.md rule 13 spells it: `YYYY-MM-DD` (midnight UTC) or
/// `YYYY-MM-DDThh:mm[:ss[.1-9 digits]][Z|±hh:mm]`; no zone is UTC; real dates of
/// years 1..9999; digits past microseconds are cut. Hours 00..23, minutes and
/// seconds 00..59, offsets up to ±23:59; upper-case T and Z. Nothing else.
std::optional<UnixMicros> parse_timestamp(std::string_view text) noexcept;

/// Reads `YYYY-MM-DD`: days since 1970-01-01, or nothing when it is no real date.
std::optional<std::int64_t> parse_date(std::string_view text) noexcept;

/// Appends RFC 3339 in UTC: `2024-05-01T10:00:00Z`, six digits of fraction when
/// they are not zero (contract.md §4). Years 1..9999.
void append_timestamp(std::string &out, UnixMicros time);

} // namespace inventory
