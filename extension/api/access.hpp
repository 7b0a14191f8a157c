#pragma once

#include "core/uuid.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace inventory::api {

enum class ScopeKind { tenant, group, org };

/// The scope of a request, resolved.
struct Scope {
    ScopeKind kind = ScopeKind::tenant;
    Uuid id{};
    Uuid tenant{};

    /// The scope that narrows the tenant's assets; nothing for the tenant itself.
    std::optional<Uuid> seen_in() const {
        return kind == ScopeKind::tenant ? std::nullopt : std::optional(id);
    }
};

/// Who asks, and what they may do in the scope that they ask for.
struct Access {
    std::optional<Uuid> principal; ///< Nothing for the owner of the extension.
    std::optional<Scope> scope;    ///< Nothing when it does not exist or may not be read.
    bool can_edit = false;
};

/// Spells a kind as URLs do: "tenants", "groups", "orgs".
std::string_view plural(ScopeKind kind) noexcept;
std::optional<ScopeKind> scope_kind(std::string_view plural) noexcept;

/// Checks an API key and looks the scope and the permission up, in one statement.
/// `key_hash` is the lower-case hex of the key's SHA-256. Nothing when the key is
/// unknown, expired or revoked. Must be called inside of an Spi. A look-up that the
/// session made before is taken again while the rows that it read are unchanged
/// (access_cache.hpp).
std::optional<Access> access_by_key(std::string_view key_hash, ScopeKind kind,
                                    const std::optional<Uuid> &id, bool needs_edit);

/// The same for the database role that called the SQL function: the principals
/// bound to it, or to a role whose privileges it has. A superuser and whoever has
/// the privileges of the extension's owner may do everything.
Access access_by_role(ScopeKind kind, const std::optional<Uuid> &id);

/// Reads `tenants/<uuid>`, `groups/<uuid>`, `orgs/<uuid>`, authorises the calling
/// role and returns its access. Throws Error(scope_unknown, forbidden).
Access require_scope(std::string_view scope, bool needs_edit);

/// The error for a scope that is not there, or not for the caller's eyes.
[[noreturn]] void throw_unknown_scope();

/// Throws Error(scope_unknown) or, when it may only be read, Error(forbidden).
void check_access(const Access &access, bool needs_edit);

/// Lower-case hex of the SHA-256 of `text`.
std::string sha256_hex(std::string_view text);

} // namespace inventory::api
