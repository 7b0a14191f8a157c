#include "proxy/result.hpp"

namespace inventory::proxy {
namespace {

std::string_view field_of(const PGresult *result, int field) {
    const char *text = PQresultErrorField(result, field);
    return text == nullptr ? std::string_view() : text;
}

} // namespace

bool is_error(const PGresult *result) {
    return result != nullptr && PQresultStatus(result) == PGRES_FATAL_ERROR;
}

std::string_view sqlstate_of(const PGresult *result) {
    const auto state = field_of(result, PG_DIAG_SQLSTATE);
    return state.empty() ? "XX000" : state;
}

bool is_stale(const PGresult *result) {
    if (!is_error(result)) {
        return false;
    }
    const auto state = sqlstate_of(result);
    return state == "26000" || (state == "0A000" && field_of(result, PG_DIAG_SOURCE_FUNCTION) ==
                                                        "RevalidateCachedQuery");
}

bool is_session_over(const PGresult *result) {
    return is_error(result) && field_of(result, PG_DIAG_SEVERITY_NONLOCALIZED) == "FATAL";
}

} // namespace inventory::proxy
