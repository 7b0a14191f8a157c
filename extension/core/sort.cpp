#include "core/sort.hpp"

#include "core/error.hpp"
#include "core/json_writer.hpp"
#include "core/utf8.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace inventory {
namespace {

const Field *sort_field(std::string_view name, const Catalogue &catalogue, SortScope scope) {
    const Field *field = catalogue.find(name == "asset_class" ? "class" : name);
    if (field == nullptr || field->sort == SortScope::none) {
        return nullptr;
    }
    return field->sort == SortScope::list || scope == SortScope::search ? field : nullptr;
}

Error unknown_sort(std::string_view name, const Catalogue &catalogue, SortScope scope) {
    std::string list;
    for (const Field &field : catalogue.fields) {
        if (sort_field(field.name, catalogue, scope) != nullptr) {
            list += (list.empty() ? "" : ", ") + field.name;
        }
    }
    return Error(Code::sort_invalid,
                 "The sort names an unknown field " + quote_for_message(name) + '.',
                 "Sort fields are " + list + "; a leading - sorts descending.");
}

FieldKind key_kind(FieldKind kind) noexcept {
    switch (kind) {
    case FieldKind::time:
        return FieldKind::time;
    case FieldKind::asset_class:
    case FieldKind::integer:
    case FieldKind::bigint:
    case FieldKind::issues:
        return FieldKind::integer;
    default:
        return FieldKind::text;
    }
}

std::string_view direction(bool descending) noexcept {
    return descending ? " desc" : "";
}

Error foreign_cursor() {
    return Error(Code::cursor_invalid, "The cursor is not one that this server made.",
                 "Take cursors from the links of an answer.");
}

/// Equality on the keys before `depth`, then the step beyond on key `depth`.
std::string nested_prefix(const std::vector<std::pair<std::string, bool>> &columns,
                          const std::vector<std::string> &values, std::size_t depth,
                          std::string_view tail) {
    const auto &[sql, is_below] = columns[depth];
    const std::string step = sql + (is_below ? " < " : " > ") + values[depth];
    if (depth + 1 == columns.size()) {
        return '(' + sql + (is_below ? " <" : " >") + std::string(tail) + ' ' + values[depth] + ')';
    }
    return '(' + step + " or (" + sql + " = " + values[depth] + " and " +
           nested_prefix(columns, values, depth + 1, tail) + "))";
}

/// Whether all assets have the same value: as a leading key it would keep the index of
/// the next one from being read in order.
bool is_constant(const Field &field, const Catalogue &catalogue) noexcept {
    return field.name == "type" && catalogue.types.size() == 1;
}

} // namespace

bool Sort::is_uniform() const noexcept {
    return std::all_of(keys.begin(), keys.end(), [this](const SortKey &key) {
        return key.descending == keys.front().descending;
    });
}

bool Sort::is_walkable() const noexcept {
    return fields == 1 || (!keys.empty() && keys.front().kind == FieldKind::time);
}

Sort parse_sort(std::string_view text, const Catalogue &catalogue, SortScope scope) {
    Sort sort;
    std::vector<const Field *> seen;
    std::size_t begin = 0;
    while (true) {
        const std::size_t comma = std::min(text.find(',', begin), text.size());
        std::string_view item = text.substr(begin, comma - begin);
        const bool descending = !item.empty() && item.front() == '-';
        item.remove_prefix(descending ? 1 : 0);
        if (item.empty()) {
            throw Error(Code::sort_invalid, "The sort holds an empty item.",
                        "Separate fields by single commas, for example -created_at,name.");
        }
        const Field *field = sort_field(item, catalogue, scope);
        if (field == nullptr) {
            throw unknown_sort(item, catalogue, scope);
        }
        if (std::find(seen.begin(), seen.end(), field) != seen.end()) {
            throw Error(Code::sort_invalid,
                        "The sort names the field " + quote_for_message(item) + " twice.",
                        "Name each field once.");
        }
        seen.push_back(field);
        if (!is_constant(*field, catalogue) || comma == text.size()) {
            ++sort.fields;
            sort.is_indexed = sort.fields == 1 && field->is_indexed;
            sort.index = sort.is_indexed ? field->index : 0;
            for (const std::string &sql : field->total) {
                sort.keys.push_back({sql, key_kind(field->kind), descending});
            }
        }
        sort.canonical +=
            (sort.canonical.empty() ? "" : ",") + std::string(descending ? "-" : "") + field->name;
        if (comma == text.size()) {
            return sort;
        }
        begin = comma + 1;
    }
}

void write_cursor_key(JsonWriter &json, const Param &key) {
    if (const auto *text = std::get_if<std::string>(&key)) {
        *text == missing_text ? json.null() : json.string(*text);
    } else if (const auto *time = std::get_if<TimeParam>(&key)) {
        json.integer(time->micros);
    } else {
        json.integer(std::get<std::int64_t>(key));
    }
}

Param read_cursor_key(const nlohmann::json &value, FieldKind kind) {
    if (kind == FieldKind::text) {
        if (value.is_null()) {
            return std::string(missing_text);
        }
        if (value.is_string() &&
            value.get_ref<const std::string &>().find('\0') == std::string::npos) {
            return value.get<std::string>();
        }
    } else if (value.is_number_integer() &&
               !(value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX)) {
        const auto number = value.get<std::int64_t>();
        if (kind == FieldKind::time) {
            // Outside of these the server has no such time (years 1 to 9999, or missing).
            constexpr std::int64_t first = -62135596800000000;
            constexpr std::int64_t last = 253402300799999999;
            if (number == INT64_MAX || (number >= first && number <= last)) {
                return TimeParam{number};
            }
        } else {
            return number;
        }
    }
    throw foreign_cursor();
}

std::string position_payload(const Sort &sort, const Position &position) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("s").string(sort.canonical).key("k").begin_array();
    for (const Param &key : position.keys) {
        write_cursor_key(json, key);
    }
    json.end_array().key("i").string(to_string(position.id));
    if (position.is_inclusive) {
        json.key("x").boolean(true);
    }
    json.end_object();
    return out;
}

Position parse_position(std::string_view payload, const Sort &sort) {
    const nlohmann::json json = nlohmann::json::parse(payload, nullptr, false);
    if (!json.is_object() || !json.contains("s") || !json["s"].is_string() || !json.contains("k") ||
        !json["k"].is_array() || !json.contains("i") || !json["i"].is_string()) {
        throw foreign_cursor();
    }
    if (json["s"].get_ref<const std::string &>() != sort.canonical) {
        throw Error(
            Code::cursor_invalid, "The cursor was made under another sort.",
            "Keep the sort of the request that gave the cursor, or start again without one.");
    }
    const nlohmann::json &keys = json["k"];
    const auto id = parse_uuid(json["i"].get_ref<const std::string &>());
    if (keys.size() != sort.keys.size() || !id) {
        throw foreign_cursor();
    }
    Position position{{}, *id, json.contains("x")};
    for (std::size_t i = 0; i < keys.size(); ++i) {
        position.keys.push_back(read_cursor_key(keys[i], sort.keys[i].kind));
    }
    return position;
}

std::string order_by(const Sort &sort, bool backward) {
    std::string out;
    for (const SortKey &key : sort.keys) {
        out += key.sql;
        out += direction(key.descending != backward);
        out += ", ";
    }
    out += "a.id";
    out += direction(sort.is_descending_id() != backward);
    return out;
}

std::string write_keyset(const Sort &sort, const Position &position, bool backward,
                         Binder &binder) {
    std::vector<std::pair<std::string, bool>> columns;
    std::vector<std::string> values;
    for (std::size_t i = 0; i < sort.keys.size(); ++i) {
        columns.emplace_back(sort.keys[i].sql, sort.keys[i].descending != backward);
        values.push_back(binder.bind(position.keys[i]));
    }
    columns.emplace_back("a.id", sort.is_descending_id() != backward);
    values.push_back(binder.bind(position.id));
    const std::string_view tail = position.is_inclusive ? "=" : "";
    if (sort.is_uniform()) {
        std::string left = "(";
        std::string right = "(";
        for (std::size_t i = 0; i < columns.size(); ++i) {
            left += (i == 0 ? "" : ", ") + columns[i].first;
            right += (i == 0 ? "" : ", ") + values[i];
        }
        return left + (columns.front().second ? ") <" : ") >") + std::string(tail) + ' ' + right +
               ')';
    }
    const std::string bound =
        columns.front().first + (columns.front().second ? " <= " : " >= ") + values.front();
    return '(' + bound + " and " + nested_prefix(columns, values, 0, tail) + ')';
}

} // namespace inventory
