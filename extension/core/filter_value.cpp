#include "core/filter_value.hpp"

#include "core/utf8.hpp"

#include <charconv>
#include <limits>
#include <optional>

namespace inventory {
namespace {

std::optional<std::int64_t> parse_integer(std::string_view text) {
    if (!text.empty() && text.front() == '+') {
        text.remove_prefix(1);
        if (!text.empty() && text.front() == '-') {
            return std::nullopt;
        }
    }
    std::int64_t value = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    return status == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                     : std::nullopt;
}

bool is_fraction(std::string_view text) {
    if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
        text.remove_prefix(1);
    }
    const std::size_t dot = text.find('.');
    return dot != 0 && dot != std::string_view::npos && dot + 1 < text.size() &&
           text.size() < 100 && text.find_first_not_of("0123456789.") == std::string_view::npos &&
           text.find('.', dot + 1) == std::string_view::npos;
}

std::string capital(std::string text) {
    if (!text.empty() && text.front() >= 'a' && text.front() <= 'z') {
        text.front() = static_cast<char>(text.front() - 'a' + 'A');
    }
    return text;
}

} // namespace

std::string at_code_point(std::size_t position) {
    return " at code point " + std::to_string(position);
}

Error wrong_value(const RsqlNode &node, const RsqlValue &value, const std::string &hint) {
    return Error(Code::filter_value,
                 "The value " + quote_for_message(value.text) + at_code_point(value.position) +
                     " is not one of the field " + quote_for_message(node.selector) + '.',
                 hint);
}

bool is_sentinel(FieldKind kind, std::string_view text) {
    return kind == FieldKind::integer &&
           parse_integer(text) == std::numeric_limits<std::int32_t>::max();
}

std::string form_of(FieldKind kind) {
    switch (kind) {
    case FieldKind::time:
        return "times are YYYY-MM-DD or YYYY-MM-DDThh:mm[:ss[.fraction]][Z|±hh:mm] (send + as "
               "%2B).";
    case FieldKind::uuid:
        return "ids are UUIDs.";
    case FieldKind::boolean:
        return "it is true or false.";
    case FieldKind::number:
        return "numbers are decimal digits with an optional sign and fraction.";
    default:
        return "numbers are an optional sign and digits, and must fit the field.";
    }
}

std::int64_t read_integer(FieldKind kind, const RsqlNode &node, const RsqlValue &value) {
    const auto number = parse_integer(value.text);
    if (!number ||
        (kind == FieldKind::integer && (*number > std::numeric_limits<std::int32_t>::max() ||
                                        *number < std::numeric_limits<std::int32_t>::min()))) {
        throw wrong_value(node, value, capital(form_of(kind)));
    }
    return *number;
}

TimeParam read_time(const RsqlNode &node, const RsqlValue &value) {
    const auto micros = parse_timestamp(value.text);
    if (!micros) {
        throw wrong_value(node, value, capital(form_of(FieldKind::time)));
    }
    return {*micros};
}

Uuid read_uuid(const RsqlNode &node, const RsqlValue &value) {
    const auto parsed = parse_uuid(value.text);
    if (!parsed) {
        throw wrong_value(node, value, capital(form_of(FieldKind::uuid)));
    }
    return *parsed;
}

std::string read_spelled(FieldKind kind, const RsqlNode &node, const RsqlValue &value) {
    const std::string &text = value.text;
    const bool is_fine =
        kind == FieldKind::boolean ? text == "true" || text == "false"
        : text.find_first_not_of("0123456789", text.find_first_of("+-") == 0 ? 1 : 0) ==
                std::string::npos
            ? text.find_first_of("0123456789") != std::string::npos
            : is_fraction(text);
    if (!is_fine) {
        throw wrong_value(node, value, capital(form_of(kind)));
    }
    return text;
}

} // namespace inventory
