#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace inventory {

/// How a field's values compare and how an attribute is written.
enum class FieldKind {
    text,
    type,        ///< Enumeration of the registered asset types.
    asset_class, ///< A..D, stored as a rank of 1..4.
    time,
    integer,
    bigint,
    number,  ///< Only of tables outside of the inventory (rsql_to_sql).
    boolean, ///< Only of tables outside of the inventory (rsql_to_sql).
    uuid,
    array,  ///< text[]
    object, ///< jsonb, a flat map of strings
    search, ///< The column that `q` searches.
    json,   ///< Written as it is; not filtered.
    issues, ///< Four counts by severity.
};

/// Which lists a field can sort.
enum class SortScope { none, list, search };

/// A row of the catalogue: a field that is filtered, sorted or grouped, an
/// attribute that is shown, or both.
struct Field {
    std::string name;
    std::string id; ///< UUID, fixed for ever.
    FieldKind kind = FieldKind::text;
    std::string source; ///< SQL that reads the value; null when missing.
    std::vector<std::string>
        total; ///< SQL of the sort keys: never null, a missing value is greatest.
    bool all_types = true;
    std::vector<std::string> asset_types; ///< The types that have it, unless all_types.
    bool is_attribute = false;
    bool is_filter = false;
    bool by_key_only = false; ///< An object that filters name with a key: `image_labels.<key>`.
    bool is_group = false;
    bool has_values = false;
    SortScope sort = SortScope::none;
    std::string description;
    bool nullable = true;    ///< Whether `source` can be null.
    bool is_indexed = false; ///< Whether an index holds a tenant's assets by the one sort key.
    std::uint32_t index = 0; ///< The OID of our own such index (sql/51_indexes.sql); 0: it is gone.

    bool belongs_to(std::string_view type) const noexcept;
};

/// The asset types and their fields (design.md §5). Loaded from the tables
/// inventory.asset_type and inventory.asset_field; whoever holds one knows when
/// to load it again.
struct Catalogue {
    std::vector<std::string> types; ///< In code-point order.
    std::vector<Field> fields;      ///< In the order in which attributes are shown.
    bool is_distributed = false;    ///< Whether the tables may be spread over servers (Citus).

    const Field *find(std::string_view name) const noexcept;
    const Field *find_id(std::string_view id) const noexcept;
    bool has_type(std::string_view name) const noexcept;
    /// Whether the field belongs to at least one registered type.
    bool is_live(const Field &field) const noexcept;
};

/// The kind of this name in the catalogue, or nothing.
std::optional<FieldKind> field_kind(std::string_view name) noexcept;

/// How clients see the kind of a field: string, datetime, array, object or integer
/// (contract.md §9).
std::string_view public_kind(FieldKind kind) noexcept;

/// The display names of classes by rank: "A" is rank 1.
std::span<const std::string_view, 4> class_names() noexcept;
/// The rank that stands for "no class" in sort keys and conditions.
inline constexpr int missing_class_rank = 5;
/// The text that stands for a missing one in sort keys; greater than any other.
inline constexpr std::string_view missing_text = "\xF4\x8F\xBF\xBF\xF4\x8F\xBF\xBF";

} // namespace inventory
