#include "core/update_document.hpp"

#include "core/error.hpp"
#include "core/json_body.hpp"
#include "core/update_attributes.hpp"
#include "core/utf8.hpp"

#include <algorithm>
#include <set>

namespace inventory {
namespace {

using nlohmann::json;

AssetUpdate read_resource(const BodyMember &place) {
    check_object(place, "The resource");
    check_members(place, {"type", "id", "attributes"}, "The resource");
    AssetUpdate out;
    out.pointer = place.pointer;
    out.type = required_string(place, "type");
    out.id = required_string(place, "id");
    const BodyMember attributes = required_member(place, "attributes");
    check_object(attributes, "The member attributes");
    check_members(attributes, {"class", "labels", "tags"}, "An update");
    if (attributes.value.empty()) {
        reject_member(attributes.pointer, "There is nothing to update.",
                      "Send at least one of class, labels and tags.");
    }
    if (const auto it = attributes.member("class")) {
        out.asset_class = read_class_update(*it);
    }
    if (const auto it = attributes.member("labels")) {
        out.labels = read_labels_update(*it);
    }
    if (const auto it = attributes.member("tags")) {
        out.tags = read_tags_update(*it);
    }
    return out;
}

json parse(std::string_view body) {
    if (body.empty()) {
        throw Error(Code::body_syntax, "The request has no body.", "Send {\"data\": ...}.");
    }
    return parse_json_body(body);
}

/// The member `data` of the only document that there is.
BodyMember read_data(const json &body) {
    const BodyMember document{body, ""};
    check_object(document, "The body", "Send {\"data\": ...}.");
    check_members(document, {"data"}, "The body");
    return required_member(document, "data");
}

/// The same whatever the spelling of the UUID.
std::string folded(std::string id) {
    std::transform(id.begin(), id.end(), id.begin(), [](char c) {
        return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return id;
}

} // namespace

AssetUpdate read_update(std::string_view body) {
    const json document = parse(body);
    return read_resource(read_data(document));
}

std::vector<AssetUpdate> read_updates(std::string_view body) {
    const json document = parse(body);
    const BodyMember data = read_data(document);
    if (!data.value.is_array() || data.value.empty() || data.value.size() > max_updates) {
        reject_member(data.pointer, "data is not an array of 1 to 100 resources.");
    }
    std::vector<AssetUpdate> out;
    std::set<std::string> ids;
    for (std::size_t i = 0; i < data.value.size(); ++i) {
        out.push_back(read_resource(data.item(i)));
        if (!ids.insert(folded(out.back().id)).second) {
            reject_member(out.back().pointer + "/id",
                          "The asset " + quote_for_message(out.back().id) + " is there twice.",
                          "Send all changes of an asset in one resource.");
        }
    }
    return out;
}

} // namespace inventory
