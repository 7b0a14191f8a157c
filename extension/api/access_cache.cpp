#include "api/access_cache.hpp"

#include "pg/spi.hpp"

#include <array>
#include <string>
#include <unordered_map>

namespace inventory::api {
namespace {

constexpr std::size_t most_entries = 256;

struct Kept {
    Access access;
    AccessRows rows;
};

std::unordered_map<std::string, Kept> &entries() {
    static std::unordered_map<std::string, Kept> map;
    return map;
}

std::string entry_name(std::string_view key_hash, const Uuid &scope) {
    return std::string(key_hash) + std::string(bytes_of(scope));
}

AttrNumber column(Oid table, const char *name) {
    return pg::call(&get_attnum, table, name);
}

std::string unhex(std::string_view digits) {
    std::string out;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
        const auto value = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
        out += static_cast<char>(value(digits[i]) << 4 | value(digits[i + 1]));
    }
    return out;
}

bool is_expired(const AccessRows &rows) {
    return rows.expires_at &&
           *rows.expires_at <=
               pg::time_of(TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()));
}

/// A key's row changes when it is revoked or its expiry moves: its version is gone then.
bool is_unchanged(std::string_view key_hash, const Kept &kept) {
    const AccessRows &rows = kept.rows;
    const std::string hash = unhex(key_hash);
    const std::array key{pg::Expected{column(rows.key.table, "hash"), hash}};
    const std::array scope{
        pg::Expected{column(rows.scope.table, "id"), bytes_of(kept.access.scope->id)},
        pg::Expected{column(rows.scope.table, "kind"), rows.scope_kind}};
    const std::array binding{
        pg::Expected{column(rows.binding.table, "principal_id"), bytes_of(*kept.access.principal)},
        pg::Expected{column(rows.binding.table, "scope_id"), bytes_of(rows.bound_scope)},
        pg::Expected{column(rows.binding.table, "role"), rows.role}};
    return pg::is_still(rows.key, key) && pg::is_still(rows.scope, scope) &&
           pg::is_still(rows.binding, binding);
}

} // namespace

std::optional<Access> kept_access(std::string_view key_hash, const Uuid &scope) {
    const auto found = entries().find(entry_name(key_hash, scope));
    if (found == entries().end()) {
        return std::nullopt;
    }
    if (is_expired(found->second.rows) || !is_unchanged(key_hash, found->second)) {
        entries().erase(found);
        return std::nullopt;
    }
    return found->second.access;
}

void keep_access(std::string_view key_hash, const Access &access, AccessRows rows) {
    if (!access.scope || pg::may_be_distributed()) {
        return;
    }
    if (entries().size() >= most_entries) {
        entries().clear();
    }
    entries()[entry_name(key_hash, access.scope->id)] = Kept{access, std::move(rows)};
}

} // namespace inventory::api
