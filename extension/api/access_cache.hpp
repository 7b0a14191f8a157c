#pragma once

#include "api/access.hpp"
#include "pg/row_version.hpp"

#include <optional>
#include <string_view>

namespace inventory::api {

/// The rows that a look-up of a key read: what it granted holds while they are there.
struct AccessRows {
    pg::RowVersion key;
    pg::RowVersion scope;
    pg::RowVersion binding;
    std::string scope_kind;
    std::string role;
    Uuid bound_scope{};
    std::optional<UnixMicros> expires_at;
};

/// The access that this session found for the key and the scope, if each row that it
/// was read from is still the same; nothing otherwise, then it is looked up again. A
/// later grant may allow more: what is found here allows at least this much.
std::optional<Access> kept_access(std::string_view key_hash, const Uuid &scope);

/// Keeps an access that a look-up found. Bounded by 256 entries of a session; all go
/// when it is full. Does nothing where Citus keeps the rows elsewhere.
void keep_access(std::string_view key_hash, const Access &access, AccessRows rows);

} // namespace inventory::api
