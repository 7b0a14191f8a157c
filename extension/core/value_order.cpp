#include "core/value_order.hpp"

#include "core/error.hpp"
#include "core/json_writer.hpp"
#include "core/utf8.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace inventory {
namespace {

constexpr std::string_view count_sql[] = {"count(*)"};
constexpr std::string_view risk_sql[] = {"max(a.risk_score)::bigint"};
constexpr std::string_view issues_sql[] = {
    "coalesce(sum(a.issues_critical), 0)", "coalesce(sum(a.issues_high), 0)",
    "coalesce(sum(a.issues_medium), 0)", "coalesce(sum(a.issues_low), 0)"};
constexpr std::string_view updated_sql[] = {"max(a.updated_at)"};
constexpr std::string_view seen_sql[] = {"max(a.last_seen_at)"};

constexpr std::array table{
    Measure{"count", "count", FieldKind::integer, count_sql, ""},
    Measure{"risk_score", "max_risk_score", FieldKind::integer, risk_sql, "9223372036854775807"},
    Measure{"issues", "issues", FieldKind::integer, issues_sql, ""},
    Measure{"updated_at", "latest_updated_at", FieldKind::time, updated_sql, ""},
    Measure{"last_seen_at", "latest_last_seen_at", FieldKind::time, seen_sql, "'infinity'"},
};

constexpr std::string_view value_name = "value";

Error wrong_cursor() {
    return Error(Code::cursor_invalid, "The cursor is not one that this server made.",
                 "Take cursors from the links of an answer.");
}

/// The direction in `-name`, which becomes `name`.
bool take_minus(std::string_view &item) noexcept {
    const bool descending = !item.empty() && item.front() == '-';
    item.remove_prefix(descending ? 1 : 0);
    return descending;
}

Error unknown_sort(std::string_view name) {
    std::string list(value_name);
    for (const Measure &measure : table) {
        list += ", " + std::string(measure.sort);
    }
    return Error(Code::sort_invalid,
                 name.empty() ? "The sort holds an empty item."
                              : "The sort names an unknown key " + quote_for_message(name) + '.',
                 "Values sort by " + list + "; a leading - sorts descending.");
}

void add_measure(ValueOrder &order, std::size_t index, bool descending) {
    const Measure &measure = table[index];
    order.uses[index] = true;
    for (std::size_t part = 0; part < measure.sql.size(); ++part) {
        const std::string column = "g." + measure_column(index, part);
        order.keys.push_back({measure.missing.empty() ? column
                                                      : "coalesce(" + column + ", " +
                                                            std::string(measure.missing) + ')',
                              measure.kind, descending});
    }
}

} // namespace

std::span<const Measure> measures() noexcept {
    return table;
}

std::string measure_column(std::size_t measure, std::size_t part) {
    return 'm' + std::to_string(measure) + '_' + std::to_string(part);
}

ValueOrder parse_group_sort(std::string_view text) {
    ValueOrder order{std::string(text), {}, std::vector<bool>(table.size())};
    bool has_value = false;
    while (true) {
        const std::size_t comma = std::min(text.find(','), text.size());
        std::string_view item = text.substr(0, comma);
        const bool descending = take_minus(item);
        const auto found = std::find_if(table.begin(), table.end(), [item](const Measure &measure) {
            return measure.sort == item;
        });
        const auto index = static_cast<std::size_t>(found - table.begin());
        if (item != value_name && found == table.end()) {
            throw unknown_sort(item);
        }
        if (item == value_name ? has_value : order.uses[index]) {
            throw Error(Code::sort_invalid, "The sort names " + quote_for_message(item) + " twice.",
                        "Name each key once.");
        }
        if (item == value_name) {
            has_value = true;
            order.keys.push_back({"g.v", FieldKind::text, descending});
        } else {
            add_measure(order, index, descending);
        }
        if (comma == text.size()) {
            break;
        }
        text.remove_prefix(comma + 1);
    }
    if (!has_value) {
        order.keys.push_back({"g.v", FieldKind::text, false});
    }
    return order;
}

ValueOrder order_by_columns(std::initializer_list<std::string_view> columns) {
    ValueOrder order{{}, {}, std::vector<bool>(table.size())};
    for (const std::string_view column : columns) {
        order.canonical += (order.canonical.empty() ? "" : ",") + std::string(column);
        order.keys.push_back({"g." + std::string(column), FieldKind::text, false});
    }
    return order;
}

std::string value_payload(std::string_view list, std::string_view order,
                          const ValuePosition &position) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("l").string(list).key("s").string(order).key("k").begin_array();
    for (const Param &key : position.keys) {
        write_cursor_key(json, key);
    }
    json.end_array();
    if (position.is_inclusive) {
        json.key("x").boolean(true);
    }
    json.end_object();
    return out;
}

ValuePosition parse_value_payload(std::string_view payload, std::string_view list,
                                  const ValueOrder &order) {
    const nlohmann::json json = nlohmann::json::parse(payload, nullptr, false);
    if (!json.is_object() || !json.contains("l") || !json["l"].is_string() || !json.contains("s") ||
        !json["s"].is_string() || !json.contains("k") || !json["k"].is_array()) {
        throw wrong_cursor();
    }
    if (json["l"].get_ref<const std::string &>() != list) {
        throw Error(Code::cursor_invalid, "The cursor was made for another list.",
                    "Use a cursor only with the list whose answer gave it.");
    }
    if (json["s"].get_ref<const std::string &>() != order.canonical) {
        throw Error(
            Code::cursor_invalid, "The cursor was made under another sort.",
            "Keep the sort of the request that gave the cursor, or start again without one.");
    }
    const nlohmann::json &keys = json["k"];
    if (keys.size() != order.keys.size()) {
        throw wrong_cursor();
    }
    ValuePosition position{{}, json.contains("x")};
    for (std::size_t i = 0; i < keys.size(); ++i) {
        position.keys.push_back(read_cursor_key(keys[i], order.keys[i].kind));
    }
    return position;
}

std::string order_by(const ValueOrder &order, bool backward) {
    std::string out;
    for (const SortKey &key : order.keys) {
        out += (out.empty() ? "" : ", ") + key.sql + (key.descending != backward ? " desc" : "");
    }
    return out;
}

std::string write_value_keyset(const ValueOrder &order, std::span<const std::string> bound,
                               bool is_inclusive, bool backward) {
    // No index stands behind an aggregate, so the plain nested form costs nothing.
    std::string out;
    for (std::size_t i = order.keys.size(); i-- > 0;) {
        const SortKey &key = order.keys[i];
        const std::string step = key.sql + (key.descending != backward ? " <" : " >");
        out = out.empty() ? step + (is_inclusive ? "= " : " ") + bound[i]
                          : step + ' ' + bound[i] + " or (" + key.sql + " = " + bound[i] +
                                " and (" + out + "))";
    }
    return '(' + out + ')';
}

} // namespace inventory
