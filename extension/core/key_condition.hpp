#pragma once

#include "core/catalogue.hpp"
#include "core/rsql_tree.hpp"

#include <string>
#include <string_view>

namespace inventory {

/// In whose assets a condition searches, as SQL: what the keys of assets name
/// (core/asset_keys.hpp), so that the index of keys can answer it.
struct KeyScope {
    std::string tenant;           ///< The id of the tenant.
    std::string seen_in = "null"; ///< The id of the group or org, if there is one.
};

/// The condition that holds of all assets in the scope, and of some that are not.
std::string scope_key_condition(const KeyScope &scope);

/// The condition that holds of all assets in the scope that a search for `term` finds,
/// and of some that it does not; empty when the term is too short to have keys. `folded`
/// is SQL for the term in lower case.
std::string term_key_condition(const KeyScope &scope, std::string_view term,
                               std::string_view folded);

/// Whether what matches the filter is found by the keys of a term, and the scope's with
/// them.
bool is_found_by_term(const RsqlNode &filter, const Catalogue &catalogue);

} // namespace inventory
