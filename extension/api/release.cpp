#include "api/release.hpp"

#include "core/error.hpp"
#include "core/timestamp.hpp"
#include "core/utf8.hpp"
#include "pg/guard.hpp"

namespace inventory::api {
namespace {

std::int64_t today() {
    // Days since 1970-01-01 in UTC.
    constexpr std::int64_t micros_a_day = 86400000000;
    constexpr std::int64_t epoch_days = POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE;
    return pg::call(&GetCurrentTimestamp) / micros_a_day + epoch_days;
}

} // namespace

std::int64_t read_version_date(std::string_view text) {
    const auto date = parse_date(text);
    if (!date || *date > today()) {
        throw Error(Code::version_invalid,
                    "The version " + quote_for_message(text) +
                        (date ? " lies in the future." : " is not a date."),
                    "Send a date YYYY-MM-DD up to today (UTC), for example " +
                        std::string(release_date) + '.');
    }
    return *date;
}

void check_release(std::int64_t date) {
    if (date < *parse_date(release_date)) {
        throw Error(Code::version_unknown, "There is no matching version: the first release is " +
                                               std::string(release) + '.');
    }
}

} // namespace inventory::api
