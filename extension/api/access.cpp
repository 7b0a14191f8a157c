#include "api/access.hpp"

#include "api/access_cache.hpp"
#include "api/key_uses.hpp"
#include "core/error.hpp"
#include "core/timestamp.hpp"
#include "pg/spi.hpp"

#include <openssl/evp.h>

#include <stdexcept>

namespace inventory::api {
namespace {

constexpr std::string_view editor_role = "editor";

// One look-up: the key by its hash, the scope by its id, and a row for each role that
// the key's principal holds on the scope or above it.
// LATERAL with OFFSET 0 keeps the order of the look-ups: three descents of an index,
// whatever the planner thinks of the sizes.
constexpr std::string_view key_statement =
    "select k.hash, k.principal_id, s.kind, s.tenant_id, b.role, k.tableoid, k.ctid, k.expires_at, "
    "s.tableoid, s.ctid, b.tableoid, b.ctid, b.scope_id from inventory.api_key k "
    "left join lateral (select s.tableoid, s.ctid, s.id, s.kind, s.tenant_id, s.group_id "
    "from inventory.scope s where s.id = $2 offset 0) s on true "
    "left join lateral (select b.tableoid, b.ctid, b.role, b.scope_id from inventory.role_binding "
    "b "
    "where b.principal_id = k.principal_id "
    "and b.scope_id = any(array[s.id, s.group_id, s.tenant_id]) offset 0) b on true "
    "where k.hash = decode($1, 'hex') and k.revoked_at is null "
    "and (k.expires_at is null or k.expires_at > now())";

constexpr std::string_view scope_statement =
    "select s.kind, s.tenant_id from inventory.scope s where s.id = $1";

constexpr std::string_view role_statement =
    "select s.kind, s.tenant_id, b.principal_id, b.role from inventory.scope s "
    "join inventory.role_binding b on b.scope_id = any(array[s.id, s.group_id, s.tenant_id]) "
    "join inventory.principal p on p.id = b.principal_id "
    "join pg_roles r on r.rolname = p.db_role and pg_has_role($2::name, r.oid, 'usage') "
    "where s.id = $1 order by b.role, b.principal_id";

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

std::string hex(std::string_view bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
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

pg::RowVersion version_of(const pg::Row &row, int column) {
    return {DatumGetObjectId(row[column]),
            *reinterpret_cast<ItemPointer>(DatumGetPointer(row[column + 1]))};
}

/// What the columns of `key_statement` say of the rows that it read.
AccessRows rows_of(const pg::Row &row) {
    AccessRows rows{version_of(row, 5),
                    version_of(row, 8),
                    version_of(row, 10),
                    std::string(pg::text_of(row[2])),
                    std::string(pg::text_of(row[4])),
                    pg::uuid_of(row[12]),
                    std::nullopt};
    if (!row.is_null(7)) {
        rows.expires_at = pg::time_of(row[7]);
    }
    return rows;
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
                                    const std::optional<Uuid> &id, bool needs_edit) {
    if (id) {
        const auto kept = kept_access(key_hash, *id);
        if (kept && kept->scope->kind == kind && (kept->can_edit || !needs_edit)) {
            note_key_use(key_hash);
            return kept;
        }
    }
    std::optional<Access> access;
    std::optional<AccessRows> rows;
    const Statement statement{std::string(key_statement),
                              {std::string(key_hash), id.value_or(Uuid{})}};
    pg::query(statement, pg::PlanKind::generic, [&](const pg::Row &row) {
        if (!is_equal_in_constant_time(hex(pg::text_of(row[0])), key_hash)) {
            return;
        }
        if (!access) {
            access.emplace();
            access->principal = pg::uuid_of(row[1]);
        }
        if (id && !row.is_null(4) && pg::text_of(row[2]) == singular(kind)) {
            const bool is_editor = pg::text_of(row[4]) == editor_role;
            if (!rows || (is_editor && !access->can_edit)) {
                rows = rows_of(row);
            }
            access->scope = Scope{kind, *id, pg::uuid_of(row[3])};
            access->can_edit = access->can_edit || is_editor;
        }
    });
    if (access) {
        note_key_use(key_hash);
    }
    if (rows) {
        keep_access(key_hash, *access, *std::move(rows));
    }
    return access;
}

Access access_by_role(ScopeKind kind, const std::optional<Uuid> &id) {
    Access access;
    if (!id) {
        return access;
    }
    // OuterUserId is the role that called; UserId the owner that SECURITY DEFINER runs as.
    const Oid role = GetOuterUserId();
    const auto take = [&](const pg::Row &row) {
        if (pg::text_of(row[0]) == singular(kind)) {
            access.scope = Scope{kind, *id, pg::uuid_of(row[1])};
        }
    };
    if (pg::call(&has_privs_of_role, role, GetUserId())) {
        pg::query({std::string(scope_statement), {*id}}, pg::PlanKind::generic, take);
        access.can_edit = access.scope.has_value();
        return access;
    }
    const std::string name = pg::call(&GetUserNameFromId, role, false);
    pg::query({std::string(role_statement), {*id, name}}, pg::PlanKind::generic,
              [&](const pg::Row &row) {
                  take(row);
                  if (access.scope && !access.principal) { // editor comes first
                      access.principal = pg::uuid_of(row[2]);
                      access.can_edit = pg::text_of(row[3]) == editor_role;
                  }
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
    // Fetched and set up once: OpenSSL 3 takes longer to find the algorithm than to run it.
    static EVP_MD_CTX *const context = [] {
        EVP_MD_CTX *const made = EVP_MD_CTX_new();
        const EVP_MD *const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
        return algorithm != nullptr && EVP_DigestInit_ex2(made, algorithm, nullptr) == 1 ? made
                                                                                         : nullptr;
    }();
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (context == nullptr || EVP_DigestInit_ex2(context, nullptr, nullptr) != 1 ||
        EVP_DigestUpdate(context, text.data(), text.size()) != 1 ||
        EVP_DigestFinal_ex(context, digest, &size) != 1) {
        throw std::runtime_error("SHA-256 is not available");
    }
    return hex({reinterpret_cast<const char *>(digest), size});
}

} // namespace inventory::api
