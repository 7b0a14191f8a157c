#include "api/row_position.hpp"

#include "pg/datum.hpp"

namespace inventory::api {

Position position_of(const pg::Row &row, const Sort &sort) {
    Position position;
    int column = 0;
    for (const SortKey &key : sort.keys) {
        if (key.kind == FieldKind::time) {
            position.keys.emplace_back(TimeParam{pg::time_of(row[column])});
        } else if (key.kind == FieldKind::integer) {
            position.keys.emplace_back(static_cast<std::int64_t>(DatumGetInt32(row[column])));
        } else {
            position.keys.emplace_back(std::string(pg::text_of(row[column])));
        }
        ++column;
    }
    position.id = pg::uuid_of(row[column]);
    return position;
}

} // namespace inventory::api
