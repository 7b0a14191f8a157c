#include "core/binder.hpp"

namespace inventory {
namespace {

template <typename... Cases>
struct Overload : Cases... {
    using Cases::operator()...;
};
// Clang before 17 does not deduce it by itself.
template <typename... Cases>
Overload(Cases...) -> Overload<Cases...>;

std::string time_text(TimeParam time) {
    std::string out;
    append_timestamp(out, time.micros);
    return out;
}

std::string place_text(Place place) {
    return '(' + std::to_string(place.block) + ',' + std::to_string(place.offset) + ')';
}

/// An array literal's text: {"a","b"} with `"` and `\` escaped.
template <typename T, typename Write>
std::string array_text(const std::vector<T> &items, Write write) {
    std::string out = "{";
    for (const T &item : items) {
        if (out.size() > 1) {
            out += ',';
        }
        out += '"';
        for (const char c : write(item)) {
            if (c == '"' || c == '\\') {
                out += '\\';
            }
            out += c;
        }
        out += '"';
    }
    return out + '}';
}

std::string literal_text(const Param &param) {
    return std::visit(
        Overload{
            [](const std::string &value) { return value; },
            [](std::int64_t value) { return std::to_string(value); },
            [](TimeParam value) { return time_text(value); },
            [](const Uuid &value) { return to_string(value); },
            [](const JsonParam &value) { return value.text; },
            [](const std::vector<std::string> &items) {
                return array_text(items, [](const std::string &item) { return item; });
            },
            [](const std::vector<std::int64_t> &items) {
                return array_text(items, [](std::int64_t item) { return std::to_string(item); });
            },
            [](const std::vector<TimeParam> &items) { return array_text(items, time_text); },
            [](const std::vector<Uuid> &items) {
                return array_text(items, [](const Uuid &item) { return to_string(item); });
            },
            [](const std::vector<Place> &items) { return array_text(items, place_text); },
        },
        param);
}

} // namespace

std::string_view sql_type(const Param &param) noexcept {
    static constexpr std::string_view names[] = {"text",   "bigint", "timestamptz", "uuid",
                                                 "jsonb",  "text[]", "bigint[]",    "timestamptz[]",
                                                 "uuid[]", "tid[]"};
    return names[param.index()];
}

std::string ParameterBinder::bind(Param value) {
    values_.push_back(std::move(value));
    return '$' + std::to_string(values_.size());
}

std::string LiteralBinder::bind(Param value) {
    return quote_sql_literal(literal_text(value)) + "::" + std::string(sql_type(value));
}

std::string quote_sql_literal(std::string_view text) {
    const bool has_backslash = text.find('\\') != std::string_view::npos;
    std::string out = has_backslash ? "E'" : "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') {
            out += c;
        }
        out += c;
    }
    return out + '\'';
}

} // namespace inventory
