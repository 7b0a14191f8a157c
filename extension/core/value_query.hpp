#pragma once

#include "core/page_query.hpp"
#include "core/value_order.hpp"

#include <optional>
#include <string>
#include <vector>

namespace inventory {

/// What of a field is listed.
enum class ValueForm {
    value, ///< Its value; each element of an array; of an object each `key:value`.
    key,   ///< The keys of an object.
    pair,  ///< The keys and values of an object, apart.
};

/// Distinct values of one field over a selection of assets. A missing or empty value
/// is none; one longer than `longest_value` is left out, for no cursor could hold it.
struct ValueRequest {
    Selection assets;
    std::optional<std::vector<std::string>> types; ///< Only assets of these types.
    const Field *field = nullptr;
    ValueForm form = ValueForm::value;
    std::optional<std::string> key;      ///< Only this key of an object.
    std::optional<std::string> contains; ///< Only what contains it, in any case.

    bool counts = false; ///< Whether values are grouped and measured, or only listed.
    std::vector<bool> shown_measures = std::vector<bool>(measures().size());
    bool shows_labels = false; ///< The distinct labels of each group.

    ValueOrder order;
    std::optional<ValuePosition> position;
    bool backward = false;
    int limit = 10; ///< Values wanted; one more is read.

    bool has_key() const noexcept { return form != ValueForm::value; }
    bool has_value() const noexcept { return form != ValueForm::key; }
    /// Whether the statement has the columns of a measure.
    bool reads(std::size_t measure) const noexcept {
        return counts && (measure == 0 || shown_measures[measure] || order.uses[measure]);
    }
};

/// In bytes, key and value together: it and its cursor fit in a request target.
inline constexpr int longest_value = 1000;

/// Where the values come from.
enum class ValueSource {
    assets, ///< All assets of the selection, aggregated.
    index,  ///< An index by the value: one look-up a distinct value (techniques 4.4).
};

/// The cheapest source that can answer.
ValueSource value_source(const ValueRequest &request) noexcept;

/// Writes the statement of a page of values. At least one row: when no value is on
/// the page the columns after the first are null. Columns: whether a value lies on the
/// other side of the position; the keys of the order; the key and the value, as the
/// form has them; the parts of each measure that the request reads; the labels.
Statement value_statement(const ValueRequest &request, ValueSource source,
                          const Catalogue &catalogue);

} // namespace inventory
