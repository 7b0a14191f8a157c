// Schemas of bodies that are the same whatever the catalogue holds. AssetType, Asset
// and SearchSort, which they refer to, come from it.

#include "api/openapi_parts.hpp"

#include <array>

namespace inventory::api {
namespace {

constexpr std::string_view values = R"json({
"JsonApi": {
    "type": "object", "description": "The version of JSON:API.", "required": ["version"],
    "properties": {"version": {"const": "1.0"}}
},
"Link": {
    "type": "string", "format": "uri-reference", "pattern": "^/",
    "description": "An absolute path on the same server, ready to be requested as it is."
},
"SelfLinks": {
    "type": "object", "required": ["self"],
    "properties": {"self": {"$ref": "#/components/schemas/Link"}}
},
"PageLinks": {
    "type": "object", "required": ["self"],
    "description": "Links of a page. One that leads nowhere is absent: `next` is there exactly when a row follows.",
    "properties": {
        "self": {"$ref": "#/components/schemas/Link"},
        "first": {"$ref": "#/components/schemas/Link"},
        "prev": {"$ref": "#/components/schemas/Link"},
        "next": {"$ref": "#/components/schemas/Link"}
    }
},
"Timestamp": {
    "type": "string", "format": "date-time", "pattern": "Z$",
    "description": "RFC 3339 in UTC; microseconds are shown when they are not zero."
},
"AssetClass": {
    "type": "object", "required": ["display_name", "rank", "locked"],
    "properties": {
        "display_name": {"enum": ["A", "B", "C", "D"], "description": "A is the most critical."},
        "rank": {"type": "integer", "minimum": 1, "maximum": 4, "description": "1 for A to 4 for D."},
        "locked": {"type": "boolean", "description": "Whether automatic classification leaves it alone."}
    }
},
"Issues": {
    "type": "object", "description": "Number of issues by severity.",
    "properties": {
        "critical": {"type": "integer", "minimum": 0}, "high": {"type": "integer", "minimum": 0},
        "medium": {"type": "integer", "minimum": 0}, "low": {"type": "integer", "minimum": 0}
    }
},
"Digest": {
    "type": "string", "pattern": "^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$",
    "description": "A digest as OCI spells it."
},
"DistributionDigest": {
    "type": "object", "minProperties": 1,
    "properties": {
        "manifest_digest": {"$ref": "#/components/schemas/Digest"},
        "index_digest": {"$ref": "#/components/schemas/Digest"}
    }
},
"ImageConfig": {
    "type": "object", "description": "Execution parameters, as in the OCI image configuration.",
    "properties": {
        "cmd": {"type": "array", "items": {"type": "string"}},
        "entry_point": {"type": "array", "items": {"type": "string"}},
        "env": {"type": "array", "items": {"type": "string"}},
        "exposed_ports": {"type": "array", "items": {"type": "string"}},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "user": {"type": "string"},
        "volumes": {"type": "array", "items": {"type": "string"}},
        "working_dir": {"type": "string"},
        "stop_signal": {"type": "string"},
        "args_escaped": {"type": "boolean"}
    }
},
"ImageRootFs": {
    "type": "object",
    "properties": {"type": {"type": "string"}, "diff_ids": {"type": "array", "items": {"type": "string"}}}
},
"ImageHistoryEntry": {
    "type": "object",
    "properties": {
        "created_at": {"$ref": "#/components/schemas/Timestamp"},
        "created_by": {"type": "string"}, "author": {"type": "string"}, "comment": {"type": "string"},
        "empty_layer": {"type": "boolean"}
    }
},
"ScanEngine": {
    "type": "object",
    "properties": {
        "type": {"type": "string"}, "name": {"type": "string"},
        "last_seen": {"$ref": "#/components/schemas/Timestamp"},
        "issues": {"$ref": "#/components/schemas/Issues"}
    }
},
"Label": {"type": "string", "minLength": 1, "maxLength": 40, "pattern": "^[a-zA-Z0-9_/:?#@&=+%~-]+$"},
"TagKey": {"type": "string", "minLength": 1, "maxLength": 30, "pattern": "^[a-zA-Z0-9_-]+$"},
"TagMap": {
    "type": "object", "maxProperties": 100, "propertyNames": {"$ref": "#/components/schemas/TagKey"},
    "additionalProperties": {"type": "string", "minLength": 1, "maxLength": 40, "pattern": "^[a-zA-Z0-9_/:?#@&=+%~-]+$"}
}
})json";

constexpr std::string_view requests = R"json({
"ClassChange": {
    "type": "object", "additionalProperties": false,
    "description": "The rank wins when it comes with a display_name. Without `locked` the lock stays as it is.",
    "properties": {
        "display_name": {"enum": ["A", "B", "C", "D"]},
        "rank": {"type": "integer", "minimum": 1, "maximum": 4},
        "locked": {"type": "boolean"}
    },
    "anyOf": [{"required": ["display_name"]}, {"required": ["rank"]}]
},
"LabelsChange": {
    "description": "An array replaces all labels; an object adds and removes. At most 50 afterwards; none may be both added and removed.",
    "anyOf": [
        {"type": "array", "maxItems": 50, "items": {"$ref": "#/components/schemas/Label"}},
        {
            "type": "object", "additionalProperties": false, "minProperties": 1,
            "properties": {
                "add": {"type": "array", "items": {"$ref": "#/components/schemas/Label"}},
                "remove": {"type": "array", "items": {"$ref": "#/components/schemas/Label"}}
            }
        }
    ]
},
"TagsChange": {
    "description": "A map of strings replaces all tags, an empty one clears them; `add` and `remove` change some. At most 100 afterwards; no key may be both added and removed.",
    "anyOf": [
        {"$ref": "#/components/schemas/TagMap"},
        {
            "type": "object", "additionalProperties": false, "minProperties": 1,
            "properties": {
                "add": {"$ref": "#/components/schemas/TagMap"},
                "remove": {"type": "array", "items": {"$ref": "#/components/schemas/TagKey"}}
            }
        }
    ]
},
"AssetUpdate": {
    "type": "object", "required": ["type", "id", "attributes"], "additionalProperties": false,
    "properties": {
        "type": {"$ref": "#/components/schemas/AssetType"},
        "id": {"type": "string", "format": "uuid"},
        "attributes": {
            "type": "object", "minProperties": 1, "additionalProperties": false,
            "properties": {
                "class": {"$ref": "#/components/schemas/ClassChange"},
                "labels": {"$ref": "#/components/schemas/LabelsChange"},
                "tags": {"$ref": "#/components/schemas/TagsChange"}
            }
        }
    }
},
"AssetUpdateDocument": {
    "type": "object", "required": ["data"], "additionalProperties": false,
    "properties": {"data": {"$ref": "#/components/schemas/AssetUpdate"}}
},
"BulkAssetUpdateDocument": {
    "type": "object", "required": ["data"], "additionalProperties": false,
    "properties": {
        "data": {
            "type": "array", "minItems": 1, "maxItems": 100, "items": {"$ref": "#/components/schemas/AssetUpdate"},
            "description": "Each asset at most once."
        }
    }
},
"SearchDocument": {
    "type": "object", "required": ["data"], "additionalProperties": false,
    "properties": {
        "data": {
            "type": "object", "required": ["type", "attributes"], "additionalProperties": false,
            "properties": {
                "type": {"const": "searches"},
                "attributes": {
                    "type": "object", "additionalProperties": false,
                    "properties": {
                        "filter": {"type": "string", "description": "As the parameter `filter` of a list, without percent-encoding."},
                        "sort": {"$ref": "#/components/schemas/SearchSort"},
                        "limit": {"type": "integer", "minimum": 10, "maximum": 100, "default": 10},
                        "meta_count": {"enum": ["with", "only"]}
                    }
                }
            }
        }
    }
}
})json";

constexpr std::string_view documents = R"json({
"AssetDocument": {
    "type": "object", "required": ["data", "links"],
    "properties": {"data": {"$ref": "#/components/schemas/Asset"}, "links": {"$ref": "#/components/schemas/SelfLinks"}}
},
"UpdatedAssetDocument": {
    "type": "object", "required": ["jsonapi", "data", "links"],
    "properties": {
        "jsonapi": {"$ref": "#/components/schemas/JsonApi"},
        "data": {"$ref": "#/components/schemas/Asset"},
        "links": {"$ref": "#/components/schemas/SelfLinks"}
    }
},
"AssetListDocument": {
    "type": "object", "required": ["links"],
    "description": "A page of assets of all types. With `meta_count=only` there is no `data`.",
    "properties": {
        "data": {"type": "array", "maxItems": 100, "items": {"$ref": "#/components/schemas/Asset"}},
        "links": {"$ref": "#/components/schemas/PageLinks"},
        "meta": {
            "type": "object",
            "properties": {"count": {"type": "integer", "minimum": 0, "description": "Number of matches, whatever the page."}}
        }
    }
},
"SearchResultsDocument": {
    "type": "object", "required": ["links"],
    "description": "A page of what a search found: the set is fixed when it ran, the attributes are live.",
    "properties": {
        "data": {"type": "array", "maxItems": 100, "items": {"$ref": "#/components/schemas/Asset"}},
        "links": {"$ref": "#/components/schemas/PageLinks"},
        "meta": {
            "type": "object",
            "properties": {
                "count": {"type": "integer", "minimum": 0, "description": "Number of matches, whatever the page."},
                "truncated": {"type": "boolean", "description": "Whether the search found more than it may keep."}
            }
        }
    }
},
"SearchStartedDocument": {
    "type": "object", "required": ["jsonapi"],
    "properties": {"jsonapi": {"$ref": "#/components/schemas/JsonApi"}}
},
"FieldAttributes": {
    "type": "object", "required": ["name", "type", "asset_types"],
    "properties": {
        "name": {"type": "string"},
        "type": {"enum": ["string", "datetime", "array", "object", "integer"]},
        "asset_types": {"type": "array", "items": {"$ref": "#/components/schemas/AssetType"}}
    }
},
"ValuesRelationship": {
    "type": "object", "required": ["values"],
    "properties": {
        "values": {
            "type": "object", "required": ["links"],
            "properties": {
                "links": {"type": "object", "required": ["related"], "properties": {"related": {"$ref": "#/components/schemas/Link"}}}
            }
        }
    }
},
"GroupFieldListDocument": {
    "type": "object", "required": ["data", "links"],
    "properties": {
        "data": {
            "type": "array",
            "items": {
                "type": "object", "required": ["type", "id", "attributes", "relationships"],
                "properties": {
                    "type": {"const": "group_fields"},
                    "id": {"type": "string", "format": "uuid", "description": "Fixed for ever."},
                    "attributes": {"$ref": "#/components/schemas/FieldAttributes"},
                    "relationships": {"$ref": "#/components/schemas/ValuesRelationship"}
                }
            }
        },
        "links": {"$ref": "#/components/schemas/PageLinks"}
    }
},
"GroupValueListDocument": {
    "type": "object", "required": ["data", "links"],
    "properties": {
        "data": {
            "type": "array", "maxItems": 100,
            "items": {
                "type": "object", "required": ["type", "id", "attributes", "meta"],
                "properties": {
                    "type": {"const": "group_values"},
                    "id": {"type": "string"},
                    "attributes": {
                        "type": "object", "required": ["value"],
                        "properties": {"value": {"type": "string", "description": "Of a tag: `key:value`."}}
                    },
                    "meta": {"$ref": "#/components/schemas/GroupValueMeta"}
                }
            }
        },
        "links": {"$ref": "#/components/schemas/PageLinks"}
    }
},
"GroupValueMeta": {
    "type": "object", "required": ["count"],
    "description": "What `meta_fields` asked for, and the count.",
    "properties": {
        "count": {"type": "integer", "minimum": 1},
        "issues": {"$ref": "#/components/schemas/Issues"},
        "labels": {"type": "array", "items": {"type": "string"}},
        "latest_last_seen_at": {"$ref": "#/components/schemas/Timestamp"},
        "latest_updated_at": {"$ref": "#/components/schemas/Timestamp"},
        "max_risk_score": {"type": "integer"}
    }
},
"FilterFieldListDocument": {
    "type": "object", "required": ["data", "links"],
    "properties": {
        "data": {
            "type": "array",
            "items": {
                "type": "object", "required": ["type", "id", "attributes"],
                "properties": {
                    "type": {"const": "filter_fields"},
                    "id": {"type": "string", "format": "uuid", "description": "Fixed for ever."},
                    "attributes": {"$ref": "#/components/schemas/FieldAttributes"},
                    "relationships": {"$ref": "#/components/schemas/ValuesRelationship"}
                }
            }
        },
        "links": {"$ref": "#/components/schemas/PageLinks"}
    }
},
"FilterValueListDocument": {
    "type": "object", "required": ["data", "links"],
    "properties": {
        "data": {
            "type": "array", "maxItems": 100,
            "items": {
                "type": "object", "required": ["type", "id", "attributes"],
                "properties": {
                    "type": {"const": "filter_values"},
                    "id": {"type": "string"},
                    "attributes": {
                        "type": "object", "minProperties": 1,
                        "description": "The value; of an object field its key too, or with `keys_only` the key alone.",
                        "properties": {"key": {"type": "string"}, "value": {"type": "string"}}
                    }
                }
            }
        },
        "links": {"$ref": "#/components/schemas/PageLinks"}
    }
},
"VersionList": {
    "type": "array", "items": {"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}~[a-z]+$"}
},
"OpenApiDocument": {
    "type": "object", "required": ["openapi", "info", "paths"], "additionalProperties": true,
    "properties": {
        "openapi": {"type": "string", "pattern": "^3\\.1\\."},
        "info": {"type": "object", "additionalProperties": true},
        "paths": {"type": "object", "additionalProperties": true}
    }
}
})json";

constexpr std::string_view error_parts = R"json({
"ErrorSource": {
    "type": "object", "minProperties": 1, "maxProperties": 1,
    "description": "What of the request was wrong.",
    "properties": {
        "parameter": {"type": "string", "description": "A query parameter."},
        "pointer": {"type": "string", "format": "json-pointer", "description": "A member of the body (RFC 6901)."},
        "header": {"type": "string", "description": "A request header, in lower case."}
    }
},
"ErrorLinks": {
    "type": "object", "properties": {"about": {"type": "string", "format": "uri-reference"}}
}
})json";

} // namespace

std::span<const std::string_view> openapi_body_schemas() noexcept {
    static constexpr std::array all{values, requests, documents, error_parts};
    return all;
}

} // namespace inventory::api
