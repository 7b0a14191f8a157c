// The keys of assets and of terms (core/asset_keys.hpp). They run once a row that is
// written, so they are written against the server's C interface: one gate, no C++ object
// alive inside.

#include "api/key_statistics.hpp"
#include "core/asset_keys.hpp"
#include "core/key_choice.hpp"
#include "pg/elements.hpp"
#include "pg/guard.hpp"

#include <algorithm>

using namespace inventory;

namespace {

AssetKey *make_keys(std::size_t most) {
    return static_cast<AssetKey *>(palloc(most * sizeof(AssetKey)));
}

Datum array_of(AssetKey *keys, std::size_t count) {
    static_assert(FLOAT8PASSBYVAL && sizeof(Datum) == sizeof(AssetKey));
    return PointerGetDatum(construct_array(reinterpret_cast<Datum *>(keys), static_cast<int>(count),
                                           INT8OID, sizeof(AssetKey), true, TYPALIGN_DOUBLE));
}

UuidBytes uuid_argument(FunctionCallInfo fcinfo, int n) {
    return PG_GETARG_UUID_P(n)->data;
}

/// The bytes as they lie in the argument.
std::string_view text_argument(FunctionCallInfo fcinfo, int n) {
    const text *value = PG_GETARG_TEXT_PP(n);
    return {VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)};
}

std::size_t items_of(ArrayType *array) {
    return static_cast<std::size_t>(ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)));
}

/// The columns of members are the arguments from here on, in the order of MemberColumn.
constexpr int first_member_argument = 3;

int argument_of(MemberColumn column) {
    return first_member_argument + static_cast<int>(column) -
           static_cast<int>(MemberColumn::labels);
}

template <typename Each>
void for_each_column(Each each) {
    for (int n = static_cast<int>(MemberColumn::labels);
         n <= static_cast<int>(MemberColumn::image_labels); ++n) {
        each(static_cast<MemberColumn>(n));
    }
}

bool is_object(MemberColumn column) {
    return column == MemberColumn::tags || column == MemberColumn::image_labels;
}

std::size_t most_member_keys(FunctionCallInfo fcinfo) {
    std::size_t most = 0;
    for_each_column([&](MemberColumn column) {
        const int n = argument_of(column);
        most += is_object(column) ? 2 * JB_ROOT_COUNT(PG_GETARG_JSONB_P(n))
                                  : items_of(PG_GETARG_ARRAYTYPE_P(n));
    });
    return most;
}

/// The keys of the object, and those with their values that are strings.
void add_members(Jsonb *object, MemberColumn column, AssetKeyWriter &writer) {
    if (!JB_ROOT_IS_OBJECT(object)) {
        return;
    }
    JsonbIterator *it = JsonbIteratorInit(&object->root);
    JsonbValue value;
    std::string_view key;
    JsonbIteratorToken token;
    const auto text = [&value]() -> std::string_view {
        return {value.val.string.val, static_cast<std::size_t>(value.val.string.len)};
    };
    while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE) {
        if (token == WJB_KEY) {
            key = text();
            writer.add_member(column, key);
        } else if (token == WJB_VALUE && value.type == jbvString) {
            writer.add_pair(column, key, text());
        }
    }
}

Datum asset_keys(FunctionCallInfo fcinfo) {
    ArrayType *const array = PG_GETARG_ARRAYTYPE_P(1);
    // A column of scopes holds no null (asset_scopes), so its elements lie in a row.
    const std::size_t scopes = array_contains_nulls(array) ? 0 : items_of(array);
    const std::string_view search = text_argument(fcinfo, 2);
    AssetKey *const keys =
        make_keys(1 + scopes + most_text_keys(search.size()) + most_member_keys(fcinfo));
    AssetKeyWriter writer(uuid_argument(fcinfo, 0), keys);
    writer.add_tenant();
    const auto *scope = reinterpret_cast<const std::uint8_t *>(ARR_DATA_PTR(array));
    for (std::size_t i = 0; i < scopes; ++i, scope += UUID_LEN) {
        writer.add_scope(scope);
    }
    writer.add_text(search);
    for_each_column([&](MemberColumn column) {
        const int n = argument_of(column);
        if (is_object(column)) {
            add_members(PG_GETARG_JSONB_P(n), column, writer);
            return;
        }
        pg::every_text(PG_GETARG_ARRAYTYPE_P(n), [&](std::string_view item) {
            writer.add_member(column, item);
            return true;
        });
    });
    return array_of(keys, writer.finish());
}

/// Leaves the keys that pay, in any order.
std::size_t choose(AssetKey *keys, std::size_t count, AssetKey tenant) {
    const api::KeyStatistics statistics;
    auto *const uses = static_cast<KeyUse *>(palloc(count * sizeof(KeyUse)));
    auto *const all = make_keys(count);
    std::copy(keys, keys + count, all);
    for (std::size_t i = 0; i < count; ++i) {
        uses[i] = {i, statistics.assets(keys[i])};
    }
    const std::size_t chosen =
        choose_keys({uses, count}, statistics.assets(tenant), statistics.least_assets());
    for (std::size_t i = 0; i < chosen; ++i) {
        keys[i] = all[uses[i].place];
    }
    return chosen;
}

Datum find_keys(FunctionCallInfo fcinfo) {
    if (PG_ARGISNULL(0)) {
        PG_RETURN_NULL();
    }
    const UuidBytes tenant = uuid_argument(fcinfo, 0);
    const std::string_view term = PG_ARGISNULL(2) ? std::string_view() : text_argument(fcinfo, 2);
    AssetKey tenant_key = 0;
    AssetKeyWriter(tenant, &tenant_key).add_tenant();
    AssetKey *const keys = make_keys(1 + most_term_keys(term.size()));
    std::size_t count = term_keys(tenant, term, keys);
    if (!PG_ARGISNULL(1)) {
        AssetKeyWriter(tenant, keys + count++).add_scope(uuid_argument(fcinfo, 1));
    }
    if (count == 0) {
        keys[count++] = tenant_key;
    }
    return array_of(keys, count == 1 ? count : choose(keys, count, tenant_key));
}

Datum find_alternative_keys(FunctionCallInfo fcinfo) {
    const UuidBytes tenant = uuid_argument(fcinfo, 0);
    const std::string_view term = text_argument(fcinfo, 1);
    AssetKey *const keys = make_keys(most_alternative_keys);
    if (!has_alternative_keys(term)) {
        AssetKeyWriter(tenant, keys).add_tenant();
        return array_of(keys, 1);
    }
    return array_of(keys, alternative_keys(tenant, term, keys));
}

} // namespace

/// asset_keys(tenant_id, scope_ids, search, labels, tags, image_tags, manifest_digests,
/// index_digests, image_labels): what the index of filters finds an asset by.
SQL_FUNCTION(inventory_asset_keys) {
    return pg::call(&asset_keys, fcinfo);
}

/// find_keys(tenant_id, scope_id, term): what all must have that may match.
SQL_FUNCTION(inventory_find_keys) {
    return pg::call(&find_keys, fcinfo);
}

/// find_alternative_keys(tenant_id, term): of which one must.
SQL_FUNCTION(inventory_find_alternative_keys) {
    return pg::call(&find_alternative_keys, fcinfo);
}
