#include "core/filter_field.hpp"

#include "core/filter_value.hpp"
#include "core/utf8.hpp"

#include <string>
#include <vector>

namespace inventory {
namespace {

const Field *usable(std::string_view name, const Catalogue &catalogue) {
    const Field *field = catalogue.find(name);
    return field != nullptr && field->is_filter && catalogue.is_live(*field) ? field : nullptr;
}

/// How filters name a field.
std::vector<std::string> spellings(const Field &field) {
    std::vector<std::string> out;
    if (!field.by_key_only) {
        out.push_back(field.name);
    }
    if (field.kind == FieldKind::object) {
        out.push_back(field.name + ".<key>");
    }
    return out;
}

} // namespace

FilterField resolve_selector(const RsqlNode &comparison, const Catalogue &catalogue) {
    const std::string_view selector = comparison.selector;
    if (const Field *field = usable(selector, catalogue); field != nullptr && !field->by_key_only) {
        return {field, {}};
    }
    const std::size_t dot = selector.find('.');
    if (dot != std::string_view::npos && dot + 1 < selector.size()) {
        const Field *field = usable(selector.substr(0, dot), catalogue);
        if (field != nullptr && field->kind == FieldKind::object) {
            return {field, selector.substr(dot + 1)};
        }
    }
    throw unknown_filter_field(comparison, catalogue);
}

Error unknown_filter_field(const RsqlNode &comparison, const Catalogue &catalogue) {
    std::vector<std::string_view> names;
    std::string list;
    for (const Field &field : catalogue.fields) {
        if (field.is_filter && catalogue.is_live(field)) {
            names.push_back(field.name);
            for (const std::string &spelling : spellings(field)) {
                list += (list.empty() ? "" : ", ") + spelling;
            }
        }
    }
    const std::string_view near = nearest(comparison.selector, names);
    return Error(Code::filter_field,
                 "The filter names an unknown field " + quote_for_message(comparison.selector) +
                     at_code_point(comparison.position) + '.',
                 near.empty()
                     ? "Filter fields are " + list + '.'
                     : "Did you mean " +
                           quote_for_message(spellings(*catalogue.find(near)).front()) + "?");
}

} // namespace inventory
