#pragma once

#include "core/asset_keys.hpp"
#include "core/binder.hpp"
#include "core/catalogue.hpp"
#include "core/rsql_tree.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inventory {

/// A condition over the keys of assets (core/asset_keys.hpp): it holds of all that a
/// selection holds of, and perhaps of more. It stands beside the selection's own condition,
/// never inside of it: so the index answers it and no row pays for computing its keys.
struct KeyCondition {
    enum class Kind {
        none,         ///< No key finds all of them.
        term,         ///< All keys of `term`, and of the scope if `covers_scope`.
        alternatives, ///< One of the alternative keys of `term`.
        any,          ///< One of `keys`.
        values,       ///< One of `values` in the index of a sort by a text.
        classes,      ///< One of `ranks`; nothing finds them, but a row can be tested.
        every,        ///< All of `parts`.
        some,         ///< One of `parts`.
    };

    Kind kind = Kind::none;
    std::string term; ///< As it was asked for: its case is not folded.
    std::vector<AssetKey> keys;
    std::vector<std::string> values; ///< Sorted, as the keys are, and each once.
    std::uint32_t index = 0; ///< The OID of that of the values.
    std::uint32_t ranks = 0; ///< Bit n stands for the rank n of a class.
    std::vector<KeyCondition> parts;
    bool covers_scope = false; ///< Whether only assets in the scope have the keys.

    bool empty() const noexcept { return kind == Kind::none; }
};

/// What the keys say of the assets of a tenant that were seen in a scope and that a filter
/// holds of. The filter is one that write_condition accepts. With `for_sieve` it may have
/// values of an index and classes, which a statement finds without.
KeyCondition key_condition(const Uuid &tenant, const std::optional<Uuid> &seen_in,
                           const std::optional<RsqlNode> &filter, const Catalogue &catalogue,
                           bool for_sieve = false);

/// Whether lists of places tell where it may hold.
bool has_list(const KeyCondition &condition) noexcept;

/// Whether a comparison asks for values that the index of a sort by a text finds.
bool asks_for_values(const RsqlNode &comparison, const Catalogue &catalogue);

/// Writes one that is not empty and not for the sieve. `tenant` and `seen_in` are SQL for the ids,
/// `null` for none.
std::string write_key_condition(const KeyCondition &condition, std::string_view tenant,
                                std::string_view seen_in, Binder &binder);

/// Whether no comparison of the filter has another index than that of the keys.
bool compares_only_keys(const RsqlNode &filter, const Catalogue &catalogue);

} // namespace inventory
