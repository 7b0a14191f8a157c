#include "pg/deadline.hpp"

#include "pg/guard.hpp"

namespace inventory::pg {
namespace {

void arm(int milliseconds) {
    const TimestampTz end = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), milliseconds);
    if (!get_timeout_active(STATEMENT_TIMEOUT) ||
        get_timeout_finish_time(STATEMENT_TIMEOUT) > end) {
        enable_timeout_after(STATEMENT_TIMEOUT, milliseconds);
    }
}

} // namespace

void arm_deadline(int milliseconds) {
    call(&arm, milliseconds);
}

} // namespace inventory::pg
