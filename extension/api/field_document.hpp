#pragma once

#include "api/request.hpp"
#include "core/json_writer.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace inventory::api {

/// One of the two catalogues that clients see: fields that group, fields that filter.
struct FieldRoom {
    std::string_view type; ///< Resource type, `group_fields`.
    std::string_view path; ///< Below `/inventory/assets`, `groups`.
    bool (*holds)(const Field &field);
    bool (*has_values)(const Field &field);
};

extern const FieldRoom group_room;
extern const FieldRoom filter_room;

/// The fields of a room that some registered type has: one of `types`, when given.
std::vector<const Field *> fields_of(const FieldRoom &room, const Catalogue &catalogue,
                                     const std::optional<std::vector<std::string>> &types);

/// The field of a room whose values can be listed, by the id in the request's path;
/// null when there is none.
const Field *find_field(const FieldRoom &room, const Request &request);

/// What cursors into the values of the request's field remember: `groups/<uuid>`.
std::string values_list(const FieldRoom &room, const Request &request);

/// Writes a field as a resource object (contract.md §8, §9).
void write_field(const FieldRoom &room, const Field &field, const Request &request,
                 JsonWriter &json);

} // namespace inventory::api
