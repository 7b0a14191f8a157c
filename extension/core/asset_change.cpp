#include "core/asset_change.hpp"

#include "core/catalogue.hpp"
#include "core/error.hpp"
#include "core/json_writer.hpp"
#include "core/label.hpp"

#include <algorithm>
#include <unordered_set>

namespace inventory {
namespace {

void check_count(std::size_t count, std::size_t most, std::string_view what,
                 const AssetUpdate &update) {
    if (count > most) {
        const std::string name(what);
        throw Error(Code::body_invalid,
                    "The asset would have " + std::to_string(count) + ' ' + name + '.',
                    "It can have " + std::to_string(most) + "; remove some in the same update.")
            .in_pointer(update.pointer + "/attributes/" + name);
    }
}

void apply_labels(const LabelsUpdate &update, std::vector<std::string> &labels) {
    if (update.replaces_all) {
        labels = update.add;
        return;
    }
    const std::unordered_set<std::string_view> gone(update.remove.begin(), update.remove.end());
    std::erase_if(labels, [&](const std::string &label) { return gone.contains(label); });
    const std::unordered_set<std::string> kept(labels.begin(), labels.end());
    std::copy_if(update.add.begin(), update.add.end(), std::back_inserter(labels),
                 [&](const std::string &label) { return !kept.contains(label); });
}

void apply_tags(const TagsUpdate &update, std::map<std::string, std::string> &tags) {
    if (update.replaces_all) {
        tags.clear();
    }
    for (const std::string &key : update.remove) {
        tags.erase(key);
    }
    for (const auto &[key, value] : update.add) {
        tags[key] = value;
    }
}

void write_class(const AssetState &state, JsonWriter &json) {
    json.key("class");
    if (state.class_rank == 0) {
        json.null();
        return;
    }
    json.begin_object()
        .key("display_name")
        .string(class_names()[static_cast<std::size_t>(state.class_rank) - 1])
        .key("rank")
        .integer(state.class_rank)
        .key("locked")
        .boolean(state.is_locked)
        .end_object();
}

void write_labels(const AssetState &state, JsonWriter &json) {
    json.begin_array();
    for (const std::string &label : state.labels) {
        json.string(label);
    }
    json.end_array();
}

void write_tags(const AssetState &state, JsonWriter &json) {
    json.begin_object();
    for (const auto &[key, value] : state.tags) {
        json.key(key).string(value);
    }
    json.end_object();
}

} // namespace

AssetState apply(const AssetUpdate &update, AssetState state) {
    if (update.asset_class) {
        state.class_rank = update.asset_class->rank;
        state.is_locked = update.asset_class->locked.value_or(state.is_locked);
    }
    if (update.labels) {
        apply_labels(*update.labels, state.labels);
        check_count(state.labels.size(), max_labels, "labels", update);
    }
    if (update.tags) {
        apply_tags(*update.tags, state.tags);
        check_count(state.tags.size(), max_tags, "tags", update);
    }
    return state;
}

std::string difference(const AssetState &state, const AssetState &other) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    if (state.class_rank != other.class_rank || state.is_locked != other.is_locked) {
        write_class(state, json);
    }
    if (state.labels != other.labels) {
        json.key("labels");
        write_labels(state, json);
    }
    if (state.tags != other.tags) {
        json.key("tags");
        write_tags(state, json);
    }
    json.end_object();
    return out;
}

std::string changes_json(std::span<const AssetChange> changes) {
    std::string out;
    JsonWriter json(out);
    json.begin_array();
    for (const AssetChange &change : changes) {
        const AssetState &after = change.after;
        json.begin_object().key("id").string(to_string(change.id)).key("class_rank");
        if (after.class_rank == 0) {
            json.null();
        } else {
            json.integer(after.class_rank);
        }
        json.key("class_locked").boolean(after.is_locked).key("labels");
        write_labels(after, json);
        json.key("tags");
        write_tags(after, json);
        json.key("before").raw(difference(change.before, after));
        json.key("after").raw(difference(after, change.before)).end_object();
    }
    json.end_array();
    return out;
}

} // namespace inventory
