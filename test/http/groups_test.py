"""contract.md section 8: group fields and counts by value."""
import collections
import sys
import uuid

import rsql
from common import (ORG, SCOPES, TENANT, UUID, all_assets, check, equal, expect, follow, main,
                    parameters_of, viewer)

NAMES = ("type", "class", "registry", "repository", "name", "labels", "tags", "architecture", "os",
         "image_tag")
# The namespace of version 5 is the product's; what matters is that ids do not move.
WORTHY = 5


def fields(scope=ORG):
    return {
        item["attributes"]["name"]: item for item in expect(viewer.get(f"{scope}/groups"), 200).data
    }


def values_path(name, scope=ORG):
    return fields(scope)[name]["relationships"]["values"]["links"]["related"].partition("?")[0]


def values_of(name, item):
    """The values under which an asset counts."""
    attributes = item["attributes"]
    if name == "tags":
        return {f"{key}:{value}" for key, value in attributes.get("tags", {}).items()}
    if name in ("labels", "image_tag"):
        return set(rsql.elements(name, attributes))
    value = rsql.scalar(name, item)
    return set() if value is None else {value}


def expected(name, items):
    """Values with their counts, most frequent first, ties by value."""
    counts = collections.Counter(value for item in items for value in values_of(name, item))
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def counted(path, parameters=None):
    pages = follow(viewer, viewer.get(path, parameters), "next")
    return [(item["attributes"]["value"], item["meta"]["count"]) for page in pages
            for item in page.data]


def test_8_group_fields():
    for scope in SCOPES:
        answer = expect(viewer.get(f"{scope}/groups"), 200)
        equal(set(answer.json), {"data", "links"}, "members")
        equal({item["attributes"]["name"] for item in answer.data}, set(NAMES), "fields")
        for item in answer.data:
            equal(item["type"], "group_fields", "type")
            check(
                UUID.match(item["id"]) and uuid.UUID(item["id"]).version == WORTHY,
                "a UUID of version 5")
            equal(set(item["attributes"]), {"name", "type", "asset_types"}, "attributes")
            check("container_images" in item["attributes"]["asset_types"], "asset_types")
            check(
                item["relationships"]["values"]["links"]["related"].startswith(
                    f"{scope}/groups/{item['id']}/values"), "related")


def test_8_ids_are_the_same_at_every_scope():
    ids = [{name: item["id"] for name, item in fields(scope).items()} for scope in SCOPES]
    check(ids[0] == ids[1] == ids[2], "ids")
    equal(len(set(ids[0].values())), len(NAMES), "distinct ids")


def test_8_counts_of_every_field():
    for name in NAMES:
        equal(counted(values_path(name), {"limit": 100}), expected(name, all_assets()), name)


def test_8_counts_under_a_filter():
    for text in ("class==A", "registry==docker.io;labels!=prod", "q==nginx", "name=='no such'",
                 "tags.env==prod"):
        items = [item for item in all_assets() if rsql.matches(rsql.parse(text), item)]
        for name in ("class", "registry", "labels", "tags", "architecture"):
            equal(counted(values_path(name), {"filter": text, "limit": 100}), expected(name, items),
                  f"{name} under {text}")


def test_8_value_documents():
    answer = expect(viewer.get(values_path("class")), 200)
    equal(set(answer.json), {"data", "links"}, "members")
    for item in answer.data:
        equal(item["type"], "group_values", "type")
        equal(set(item["attributes"]), {"value"}, "attributes")
        equal(set(item["meta"]), {"count"}, "meta")
    equal(len({item["id"] for item in answer.data}), len(answer.data), "ids are distinct")


def test_8_paging_both_ways():
    path = values_path("image_tag")
    first = viewer.get(path, {"limit": 10, "filter": "registry==mcr.microsoft.com"})
    pages = list(follow(viewer, first, "next"))[:8]
    forward = [item["id"] for page in pages for item in page.data]
    equal(len(forward), len(set(forward)), "each once")
    back = [
        item["id"] for page in reversed(list(follow(viewer, pages[-1], "prev")))
        for item in page.data
    ]
    equal(back, forward, "the walk back")
    for name, link in first.links.items():
        equal(dict(parameters_of(link))["limit"], "10", f"limit in {name}")


def test_8_meta_fields():
    names = ("issues", "labels", "latest_last_seen_at", "latest_updated_at", "max_risk_score")
    path = values_path("registry")
    equal(set(viewer.get(path, {"meta_fields": "all"}).data[0]["meta"]), {"count", *names}, "all")
    for name in names:
        equal(set(viewer.get(path, {"meta_fields": name}).data[0]["meta"]), {"count", name}, name)
    equal(set(viewer.get(path, {"meta_fields": "labels,issues"}).data[0]["meta"]),
          {"count", "labels", "issues"}, "a list")
    for bad in ("", "nope", "issues,", "issues,issues,nope", "ALL", "all,nope", "count,"):
        expect(viewer.get(path, {"meta_fields": bad}),
               400,
               code="invalid-parameter",
               parameter="meta_fields")


def test_8_meta_fields_sum_up_the_group():
    for item in viewer.get(values_path("class"), {"meta_fields": "all"}).data:
        members = [
            asset["attributes"] for asset in all_assets() if asset["attributes"].get(
                "class", {}).get("display_name") == item["attributes"]["value"]
        ]
        meta = item["meta"]
        equal(meta["count"], len(members), "count")
        equal(meta["max_risk_score"],
              max(asset["risk_score"] for asset in members if "risk_score" in asset),
              "max_risk_score")
        equal(meta["latest_updated_at"],
              max((asset["updated_at"] for asset in members), key=rsql.instant),
              "latest_updated_at")
        for severity in ("critical", "high", "medium", "low"):
            equal(meta["issues"][severity],
                  sum(asset.get("issues", {}).get(severity, 0) for asset in members), severity)
        equal(set(meta["labels"]),
              {label for asset in members for label in asset.get("labels", [])}, "labels")


def test_8_sort_of_the_later_generation():
    path = values_path("registry")
    unsorted = counted(path, {"limit": 100})
    equal(counted(path, {"limit": 100, "sort": "value"}), sorted(unsorted), "by value")
    equal(counted(path, {"limit": 100, "sort": "-value"}), sorted(unsorted, reverse=True),
          "by value, descending")
    equal([n for _, n in counted(path, {"limit": 100, "sort": "count"})],
          sorted(n for _, n in unsorted), "by count")
    for sort in ("-count", "risk_score", "-risk_score", "issues", "-issues", "updated_at",
                 "-updated_at", "last_seen_at", "-last_seen_at"):
        equal(sorted(counted(path, {"limit": 10, "sort": sort})), sorted(unsorted), sort)
    for sort in ("", "nope", "name", "value,value", "value,"):
        expect(viewer.get(path, {"sort": sort}), 400, code="invalid-sort", parameter="sort")


def test_8_an_unknown_group_field_is_404():
    for scope in SCOPES:
        expect(viewer.get(f"{scope}/groups/{uuid.uuid4()}/values"), 404, code="unknown-group-field")


def test_8_asset_types():
    for path in (f"{ORG}/groups", values_path("class"), f"{ORG}/filters"):
        equal(
            viewer.get(path, {"asset_types": "container_images"}).data,
            viewer.get(path).data, path)
        for bad in ("nope", "", "container_images,", "container_images,nope", "Container_images",
                    ","):
            expect(viewer.get(path, {"asset_types": bad}),
                   400,
                   code="unknown-asset-type",
                   parameter="asset_types")


def test_8_parameters():
    path = values_path("class")
    expect(viewer.get(path, {"limit": "9"}), 400, code="invalid-limit", parameter="limit")
    expect(viewer.get(path, {"filter": "nope==x"}), 400, code="filter-field", parameter="filter")
    expect(viewer.get(path, {"starting_after": "v1.x"}),
           400,
           code="invalid-cursor",
           parameter="starting_after")
    for name in ("meta_count", "q", "nope"):
        expect(viewer.get(path, {name: "x"}), 400, code="unknown-parameter", parameter=name)
    for name in ("filter", "meta_fields"):
        expect(viewer.get(f"{ORG}/groups", {name: "x"}),
               400,
               code="unknown-parameter",
               parameter=name)


def test_8_wider_scopes_count_more():
    for name in ("class", "registry"):
        org, tenant = dict(counted(values_path(name), {"limit": 100})), dict(
            counted(values_path(name, TENANT), {"limit": 100}))
        for value, n in org.items():
            check(tenant[value] >= n, f"{name} {value}: {tenant[value]} >= {n}")


if __name__ == "__main__":
    sys.exit(main(globals()))
