"""contract.md section 5: lists, their links, sorts, limits, cursors and counts."""
import base64
import random
import sys
import urllib.parse

from common import (ORG, SCOPES, SEED, TENANT, all_assets, check, editor, env, equal, expect,
                    follow, main, parameters_of, query, viewer, walk)
from rsql import instant

SORT_FIELDS = ("created_at", "updated_at", "type", "class", "registry", "name")
LATER_SORT_FIELDS = ("risk_score", "issues", "built_at", "last_scan")
CURSORS = ("starting_after", "ending_before")
random_ = random.Random(SEED)

# ---- the order, computed here -------------------------------------------------------------------


def sort_value(field, item):
    """The value that orders, or None."""
    attributes = item["attributes"]
    if field == "type":
        return item["type"]
    if field in ("class", "asset_class"):
        return attributes.get("class", {}).get("rank")
    if field == "issues":
        issues = attributes.get("issues")
        return None if issues is None else tuple(
            issues.get(name, 0) for name in ("critical", "high", "medium", "low"))
    value = attributes.get(field)
    return instant(value) if value is not None and field.endswith(("_at", "_scan")) else value


def sorted_ids(items, sort, id_descending):
    """Ids in the order of `sort`: missing values last ascending and first descending.

    list.sort is stable, also when it is reversed, so the ids keep their order among equals.
    """
    items = sorted(items, key=lambda item: item["id"], reverse=id_descending)
    for part in reversed(sort.split(",")):
        field, descending = part.lstrip("-"), part.startswith("-")
        items.sort(key=lambda item: ((value := sort_value(field, item)) is None, value
                                     if value is not None else 0),
                   reverse=descending)
    return [item["id"] for item in items]


def sorted_either_way(items, sort):
    """The two orders that section 5 allows: the id breaks ties upwards or downwards."""
    return sorted_ids(items, sort, False), sorted_ids(items, sort, True)


def check_walk(sort, parameters=(), items=None):
    """Walks by `next` over all that matches; returns the ids in order and the last page."""
    items = all_assets() if items is None else items
    pages = list(walk(viewer, ORG, {"sort": sort, "limit": 100, **dict(parameters)}))
    forward = [asset for page in pages for asset in page.ids]
    equal(len(forward), len(set(forward)), f"sort {sort}: an asset came twice, seed {SEED}")
    equal(set(forward), {item["id"] for item in items}, f"sort {sort}: the assets met, seed {SEED}")
    check(forward in sorted_either_way(items, sort), f"sort {sort}: not in order, seed {SEED}")
    check(all(len(page.data) == 100 for page in pages[:-1]), "only the last page is short")
    return forward, pages[-1]


def check_walks(sort):
    """Walks by `next` to the end and by `prev` back: no gap, no overlap, the same order."""
    forward, last = check_walk(sort)
    pages = [page.ids for page in follow(viewer, last, "prev")]
    backward = [asset for page in reversed(pages) for asset in page]
    equal(backward, forward, f"sort {sort}: the walk back, seed {SEED}")


def random_sorts(count, width):
    for _ in range(count):
        fields = random_.sample(SORT_FIELDS, width)
        yield ",".join(random_.choice(("", "-")) + field for field in fields)


# ---- document and links -------------------------------------------------------------------------


def test_5_members_of_a_list():
    answer = expect(viewer.get(ORG), 200)
    equal(set(answer.json), {"data", "links"}, "members")
    equal(set(answer.links), {"self", "first", "next"}, "links of the first page")
    answer = expect(viewer.get(ORG, {"meta_count": "with"}), 200)
    equal(set(answer.json), {"data", "links", "meta"}, "members with a count")
    equal(set(answer.json["meta"]), {"count"}, "meta")


def test_5_links_hold_every_parameter_and_one_cursor():
    parameters = {
        "version": "2024-10-15", "filter": "registry==docker.io;class=in=(A,'B')",
        "sort": "-updated_at,name", "limit": "11", "meta_count": "with",
        "fields[container_images]": "name,class"
    }
    first = expect(viewer.get(ORG, parameters), 200)
    second = expect(viewer.get(first.links["next"]), 200)
    for page in (first, second):
        for name, link in page.links.items():
            pairs = parameters_of(link)
            equal(len(pairs), len(dict(pairs)), f"{name}: every parameter once")
            equal({key: value for key, value in pairs if key not in CURSORS}, parameters,
                  f"parameters of {name}")
            check(link.startswith(f"{ORG}?"), f"{name} is an absolute path")
            cursors = [key for key, _ in pairs if key in CURSORS]
            wanted = {"next": ["starting_after"], "prev": ["ending_before"]}.get(name)
            if wanted:
                equal(cursors, wanted, f"cursor of {name}")
            check(len(cursors) <= 1, f"{name} has one cursor")
            query_text = link.partition("?")[2]
            check(all(c.isalnum() or c in "-._~%=&" for c in query_text),
                  f"percent-encoded: {link}")


def test_5_links_self_and_first_give_the_pages_they_name():
    first = viewer.get(ORG, {"sort": "name"})
    third = viewer.get(viewer.get(first.links["next"]).links["next"])
    equal(viewer.get(third.links["self"]).body, third.body, "self")
    equal(viewer.get(third.links["first"]).ids, first.ids, "first")


def test_5_links_keep_the_text_of_the_filter():
    for text in ("class==A", " class == 'A' ", "(class=='A')", "name==\"a b\"",
                 "class==A,class==B;name!=x%", "name=='é+&=#'", "class=in=(A , B)",
                 "name==a\tor name==b"):
        for link in expect(viewer.get(ORG, {"filter": text}), 200).links.values():
            equal(dict(parameters_of(link))["filter"], text, "filter in a link")


def test_5_next_is_there_exactly_when_a_row_follows():
    total = len(all_assets())
    *_, page = walk(viewer, ORG, {"limit": 100})
    check("next" not in page.links, "no next on the last page")
    check("prev" in page.links, "prev on the last page")
    equal(len(page.data), total % 100 or 100, "rows on the last page")
    # A filter whose matches fill a page exactly has no second page.
    wanted = [item["id"] for item in all_assets()[:20]]
    text = f"id=in=({','.join(wanted)})"
    for limit, pages in ((10, 2), (19, 2), (20, 1), (21, 1)):
        equal(len(list(walk(viewer, ORG, {"filter": text, "limit": limit}))), pages,
              f"pages of 20 rows by {limit}")


def test_5_prev_is_there_exactly_when_a_row_precedes():
    first = viewer.get(ORG)
    check("prev" not in first.links, "no prev on the first page")
    second = viewer.get(first.links["next"])
    check("prev" in second.links, "prev on the second page")
    back = viewer.get(second.links["prev"])
    equal(back.ids, first.ids, "prev of the second page")
    check("prev" not in back.links, "no prev on the first page, when reached backwards")
    equal(viewer.get(back.links["next"]).ids, second.ids, "next of the page that prev gave")


def test_5_an_empty_list_has_self_and_first_only():
    answer = expect(viewer.get(ORG, {"filter": "name=='no such name'", "meta_count": "with"}), 200)
    equal(answer.data, [], "data")
    equal(set(answer.links), {"self", "first"}, "links")
    equal(answer.json["meta"], {"count": 0}, "meta")


# ---- sort ---------------------------------------------------------------------------------------


def test_5_sort_walks_under_every_field():
    for field in SORT_FIELDS:
        for sort in (field, f"-{field}"):
            check_walks(sort)


def test_5_sort_walks_under_two_fields():
    for sort in ["class,-created_at", "-class,created_at", *random_sorts(2, 2)]:
        check_walks(sort)


def test_5_sort_walks_under_three_fields():
    for sort in ["created_at,-class,name", "-class,registry,-updated_at", *random_sorts(2, 3)]:
        check_walks(sort)


def test_5_sort_walks_among_equal_timestamps():
    times = [item["attributes"]["created_at"] for item in all_assets()]
    commonest = max(set(times), key=times.count)
    check(
        times.count(commonest) >= 2000,
        f"the demo's org has 2,000 equal times: {times.count(commonest)}")
    items = [item for item in all_assets() if item["attributes"]["created_at"] == commonest]
    check_walk("created_at", {"filter": f"created_at=={commonest}"}, items)
    check_walk("-created_at", {"filter": f"created_at=={commonest}"}, items)


def test_5_sort_walks_by_tens():
    items = [
        item for item in all_assets()
        if item["attributes"].get("class", {}).get("display_name") == "A"
    ]
    ids = [
        asset for page in walk(viewer, ORG, {"sort": "-class,name", "filter": "class==A"})
        for asset in page.ids
    ]
    check(ids in sorted_either_way(items, "-class,name"), "by tens")


def test_5_sort_missing_values_last_ascending_first_descending():
    missing = {item["id"] for item in all_assets() if "class" not in item["attributes"]}
    check(
        set(viewer.get(ORG, {"sort": "-class", "limit": 100}).ids) <= missing, "first under -class")
    check(not set(viewer.get(ORG, {"sort": "class", "limit": 100}).ids) & missing,
          "not first under class")


def test_5_sort_text_by_code_point():
    names = [
        item["attributes"]["registry"] for page in walk(
            viewer, TENANT, {
                "sort": "registry", "limit": 100,
                "filter": "registry!=docker.io;registry!=*.io;registry!=mcr*"
            }) for item in page.data
    ]
    equal(names, sorted(names), "by code point")
    check(names, "rows")


def test_5_sort_default_is_created_at():
    equal(viewer.get(ORG).ids, viewer.get(ORG, {"sort": "created_at"}).ids, "default")


def test_5_sort_asset_class_is_an_alias():
    equal(
        viewer.get(ORG, {"sort": "asset_class"}).ids,
        viewer.get(ORG, {"sort": "class"}).ids, "alias")
    equal(
        viewer.get(ORG, {"sort": "-asset_class"}).ids,
        viewer.get(ORG, {"sort": "-class"}).ids, "alias, descending")


def test_5_sort_of_the_later_generation():
    for field in LATER_SORT_FIELDS:
        check_walk(field)
        check_walk(f"-{field}")
    check_walks("-issues,class")
    check_walks("risk_score,-built_at,name")


def test_5_sort_anything_else_is_400():
    for sort in ("", " ", ",", "-", "--name", "+name", "name,", ",name", "name,,class", "nope",
                 "Name", "NAME", "name asc", "name desc", "name;class", "labels", "tags", "id",
                 "-id", "q", "created_at,created_at", "name,-name", "class,asset_class",
                 "name, class", " name", "name ", "created-at", "tags.env", "name;drop table x",
                 "attributes.name", "1", "config_digest", "architecture"):
        expect(viewer.get(ORG, {"sort": sort}), 400, code="invalid-sort", parameter="sort")


# ---- limit --------------------------------------------------------------------------------------


def test_5_limit_bounds():
    for limit in (10, 11, 50, 99, 100):
        equal(len(expect(viewer.get(ORG, {"limit": limit}), 200).data), limit, "rows")


def test_5_limit_default_is_10():
    for scope in SCOPES:
        equal(len(viewer.get(scope).data), 10, "rows")


def test_5_limit_outside_of_its_bounds_is_400():
    for limit in ("9", "0", "1", "101", "1000", "99999999999999999999999", "4294967306"):
        expect(viewer.get(ORG, {"limit": limit}), 400, code="invalid-limit", parameter="limit")


def test_5_limit_decimal_digits_only():
    for limit in ("", " ", "ten", "10.0", "1e1", "+10", "-10", " 10", "10 ", "0x10", "10,20", "١٠",
                  "１０", "10a", "null", "10;"):
        expect(viewer.get(ORG, {"limit": limit}), 400, code="invalid-limit", parameter="limit")


# ---- cursors ------------------------------------------------------------------------------------


def cursor_of(link):
    return next(value for name, value in parameters_of(link) if name in CURSORS)


def test_5_cursor_form():
    cursor = cursor_of(viewer.get(ORG).links["next"])
    check(cursor.startswith("v1."), cursor)
    payload = cursor[3:]
    check(payload and all(c.isalnum() or c in "-_=" for c in payload) and payload.isascii(), cursor)
    base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))


def test_5_cursor_both_at_once_is_400():
    cursor = cursor_of(viewer.get(ORG).links["next"])
    answer = viewer.get(ORG, {"starting_after": cursor, "ending_before": cursor})
    expect(answer, 400, code="invalid-cursor")
    check(answer.error["source"].get("parameter") in CURSORS, str(answer))


def test_5_cursor_malformed_is_400():
    cursor = cursor_of(viewer.get(ORG).links["next"])
    payload = cursor[3:]
    for broken in ("", "v1", "v1.", "v2." + payload, payload, "V1." + payload, cursor + "!",
                   "v1.!!!", cursor[:-3], "v1.AAAA", cursor + "AAAA",
                   "v1." + base64.urlsafe_b64encode(b"{}").decode(),
                   "v1." + base64.urlsafe_b64encode(b"null").decode(), "v1." + "A" * 4000,
                   "v1." + payload[::-1], " " + cursor, cursor + " ", "v1." + "é"):
        for name in CURSORS:
            expect(viewer.get(ORG, {name: broken}), 400, code="invalid-cursor", parameter=name)


def test_5_cursor_of_another_sort_is_400():
    cursor = cursor_of(viewer.get(ORG, {"sort": "created_at"}).links["next"])
    for sort in ("-created_at", "updated_at", "name", "created_at,name", "class"):
        for name in CURSORS:
            expect(viewer.get(ORG, {"sort": sort, name: cursor}),
                   400,
                   code="invalid-cursor",
                   parameter=name)


def test_5_cursor_of_another_scope_reaches_nothing_else():
    cursor = cursor_of(viewer.get(TENANT).links["next"])
    answer = viewer.get(ORG, {"starting_after": cursor})
    if answer.status == 200:
        check(set(answer.ids) <= {item["id"] for item in all_assets()}, "only the org's own assets")
    else:
        expect(answer, 400, code="invalid-cursor")


def test_5_the_page_before_a_cursor_is_in_sort_order():
    for sort in ("created_at", "-class,name"):
        first = viewer.get(ORG, {"sort": sort, "limit": 30})
        last = viewer.get(first.links["next"])
        equal(
            viewer.get(
                ORG,
                {"sort": sort, "limit": 20, "ending_before": cursor_of(last.links["prev"])}).ids,
            first.ids[-20:], "the twenty rows before")


def test_5_a_walk_meets_untouched_rows_once_while_rows_move():
    change = {"type": "container_images", "attributes": {"class": {"display_name": "A"}}}
    items = [item for item in all_assets() if item["attributes"]["registry"] == "quay.io"]
    # One that has no class could not get back to that.
    moved = {item["id"]: item["attributes"]["class"] for item in items[::7]
             if "class" in item["attributes"]}
    seen = []
    victims = iter(moved)
    for page in walk(viewer, ORG,
                     {"sort": "class,-name", "filter": "registry==quay.io", "limit": 20}):
        seen += page.ids
        for victim in [next(victims, None), next(victims, None)]:
            if victim is not None:
                expect(editor.patch(f"{ORG}/{victim}", {"data": {**change, "id": victim}}), 200)
    untouched = [asset for asset in seen if asset not in moved]
    equal(len(untouched), len(set(untouched)), "an untouched row appeared twice")
    equal(set(untouched), {item["id"] for item in items} - set(moved),
          "untouched rows that vanished")
    restore = [{
        "type": "container_images", "id": asset,
        "attributes": {"class": {"rank": before["rank"], "locked": before["locked"]}}
    } for asset, before in moved.items() if before]
    for start in range(0, len(restore), 100):
        expect(editor.patch(ORG, {"data": restore[start:start + 100]}), 204)


# ---- counts and parameters ----------------------------------------------------------------------


def test_5_meta_count_with_is_the_number_of_matches_on_every_page():
    total = len(all_assets())
    page = viewer.get(ORG, {"meta_count": "with", "limit": 100})
    for _ in range(3):
        equal(page.json["meta"], {"count": total}, "count")
        page = viewer.get(page.links["next"])
    docker = sum(item["attributes"]["registry"] == "docker.io" for item in all_assets())
    equal(
        viewer.get(ORG,
                   {"meta_count": "with", "filter": "registry==docker.io"}).json["meta"]["count"],
        docker, "filtered")


def test_5_meta_count_only_has_meta_and_self():
    answer = expect(viewer.get(ORG, {"meta_count": "only", "filter": "class==A"}), 200)
    equal(set(answer.json), {"meta", "links"}, "members")
    equal(set(answer.links), {"self"}, "links")
    wanted = sum(item["attributes"].get("class", {}).get("display_name") == "A"
                 for item in all_assets())
    equal(answer.json["meta"]["count"], wanted, "count")


def test_5_meta_count_else_is_400():
    for value in ("", "true", "With", "ONLY", "none", "without", "1", "with,only"):
        expect(viewer.get(ORG, {"meta_count": value}),
               400,
               code="invalid-parameter",
               parameter="meta_count")


def test_5_a_parameter_twice_is_400():
    for name, value in (("filter", "class==A"), ("sort", "name"), ("limit", "10"),
                        ("version", "2024-10-15"), ("meta_count",
                                                    "with"), ("fields[container_images]", "name")):
        expect(viewer.get(ORG, [(name, value), (name, value)]),
               400,
               code="repeated-parameter",
               parameter=name)
    expect(viewer.request("GET", f"{ORG}?limit=10&%6Cimit=20"),
           400,
           code="repeated-parameter",
           parameter="limit")


def test_5_an_unknown_parameter_is_400():
    for name in ("nope", "Filter", "LIMIT", "page", "page[size]", "offset", "q", "keys_only", "key",
                 "meta_fields", "asset_types", "include", "filter[class]", "limit[]", " limit",
                 "l\u00edmit", "", "x" * 500):
        answer = expect(viewer.get(ORG, [(name, "1")]), 400, code="unknown-parameter")
        if len(name) < 100:
            equal(answer.error["source"]["parameter"], name, "the parameter's name")


def test_5_query_forms():
    expect(viewer.request("GET", f"{ORG}?"), 200)
    expect(viewer.request("GET", f"{ORG}?filter=name==a+b"), 400)
    equal(viewer.request("GET", f"{ORG}?filter=name=='a+b'").status, 200, "a plus sign is a blank")
    encoded = "".join(f"%{byte:02x}" for byte in b"class==A")
    equal(
        viewer.request("GET", f"{ORG}?filter={encoded}").ids,
        viewer.get(ORG, {"filter": "class==A"}).ids, "hex")
    raw = "class=in=('A','B');(name!=x*,size_bytes<5)"
    equal(
        viewer.request("GET", f"{ORG}?filter={raw}").ids,
        viewer.get(ORG, {"filter": raw}).ids, "raw characters")
    equal(urllib.parse.unquote(query({"filter": raw})), f"?filter={raw}",
          "the suite's own encoding")
    check(env.URL.startswith("http://127.0.0.1:"), "loopback only")


if __name__ == "__main__":
    sys.exit(main(globals()))
