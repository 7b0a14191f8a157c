#pragma once

#include "core/comparison.hpp"
#include "core/facet_order.hpp"
#include "core/facet_query.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace inventory {

/// Writes the statement of a page of values from the dictionary (core/facet_statement.cpp; from
/// its blocks, core/facet_blocks.cpp). For one statement.
class FacetWriter {
public:
    FacetWriter(const ValueRequest &request, const FacetFacts &facts, FacetPath path);
    Statement merged();
    Statement aggregate();

private:
    /// Filtered by a hash, so that the index keeps its order.
    static constexpr const char *untouched =
        " and (f.key, f.value) not in (select d.key, d.value from d)";
    /// The types to read: at most those that are there.
    std::vector<std::string> types() const;
    std::string of_type(std::size_t number) const {
        return " and f.type = (" + types_ + ")[" + std::to_string(number) + ']';
    }
    std::string of_types() const { return " and f.type = any(" + types_ + ')'; }
    /// `d`: the sums of the deltas; `t`: the values that they touch, with their numbers.
    std::string with_deltas(bool has_totals = true) const;
    std::string touched() const {
        return "select " + columns("f", "f.n") + " from t f where f.n > 0";
    }
    /// What a source shows of its row: the columns of the page and of the order.
    std::string columns(const std::string &row, const std::string &n) const;
    /// Blocks that may hold the term are looked for until there are so many.
    int block_bound() const;
    /// Of the blocks that may hold the term, those to read: all when they are few.
    std::string chosen_blocks(const std::string &name) const;
    bool reads_blocks() const noexcept {
        return path_ == FacetPath::blocks || path_ == FacetPath::every;
    }
    /// A page of the dictionary of one type, or what lies behind its position.
    std::string dictionary(std::size_t type, bool backward, bool is_behind);
    /// The values in order of their numbers, of each number in order: one look-up a number.
    std::string of_ties(const std::string &source, const std::string &kept, bool backward,
                        bool is_behind, int wanted);
    /// The values of the blocks that may hold the term, in order.
    std::string of_blocks(std::size_t type, bool backward, bool is_behind, int wanted,
                          const std::string &kept);
    /// The blocks to read, from the position or the key on.
    std::string blocks_of(const std::string &list, std::size_t type, bool is_descending);
    std::string of_list(const std::string &row, std::size_t type) const;
    /// What no value exceeds.
    std::string end();
    /// The queries before the page.
    std::string with_all() const;
    /// Whether no block that may hold the term was left out.
    std::string is_complete() const;
    std::string page(const std::string &rows, bool backward, bool is_behind, int wanted) const;
    /// One row comparison; `is_behind` turns the other way and takes the other end.
    std::string keyset(bool backward, bool is_behind) const;
    std::string index_order_by(bool backward) const;
    std::string limit() const { return " limit " + std::to_string(request_.limit + 1); }
    std::string frame(const std::string &page, const std::string &behind) const;
    Statement finish(std::string sql);

    const ValueRequest &request_;
    const FacetFacts &facts_;
    FacetPath path_;
    std::optional<IndexOrder> order_;
    ParameterBinder binder_;
    std::string scope_;
    std::string narrow_;
    std::string matches_;
    std::string types_;
    std::string term_;
    std::string end_;
    std::vector<std::string> bound_;
    std::vector<std::pair<std::string, std::string>> blocks_; ///< Names and queries.
};

} // namespace inventory
