#pragma once

#include "pg/postgres.hpp"

#include "core/uuid.hpp"

#include <string_view>

namespace inventory::pg {

/// The version 5 UUID of a name in a name space (RFC 9562 §5.5): the same for ever.
Uuid name_uuid(const Uuid &name_space, std::string_view name);

/// The same for code that C calls: it raises ERROR instead of throwing, and may be
/// called only from there or through `call`. Writes 16 bytes to `out`.
void make_name_uuid(const std::uint8_t *name_space, const char *name, std::size_t size,
                    std::uint8_t *out);

} // namespace inventory::pg
