// Examples of bodies; each has the name of its schema.

#include "api/openapi_parts.hpp"

namespace inventory::api {
namespace {

constexpr std::string_view asset = R"json({
"type": "container_images", "id": "5b0c1a52-6d8f-4f0e-9a3c-2f1d7c9e4b10",
"attributes": {
    "class": {"display_name": "A", "rank": 1, "locked": false},
    "labels": ["prod", "team:payments"],
    "tags": {"env": "prod"},
    "registry": "docker.io", "repository": "library/nginx", "name": "nginx",
    "distribution_digests": [
        {"manifest_digest": "sha256:a484819eb60211f5299034ac80f6a681b06f89e65866ce91f356ed7c72af059c"}
    ],
    "image_tags": ["1.25", "latest"],
    "built_at": "2024-05-01T10:00:00Z", "size_bytes": 70542381,
    "architecture": "amd64", "os": "linux", "os_version": "12",
    "config": {"exposed_ports": ["80/tcp"], "user": "", "working_dir": "/", "stop_signal": "SIGQUIT"},
    "history": [{"created_at": "2024-05-01T10:00:00Z", "created_by": "COPY file:… in /", "empty_layer": false}],
    "teams": ["platform"], "test_surfaces": ["cli"],
    "risk_score": 720, "issues": {"critical": 1, "high": 2, "medium": 3, "low": 4},
    "last_scan": "2024-10-14T06:30:00Z", "last_seen_at": "2024-10-15T06:30:00Z",
    "created_at": "2024-05-02T08:15:30.123456Z", "updated_at": "2024-10-15T06:30:00Z"
},
"links": {"self": "/orgs/33333333-3333-4333-8333-333333333333/inventory/assets/5b0c1a52-6d8f-4f0e-9a3c-2f1d7c9e4b10?version=2024-10-15"}
})json";

/// The documents; `ASSET` stands for the asset above, `S` for a scope's path.
constexpr std::string_view documents = R"json({
"AssetDocument": {"data": "ASSET", "links": {"self": "S/5b0c1a52-6d8f-4f0e-9a3c-2f1d7c9e4b10?version=2024-10-15"}},
"UpdatedAssetDocument": {
    "jsonapi": {"version": "1.0"}, "data": "ASSET",
    "links": {"self": "S/5b0c1a52-6d8f-4f0e-9a3c-2f1d7c9e4b10?version=2024-10-15"}
},
"AssetListDocument": {
    "data": ["ASSET"],
    "links": {
        "self": "S?version=2024-10-15&filter=class%3D%3DA&meta_count=with",
        "first": "S?version=2024-10-15&filter=class%3D%3DA&meta_count=with",
        "next": "S?version=2024-10-15&filter=class%3D%3DA&meta_count=with&starting_after=v1.MTIzNDU2Nzg5MHxhYmNkZWY"
    },
    "meta": {"count": 12}
},
"SearchResultsDocument": {
    "data": ["ASSET"],
    "links": {
        "self": "S/searches/7e3f9c1d-0a4b-4c58-8d2e-6b9a1f5c3e07/results?version=2024-10-15&limit=10&sort=-risk_score",
        "first": "S/searches/7e3f9c1d-0a4b-4c58-8d2e-6b9a1f5c3e07/results?version=2024-10-15&limit=10&sort=-risk_score"
    },
    "meta": {"count": 1}
},
"SearchStartedDocument": {"jsonapi": {"version": "1.0"}},
"GroupFieldListDocument": {
    "data": [{
        "type": "group_fields", "id": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
        "attributes": {"name": "class", "type": "string", "asset_types": ["container_images"]},
        "relationships": {"values": {"links": {"related": "S/groups/3fa85f64-5717-4562-b3fc-2c963f66afa6/values?version=2024-10-15"}}}
    }],
    "links": {"self": "S/groups?version=2024-10-15"}
},
"GroupValueListDocument": {
    "data": [
        {"type": "group_values", "id": "A", "attributes": {"value": "A"}, "meta": {"count": 12, "max_risk_score": 990}},
        {"type": "group_values", "id": "B", "attributes": {"value": "B"}, "meta": {"count": 7, "max_risk_score": 720}}
    ],
    "links": {"self": "S/groups/3fa85f64-5717-4562-b3fc-2c963f66afa6/values?version=2024-10-15&meta_fields=max_risk_score"}
},
"FilterFieldListDocument": {
    "data": [
        {
            "type": "filter_fields", "id": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
            "attributes": {"name": "tags", "type": "object", "asset_types": ["container_images"]},
            "relationships": {"values": {"links": {"related": "S/filters/3fa85f64-5717-4562-b3fc-2c963f66afa6/values?version=2024-10-15"}}}
        },
        {
            "type": "filter_fields", "id": "8d6e3c7a-1f42-5b90-9c1d-0e5f7a2b4c68",
            "attributes": {"name": "created_at", "type": "datetime", "asset_types": ["container_images"]}
        }
    ],
    "links": {"self": "S/filters?version=2024-10-15"}
},
"FilterValueListDocument": {
    "data": [
        {"type": "filter_values", "id": "env:dev", "attributes": {"key": "env", "value": "dev"}},
        {"type": "filter_values", "id": "env:prod", "attributes": {"key": "env", "value": "prod"}}
    ],
    "links": {"self": "S/filters/3fa85f64-5717-4562-b3fc-2c963f66afa6/values?version=2024-10-15&key=env"}
},
"AssetUpdateDocument": {
    "data": {
        "type": "container_images", "id": "5b0c1a52-6d8f-4f0e-9a3c-2f1d7c9e4b10",
        "attributes": {
            "class": {"display_name": "A", "locked": true},
            "labels": {"add": ["prod"], "remove": ["staging"]},
            "tags": {"add": {"env": "prod"}}
        }
    }
},
"BulkAssetUpdateDocument": {
    "data": [
        {"type": "container_images", "id": "5b0c1a52-6d8f-4f0e-9a3c-2f1d7c9e4b10", "attributes": {"class": {"rank": 1}}},
        {"type": "container_images", "id": "c1f7a2d4-9b3e-4a65-8e0d-5f6c7b8a9d01", "attributes": {"labels": ["prod"], "tags": {}}}
    ]
},
"SearchDocument": {
    "data": {
        "type": "searches",
        "attributes": {"filter": "q==nginx;class=in=(A,B)", "sort": "-risk_score,name", "limit": 50, "meta_count": "with"}
    }
}
})json";

constexpr std::string_view scope_path =
    "/orgs/33333333-3333-4333-8333-333333333333/inventory/assets";

void fill(Json &value, const Json &the_asset) {
    if (value.is_structured()) {
        for (Json &item : value) {
            fill(item, the_asset);
        }
    } else if (value == "ASSET") {
        value = the_asset;
    } else if (value.is_string()) {
        const auto &text = value.get_ref<const std::string &>();
        if (text.starts_with("S/") || text.starts_with("S?")) {
            value = std::string(scope_path) + text.substr(1);
        }
    }
}

} // namespace

Json openapi_examples() {
    Json examples = Json::object();
    const Json the_asset = Json::parse(asset);
    const Json all = Json::parse(documents);
    for (const auto &[name, value] : all.items()) {
        Json document = value;
        fill(document, the_asset);
        examples[name]["value"] = std::move(document);
    }
    return examples;
}

} // namespace inventory::api
