#include "api/known_values.hpp"

#include "api/facets.hpp"
#include "core/comparison.hpp"
#include "core/facet_query.hpp"
#include "pg/spi.hpp"

#include <algorithm>
#include <array>

namespace inventory::api {
namespace {

/// Columns whose checks keep every value short enough for the dictionary; of others a
/// value may be in an asset and not in the dictionary.
constexpr std::array<std::string_view, 4> complete_sources{"a.registry", "a.repository", "a.name",
                                                           "a.labels"};

/// Each pattern is a statement of some milliseconds at worst; a filter of a thousand
/// patterns is left as it is after so many.
constexpr int most_patterns = 8;

class Rewriter {
public:
    Rewriter(const Selection &selection, const Catalogue &catalogue) noexcept
        : selection_(selection), catalogue_(catalogue) {}

    void rewrite(RsqlNode &node) {
        for (RsqlNode &child : node.children) {
            rewrite(child);
        }
        if (node.kind != RsqlNode::Kind::comparison || !is_pattern(node)) {
            return;
        }
        const Field *field = catalogue_.find(node.selector);
        if (field == nullptr || !is_complete(*field) || looked_up_ == most_patterns) {
            return;
        }
        ++looked_up_;
        if (auto values = find_values(*field, node.values.front())) {
            const std::size_t position = node.values.front().position;
            node.comparison = is_negative(node.comparison) ? Comparison::out : Comparison::in;
            node.values.clear();
            for (std::string &value : *values) {
                node.values.push_back({std::move(value), {}, position});
            }
        }
    }

private:
    static bool is_pattern(const RsqlNode &node) {
        const RsqlValue &value = node.values.front();
        return has_wildcard(value, node.comparison) && !is_any(value, node.comparison);
    }

    static bool is_complete(const Field &field) {
        return std::find(complete_sources.begin(), complete_sources.end(), field.source) !=
               complete_sources.end();
    }

    /// The values that match, or nothing when they are too many or not counted.
    std::optional<std::vector<std::string>> find_values(const Field &field,
                                                        const RsqlValue &pattern) const {
        std::vector<std::string> values;
        bool is_known = are_facets_kept();
        if (is_known) {
            pg::query(facet_match_statement(selection_, field, pattern), pg::PlanKind::generic,
                      [&](const pg::Row &row) {
                          is_known = is_known && !row.is_null(0);
                          if (is_known) {
                              values.emplace_back(pg::text_of(row[0]));
                          }
                      });
        }
        is_known = is_known && values.size() <= static_cast<std::size_t>(most_known_values);
        return is_known ? std::optional(std::move(values)) : std::nullopt;
    }

    const Selection &selection_;
    const Catalogue &catalogue_;
    int looked_up_ = 0;
};

} // namespace

Selection with_known_values(Selection selection, const Catalogue &catalogue) {
    if (selection.filter) {
        RsqlNode filter = *selection.filter;
        Rewriter(selection, catalogue).rewrite(filter);
        selection.filter = std::move(filter);
    }
    return selection;
}

} // namespace inventory::api
