// A term is looked for in the blocks of values that may hold it (sql/38_facet_blocks.sql):
// nested loops read them in order and stop when the page is full, so nothing in between
// may sort.

#include "core/facet_writer.hpp"

namespace inventory {

int FacetWriter::block_bound() const {
    return has_trigram(*request_.contains) ? facet_all_blocks : facet_short_blocks;
}

std::string FacetWriter::chosen_blocks(const std::string &name) const {
    if (path_ != FacetPath::blocks || !has_trigram(*request_.contains)) {
        return "select * from " + name;
    }
    return "(select * from " + name + " limit case when (select count(*) from " + name +
           ") = " + std::to_string(facet_all_blocks) + " then " + std::to_string(facet_blocks) +
           " end)";
}

std::string FacetWriter::of_blocks(std::size_t type, bool backward, bool is_behind, int wanted,
                                   const std::string &kept) {
    const std::string list = of_list("b", type);
    const std::string name = (is_behind ? "behind" : "ahead") + std::to_string(type);
    const bool is_descending = order_->descending != backward;
    const std::string desc = is_descending ? " desc" : "";
    if (!is_behind || request_.position) {
        blocks_.emplace_back(name, blocks_of(list, type, is_descending));
    } else {
        return "select " + columns("f", "f.n") + " from inventory.facet f where false";
    }
    // A row comparison says where a scan begins and not where it ends: that is for the
    // number of the block's values, which may be too high.
    const bool has_keys = is_of_object(request_) && request_.form != ValueForm::key;
    const std::string low = has_keys ? " and (f.key, f.value) >= (c.key, c.value)"
                                     : " and f.key = '' and f.value >= c.value";
    const std::string high =
        has_keys ? " and (f.key, f.value) < (coalesce(n.key, ';'), coalesce(n.value, ''))"
                 : " and f.key = '' and f.value < coalesce(n.value, " + end() + ')';
    return "select g.* from (select " + columns("f", "f.n") + " from (" + chosen_blocks(name) +
           // A list of few values has no blocks: it is one.
           " union all select '', '', null where not exists (select from "
           "inventory.facet_block b where " +
           list +
           ")) c(key, value, n) left join lateral (select b.key, b.value from "
           "inventory.facet_block b where " +
           list +
           " and (b.key, b.value) > (c.key, c.value) order by b.key, b.value limit 1) n on "
           "true cross join lateral (select f.key, f.value, f.n from inventory.facet f "
           "where " +
           scope_ + of_type(type) + (is_descending ? high : low) + " order by f.key" + desc +
           ", f.value" + desc + " limit c.n) f where true" + (is_descending ? low : high) + kept +
           matches_ + ") g" + keyset(backward, is_behind) + " limit " + std::to_string(wanted);
}

std::string FacetWriter::blocks_of(const std::string &list, std::size_t type, bool is_descending) {
    const bool has_key = request_.key && request_.form != ValueForm::key;
    const std::string key = has_key ? "':' || " + binder_.bind(*request_.key) : "''";
    std::string from;
    if (request_.position) {
        from = request_.form == ValueForm::pair ? "(':' || " + bound_[0] + ", " + bound_[1] + ')'
                                                : "('', " + bound_[0] + ')';
    } else if (has_key) {
        from = '(' + key + ", " + (is_descending ? end() : "''") + ')';
    }
    std::string range;
    if (!from.empty()) {
        range = " and (b.key, b.value) " +
                (is_descending ? "<= " + from
                               : ">= (select s.key, s.value from inventory.facet_block s where " +
                                     of_list("s", type) + " and (s.key, s.value) <= " + from +
                                     " order by s.key desc, s.value desc limit 1)");
    }
    if (has_key) {
        range += " and b.key <= " + key;
    }
    const std::string desc = is_descending ? " desc" : "";
    return "select b.key, b.value, b.n from inventory.facet_block b where " + list + range +
           " and inventory.may_hold(b.grams, (select inventory.term_grams(lower(" + term_ +
           " collate \"default\")))) order by b.key" + desc + ", b.value" + desc +
           (path_ == FacetPath::blocks ? " limit " + std::to_string(block_bound()) : "");
}

std::string FacetWriter::of_list(const std::string &row, std::size_t type) const {
    return row + ".tenant_id = $1 and " + row + ".scope_id = $2 and " + row + ".field = $3 and " +
           row + ".type = (" + types_ + ")[" + std::to_string(type) + ']';
}

std::string FacetWriter::end() {
    return end_.empty() ? end_ = binder_.bind(std::string(missing_text)) : end_;
}

std::string FacetWriter::is_complete() const {
    std::string out = "true";
    for (const auto &block : blocks_) {
        out += " and (select count(*) from " + block.first + ") < " + std::to_string(block_bound());
    }
    return path_ == FacetPath::every ? "true" : out;
}

} // namespace inventory
