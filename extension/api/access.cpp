#include "api/access.hpp"

#include "core/error.hpp"
#include "pg/spi.hpp"

#include <stdexcept>

namespace inventory::api {
namespace {

constexpr int editor_level = 2;

// One look-up: the key by its hash, the scope by its id, and the strongest role
// that the key's principal holds on the scope or above it.
constexpr std::string_view key_statement =
    "select encode(k.hash, 'hex'), k.principal_id, s.kind, s.tenant_id, "
    "(select max(case b.role when 'editor' then 2 else 1 end) from inventory.role_binding b "
    "where b.principal_id = k.principal_id and b.scope_id = any(array[s.id, s.group_id, "
    "s.tenant_id])) "
    "from inventory.api_key k left join inventory.scope s on s.id = $2 "
    "where k.hash = decode($1, 'hex') and k.revoked_at is null and (k.expires_at is null or "
    "k.expires_at > now())";

constexpr std::string_view role_statement =
    "select s.kind, s.tenant_id, b.principal_id, b.level, "
    "pg_has_role($1::name, e.extowner, 'usage') "
    "from pg_extension e left join inventory.scope s on s.id = $2 "
    "left join lateral (select b.principal_id, max(case b.role when 'editor' then 2 else 1 end) as "
    "level "
    "from inventory.role_binding b join inventory.principal p on p.id = b.principal_id "
    "join pg_roles r on r.rolname = p.db_role and pg_has_role($1::name, r.oid, 'usage') "
    "where b.scope_id = any(array[s.id, s.group_id, s.tenant_id]) group by 1 order by 2 desc, 1 "
    "limit 1) b on true "
    "where e.extname = 'asset_inventory'";

std::string_view singular(ScopeKind kind) noexcept {
    switch (kind) {
    case ScopeKind::tenant:
        return "tenant";
    case ScopeKind::group:
        return "group";
    case ScopeKind::org:
        break;
    }
    return "org";
}

/// Equality whose time does not depend on where the texts differ.
bool is_equal_in_constant_time(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) {
        return false;
    }
    unsigned difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        difference |= static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^
                                            static_cast<unsigned char>(b[i]));
    }
    return difference == 0;
}

/// Postgres 15 has no function that hashes in one step.
bool sha256(const std::uint8_t *data, std::size_t size, std::uint8_t *digest) {
    pg_cryptohash_ctx *const context = pg_cryptohash_create(PG_SHA256);
    const bool is_done = pg_cryptohash_init(context) >= 0 &&
                         pg_cryptohash_update(context, data, size) >= 0 &&
                         pg_cryptohash_final(context, digest, PG_SHA256_DIGEST_LENGTH) >= 0;
    pg_cryptohash_free(context);
    return is_done;
}

} // namespace

std::string_view plural(ScopeKind kind) noexcept {
    switch (kind) {
    case ScopeKind::tenant:
        return "tenants";
    case ScopeKind::group:
        return "groups";
    case ScopeKind::org:
        break;
    }
    return "orgs";
}

std::optional<ScopeKind> scope_kind(std::string_view text) noexcept {
    for (const ScopeKind kind : {ScopeKind::tenant, ScopeKind::group, ScopeKind::org}) {
        if (plural(kind) == text) {
            return kind;
        }
    }
    return std::nullopt;
}

std::optional<Access> access_by_key(std::string_view key_hash, ScopeKind kind,
                                    const std::optional<Uuid> &id) {
    std::optional<Access> access;
    const Statement statement{std::string(key_statement),
                              {std::string(key_hash), id.value_or(Uuid{})}};
    pg::query(statement, pg::PlanKind::generic, [&](const pg::Row &row) {
        if (!is_equal_in_constant_time(pg::text_of(row[0]), key_hash)) {
            return;
        }
        access.emplace();
        access->principal = pg::uuid_of(row[1]);
        const bool is_visible =
            !row.is_null(2) && !row.is_null(4) && pg::text_of(row[2]) == singular(kind);
        if (id && is_visible) {
            access->scope = Scope{kind, *id, pg::uuid_of(row[3])};
            access->can_edit = DatumGetInt32(row[4]) >= editor_level;
        }
    });
    return access;
}

Access access_by_role(ScopeKind kind, const std::optional<Uuid> &id) {
    Access access;
    // OuterUserId: the role that called, not the owner that SECURITY DEFINER runs as.
    const char *role = pg::call(&GetUserNameFromId, GetOuterUserId(), false);
    const Statement statement{std::string(role_statement),
                              {std::string(role), id.value_or(Uuid{})}};
    pg::query(statement, pg::PlanKind::generic, [&](const pg::Row &row) {
        const bool is_owner = DatumGetBool(row[4]);
        if (!id || row.is_null(0) || pg::text_of(row[0]) != singular(kind) ||
            (!is_owner && row.is_null(3))) {
            return;
        }
        access.scope = Scope{kind, *id, pg::uuid_of(row[1])};
        if (!row.is_null(2)) {
            access.principal = pg::uuid_of(row[2]);
        }
        access.can_edit = is_owner || DatumGetInt32(row[3]) >= editor_level;
    });
    return access;
}

void throw_unknown_scope() {
    throw Error(Code::scope_unknown, "There is no such scope, or it is not yours to read.");
}

void check_access(const Access &access, bool needs_edit) {
    if (!access.scope) {
        throw_unknown_scope();
    }
    if (needs_edit && !access.can_edit) {
        throw Error(Code::forbidden, "The key may read this scope, not edit it.",
                    "Ask for the role editor on the scope or above it.");
    }
}

Access require_scope(std::string_view scope, bool needs_edit) {
    const std::size_t slash = scope.find('/');
    const auto kind = scope_kind(scope.substr(0, slash));
    if (!kind || slash == std::string_view::npos) {
        throw Error(Code::parameter_invalid,
                    "A scope is spelled tenants/<uuid>, groups/<uuid> or orgs/<uuid>.")
            .in_parameter("scope");
    }
    Access access = access_by_role(*kind, parse_uuid(scope.substr(slash + 1)));
    check_access(access, needs_edit);
    return access;
}

std::string sha256_hex(std::string_view text) {
    std::uint8_t digest[PG_SHA256_DIGEST_LENGTH];
    if (!pg::call(&sha256, reinterpret_cast<const std::uint8_t *>(text.data()), text.size(),
                  &digest[0])) {
        throw std::runtime_error("SHA-256 is not available");
    }
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (const std::uint8_t byte : digest) {
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

} // namespace inventory::api
