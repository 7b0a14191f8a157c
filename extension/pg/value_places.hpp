#pragma once

#include "core/place_set.hpp"
#include "core/uuid.hpp"
#include "pg/relation.hpp"

#include <string>
#include <vector>

namespace inventory::pg {

/// Whether it is an index of the server's own kind that holds all rows of the table by tenant
/// and the text of a column as it is.
bool can_read_values(const OpenRelation &table, const OpenRelation &index);

/// About how many rows of the table, of all tenants, have one of the texts, as the last ANALYZE
/// knows it. The texts are sorted, and each is there once.
double rows_with_values(const OpenRelation &table, const OpenRelation &index,
                        const std::vector<std::string> &values);

/// Adds the places of the tenant's rows that have the text, without a row read: all of them, or
/// those that are `among` others, too. Finds what the active snapshot sees, and places of which
/// it sees nothing.
void read_value(const OpenRelation &table, const OpenRelation &index, const Uuid &tenant,
                const std::string &value, const PlaceSet *among, PlaceSet &out);

} // namespace inventory::pg
