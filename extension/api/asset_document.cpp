#include "api/asset_document.hpp"

#include "core/error.hpp"
#include "core/json_writer.hpp"
#include "core/utf8.hpp"

#include <algorithm>
#include <optional>

namespace inventory::api {
namespace {

constexpr std::string_view fieldset_head = "fields[";
/// What reads an attribute that lives in the column of rarely asked ones.
constexpr std::string_view detail_head = "a.detail -> ";

/// The attributes of one `fields[type]`, or all when there is none.
using Fieldset = std::optional<std::vector<std::string_view>>;

Fieldset read_fieldset(const Request &request, const std::string &type) {
    const std::string name = std::string(fieldset_head) + type + ']';
    const std::string *text = request.parameter(name);
    if (text == nullptr) {
        return std::nullopt;
    }
    std::vector<std::string_view> names;
    if (text->empty()) {
        return names; // JSON:API: an empty value asks for no attribute
    }
    std::string_view rest = *text;
    while (true) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        const std::string_view item = rest.substr(0, comma);
        const Field *field = request.catalogue->find(item);
        if (field == nullptr || !field->is_attribute || !field->belongs_to(type)) {
            std::vector<std::string_view> known;
            for (const Field &it : request.catalogue->fields) {
                if (it.is_attribute && it.belongs_to(type)) {
                    known.push_back(it.name);
                }
            }
            std::string list;
            for (const std::string_view it : known) {
                list += (list.empty() ? "" : ", ") + std::string(it);
            }
            const std::string_view near = nearest(item, known);
            throw Error(Code::fields_invalid,
                        "The fieldset names an unknown attribute " + quote_for_message(item) + '.',
                        near.empty() ? "Attributes of " + type + " are " + list + '.'
                                     : "Did you mean " + quote_for_message(near) + "?")
                .in_parameter(name);
        }
        names.push_back(item);
        if (comma == rest.size()) {
            return names;
        }
        rest.remove_prefix(comma + 1);
    }
}

void check_fieldset_types(const Request &request) {
    for (const Parameter &it : request.parameters) {
        if (is_fieldset(it.name)) {
            const std::string type =
                it.name.substr(fieldset_head.size(), it.name.size() - fieldset_head.size() - 1);
            if (!request.catalogue->has_type(type)) {
                throw Error(Code::type_unknown, "The fieldset is of an unknown asset type " +
                                                    quote_for_message(type) + '.')
                    .in_parameter(it.name);
            }
        }
    }
}

std::string_view trim(std::string_view text) noexcept {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    const std::size_t last = text.find_last_not_of(" \t\r\n");
    return first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, last - first + 1);
}

void write_class(const pg::Row &row, int column, JsonWriter &json) {
    const int rank = DatumGetInt32(row[column]);
    json.begin_object()
        .key("display_name")
        .string(class_names()[static_cast<std::size_t>(rank) - 1])
        .key("rank")
        .integer(rank)
        .key("locked")
        .boolean(DatumGetBool(row[column + 1]))
        .end_object();
}

void write_issues(const pg::Row &row, int column, JsonWriter &json) {
    static constexpr std::string_view names[] = {"critical", "high", "medium", "low"};
    json.begin_object();
    for (int i = 0; i < 4; ++i) {
        if (!row.is_null(column + i)) {
            json.key(names[i]).integer(DatumGetInt32(row[column + i]));
        }
    }
    json.end_object();
}

} // namespace

std::string single_document(const Request &request, std::string_view resource) {
    std::string out;
    JsonWriter(out)
        .begin_object()
        .key("data")
        .raw(resource)
        .key("links")
        .begin_object()
        .key("self")
        .string(self_link(request))
        .end_object()
        .end_object();
    return out;
}

bool is_fieldset(std::string_view parameter) noexcept {
    return parameter.size() > fieldset_head.size() &&
           parameter.substr(0, fieldset_head.size()) == fieldset_head && parameter.back() == ']';
}

AssetDocument::AssetDocument(const Request &request) : shown_(choose(request)) {
    link_head_ = assets_path(request);
    link_head_ += '/';
    link_tail_ = asset_link(request, "").substr(link_head_.size());
}

std::shared_ptr<const AssetDocument::Shown> AssetDocument::choose(const Request &request) {
    // Kept for the session until the catalogue is another: most requests show all.
    static std::shared_ptr<const Shown> all;
    const bool has_fieldset = std::any_of(request.parameters.begin(), request.parameters.end(),
                                          [](const Parameter &it) { return is_fieldset(it.name); });
    if (has_fieldset) {
        return choose_by_fieldsets(request);
    }
    if (all == nullptr || all->catalogue != request.catalogue) {
        all = choose_by_fieldsets(request);
    }
    return all;
}

std::shared_ptr<const AssetDocument::Shown>
AssetDocument::choose_by_fieldsets(const Request &request) {
    check_fieldset_types(request);
    auto made = std::make_shared<Shown>();
    made->catalogue = request.catalogue;
    const Catalogue &catalogue = *request.catalogue;
    std::vector<Fieldset> fieldsets;
    for (const std::string &type : catalogue.types) {
        fieldsets.push_back(read_fieldset(request, type));
    }
    const bool shows_all_of_one =
        std::any_of(fieldsets.begin(), fieldsets.end(), [](const Fieldset &it) { return !it; });
    bool has_detail = false;
    for (const Field &field : catalogue.fields) {
        if (!field.is_attribute) {
            continue;
        }
        std::vector<bool> shown(catalogue.types.size());
        for (std::size_t i = 0; i < shown.size(); ++i) {
            shown[i] = field.belongs_to(catalogue.types[i]) &&
                       (!fieldsets[i] || std::find(fieldsets[i]->begin(), fieldsets[i]->end(),
                                                   field.name) != fieldsets[i]->end());
        }
        if (std::find(shown.begin(), shown.end(), true) == shown.end()) {
            continue;
        }
        const bool is_detail = field.source.substr(0, detail_head.size()) == detail_head;
        if (is_detail && shows_all_of_one) {
            // Whoever shows all attributes copies the whole column; the others pick.
            if (!has_detail) {
                std::vector<bool> all(catalogue.types.size());
                std::transform(fieldsets.begin(), fieldsets.end(), all.begin(),
                               [](const Fieldset &it) { return !it; });
                made->add(nullptr, "a.detail", 1, std::move(all));
                has_detail = true;
            }
            for (std::size_t i = 0; i < shown.size(); ++i) {
                shown[i] = shown[i] && fieldsets[i];
            }
            if (std::find(shown.begin(), shown.end(), true) == shown.end()) {
                continue;
            }
        }
        if (field.kind == FieldKind::asset_class) {
            made->add(&field, "a.class_rank, a.class_locked", 2, std::move(shown));
        } else if (field.kind == FieldKind::issues) {
            made->add(&field, "a.issues_critical, a.issues_high, a.issues_medium, a.issues_low", 4,
                      std::move(shown));
        } else {
            made->add(&field, field.source, 1, std::move(shown));
        }
    }
    return made;
}

void AssetDocument::Shown::add(const Field *field, std::string_view sql, int count,
                               std::vector<bool> types) {
    columns += ", ";
    columns += sql;
    std::string key;
    if (field != nullptr) {
        append_json_string(key, field->name);
        key += ':';
    }
    attributes.push_back({field, width + 1, std::move(types), std::move(key)});
    width += count;
}

void AssetDocument::write(const pg::Row &row, int first, std::string &out) const {
    const std::string_view type = pg::text_of(row[first + 1]);
    const auto &types = shown_->catalogue->types;
    const auto index =
        static_cast<std::size_t>(std::find(types.begin(), types.end(), type) - types.begin());
    const Uuid id = pg::uuid_of(row[first]);
    out += "{\"type\":";
    append_json_string(out, type);
    out += ",\"id\":\"";
    append_uuid(out, id);
    out += "\",\"attributes\":{";
    for (const Attribute &attribute : shown_->attributes) {
        // A row of a type that is registered no more shows what all types have.
        const bool is_shown = index < types.size()
                                  ? attribute.types[index]
                                  : attribute.field != nullptr && attribute.field->all_types;
        if (is_shown && !row.is_null(first + attribute.column)) {
            write_attribute(attribute, row, first + attribute.column, out);
        }
    }
    out += "},\"links\":{\"self\":\"";
    out += link_head_;
    append_uuid(out, id);
    out += link_tail_;
    out += "\"}}";
}

void AssetDocument::write_attribute(const Attribute &attribute, const pg::Row &row, int column,
                                    std::string &out) {
    JsonWriter json(out);
    if (attribute.field == nullptr) {
        const std::string_view object = trim(pg::text_of(row[column]));
        if (object.size() > 2) {
            const std::string_view members = trim(object.substr(1, object.size() - 2));
            if (!members.empty()) {
                json.raw(members);
            }
        }
        return;
    }
    json.raw(attribute.key);
    switch (attribute.field->kind) {
    case FieldKind::asset_class:
        write_class(row, column, json);
        break;
    case FieldKind::issues:
        write_issues(row, column, json);
        break;
    case FieldKind::time:
        out += '"';
        append_timestamp(out, pg::time_of(row[column]));
        out += '"';
        break;
    case FieldKind::integer:
        json.integer(DatumGetInt32(row[column]));
        break;
    case FieldKind::bigint:
        json.integer(DatumGetInt64(row[column]));
        break;
    case FieldKind::array:
        json.begin_array();
        for (const std::string_view item : pg::texts_of(row[column])) {
            json.string(item);
        }
        json.end_array();
        break;
    case FieldKind::object:
        pg::append_jsonb(row[column], out);
        break;
    case FieldKind::json:
        json.raw(trim(pg::text_of(row[column])));
        break;
    default:
        json.string(pg::text_of(row[column]));
        break;
    }
}

} // namespace inventory::api
