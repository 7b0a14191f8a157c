#pragma once

#include "core/value_query.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace inventory {

/// What the dictionary of facets holds of one field in one scope. Deltas are changes
/// that are not compacted: without any, the dictionary alone answers.
struct FacetFacts {
    bool is_counted = false; ///< Whether the triggers count the field.
    bool has_deltas = false;
    std::vector<std::string> types; ///< Of the assets there; a few more do no harm.
};

/// How a page of values is read from the dictionary.
enum class FacetPath {
    ordered,   ///< The index of the order, page by page.
    walk,      ///< At most `facet_walk` values in order, of which those that match `contains`.
    matched,   ///< The trigram index for `contains`, then the top of the order.
    aggregate, ///< All values of the field, for orders without an index.
};

/// Values that a walk reads: what it costs at most is a few milliseconds.
inline constexpr int facet_walk = 2000;

/// The field of the dictionary that holds what the request lists; `tags#keys` is the
/// keys of `tags`.
std::string facet_field(const ValueRequest &request);

/// Whether the dictionary holds what the request asks for, provided that its field is
/// counted: values and their counts, under no filter.
bool is_facet_request(const ValueRequest &request) noexcept;

/// The paths to try, in this order. A walk has answered when its page is full and
/// shows what lies behind the position; the last path always has.
std::vector<FacetPath> facet_paths(const ValueRequest &request, const FacetFacts &facts);

/// One row: the members of FacetFacts.
Statement facet_facts_statement(const ValueRequest &request);

/// Writes the statement of a page of values, with the columns of `value_statement`.
Statement facet_statement(const ValueRequest &request, const FacetFacts &facts, FacetPath path);

/// The number of assets of a tenant, or of those seen in one of its scopes, of some
/// types (nothing: all).
Statement facet_count_statement(const Uuid &tenant, const std::optional<Uuid> &seen_in,
                                const std::optional<std::vector<std::string>> &types);

} // namespace inventory
