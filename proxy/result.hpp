#pragma once

#include <libpq-fe.h>

#include <memory>

namespace inventory::proxy {

struct ClearResult {
    void operator()(PGresult *result) const { PQclear(result); }
};

/// Owns a result of libpq.
using Result = std::unique_ptr<PGresult, ClearResult>;

} // namespace inventory::proxy
