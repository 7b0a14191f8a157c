// Each kind of field has one function that turns a comparison into SQL. They share
// two thoughts: a missing value is null in `source` and greatest in `total`, and a
// negative operator is written as the exact complement of its positive twin.

#include "core/condition.hpp"

#include "core/asset_keys.hpp"
#include "core/comparison.hpp"
#include "core/error.hpp"
#include "core/filter_field.hpp"
#include "core/filter_value.hpp"
#include "core/json_writer.hpp"
#include "core/utf8.hpp"

#include <algorithm>
#include <tuple>

namespace inventory {
namespace {

std::string_view sql_operator(Comparison op) noexcept {
    switch (op) {
    case Comparison::lt:
        return " < ";
    case Comparison::le:
        return " <= ";
    case Comparison::gt:
        return " > ";
    case Comparison::ge:
        return " >= ";
    default:
        return " = ";
    }
}

/// Writes the condition of one filter.
class Writer {
public:
    Writer(const Catalogue &catalogue, Binder &binder) noexcept
        : catalogue_(catalogue), binder_(binder) {}

    std::string write(const RsqlNode &node) {
        if (node.kind == RsqlNode::Kind::comparison) {
            return comparison(node);
        }
        const std::string_view word = node.kind == RsqlNode::Kind::conjunction ? " and " : " or ";
        std::string out = "(";
        for (const RsqlNode &child : node.children) {
            if (out.size() > 1) {
                out += word;
            }
            out += write(child);
        }
        return out + ')';
    }

private:
    /// A column of text: what reads it, and what reads it with a missing one greatest.
    struct Column {
        std::string source;
        std::string total; ///< May be empty.
        bool nullable = true;
    };

    std::string comparison(const RsqlNode &node) {
        const auto [field, key] = resolve_selector(node, catalogue_);
        if (field->kind == FieldKind::object && !key.empty()) {
            return object_key(*field, key, node);
        }
        switch (field->kind) {
        case FieldKind::text:
            return text(column_of(*field), node);
        case FieldKind::type:
            return type(*field, node);
        case FieldKind::asset_class:
            return asset_class(*field, node);
        case FieldKind::time:
        case FieldKind::integer:
        case FieldKind::bigint:
        case FieldKind::number:
        case FieldKind::boolean:
        case FieldKind::uuid:
            return scalar(*field, node);
        case FieldKind::array:
            return array(*field, node);
        case FieldKind::object:
            return object(*field, node);
        case FieldKind::search:
            return search(*field, node);
        case FieldKind::json:
        case FieldKind::issues:
            break;
        }
        throw unknown_filter_field(node, catalogue_);
    }

    Error wrong_operator(const RsqlNode &node, const std::string &hint) const {
        return Error(Code::filter_operator,
                     "The operator " + std::string(sign(node.comparison)) +
                         " does not apply to the field " + quote_for_message(node.selector) +
                         at_code_point(node.position) + '.',
                     hint);
    }
    // ---- kinds ----

    static Column column_of(const Field &field) {
        return {field.source, field.total.empty() ? std::string() : field.total.front(),
                field.nullable};
    }

    /// A list made of a pattern may be empty (api/known_values.hpp).
    static RsqlValue first_value(const RsqlNode &node) {
        return node.values.empty() ? RsqlValue() : node.values.front();
    }

    static std::string negate(const std::string &condition, bool nullable) {
        return nullable ? '(' + condition + " is not true)" : "(not " + condition + ')';
    }

    std::string text(const Column &column, const RsqlNode &node) {
        const Comparison op = node.comparison;
        if (is_ordering(op)) {
            return ordered_text(column, node);
        }
        std::string positive;
        const RsqlValue first = first_value(node);
        bool nullable = column.nullable;
        if (is_any(first, op)) {
            positive = '(' + column.source + " is not null)";
            nullable = false;
        } else if (has_wildcard(first, op)) {
            positive = '(' + column.source + " like " + binder_.bind(like_pattern(first)) + ')';
        } else {
            std::tie(positive, nullable) = equal_text(column, node);
        }
        return is_negative(op) ? negate(positive, nullable) : positive;
    }

    std::string ordered_text(const Column &column, const RsqlNode &node) {
        const std::string &value = node.values.front().text;
        const bool use_total = !column.total.empty();
        std::string out = '(' + (use_total ? column.total : column.source + " collate \"C\"");
        out += sql_operator(node.comparison);
        out += binder_.bind(value);
        if (use_total && column.nullable) {
            out += " and " + column.source + " is not null";
        }
        return out + ')';
    }

    /// Equality with one value or one of a list; an empty value is "empty or absent".
    std::pair<std::string, bool> equal_text(const Column &column, const RsqlNode &node) {
        std::vector<std::string> items;
        bool has_empty = false;
        bool use_total = !column.total.empty();
        for (const RsqlValue &value : node.values) {
            has_empty = has_empty || value.text.empty();
            use_total = use_total && value.text != missing_text;
            items.push_back(value.text);
        }
        const std::string empty = "(coalesce(" + column.source + ", '') = '')";
        const bool is_list =
            node.comparison == Comparison::in || node.comparison == Comparison::out;
        if (has_empty && !is_list) {
            return {empty, false};
        }
        std::string out = '(' + (use_total ? column.total : column.source);
        out += is_list ? " = any(" + binder_.bind(std::move(items)) + "))"
                       : " = " + binder_.bind(items.front()) + ')';
        const bool nullable = column.nullable && !use_total;
        return has_empty ? std::pair('(' + out + " or " + empty + ')', nullable)
                         : std::pair(out, nullable);
    }

    std::string type(const Field &field, const RsqlNode &node) {
        for (const RsqlValue &value : node.values) {
            if (!has_wildcard(value, node.comparison) && !catalogue_.has_type(value.text)) {
                std::string list;
                for (const std::string &name : catalogue_.types) {
                    list += (list.empty() ? "" : ", ") + name;
                }
                throw wrong_value(node, value, "Asset types are " + list + '.');
            }
        }
        std::vector<std::string> found;
        for (const std::string &name : catalogue_.types) {
            const std::string_view view = name;
            if (holds(&view, node)) {
                found.push_back(name);
            }
        }
        return '(' + field.source + " = any(" + binder_.bind(std::move(found)) + "))";
    }

    std::string asset_class(const Field &field, const RsqlNode &node) {
        return '(' + field.total.front() + " = any(" + binder_.bind(held_ranks(node)) + "))";
    }

    std::string scalar(const Field &field, const RsqlNode &node) {
        const Comparison op = node.comparison;
        bool use_total = !field.total.empty();
        for (const RsqlValue &value : node.values) {
            if (has_wildcard(value, op)) {
                throw wrong_value(node, value,
                                  "A wildcard applies to text only; " + form_of(field.kind));
            }
            use_total = use_total && !is_sentinel(field.kind, value.text);
        }
        std::string out = '(' + (use_total ? field.total.front() : field.source);
        if (op == Comparison::in || op == Comparison::out) {
            out += " = any(" + bind_list(field.kind, node) + ')';
        } else {
            out += sql_operator(op);
            out += bind_value(field.kind, node, node.values.front());
        }
        if (is_ordering(op)) {
            return out +
                   (use_total && field.nullable ? " and " + field.source + " is not null)" : ")");
        }
        out += ')';
        return is_negative(op) ? negate(out, field.nullable && !use_total) : out;
    }

    std::string bind_value(FieldKind kind, const RsqlNode &node, const RsqlValue &value) {
        switch (kind) {
        case FieldKind::time:
            return binder_.bind(read_time(node, value));
        case FieldKind::uuid:
            return binder_.bind(read_uuid(node, value));
        case FieldKind::number:
            return binder_.bind(read_spelled(kind, node, value)) + "::numeric";
        case FieldKind::boolean:
            return binder_.bind(read_spelled(kind, node, value)) + "::boolean";
        default:
            return binder_.bind(read_integer(kind, node, value));
        }
    }

    template <typename Read>
    std::string bind_items(const RsqlNode &node, Read read) {
        std::vector<decltype(read(node.values.front()))> items;
        items.reserve(node.values.size());
        for (const RsqlValue &value : node.values) {
            items.push_back(read(value));
        }
        return binder_.bind(std::move(items));
    }

    std::string bind_list(FieldKind kind, const RsqlNode &node) {
        switch (kind) {
        case FieldKind::time:
            return bind_items(node, [&](const RsqlValue &value) { return read_time(node, value); });
        case FieldKind::uuid:
            return bind_items(node, [&](const RsqlValue &value) { return read_uuid(node, value); });
        case FieldKind::number:
            return bind_items(
                       node,
                       [&](const RsqlValue &value) { return read_spelled(kind, node, value); }) +
                   "::numeric[]";
        case FieldKind::boolean:
            return bind_items(
                       node,
                       [&](const RsqlValue &value) { return read_spelled(kind, node, value); }) +
                   "::boolean[]";
        default:
            return bind_items(
                node, [&](const RsqlValue &value) { return read_integer(kind, node, value); });
        }
    }

    std::string bind_texts(const RsqlNode &node) {
        return bind_items(node, [](const RsqlValue &value) { return value.text; });
    }

    std::string array(const Field &field, const RsqlNode &node) {
        const Comparison op = node.comparison;
        if (is_ordering(op)) {
            throw wrong_operator(node, "A list of values has no order; use ==, !=, =in= or =out=.");
        }
        const RsqlValue first = first_value(node);
        std::string positive;
        if (is_any(first, op)) {
            positive = "(cardinality(" + field.source + ") > 0)";
        } else if (has_wildcard(first, op)) {
            positive = "(exists (select from unnest(" + field.source + ") as e(v) where e.v like " +
                       binder_.bind(like_pattern(first)) + "))";
        } else if (op == Comparison::in || op == Comparison::out) {
            positive = '(' + field.source + " && " + bind_texts(node) + ')';
        } else {
            positive = '(' + field.source + " @> " + bind_texts(node) + ')';
        }
        return is_negative(op) ? negate(positive, field.nullable) : positive;
    }

    std::string object(const Field &field, const RsqlNode &node) {
        const Comparison op = node.comparison;
        if (is_ordering(op)) {
            throw wrong_operator(node,
                                 "Keys have no order; compare a value: " + field.name + ".<key>.");
        }
        const RsqlValue &first = node.values.front();
        std::string positive;
        if (is_any(first, op)) {
            positive = '(' + field.source + " <> '{}'::jsonb)";
        } else if (has_wildcard(first, op)) {
            positive = "(exists (select from jsonb_object_keys(" + object_of(field) +
                       ") as e(k) where e.k like " + binder_.bind(like_pattern(first)) + "))";
        } else if (op == Comparison::in || op == Comparison::out) {
            positive = '(' + field.source + " ?| " + bind_texts(node) + ')';
        } else {
            positive = '(' + field.source + " ? " + binder_.bind(first.text) + ')';
        }
        return is_negative(op) ? negate(positive, field.nullable) : positive;
    }

    /// jsonb_object_keys raises on anything but an object; columns of other tables may hold it.
    static std::string object_of(const Field &field) {
        return field.nullable ? "case jsonb_typeof(" + field.source + ") when 'object' then " +
                                    field.source + " end"
                              : field.source;
    }

    std::string object_key(const Field &field, std::string_view key, const RsqlNode &node) {
        const Comparison op = node.comparison;
        const RsqlValue &first = node.values.front();
        if (takes_wildcards(op) && !has_wildcard(first, op) && !first.text.empty()) {
            std::string pair;
            JsonWriter(pair).begin_object().key(key).string(first.text).end_object();
            const std::string positive =
                '(' + field.source + " @> " + binder_.bind(JsonParam{std::move(pair)}) + ')';
            return is_negative(op) ? negate(positive, field.nullable) : positive;
        }
        const std::string name = binder_.bind(std::string(key));
        const Column value{'(' + field.source + " ->> " + name + ')', {}, true};
        const std::string condition = text(value, node);
        // The key's presence is what an index on the column can answer.
        const bool needs_key =
            !is_negative(op) && std::none_of(node.values.begin(), node.values.end(),
                                             [](const RsqlValue &it) { return it.text.empty(); });
        return needs_key || is_ordering(op)
                   ? '(' + field.source + " ? " + name + " and " + condition + ')'
                   : condition;
    }

    std::string search(const Field &field, const RsqlNode &node) {
        if (node.comparison != Comparison::eq) {
            throw wrong_operator(node, "q takes only ==; it finds its value anywhere in an asset.");
        }
        const RsqlValue &value = node.values.front();
        if (value.text.empty()) {
            throw wrong_value(node, value, "q needs at least one character.");
        }
        if (value.text.find(search_separator) != std::string::npos) {
            return "(false)";
        }
        RsqlValue literal{value.text, {}, value.position};
        return '(' + field.source + " like lower(" +
               binder_.bind('%' + like_pattern(literal) + '%') + "))";
    }

    const Catalogue &catalogue_;
    Binder &binder_;
};

} // namespace

std::string write_condition(const RsqlNode &filter, const Catalogue &catalogue, Binder &binder) {
    return Writer(catalogue, binder).write(filter);
}

} // namespace inventory
