#pragma once

#include "core/sort.hpp"
#include "pg/spi.hpp"

namespace inventory::api {

/// The place of a row in an order; its first columns are the sort keys and `a.id`.
Position position_of(const pg::Row &row, const Sort &sort);

} // namespace inventory::api
