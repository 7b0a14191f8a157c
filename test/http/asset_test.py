"""contract.md section 4: the asset, sparse fieldsets, one asset by id."""
import re
import sys
import uuid

from common import GROUP, ORG, TENANT, all_assets, an_asset, check, equal, expect, main, viewer

ATTRIBUTES = {
    "class": dict, "labels": list, "tags": dict, "registry": str, "repository": str, "name": str,
    "config_digest": str, "distribution_digests": list, "image_tags": list, "built_at": str,
    "size_bytes": int, "author": str, "architecture": str, "os": str, "variant": str,
    "os_version": str, "os_features": list, "config": dict, "root_fs": dict, "history": list,
    "inferred_base_images": list, "teams": list, "test_surfaces": list, "risk_score": int,
    "issues": dict, "scan_engines": list, "last_scan": str, "last_seen_at": str, "created_at": str,
    "updated_at": str
}


def test_4_attributes_and_their_types():
    seen = set()
    for item in all_assets():
        equal(item["type"], "container_images", "type")
        for name, value in item["attributes"].items():
            check(name in ATTRIBUTES, f"unknown attribute {name}")
            check(
                isinstance(value, ATTRIBUTES[name]) and not isinstance(value, bool),
                f"{name}: {value!r}")
            seen.add(name)
    for name in ("class", "labels", "tags", "registry", "repository", "name",
                 "distribution_digests", "image_tags", "built_at", "size_bytes", "architecture",
                 "os", "variant", "os_version", "config", "risk_score", "issues", "last_scan",
                 "last_seen_at", "created_at", "updated_at"):
        check(name in seen, f"the demo has assets with {name}")


def test_4_attributes_without_a_value_are_absent():
    items = all_assets()
    for name in ("class", "architecture", "built_at", "risk_score"):
        count = sum(name in item["attributes"] for item in items)
        check(0 < count < len(items), f"{name} is there for some assets and absent for others")


def test_4_a_tenth_is_without_a_class():
    without = sum("class" not in item["attributes"] for item in all_assets())
    check(0.05 < without / len(all_assets()) < 0.15, f"{without} of {len(all_assets())}")


def test_4_issues_are_counts():
    for item in all_assets():
        issues = item["attributes"].get("issues", {})
        check(set(issues) <= {"critical", "high", "medium", "low"}, f"issues {issues}")
        check(all(isinstance(count, int) and count >= 0 for count in issues.values()),
              f"issues {issues}")


def test_4_a_time_copied_into_a_filter_finds_its_row():
    seen = {}
    for item in all_assets():
        seen.setdefault("." in item["attributes"]["created_at"], []).append(item)
    equal(set(seen), {True, False}, "the demo has times with and without a fraction")
    for items in seen.values():
        for item in items[:3]:
            time = item["attributes"]["created_at"]
            answer = viewer.get(ORG, {"filter": f"created_at=={time};id=={item['id']}"})
            equal(answer.ids, [item["id"]], time)


def test_4_name_is_the_last_part_of_the_repository():
    for item in all_assets():
        attributes = item["attributes"]
        equal(attributes["name"], attributes["repository"].rsplit("/", 1)[-1], "name")


def test_4_links_self():
    item = expect(viewer.get(ORG, {"version": "2024-10-15"}), 200).data[0]
    equal(item["links"]["self"], f"{ORG}/{item['id']}?version=2024-10-15", "self")
    answer = expect(viewer.get(item["links"]["self"]), 200)
    equal(answer.data, item, "the same object by its link")
    equal(answer.links["self"], item["links"]["self"], "self of the document")


def test_4_sparse_fieldsets_on_a_list():
    for fields in ("class", "class,labels", "labels,class", "registry,repository,name,created_at",
                   "config", "history"):
        for item, whole in zip(
                viewer.get(ORG, {"fields[container_images]": fields}).data,
                viewer.get(ORG).data):
            equal(item["id"], whole["id"], "the same page")
            equal(item.get("attributes", {}), {
                name: value
                for name, value in whole["attributes"].items() if name in fields.split(",")
            }, fields)


def test_4_sparse_fieldsets_on_one():
    whole = an_asset()
    for fields in ("name", "name,tags,issues", ",".join(ATTRIBUTES)):
        for scope in (TENANT, GROUP, ORG):
            item = expect(
                viewer.get(f"{scope}/{whole['id']}", {"fields[container_images]": fields}),
                200).data
            equal(item["attributes"], {
                name: value
                for name, value in whole["attributes"].items() if name in fields.split(",")
            }, fields)


def test_4_an_empty_fieldset_shows_no_attribute():
    for item in expect(viewer.get(ORG, {"fields[container_images]": ""}), 200).data:
        equal(item.get("attributes", {}), {}, "attributes")


def test_4_links_of_a_page_keep_the_fieldset():
    answer = viewer.get(ORG, {"fields[container_images]": "name"})
    for item in expect(viewer.get(answer.links["next"]), 200).data:
        equal(set(item["attributes"]), {"name"}, "attributes of the next page")


def test_4_unknown_fieldsets_are_400():
    for name, value in (("fields[container_images]",
                         "nope"), ("fields[container_images]",
                                   "name,nope"), ("fields[container_images]", "name,,class"),
                        ("fields[container_images]", ","), ("fields[nothing]", "name")):
        answer = viewer.get(ORG, {name: value})
        expect(answer, 400, parameter=name)
        check(
            answer.error["code"] in ("invalid-fieldset", "unknown-asset-type", "unknown-parameter"),
            str(answer))
    for name in ("fields", "fields[", "fields[]", "fields[container_images",
                 "fields[container_images]x", "Fields[container_images]"):
        expect(viewer.get(ORG, {name: "name"}), 400, parameter=name)


def test_4_an_asset_that_is_not_there_is_404():
    for scope in (TENANT, GROUP, ORG):
        expect(viewer.get(f"{scope}/{uuid.uuid4()}"), 404, code="unknown-asset")


def test_4_ids_are_read_in_any_case():
    item = an_asset()
    answer = viewer.get(f"{ORG}/{item['id'].upper()}")
    check(answer.status in (200, 404), str(answer))
    if answer.status == 200:
        check(re.search(item["id"], answer.data["id"]), "the id is shown in lower case")


def test_4_one_asset_takes_no_list_parameter():
    for name in ("filter", "sort", "limit", "starting_after", "ending_before", "meta_count", "q"):
        expect(viewer.get(f"{ORG}/{an_asset()['id']}", {name: "10"}),
               400,
               code="unknown-parameter",
               parameter=name)


if __name__ == "__main__":
    sys.exit(main(globals()))
