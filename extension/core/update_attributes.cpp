#include "core/update_attributes.hpp"

#include "core/catalogue.hpp"
#include "core/label.hpp"
#include "core/utf8.hpp"

#include <algorithm>
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

const std::string &read_label(const BodyMember &place, std::string_view what) {
    const auto *text = place.value.get_ptr<const std::string *>();
    if (text == nullptr) {
        reject_member(place.pointer, std::string(what) + " is not a string.", label_hint);
    }
    if (!is_label(*text)) {
        reject_member(place.pointer,
                      std::string(what) + " cannot be " + quote_for_message(*text) + '.',
                      label_hint);
    }
    return *text;
}

/// What is added stays, so that too many are too many for any asset.
void check_count(const BodyMember &place, std::size_t count, std::size_t most,
                 std::string_view what) {
    if (count > most) {
        reject_member(place.pointer,
                      "There are " + std::to_string(count) + ' ' + std::string(what) + '.',
                      "An asset can have " + std::to_string(most) + '.');
    }
}

void check_tag_key(std::string_view key, std::string_view pointer) {
    if (!is_tag_key(key)) {
        reject_member(pointer, "A tag's key cannot be " + quote_for_message(key) + '.', key_hint);
    }
}

/// Labels, each once, in order.
std::vector<std::string> read_label_list(const BodyMember &place) {
    if (!place.value.is_array()) {
        reject_member(place.pointer, "A list of labels is not an array.", labels_hint);
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

std::map<std::string, std::string> read_tag_map(const BodyMember &place) {
    check_object(place, "A map of tags", tags_hint);
    std::map<std::string, std::string> out;
    for (const auto &[key, value] : place.value.items()) {
        const BodyMember tag{value, place.pointer_to(key)};
        check_tag_key(key, tag.pointer);
        out.emplace(key, read_label(tag, "The value of a tag"));
    }
    check_count(place, out.size(), max_tags, "tags");
    return out;
}

std::vector<std::string> read_tag_keys(const BodyMember &place, const TagsUpdate &update) {
    if (!place.value.is_array()) {
        reject_member(place.pointer, "The tags to remove are not an array of keys.", tags_hint);
    }
    std::vector<std::string> out;
    for (std::size_t i = 0; i < place.value.size(); ++i) {
        const BodyMember item = place.item(i);
        const auto *key = item.value.get_ptr<const std::string *>();
        if (key == nullptr) {
            reject_member(item.pointer, "A tag's key is not a string.", key_hint);
        }
        check_tag_key(*key, item.pointer);
        if (update.add.contains(*key)) {
            reject_member(item.pointer,
                          "The tag " + quote_for_message(*key) + " is both added and removed.");
        }
        out.push_back(*key);
    }
    return out;
}

/// A map with a member add or remove is a change; tags of these two names are set by one.
bool is_tag_change(const json &tags) {
    return tags.contains("add") || tags.contains("remove");
}

} // namespace

ClassUpdate read_class_update(const BodyMember &place) {
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
            reject_member(name->pointer, "The display_name is not the name of a class.",
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
            reject_member(rank->pointer, "The rank is not an integer from 1 to 4.");
        }
    }
    if (out.rank == 0) {
        reject_member(place.pointer, "class has neither a rank nor a display_name.",
                      "Send at least one of them; rank wins.");
    }
    if (const auto locked = place.member("locked")) {
        if (!locked->value.is_boolean()) {
            reject_member(locked->pointer, "locked is not true or false.");
        }
        out.locked = locked->value.get<bool>();
    }
    return out;
}

LabelsUpdate read_labels_update(const BodyMember &place) {
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
                reject_member(remove->item(i).pointer, "The label " + quote_for_message(label) +
                                                           " is both added and removed.");
            }
        }
    }
    if (out.add.empty() && out.remove.empty()) {
        reject_member(place.pointer, "labels neither adds nor removes one.", labels_hint);
    }
    return out;
}

TagsUpdate read_tags_update(const BodyMember &place) {
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
        reject_member(place.pointer, "tags neither adds nor removes one.", tags_hint);
    }
    return out;
}

} // namespace inventory
