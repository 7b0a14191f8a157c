#include "core/update_document.hpp"

#include "core/catalogue.hpp"
#include "core/error.hpp"
#include "core/json_body.hpp"
#include "core/label.hpp"
#include "core/utf8.hpp"

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <set>

namespace inventory {
namespace {

using nlohmann::json;

constexpr std::string_view label_hint =
    "1 to 40 characters of a-z, A-Z, 0-9 and _/:?#@&=+%~- are allowed.";
constexpr std::string_view key_hint = "A key is 1 to 30 characters of a-z, A-Z, 0-9, _ and -.";
constexpr std::string_view labels_hint =
    "Send {\"add\": [...], \"remove\": [...]}, or an array that replaces all.";
constexpr std::string_view tags_hint =
    "Send {\"add\": {\"key\": \"value\"}, \"remove\": [\"key\"]}, or a map of strings that "
    "replaces all.";

/// A value of the body and where it is.
struct Place {
    const json &value;
    std::string pointer;

    /// The pointer of a member, whether it is there or not (RFC 6901 §3).
    std::string pointer_to(std::string_view member) const {
        std::string out = pointer + '/';
        for (const char c : member) {
            out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
        }
        return out;
    }
    Place item(std::size_t n) const { return {value[n], pointer + '/' + std::to_string(n)}; }
    std::optional<Place> member(const char *name) const {
        const auto found = value.find(name);
        return found == value.end() ? std::nullopt
                                    : std::optional<Place>({*found, pointer_to(name)});
    }
};

[[noreturn]] void reject(std::string_view pointer, std::string detail, std::string_view hint = {}) {
    throw Error(Code::body_invalid, std::move(detail), std::string(hint)).in_pointer(pointer);
}

std::string list(std::initializer_list<std::string_view> names) {
    std::string out;
    for (const std::string_view name : names) {
        out += (out.empty() ? "" : ", ") + std::string(name);
    }
    return out;
}

void check_object(const Place &place, std::string_view what, std::string_view hint = {}) {
    if (!place.value.is_object()) {
        reject(place.pointer,
               std::string(what) + " is not an object but " + place.value.type_name() + '.', hint);
    }
}

void check_members(const Place &place, std::initializer_list<std::string_view> known,
                   std::string_view what) {
    for (const auto &[name, value] : place.value.items()) {
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            reject(place.pointer_to(name),
                   std::string(what) + " has no member " + quote_for_message(name) + '.',
                   "It has " + list(known) + '.');
        }
    }
}

Place required_member(const Place &place, const char *name) {
    auto found = place.member(name);
    if (!found) {
        reject(place.pointer_to(name), "The member " + std::string(name) + " is missing.");
    }
    return *std::move(found);
}

std::string required_string(const Place &place, const char *name) {
    const Place found = required_member(place, name);
    if (!found.value.is_string()) {
        reject(found.pointer, "The member " + std::string(name) + " is not a string.");
    }
    return found.value.get<std::string>();
}

const std::string &read_label(const Place &place, std::string_view what) {
    const auto *text = place.value.get_ptr<const std::string *>();
    if (text == nullptr) {
        reject(place.pointer, std::string(what) + " is not a string.", label_hint);
    }
    if (!is_label(*text)) {
        reject(place.pointer, std::string(what) + " cannot be " + quote_for_message(*text) + '.',
               label_hint);
    }
    return *text;
}

/// What is added stays, so that too many are too many for any asset.
void check_count(const Place &place, std::size_t count, std::size_t most, std::string_view what) {
    if (count > most) {
        reject(place.pointer, "There are " + std::to_string(count) + ' ' + std::string(what) + '.',
               "An asset can have " + std::to_string(most) + '.');
    }
}

void check_tag_key(std::string_view key, std::string_view pointer) {
    if (!is_tag_key(key)) {
        reject(pointer, "A tag's key cannot be " + quote_for_message(key) + '.', key_hint);
    }
}

ClassUpdate read_class(const Place &place) {
    check_object(
        place, "class",
        "Send {\"rank\": 1} or {\"display_name\": \"A\"}, and \"locked\" to set the lock.");
    check_members(place, {"display_name", "rank", "locked"}, "class");
    ClassUpdate out;
    if (const auto name = place.member("display_name")) {
        const auto names = class_names();
        const auto *text = name->value.get_ptr<const std::string *>();
        const auto found =
            text == nullptr ? names.end() : std::find(names.begin(), names.end(), *text);
        if (found == names.end()) {
            reject(name->pointer, "The display_name is not the name of a class.",
                   "Classes are A, B, C and D.");
        }
        out.rank = static_cast<int>(found - names.begin()) + 1;
    }
    if (const auto rank = place.member("rank")) {
        out.rank = 0;
        for (int n = 1; n <= static_cast<int>(class_names().size()); ++n) {
            out.rank = rank->value.is_number() && rank->value == n ? n : out.rank;
        }
        if (out.rank == 0) {
            reject(rank->pointer, "The rank is not an integer from 1 to 4.");
        }
    }
    if (out.rank == 0) {
        reject(place.pointer, "class has neither a rank nor a display_name.",
               "Send at least one of them; rank wins.");
    }
    if (const auto locked = place.member("locked")) {
        if (!locked->value.is_boolean()) {
            reject(locked->pointer, "locked is not true or false.");
        }
        out.locked = locked->value.get<bool>();
    }
    return out;
}

/// Labels, each once, in order.
std::vector<std::string> read_label_list(const Place &place) {
    if (!place.value.is_array()) {
        reject(place.pointer, "A list of labels is not an array.", labels_hint);
    }
    std::vector<std::string> out;
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < place.value.size(); ++i) {
        const std::string &label = read_label(place.item(i), "A label");
        if (seen.insert(label).second) {
            out.push_back(label);
        }
    }
    return out;
}

LabelsUpdate read_labels(const Place &place) {
    LabelsUpdate out;
    if (place.value.is_array()) {
        out.replaces_all = true;
        out.add = read_label_list(place);
        check_count(place, out.add.size(), max_labels, "labels");
        return out;
    }
    check_object(place, "labels", labels_hint);
    check_members(place, {"add", "remove"}, "labels");
    if (const auto add = place.member("add")) {
        out.add = read_label_list(*add);
        check_count(*add, out.add.size(), max_labels, "labels");
    }
    if (const auto remove = place.member("remove")) {
        out.remove = read_label_list(*remove);
        const std::set<std::string_view> added(out.add.begin(), out.add.end());
        for (std::size_t i = 0; i < remove->value.size(); ++i) {
            const auto &label = remove->value[i].get_ref<const std::string &>();
            if (added.contains(label)) {
                reject(remove->item(i).pointer,
                       "The label " + quote_for_message(label) + " is both added and removed.");
            }
        }
    }
    if (out.add.empty() && out.remove.empty()) {
        reject(place.pointer, "labels neither adds nor removes one.", labels_hint);
    }
    return out;
}

std::map<std::string, std::string> read_tag_map(const Place &place) {
    check_object(place, "A map of tags", tags_hint);
    std::map<std::string, std::string> out;
    for (const auto &[key, value] : place.value.items()) {
        const Place tag{value, place.pointer_to(key)};
        check_tag_key(key, tag.pointer);
        out.emplace(key, read_label(tag, "The value of a tag"));
    }
    check_count(place, out.size(), max_tags, "tags");
    return out;
}

std::vector<std::string> read_tag_keys(const Place &place, const TagsUpdate &update) {
    if (!place.value.is_array()) {
        reject(place.pointer, "The tags to remove are not an array of keys.", tags_hint);
    }
    std::vector<std::string> out;
    for (std::size_t i = 0; i < place.value.size(); ++i) {
        const Place item = place.item(i);
        const auto *key = item.value.get_ptr<const std::string *>();
        if (key == nullptr) {
            reject(item.pointer, "A tag's key is not a string.", key_hint);
        }
        check_tag_key(*key, item.pointer);
        if (update.add.contains(*key)) {
            reject(item.pointer,
                   "The tag " + quote_for_message(*key) + " is both added and removed.");
        }
        out.push_back(*key);
    }
    return out;
}

/// Tags may be called add and remove: a plain map holds strings, a change does not.
bool is_tag_change(const json &tags) {
    const auto is_structured = [&](const char *name) {
        const auto member = tags.find(name);
        return member != tags.end() && member->is_structured();
    };
    return is_structured("add") || is_structured("remove");
}

TagsUpdate read_tags(const Place &place) {
    check_object(place, "tags", tags_hint);
    TagsUpdate out;
    if (!is_tag_change(place.value)) {
        out.replaces_all = true;
        out.add = read_tag_map(place);
        return out;
    }
    check_members(place, {"add", "remove"}, "A change of tags");
    if (const auto add = place.member("add")) {
        out.add = read_tag_map(*add);
    }
    if (const auto remove = place.member("remove")) {
        out.remove = read_tag_keys(*remove, out);
    }
    if (out.add.empty() && out.remove.empty()) {
        reject(place.pointer, "tags neither adds nor removes one.", tags_hint);
    }
    return out;
}

AssetUpdate read_resource(const Place &place) {
    check_object(place, "The resource");
    check_members(place, {"type", "id", "attributes"}, "The resource");
    AssetUpdate out;
    out.pointer = place.pointer;
    out.type = required_string(place, "type");
    out.id = required_string(place, "id");
    const Place attributes = required_member(place, "attributes");
    check_object(attributes, "The member attributes");
    check_members(attributes, {"class", "labels", "tags"}, "An update");
    if (attributes.value.empty()) {
        reject(attributes.pointer, "There is nothing to update.",
               "Send at least one of class, labels and tags.");
    }
    if (const auto it = attributes.member("class")) {
        out.asset_class = read_class(*it);
    }
    if (const auto it = attributes.member("labels")) {
        out.labels = read_labels(*it);
    }
    if (const auto it = attributes.member("tags")) {
        out.tags = read_tags(*it);
    }
    return out;
}

/// The member `data` of the only document that there is.
Place read_data(const json &body) {
    const Place document{body, ""};
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
    const json document = parse_json_body(body);
    return read_resource(read_data(document));
}

std::vector<AssetUpdate> read_updates(std::string_view body) {
    const json document = parse_json_body(body);
    const Place data = read_data(document);
    if (!data.value.is_array() || data.value.empty() || data.value.size() > max_updates) {
        reject(data.pointer, "data is not an array of 1 to 100 resources.");
    }
    std::vector<AssetUpdate> out;
    std::set<std::string> ids;
    for (std::size_t i = 0; i < data.value.size(); ++i) {
        out.push_back(read_resource(data.item(i)));
        if (!ids.insert(folded(out.back().id)).second) {
            reject(out.back().pointer + "/id",
                   "The asset " + quote_for_message(out.back().id) + " is there twice.",
                   "Send all changes of an asset in one resource.");
        }
    }
    return out;
}

} // namespace inventory
