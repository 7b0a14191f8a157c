#include "api/field_document.hpp"

#include <algorithm>

namespace inventory::api {
namespace {

/// The canonical spelling of the id in the path; empty when it is no UUID.
std::string field_id(const Request &request) {
    const auto id = parse_uuid(request.path_values.front());
    return id ? to_string(*id) : std::string();
}

std::string values_link(const FieldRoom &room, const Field &field, const Request &request) {
    std::string out(assets_path(request));
    out += '/';
    out += room.path;
    out += '/';
    out += field.id;
    out += "/values";
    if (!request.version.empty()) {
        out += "?version=" + request.version;
    }
    return out;
}

} // namespace

const FieldRoom group_room{"group_fields", "groups",
                           [](const Field &field) { return field.is_group; },
                           [](const Field &field) { return field.is_group; }};

const FieldRoom filter_room{"filter_fields", "filters",
                            [](const Field &field) { return field.is_filter; },
                            [](const Field &field) { return field.is_filter && field.has_values; }};

std::vector<const Field *> fields_of(const FieldRoom &room, const Catalogue &catalogue,
                                     const std::optional<std::vector<std::string>> &types) {
    std::vector<const Field *> out;
    for (const Field &field : catalogue.fields) {
        bool is_wanted = room.holds(field) && catalogue.is_live(field);
        if (is_wanted && types) {
            is_wanted = std::any_of(types->begin(), types->end(),
                                    [&field](const auto &type) { return field.belongs_to(type); });
        }
        if (is_wanted) {
            out.push_back(&field);
        }
    }
    return out;
}

const Field *find_field(const FieldRoom &room, const Request &request) {
    const Field *field = request.catalogue->find_id(field_id(request));
    return field != nullptr && room.has_values(*field) && request.catalogue->is_live(*field)
               ? field
               : nullptr;
}

std::string values_list(const FieldRoom &room, const Request &request) {
    return std::string(room.path) + '/' + field_id(request);
}

void write_field(const FieldRoom &room, const Field &field, const Request &request,
                 JsonWriter &json) {
    json.begin_object().key("type").string(room.type).key("id").string(field.id);
    json.key("attributes").begin_object();
    json.key("name").string(field.name).key("type").string(public_kind(field.kind));
    json.key("asset_types").begin_array();
    for (const std::string &type : request.catalogue->types) {
        if (field.belongs_to(type)) {
            json.string(type);
        }
    }
    json.end_array().end_object();
    if (room.has_values(field)) {
        json.key("relationships").begin_object().key("values").begin_object();
        json.key("links").begin_object().key("related").string(values_link(room, field, request));
        json.end_object().end_object().end_object();
    }
    json.end_object();
}

} // namespace inventory::api
