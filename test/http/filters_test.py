"""contract.md section 9: filter fields and autocomplete."""
import sys
import uuid

import rsql
from common import (ORG, SCOPES, UUID, all_assets, check, equal, expect, follow, main, viewer)
from groups_test import values_of

TYPES = {"string", "datetime", "array", "object", "integer"}
EXPECTED = {
    "q": "string", "type": "string", "class": "string", "created_at": "datetime",
    "updated_at": "datetime", "labels": "array", "tags": "object", "registry": "string",
    "repository": "string", "name": "string", "image_tag": "array", "architecture": "string",
    "os": "string", "risk_score": "integer", "size_bytes": "integer", "built_at": "datetime",
    "last_scan": "datetime"
}


def fields(scope=ORG):
    return {
        item["attributes"]["name"]: item
        for item in expect(viewer.get(f"{scope}/filters"), 200).data
    }


def path_of(name):
    return fields()[name]["relationships"]["values"]["links"]["related"].partition("?")[0]


def listed(path, parameters=None):
    pages = follow(viewer, viewer.get(path, {"limit": 100, **(parameters or {})}), "next")
    return [item["attributes"] for page in pages for item in page.data]


def pairs():
    return {(key, value) for item in all_assets()
            for key, value in item["attributes"].get("tags", {}).items()}


def test_9_filter_fields():
    for scope in SCOPES:
        answer = expect(viewer.get(f"{scope}/filters"), 200)
        equal(set(answer.json), {"data", "links"}, "members")
        for item in answer.data:
            equal(item["type"], "filter_fields", "type")
            check(UUID.match(item["id"]), "a UUID")
            equal(set(item["attributes"]), {"name", "type", "asset_types"}, "attributes")
            check(item["attributes"]["type"] in TYPES, item["attributes"]["type"])
    for name, kind in EXPECTED.items():
        if name in fields():
            equal(fields()[name]["attributes"]["type"], kind, name)
    for name in ("type", "class", "created_at", "updated_at", "labels", "tags", "registry", "name"):
        check(name in fields(), f"{name} is a filter field")


def test_9_all_fields_in_one_page():
    whole = viewer.get(f"{ORG}/filters").data
    check(len(whole) > 10, "more than the default limit")
    equal(viewer.get(f"{ORG}/filters", {"limit": 10}).data, whole, "limit is ignored")
    for bad in ("9", "x"):
        expect(viewer.get(f"{ORG}/filters", {"limit": bad}),
               400,
               code="invalid-limit",
               parameter="limit")
    expect(viewer.get(f"{ORG}/filters", {"starting_after": "nope"}),
           400,
           code="invalid-cursor",
           parameter="starting_after")


def test_9_values_only_where_they_can_be_listed():
    for name, item in fields().items():
        if "relationships" in item:
            related = item["relationships"]["values"]["links"]["related"]
            check(related.startswith(f"{ORG}/filters/{item['id']}/values"), related)
            expect(viewer.get(related), 200)
        else:
            check(name not in ("class", "registry", "labels", "tags", "name"), f"{name} has values")
            expect(viewer.get(f"{ORG}/filters/{item['id']}/values"),
                   404,
                   code="unknown-filter-field")


def test_9_every_field_filters():
    for name, item in fields().items():
        value = {"datetime": "2024-01-01",
                 "integer": "1"}.get(item["attributes"]["type"],
                                     "container_images" if name == "type" else "x")
        value = str(uuid.uuid4()) if name == "id" else value
        # Of image_labels only a key's value is compared (rsql.md 9).
        selector = f"{name}.x" if name == "image_labels" else name
        expect(viewer.get(ORG, {"filter": f"{selector}=={value}"}), 200)


def test_9_values_are_distinct_and_in_code_point_order():
    for name in ("class", "registry", "repository", "name", "labels", "architecture", "os",
                 "image_tag"):
        wanted = sorted({value for item in all_assets() for value in values_of(name, item)})
        equal([item["value"] for item in listed(path_of(name))], wanted, name)


def test_9_values_documents():
    for item in expect(viewer.get(path_of("registry")), 200).data:
        equal(item["type"], "filter_values", "type")
        equal(set(item["attributes"]), {"value"}, "attributes")


def test_9_values_objects_have_keys_and_values():
    equal([(item["key"], item["value"]) for item in listed(path_of("tags"))], sorted(pairs()),
          "pairs")


def test_9_values_keys_only():
    equal(listed(path_of("tags"), {"keys_only": "true"}),
          [{"key": key} for key in sorted({key for key, _ in pairs()})], "keys")
    equal(listed(path_of("tags"), {"keys_only": "false"}), listed(path_of("tags")),
          "false is as absent")
    for bad in ("", "yes", "1", "TRUE"):
        expect(viewer.get(path_of("tags"), {"keys_only": bad}),
               400,
               code="invalid-parameter",
               parameter="keys_only")


def test_9_values_key():
    equal([(item["key"], item["value"]) for item in listed(path_of("tags"), {"key": "env"})],
          sorted(pair for pair in pairs() if pair[0] == "env"), "the values of env")
    equal(listed(path_of("tags"), {"key": "nope"}), [], "a key that is not there")


def test_9_values_keys_only_or_key_on_another_field_is_400():
    for name in ("class", "registry", "labels"):
        expect(viewer.get(path_of(name), {"keys_only": "true"}), 400, parameter="keys_only")
        expect(viewer.get(path_of(name), {"key": "env"}), 400, parameter="key")


def test_9_values_q_keeps_what_contains_it_in_any_case():
    for name, text in (("registry", "DOCKER"), ("name", "gin"), ("repository", "/"),
                       ("labels", "team:"), ("image_tag", "%"), ("labels", "a_b"), ("labels", "%"),
                       ("image_tag", "latest"), ("class", "a")):
        wanted = sorted({
            value for item in all_assets() for value in values_of(name, item)
            if text.lower() in value.lower()
        })
        equal([item["value"] for item in listed(path_of(name), {"q": text})], wanted,
              f"{name} with {text}")
    equal([(item["key"], item["value"]) for item in listed(path_of("tags"), {"q": "PRO"})],
          sorted(pair for pair in pairs() if "pro" in pair[1].lower()), "values of tags")
    equal(listed(path_of("tags"), {"q": "OS", "keys_only": "true"}),
          [{"key": key} for key in sorted({key for key, _ in pairs()}) if "os" in key],
          "keys of tags")


def test_9_values_q_has_1_to_100_characters():
    for good in ("x", "x" * 100, "é" * 100):
        expect(viewer.get(path_of("name"), {"q": good}), 200)
    for bad in ("", "x" * 101):
        expect(viewer.get(path_of("name"), {"q": bad}),
               400,
               code="invalid-parameter",
               parameter="q")


def test_9_values_paging_both_ways():
    first = viewer.get(path_of("name"), {"limit": 50})
    pages = list(follow(viewer, first, "next"))
    forward = [item["attributes"]["value"] for page in pages for item in page.data]
    back = [
        item["attributes"]["value"] for page in reversed(list(follow(viewer, pages[-1], "prev")))
        for item in page.data
    ]
    equal(back, forward, "the walk back")
    expect(viewer.get(path_of("name"), {"limit": 9}), 400, code="invalid-limit", parameter="limit")
    expect(viewer.get(path_of("name"), {"starting_after": "v1.x"}),
           400,
           code="invalid-cursor",
           parameter="starting_after")


def test_9_values_an_unknown_filter_id_is_404():
    for scope in SCOPES:
        expect(viewer.get(f"{scope}/filters/{uuid.uuid4()}/values"),
               404,
               code="unknown-filter-field")


def test_9_values_a_value_used_as_a_filter_finds_assets():
    for name in ("class", "registry", "labels"):
        for item in listed(path_of(name))[:5]:
            value = item["value"]
            wanted = sum(value in values_of(name, asset) for asset in all_assets())
            text = f"{name}=in=('{value}')"
            equal(
                viewer.get(ORG, {"filter": text, "meta_count": "only"}).json["meta"]["count"],
                wanted, text)
            check(rsql.parse(text), text)


if __name__ == "__main__":
    sys.exit(main(globals()))
