#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string_view>

namespace inventory::proxy {

struct ClearResult {
    void operator()(PGresult *result) const { PQclear(result); }
};

/// Owns a result of libpq.
using Result = std::unique_ptr<PGresult, ClearResult>;

bool is_error(const PGresult *result);

/// The SQLSTATE of an error; XX000 when libpq made the error itself.
std::string_view sqlstate_of(const PGresult *result);

/// Whether the plan or the prepared statement is gone or has changed its columns:
/// the session has to prepare again, and the statement did not run.
bool is_stale(const PGresult *result);

/// Whether an error is the session's last word: of an administrator, of a shutdown.
bool is_session_over(const PGresult *result);

} // namespace inventory::proxy
