#pragma once

#include "core/error.hpp"
#include "pg/postgres.hpp"

namespace inventory::api {

/// What became of a Postgres error: a deadline or an outage has its own status,
/// all else is a bug. The server's log holds the rest.
Code code_of(const ErrorData &data) noexcept;

} // namespace inventory::api
