// Parameters and headers. What they may hold is read from the catalogue where it
// rules: sort fields, filter fields, asset types, fieldsets.

#include "api/openapi_parts.hpp"

namespace inventory::api {
namespace {

/// Those that do not depend on the catalogue; path ids and headers among them.
constexpr std::string_view fixed = R"json({
"tenant_id": {"name": "tenant_id", "in": "path", "required": true, "description": "The tenant.",
    "schema": {"type": "string", "format": "uuid"}, "example": "11111111-1111-4111-8111-111111111111"},
"group_id": {"name": "group_id", "in": "path", "required": true, "description": "The group; its tenant follows from it.",
    "schema": {"type": "string", "format": "uuid"}, "example": "22222222-2222-4222-8222-222222222222"},
"org_id": {"name": "org_id", "in": "path", "required": true, "description": "The org; its group and tenant follow from it.",
    "schema": {"type": "string", "format": "uuid"}, "example": "33333333-3333-4333-8333-333333333333"},
"asset_id": {"name": "asset_id", "in": "path", "required": true, "description": "The asset.",
    "schema": {"type": "string", "format": "uuid"}, "example": "5b0c1a52-6d8f-4f0e-9a3c-2f1d7c9e4b10"},
"search_id": {"name": "search_id", "in": "path", "required": true, "description": "The search, from the `location` that started it.",
    "schema": {"type": "string", "format": "uuid"}, "example": "7e3f9c1d-0a4b-4c58-8d2e-6b9a1f5c3e07"},
"group_field": {"name": "group_field", "in": "path", "required": true, "description": "The id of a group field, from their list.",
    "schema": {"type": "string", "format": "uuid"}, "example": "3fa85f64-5717-4562-b3fc-2c963f66afa6"},
"filter_id": {"name": "filter_id", "in": "path", "required": true, "description": "The id of a filter field, from their list.",
    "schema": {"type": "string", "format": "uuid"}, "example": "3fa85f64-5717-4562-b3fc-2c963f66afa6"},
"openapi_version": {"name": "version", "in": "path", "required": true, "description": "A date, alone or with the stage of a release; the latest release on or before it.",
    "schema": {"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}(~[a-z]+)?$"}, "example": "2024-10-15~beta"},
"limit": {"name": "limit", "in": "query", "description": "Number of items on a page; decimal digits only.",
    "schema": {"type": "integer", "minimum": 10, "maximum": 100, "default": 10}, "example": 50},
"starting_after": {"name": "starting_after", "in": "query",
    "description": "The cursor of a `next` link, under the same sort. Excludes `ending_before`.",
    "schema": {"type": "string", "pattern": "^v1\\.[A-Za-z0-9_=-]+$"}, "example": "v1.MTIzNDU2Nzg5MHxhYmNkZWY="},
"ending_before": {"name": "ending_before", "in": "query",
    "description": "The cursor of a `prev` link, under the same sort. Excludes `starting_after`.",
    "schema": {"type": "string", "pattern": "^v1\\.[A-Za-z0-9_=-]+$"}, "example": "v1.MTIzNDU2Nzg5MHxhYmNkZWY="},
"meta_count": {"name": "meta_count", "in": "query",
    "description": "`with` adds `meta.count`, the number of matches whatever the page; `only` answers the count without `data`.",
    "schema": {"enum": ["with", "only"]}, "example": "with"},
"meta_fields": {"name": "meta_fields", "in": "query", "style": "form", "explode": false,
    "description": "What to say of each value beside its count, or `all`.",
    "schema": {"type": "array", "minItems": 1, "items": {"enum": ["all", "issues", "labels", "latest_last_seen_at", "latest_updated_at", "max_risk_score"]}},
    "example": ["issues", "max_risk_score"]},
"q": {"name": "q", "in": "query",
    "description": "Keeps what contains this text, in any case: the keys with `keys_only`, else the values.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 100}, "example": "prod"},
"keys_only": {"name": "keys_only", "in": "query", "description": "Lists the keys of an object field, without values.",
    "schema": {"type": "boolean", "default": false}, "example": true},
"key": {"name": "key", "in": "query", "description": "Lists the values of this key of an object field.",
    "schema": {"type": "string", "minLength": 1}, "example": "env"},
"group_value_sort": {"name": "sort", "in": "query",
    "description": "A comma list of keys, `-` for descending, each at most once. The value breaks ties.",
    "schema": {"type": "string", "default": "-count", "pattern": "^-?(value|count|risk_score|issues|updated_at|last_seen_at)(,-?(value|count|risk_score|issues|updated_at|last_seen_at))*$"},
    "example": "-risk_score,value"},
"snyk-request-id": {"name": "snyk-request-id", "in": "header",
    "description": "A UUID of the client's for this request; the answer repeats it. Anything else is replaced by a new one.",
    "schema": {"type": "string", "format": "uuid"}, "example": "4a72d1db-b465-4764-99e1-ecedad03b06a"},
"prefer": {"name": "prefer", "in": "header",
    "description": "RFC 7240: `wait=N` gives up after N seconds (504), `timing` asks for the header `server-timing`.",
    "schema": {"type": "string"}, "example": "wait=2, timing"},
"if-none-match": {"name": "if-none-match", "in": "header",
    "description": "Entity tags of answers at hand: 304 when one of them still holds.",
    "schema": {"type": "string"}, "example": "\"1f0c4a9be2d34e7796a1d0a8c5f3b2e4\""},
"if-match": {"name": "if-match", "in": "header",
    "description": "The entity tag of the asset as it was read: 412 when it has changed since.",
    "schema": {"type": "string"}, "example": "\"1f0c4a9be2d34e7796a1d0a8c5f3b2e4\""},
"idempotency-key": {"name": "idempotency-key", "in": "header",
    "description": "A repeat with the same key and body within a day answers as the first did; with another body it is 422.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255}, "example": "0f8b2c4e-update-57"}
})json";

constexpr std::string_view filter_text =
    R"(An RSQL expression.

* `==`, `!=`; `<` or `=lt=`, `<=` or `=le=`, `>` or `=gt=`, `>=` or `=ge=`
* `=in=(a,b)`, `=out=(a,b)`
* `;` or `and`, `,` or `or`, parentheses; the words in any case, between blanks
* `*` under `==` and `!=` on text matches any run of characters: `type==*image*`
* a value with a reserved character is quoted: `labels=='a b'`
* `!=` and `=out=` match assets without the value; `registry==''` matches an empty or absent one
* times are dates or RFC 3339, without a zone in UTC

Encode the whole expression once; `+` is a blank, so send it as `%2B`. Fields:

)";

bool is_sort_field(const Catalogue &catalogue, const Field &field, SortScope scope) {
    return catalogue.is_live(field) &&
           (field.sort == SortScope::list ||
            (field.sort == SortScope::search && scope == SortScope::search));
}

/// A comma list of sort fields; the catalogue says which, so the pattern follows it.
Json sort_schema(const Catalogue &catalogue, SortScope scope) {
    std::string names = "asset_class";
    for (const Field &field : catalogue.fields) {
        if (is_sort_field(catalogue, field, scope)) {
            names += '|' + field.name;
        }
    }
    return {{"type", "string"},
            {"pattern", "^-?(" + names + ")(,-?(" + names + "))*$"},
            {"default", "created_at"}};
}

Json sort_parameter(const Catalogue &catalogue, SortScope scope) {
    return {{"name", "sort"},
            {"in", "query"},
            {"description", "A comma list of fields, `-` for descending, each at most once. The id "
                            "breaks ties; missing values come last ascending, first descending. "
                            "`asset_class` is `class`."},
            {"schema", scope == SortScope::search ? reference("schemas", "SearchSort")
                                                  : sort_schema(catalogue, scope)},
            {"example", "-created_at"}};
}

Json filter_parameter(const Catalogue &catalogue) {
    std::string text(filter_text);
    for (const Field &field : catalogue.fields) {
        if (field.is_filter && catalogue.is_live(field)) {
            text += "* `" + field.name + "` (" + std::string(public_kind(field.kind)) + ") " +
                    field.description + '\n';
        }
    }
    return {{"name", "filter"},
            {"in", "query"},
            {"description", std::move(text)},
            {"schema", {{"type", "string"}, {"minLength", 1}}},
            {"example", "type==container_images;created_at>2024-01-01"}};
}

Json asset_types_parameter() {
    return {{"name", "asset_types"},
            {"in", "query"},
            {"style", "form"},
            {"explode", false},
            {"description", "Only what concerns these asset types."},
            {"schema",
             {{"type", "array"}, {"minItems", 1}, {"items", reference("schemas", "AssetType")}}},
            {"example", {"container_images"}}};
}

Json fields_parameter(const Catalogue &catalogue, const std::string &type) {
    Json names = Json::array();
    for (const Field &field : catalogue.fields) {
        if (field.is_attribute && field.belongs_to(type)) {
            names.push_back(field.name);
        }
    }
    Json example = {"class", "labels"};
    return {{"name", "fields[" + type + ']'},
            {"in", "query"},
            {"style", "form"},
            {"explode", false},
            {"description", "The attributes to show of assets of type `" + type +
                                "`; an empty list shows none. What is not asked for is not read."},
            {"schema", {{"type", "array"}, {"items", {{"enum", std::move(names)}}}}},
            {"example", std::move(example)}};
}

Json version_parameter() {
    return {
        {"name", "version"},
        {"in", "query"},
        {"description", "The requested API version: the latest release on or before this date "
                        "serves. Absent: the latest."},
        {"schema", {{"type", "string"}, {"format", "date"}, {"pattern", "^\\d{4}-\\d{2}-\\d{2}$"}}},
        {"example", "2024-10-15"}};
}

} // namespace

Json openapi_parameters(const Catalogue &catalogue) {
    Json parameters = Json::parse(fixed);
    parameters["version"] = version_parameter();
    parameters["filter"] = filter_parameter(catalogue);
    parameters["list_sort"] = sort_parameter(catalogue, SortScope::list);
    parameters["search_sort"] = sort_parameter(catalogue, SortScope::search);
    parameters["asset_types"] = asset_types_parameter();
    for (const std::string &type : catalogue.types) {
        parameters["fields_" + type] = fields_parameter(catalogue, type);
    }
    return parameters;
}

Json openapi_search_sort(const Catalogue &catalogue) {
    return sort_schema(catalogue, SortScope::search);
}

Json openapi_headers() {
    return Json::parse(R"json({
"snyk-request-id": {"description": "The request's id, to quote when asking for help.", "required": true,
    "schema": {"type": "string", "format": "uuid"}},
"snyk-version-requested": {"description": "The version that was asked for.", "schema": {"type": "string"}},
"snyk-version-served": {"description": "The release that answers.", "schema": {"type": "string"}},
"snyk-version-lifecycle-stage": {"description": "The stage of that release.", "schema": {"type": "string"}},
"etag": {"description": "The validator of this representation, for if-none-match and if-match.", "schema": {"type": "string"}},
"location": {"description": "The path of the results, with version, limit and sort.", "required": true,
    "schema": {"type": "string", "format": "uri-reference"}},
"retry-after": {"description": "Seconds to wait before the request is worth repeating.", "required": true,
    "schema": {"type": "integer", "minimum": 0}},
"www-authenticate": {"description": "The scheme that `authorization` takes.", "required": true, "schema": {"const": "Token"}}
})json");
}

} // namespace inventory::api
