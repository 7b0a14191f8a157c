#include "core/facet_order.hpp"

namespace inventory {

bool is_of_object(const ValueRequest &request) noexcept {
    return request.field->kind == FieldKind::object;
}

bool is_by_count(const ValueRequest &request) noexcept {
    const std::vector<SortKey> &keys = request.order.keys;
    return request.counts && keys.size() == 2 && keys[0].sql == "g.m0_0";
}

std::optional<IndexOrder> index_order(const ValueRequest &request) {
    const std::vector<SortKey> &keys = request.order.keys;
    const bool is_descending = keys.front().descending;
    if (is_by_count(request) && is_descending != keys[1].descending) {
        return IndexOrder{{"g.rank", "g.v"}, !is_descending};
    }
    if (request.form == ValueForm::pair) {
        return IndexOrder{{"g.raw", "g.v"}, false};
    }
    // Whatever follows the value, it breaks no tie.
    if (!is_by_count(request) && (keys.size() == 1 || keys[0].sql == "g.v") &&
        !(is_of_object(request) && request.form == ValueForm::value)) {
        return IndexOrder{{request.has_value() ? "g.v" : "g.k"}, is_descending};
    }
    return std::nullopt;
}

bool has_trigram(std::string_view text) {
    int run = 0;
    for (const char c : text) {
        const char folded = static_cast<char>(c | 0x20);
        const bool is_word = (c >= '0' && c <= '9') || (folded >= 'a' && folded <= 'z');
        run = is_word ? run + 1 : 0;
        if (run == 3) {
            return true;
        }
    }
    return false;
}

} // namespace inventory
