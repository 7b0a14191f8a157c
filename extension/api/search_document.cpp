#include "api/search_document.hpp"

#include "api/asset_list.hpp"
#include "core/error.hpp"
#include "core/json_body.hpp"
#include "core/sort.hpp"
#include "core/utf8.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <span>

namespace inventory::api {
namespace {

using nlohmann::json;

std::string escaped(std::string_view member) {
    std::string out;
    for (const char c : member) {
        out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    }
    return out;
}

/// Checks that the value is an object of known members only.
void check_object(const json &value, const std::string &pointer,
                  std::span<const std::string_view> members) {
    if (!value.is_object()) {
        throw Error(Code::body_invalid, "The value is not an object.").in_pointer(pointer);
    }
    for (const auto &item : value.items()) {
        if (std::find(members.begin(), members.end(), item.key()) == members.end()) {
            std::string list;
            for (const std::string_view it : members) {
                list += (list.empty() ? "" : ", ") + std::string(it);
            }
            throw Error(Code::body_invalid,
                        "The member " + quote_for_message(item.key()) + " is unknown.",
                        "Members are " + list + '.')
                .in_pointer(pointer + '/' + escaped(item.key()));
        }
    }
}

const json &required_member(const json &object, const std::string &pointer, const char *name) {
    const auto found = object.find(name);
    if (found == object.end()) {
        throw Error(Code::body_invalid, "The member " + std::string(name) + " is missing.")
            .in_pointer(pointer + '/' + name);
    }
    return *found;
}

/// A member that is a string; nothing when it is absent.
std::optional<std::string> read_text(const json &attributes, const std::string &pointer,
                                     const char *name) {
    const auto found = attributes.find(name);
    if (found == attributes.end()) {
        return std::nullopt;
    }
    if (!found->is_string()) {
        throw Error(Code::body_invalid, "The attribute " + std::string(name) + " is not a string.",
                    "Leave it out for the default.")
            .in_pointer(pointer + '/' + name);
    }
    return found->get<std::string>();
}

int read_page_limit(const json &attributes, const std::string &pointer) {
    const auto found = attributes.find("limit");
    if (found == attributes.end()) {
        return 10;
    }
    if (!found->is_number_integer() || *found < 10 || *found > 100) {
        throw Error(Code::limit_invalid, "The limit is not an integer from 10 to 100.",
                    "Write a number without quotes, for example 50.")
            .in_pointer(pointer + "/limit");
    }
    return found->get<int>();
}

SearchOptions read_attributes(const json &attributes, const Catalogue &catalogue) {
    static constexpr std::string_view members[] = {"filter", "sort", "limit", "meta_count"};
    const std::string pointer = "/data/attributes";
    check_object(attributes, pointer, members);
    SearchOptions options;
    options.filter = read_text(attributes, pointer, "filter");
    if (options.filter) {
        read_filter(*options.filter, catalogue, SourceKind::pointer, pointer + "/filter");
    }
    options.sort =
        read_text(attributes, pointer, "sort").value_or(std::string(inventory::default_sort));
    try {
        parse_sort(options.sort, catalogue, SortScope::search);
    } catch (Error &error) {
        error.set_source(SourceKind::pointer, pointer + "/sort");
        throw;
    }
    options.limit = read_page_limit(attributes, pointer);
    options.meta_count = read_text(attributes, pointer, "meta_count");
    if (options.meta_count && options.meta_count != "with" && options.meta_count != "only") {
        throw Error(Code::body_invalid,
                    "The attribute meta_count cannot be " + quote_for_message(*options.meta_count) +
                        '.',
                    "Allowed values are with, only.")
            .in_pointer(pointer + "/meta_count");
    }
    return options;
}

} // namespace

SearchOptions read_search_document(const std::optional<std::string> &body,
                                   const Catalogue &catalogue) {
    static constexpr std::string_view document_members[] = {"data"};
    static constexpr std::string_view data_members[] = {"type", "attributes"};
    if (!body || body->empty()) {
        return read_attributes(json::object(), catalogue);
    }
    const json document = parse_json_body(*body);
    check_object(document, "", document_members);
    const json &data = required_member(document, "", "data");
    check_object(data, "/data", data_members);
    const json &type = required_member(data, "/data", "type");
    if (!type.is_string()) {
        throw Error(Code::body_invalid, "The type is not a string.", "It is \"searches\".")
            .in_pointer("/data/type");
    }
    if (type != "searches") {
        throw Error(Code::identity_conflict,
                    "The type " + quote_for_message(type.get_ref<const std::string &>()) +
                        " is not that of the path.",
                    "It is \"searches\".")
            .in_pointer("/data/type");
    }
    const auto attributes = data.find("attributes");
    return read_attributes(attributes == data.end() ? json::object() : *attributes, catalogue);
}

} // namespace inventory::api
