#include "api/error_code.hpp"

namespace inventory::api {

Code code_of(const ErrorData &data) noexcept {
    switch (data.sqlerrcode) {
    case ERRCODE_QUERY_CANCELED:
    case ERRCODE_LOCK_NOT_AVAILABLE:
        return Code::deadline;
    case ERRCODE_T_R_DEADLOCK_DETECTED:
    case ERRCODE_T_R_SERIALIZATION_FAILURE:
        return Code::busy;
    case ERRCODE_DISK_FULL:
    case ERRCODE_OUT_OF_MEMORY:
    case ERRCODE_TOO_MANY_CONNECTIONS:
    case ERRCODE_CONFIGURATION_LIMIT_EXCEEDED:
    case ERRCODE_READ_ONLY_SQL_TRANSACTION:
        return Code::unavailable;
    default:
        return Code::internal;
    }
}

} // namespace inventory::api
