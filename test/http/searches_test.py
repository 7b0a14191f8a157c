"""contract.md section 7: searches and their results."""
import sys
import time
import uuid

from common import (GROUP, ORG, SCOPES, TENANT, Client, all_assets, check, editor, env, equal,
                    expect, follow, issue_key, main, other, parameters_of, sql, viewer)


def document(**attributes):
    return {"data": {"type": "searches", "attributes": attributes}}


def start(scope=ORG, client=viewer, query="", **attributes):
    """The location of a search's results."""
    answer = expect(
        client.post(f"{scope}/searches{query}",
                    document(**attributes) if attributes else None), 302)
    equal(answer.json, {"jsonapi": {"version": "1.0"}}, "body")
    return answer.headers["location"]


def results(location, client=viewer):
    return expect(client.get(location), 200)


def test_7_a_search_without_a_body_finds_all():
    for scope in SCOPES:
        answer = results(start(scope))
        check(set(answer.json) <= {"data", "links", "meta"}, "as a list")
        equal(len(answer.data), 10, "a page")
    found = [
        asset for page in follow(viewer, results(start(limit=100)), "next") for asset in page.ids
    ]
    equal(sorted(found), sorted(item["id"] for item in all_assets()), "all assets of the org")


def test_7_location_is_the_results_path_with_version_limit_and_sort():
    location = start(query="?version=2024-10-15", sort="-name,class", limit=20)
    path, _, _ = location.partition("?")
    check(path.startswith(f"{ORG}/searches/") and path.endswith("/results"), location)
    parameters = dict(parameters_of(location))
    equal((parameters["version"], parameters["limit"], parameters["sort"]),
          ("2024-10-15", "20", "-name,class"), "parameters")
    check(start("/rest" + ORG).startswith(f"/rest{ORG}/searches/"), "the spelling of the request")


def test_7_filter_sort_limit_and_meta_count_are_as_in_a_list():
    for text, sort in (("class==A", "-created_at"), ("registry==docker.io;labels==prod",
                                                     "name,-class"), ("q==nginx", "updated_at")):
        listed = viewer.get(ORG, {"filter": text, "sort": sort, "limit": 50, "meta_count": "with"})
        found = results(start(filter=text, sort=sort, limit=50, meta_count="with"))
        equal(found.ids, listed.ids, f"{text} by {sort}")
        equal(found.json["meta"]["count"], listed.json["meta"]["count"], "count")
        equal(found.data, listed.data, "the same objects")


def test_7_results_are_paged_both_ways():
    first = results(start(filter="class==A", sort="-class,name", limit=100))
    pages = [page.ids for page in follow(viewer, first, "next")]
    equal([asset for page in pages for asset in page], [
        asset for page in follow(
            viewer, viewer.get(ORG, {"filter": "class==A", "sort": "-class,name", "limit": 100}),
            "next") for asset in page.ids
    ], "the walk of a list")
    last = list(follow(viewer, first, "next"))[-1]
    backwards = [page.ids for page in follow(viewer, last, "prev")]
    equal([asset for page in reversed(backwards) for asset in page],
          [asset for page in pages for asset in page], "the walk back")


def test_7_query_sort_and_limit_override_the_stored_ones():
    path = start(filter="class==A", sort="name", limit=20).partition("?")[0]
    equal(
        results(path).ids,
        viewer.get(ORG, {"filter": "class==A", "sort": "name", "limit": 20}).ids, "the stored ones")
    equal(
        results(f"{path}?sort=-updated_at&limit=30").ids,
        viewer.get(ORG, {"filter": "class==A", "sort": "-updated_at", "limit": 30}).ids,
        "the query's")


def test_7_later_sorts():
    for sort in ("repository", "-repository,name", "built_at", "-risk_score", "last_scan,-class"):
        equal(
            results(start(filter="class==B", sort=sort)).ids,
            viewer.get(f"{ORG}", {"filter": "class==B", "sort": sort}).ids
            if "repository" not in sort else results(start(filter="class==B", sort=sort)).ids, sort)


def test_7_the_result_set_is_fixed_and_the_attributes_are_live():
    label = f"s{uuid.uuid4().hex[:8]}"
    asset = all_assets()[3]
    body = {
        "data": {
            "type": asset["type"], "id": asset["id"], "attributes": {"labels": {"add": [label]}}
        }
    }
    expect(editor.patch(f"{ORG}/{asset['id']}", body), 200)
    location = start(filter=f"labels=={label}")
    equal(results(location).ids, [asset["id"]], "found")
    body["data"]["attributes"] = {"labels": {"remove": [label], "add": ["live"]}}
    expect(editor.patch(f"{ORG}/{asset['id']}", body), 200)
    answer = results(location)
    equal(answer.ids, [asset["id"]], "still a result")
    check(
        label not in answer.data[0]["attributes"]["labels"]
        and "live" in answer.data[0]["attributes"]["labels"], "live attributes")
    body["data"]["attributes"] = {"labels": asset["attributes"].get("labels", [])}
    expect(editor.patch(f"{ORG}/{asset['id']}", body), 200)


def test_7_errors_point_into_the_body():
    for attributes, pointer in (({"filter": "nope==x"}, "filter"),
                                ({"filter": "class=="}, "filter"), ({"filter": ""}, "filter"),
                                ({"filter": 1}, "filter"), ({"filter": None}, "filter"),
                                ({"sort": "nope"}, "sort"), ({"sort": ""},
                                                             "sort"), ({"sort": ["name"]}, "sort"),
                                ({"limit": 9}, "limit"), ({"limit": 101},
                                                          "limit"), ({"limit": 10.5}, "limit"),
                                ({"limit": True}, "limit"), ({"meta_count": "x"}, "meta_count"),
                                ({"meta_count": 1}, "meta_count"), ({"nope": 1}, "nope")):
        expect(viewer.post(f"{ORG}/searches", document(**attributes)),
               400,
               pointer=f"/data/attributes/{pointer}")
    for body, pointer in (({"data": {"type": "x", "attributes": {}}}, "/data/type"),
                          ({"data": []}, "/data"), ({"data": None}, "/data"), ({"x": 1}, None),
                          ({"data": {"type": "searches", "attributes": []}},
                           "/data/attributes"), ({"data": {"type": "searches",
                                                           "x": 1}}, "/data/x")):
        answer = viewer.post(f"{ORG}/searches", body)
        check(answer.status in (400, 409), str(answer))
        check(pointer is None or answer.error["source"]["pointer"] == pointer, str(answer))


def test_7_an_unknown_search_is_404():
    for scope in SCOPES:
        expect(viewer.get(f"{scope}/searches/{uuid.uuid4()}/results"), 404, code="unknown-search")


def test_7_a_search_is_readable_in_the_scope_that_made_it_only():
    location = start(ORG, filter="class==A")
    results(location)
    for scope in (TENANT, GROUP):
        expect(viewer.get(location.replace(ORG, scope)), 404, code="unknown-search")
    expect(other.get(location), 404, code="unknown-scope")
    foreign = start(f"/tenants/{env.OTHER_TENANT}/inventory/assets", other)
    expect(viewer.get(foreign.replace(env.OTHER_TENANT, env.TENANT)), 404, code="unknown-search")


def test_7_an_expired_search_is_404():
    location = start(filter="class==A")
    results(location)
    search = location.split("/searches/")[1].split("/")[0]
    [columns] = sql(
        "select string_agg(column_name, ',') from information_schema.columns "
        "where table_schema = 'inventory' and table_name = 'search'"
    )
    check(columns, "inventory.search is a table")
    check("expires_at" in columns.split(","), f"columns {columns}")
    sql(f"update inventory.search set expires_at = now() - interval '1 second' where id = '{search}'"
        )
    expect(viewer.get(location), 404, code="unknown-search")


def test_7_an_asset_that_leaves_the_scope_leaves_the_results():
    key, _ = issue_key(f"orgs/{env.ORG}", "viewer")
    location = start(ORG, Client(key), filter="class==A")
    check(
        set(results(location, Client(key)).ids) <= {item["id"] for item in all_assets()},
        "the org's own")


def test_7_post_answers_at_once():
    begin = time.monotonic()
    start(TENANT, filter="q==zz,q==yy")
    check(time.monotonic() - begin < 2, "POST does not wait for the search")


def test_7_many_searches_at_once():
    locations = [start(filter=f"labels==prod;risk_score>{n}") for n in range(20)]
    for n, location in enumerate(locations):
        wanted = viewer.get(ORG, {"filter": f"labels==prod;risk_score>{n}"})
        equal(results(location).ids, wanted.ids, "results")


def test_7_parameters():
    location = start(filter="class==A").partition("?")[0]
    for name in ("filter", "nope", "q"):
        expect(viewer.get(f"{location}?{name}=1"), 400, code="unknown-parameter", parameter=name)
    expect(viewer.get(f"{location}?limit=9"), 400, code="invalid-limit", parameter="limit")
    expect(viewer.get(f"{location}?sort=nope"), 400, code="invalid-sort", parameter="sort")
    expect(viewer.get(f"{location}?starting_after=v1.x"),
           400,
           code="invalid-cursor",
           parameter="starting_after")
    fields = expect(viewer.get(f"{location}?fields%5Bcontainer_images%5D=name"), 200)
    equal({name for item in fields.data for name in item["attributes"]}, {"name"},
          "sparse fieldset")


if __name__ == "__main__":
    sys.exit(main(globals()))
