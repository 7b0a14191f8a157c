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
    ties,      ///< The index of frequencies, one number at a time: the value runs against it.
    blocks,    ///< In order the blocks that may hold `contains`; at most a number of them.
    every,     ///< The same without a bound, for what has no trigram.
    matched,   ///< The trigram index for `contains`, then the top of the order.
    aggregate, ///< All values of the field, for orders without an index.
};

/// Blocks of some 256 values that are read before the trigrams are asked: what they cost
/// at most is a few milliseconds.
inline constexpr int facet_blocks = 12;
/// Fewer than so many are read when they are all that may hold the term: to read some in vain
/// and the trigrams then would cost as much.
inline constexpr int facet_all_blocks = 24;
/// Blocks that are read for a term that has no trigram: those that may hold it do, as a rule.
inline constexpr int facet_short_blocks = 256;

/// The field of the dictionary that holds what the request lists; `tags#keys` is the
/// keys of `tags`.
std::string facet_field(const ValueRequest &request);

/// Whether the dictionary holds what the request asks for, provided that its field is
/// counted: values and their counts, under no filter.
bool is_facet_request(const ValueRequest &request) noexcept;

/// The paths to try, in this order. Blocks have answered when they were all that may hold
/// the term, or their page is full and shows what lies behind the position; the last path
/// always has.
std::vector<FacetPath> facet_paths(const ValueRequest &request, const FacetFacts &facts);

/// One row: the members of FacetFacts.
Statement facet_facts_statement(const ValueRequest &request);

/// Writes the statement of a page of values, with the columns of `value_statement`; that
/// of `blocks` and `every` has one more: whether all that may hold the term was read.
Statement facet_statement(const ValueRequest &request, const FacetFacts &facts, FacetPath path);

/// A pattern becomes a list of at most so many values.
inline constexpr int most_known_values = 200;
/// Blocks of a long list that are read to find them.
inline constexpr int facet_match_blocks = 24;

/// The values of a text or array field that match a pattern, at most one more than
/// `most_known_values`, and perhaps a few that no asset has; a null when they are unknown.
Statement facet_match_statement(const Selection &selection, const Field &field,
                                const RsqlValue &pattern);

/// The number of rows of a selection whose filter is at most one equality on a field and
/// one comparison on the type, both of which must hold; nothing when the dictionary does
/// not tell, and no row when it does not count the field.
std::optional<Statement> facet_count_statement(const Selection &selection,
                                               const Catalogue &catalogue);

/// The number of assets of a tenant, or of those seen in one of its scopes, of some
/// types (nothing: all).
Statement facet_count_statement(const Uuid &tenant, const std::optional<Uuid> &seen_in,
                                const std::optional<std::vector<std::string>> &types);

} // namespace inventory
