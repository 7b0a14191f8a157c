// The schemas of bodies. An asset's are written from the catalogue; the documents
// around them are the same whatever it holds.

#include "api/openapi_parts.hpp"
#include "core/error.hpp"

#include <array>
#include <utility>

namespace inventory::api {
namespace {

/// Attributes that are JSON in the tables, by name; any other one may be any value.
constexpr std::string_view json_attributes = R"json({
"distribution_digests": {"type": "array", "items": {"$ref": "#/components/schemas/DistributionDigest"}},
"author": {"type": "string"},
"variant": {"type": "string"},
"os_version": {"type": "string"},
"os_features": {"type": "array", "items": {"type": "string"}},
"config": {"$ref": "#/components/schemas/ImageConfig"},
"root_fs": {"$ref": "#/components/schemas/ImageRootFs"},
"history": {"type": "array", "items": {"$ref": "#/components/schemas/ImageHistoryEntry"}},
"inferred_base_images": {"type": "array", "items": {"type": "string"}},
"teams": {"type": "array", "items": {"type": "string"}},
"test_surfaces": {"type": "array", "items": {"type": "string"}},
"scan_engines": {"type": "array", "items": {"$ref": "#/components/schemas/ScanEngine"}}
})json";

Json attribute_schema(const Field &field, const Json &known) {
    Json schema;
    switch (field.kind) {
    case FieldKind::asset_class:
        schema = reference("schemas", "AssetClass");
        break;
    case FieldKind::issues:
        schema = reference("schemas", "Issues");
        break;
    case FieldKind::time:
        schema = reference("schemas", "Timestamp");
        break;
    case FieldKind::integer:
        schema = {{"type", "integer"}, {"format", "int32"}};
        break;
    case FieldKind::bigint:
        schema = {{"type", "integer"}, {"format", "int64"}};
        break;
    case FieldKind::array:
        schema = {{"type", "array"}, {"items", {{"type", "string"}}}};
        break;
    case FieldKind::object:
        schema = {{"type", "object"}, {"additionalProperties", {{"type", "string"}}}};
        break;
    case FieldKind::json:
        schema = known.value(field.name, Json::object());
        break;
    default:
        schema = {{"type", "string"}};
        break;
    }
    if (!field.description.empty()) {
        schema["description"] = field.description;
    }
    return schema;
}

/// A resource object of one asset type (contract.md §4).
Json resource_schema(const Catalogue &catalogue, std::string_view type) {
    const Json known = Json::parse(json_attributes);
    Json attributes = Json::object();
    for (const Field &field : catalogue.fields) {
        if (field.is_attribute && field.belongs_to(type)) {
            attributes[field.name] = attribute_schema(field, known);
        }
    }
    return {{"type", "object"},
            {"required", {"type", "id", "attributes", "links"}},
            {"properties",
             {{"type", {{"const", type}}},
              {"id", {{"type", "string"}, {"format", "uuid"}}},
              {"attributes",
               {{"type", "object"},
                {"description", "An attribute without a value is absent, never null."},
                {"properties", std::move(attributes)}}},
              {"links", reference("schemas", "SelfLinks")}}}};
}

/// The union of all types, told apart by `type`.
Json asset_schema(const Catalogue &catalogue) {
    Json choices = Json::array();
    Json mapping = Json::object();
    for (const std::string &type : catalogue.types) {
        Json choice = reference("schemas", pascal_case(type));
        mapping[type] = choice["$ref"];
        choices.push_back(std::move(choice));
    }
    return {{"oneOf", std::move(choices)},
            {"discriminator", {{"propertyName", "type"}, {"mapping", std::move(mapping)}}}};
}

/// A document of errors that all have one status, or any when it is 0.
Json errors_schema(int status) {
    Json codes = Json::array();
    for (const CodeInfo &info : all_codes()) {
        if (status == 0 || info.status == status) {
            codes.push_back(info.name);
        }
    }
    const Json text = {{"type", "string"}, {"minLength", 1}};
    const Json status_schema = status == 0 ? Json{{"type", "string"}, {"pattern", "^[45]\\d\\d$"}}
                                           : Json{{"const", std::to_string(status)}};
    Json error = {{"type", "object"},
                  {"required", {"id", "status", "code", "title", "detail"}},
                  {"properties",
                   {{"id",
                     {{"type", "string"},
                      {"format", "uuid"},
                      {"description", "The request's id, as in snyk-request-id."}}},
                    {"status", status_schema},
                    {"code", {{"enum", std::move(codes)}}},
                    {"title", text},
                    {"detail", text},
                    {"source", reference("schemas", "ErrorSource")},
                    {"links", reference("schemas", "ErrorLinks")}}}};
    return {{"type", "object"},
            {"required", {"jsonapi", "errors"}},
            {"properties",
             {{"jsonapi", reference("schemas", "JsonApi")},
              {"errors", {{"type", "array"}, {"minItems", 1}, {"items", std::move(error)}}}}}};
}

} // namespace

Json openapi_schemas(const Catalogue &catalogue) {
    Json schemas = {{"AssetType", {{"enum", catalogue.types}}},
                    {"SearchSort", openapi_search_sort(catalogue)},
                    {"Asset", asset_schema(catalogue)}};
    for (const std::string &type : catalogue.types) {
        schemas[pascal_case(type)] = resource_schema(catalogue, type);
    }
    for (const std::string_view text : openapi_body_schemas()) {
        schemas.update(Json::parse(text));
    }
    schemas["Errors"] = errors_schema(0);
    for (const CodeInfo &info : all_codes()) {
        if (is_described_status(info.status)) {
            const std::string name = "Errors" + std::to_string(info.status);
            if (!schemas.contains(name)) {
                schemas[name] = errors_schema(info.status);
            }
        }
    }
    return schemas;
}

} // namespace inventory::api
