#pragma once

#include "core/place_set.hpp"
#include "core/timestamp.hpp"
#include "core/uuid.hpp"
#include "pg/guard.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inventory::pg {

/// The bytes of a text, json or bytea value. Points into the row, or into a
/// detoasted copy in the current memory context.
std::string_view text_of(Datum value);

/// The UUID of a value.
Uuid uuid_of(Datum value);

/// A place in a table.
Place place_of(Datum value);

/// A time; `infinity` is INT64_MAX, which stands for a missing sort key.
UnixMicros time_of(Datum value);

/// The elements of a text[] that are not null. Point as `text_of` does.
std::vector<std::string_view> texts_of(Datum value);

/// The elements of a uuid[] that are not null.
std::vector<Uuid> uuids_of(Datum value);

/// A jsonb value as JSON text, in the current memory context.
std::string_view jsonb_text(Datum value);

/// Appends a jsonb value as JSON text, as `jsonb_text` has it.
void append_jsonb(Datum value, std::string &out);

Datum text_datum(std::string_view text);
Datum uuid_datum(const Uuid &uuid);
Datum time_datum(UnixMicros time);
Datum jsonb_datum(std::string_view json);

/// A random UUID (version 4), to name a thing; never a secret.
Uuid random_uuid();

/// The argument `n` of an SQL function as text, copied; nothing when it is null.
std::optional<std::string> text_argument(FunctionCallInfo fcinfo, int n);

} // namespace inventory::pg
