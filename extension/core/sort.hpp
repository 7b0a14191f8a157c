#pragma once

#include "core/binder.hpp"
#include "core/catalogue.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace inventory {

class JsonWriter;

/// One key of an ordering, as SQL over the row `a`: total, so never null.
struct SortKey {
    std::string sql;
    FieldKind kind = FieldKind::text; ///< text, integer or time decide how a cursor holds it.
    bool descending = false;
};

/// An ordering of assets: the requested fields, then the id in the direction of
/// the last, so that one index serves both directions.
struct Sort {
    std::string canonical; ///< `-created_at,class`; a cursor remembers it.
    std::vector<SortKey>
        keys;       ///< Without the id, and without a type before others when there is one type.
    int fields = 0; ///< That the keys come from.
    bool is_indexed = false; ///< Whether an index holds a tenant's assets in this order.
    std::uint32_t index = 0; ///< The OID of the one that we made for it, if that is there.

    bool is_descending_id() const noexcept { return !keys.empty() && keys.back().descending; }
    /// Whether the index of the first field leads along this order in short steps: it
    /// is the only field, or few assets share a value of it. Else the first row needs
    /// the sort of all that share one.
    bool is_walkable() const noexcept;
    /// Whether all keys and the id run the same way, so that a row comparison pages them.
    bool is_uniform() const noexcept;
};

inline constexpr std::string_view default_sort = "created_at";

/// Reads a sort parameter (contract.md §5): a comma list, `-` for descending;
/// `asset_class` is `class`. `scope` says which fields are open. Throws
/// Error(sort_invalid) for an unknown or doubled field and an empty item.
Sort parse_sort(std::string_view text, const Catalogue &catalogue, SortScope scope);

/// A place between two rows of an ordering.
struct Position {
    std::vector<Param> keys; ///< One a sort key.
    Uuid id{};
    bool is_inclusive = false; ///< The row itself lies on the far side: it is part of the page.

    /// Whether both are the place of one row.
    bool is_at(const Position &other) const noexcept {
        return id == other.id && keys == other.keys;
    }
};

/// One key of a position in the payload of a cursor: a text (null: missing) or an
/// integer, a time as microseconds. Reading throws Error(cursor_invalid) for what no
/// server wrote.
void write_cursor_key(JsonWriter &json, const Param &key);
Param read_cursor_key(const nlohmann::json &value, FieldKind kind);

/// The payload of a cursor for a row, see `encode_cursor`.
std::string position_payload(const Sort &sort, const Position &position);

/// Reads a payload. Throws Error(cursor_invalid) when it was made under another
/// sort or is not one of ours.
Position parse_position(std::string_view payload, const Sort &sort);

/// `k1, k2 desc, a.id desc`; all directions flipped for `backward`.
std::string order_by(const Sort &sort, bool backward);

/// The condition that a row lies beyond `position` in the (flipped) ordering: a
/// row comparison where the directions agree, else nested prefixes behind a bound
/// on the leading key.
std::string write_keyset(const Sort &sort, const Position &position, bool backward, Binder &binder);

} // namespace inventory
