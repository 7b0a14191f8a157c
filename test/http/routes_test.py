"""contract.md section 1: the thirty routes, three kinds of scope, methods, permissions."""
import sys
import uuid

from common import (GROUP, OTHER, ORG, SCOPES, TENANT, Client, an_asset, check, editor, env, equal,
                    expect, issue_key, main, nobody, other, parameters_of, viewer)

NOTHING = str(uuid.UUID(int=0))


def readable(scope):
    """The GET routes of a scope that need no id of their own, with their parameters."""
    fields = viewer.get(f"{scope}/groups").data
    filters = [item for item in viewer.get(f"{scope}/filters").data if "relationships" in item]
    return [
        scope, f"{scope}/{an_asset(scope)['id']}", f"{scope}/groups",
        f"{scope}/groups/{fields[0]['id']}/values", f"{scope}/filters",
        f"{scope}/filters/{filters[0]['id']}/values"
    ]


def known_paths(scope):
    """Every path of a scope with the methods that it has."""
    return {
        scope: {"GET", "HEAD", "PATCH"}, f"{scope}/{NOTHING}": {"GET", "HEAD", "PATCH"},
        f"{scope}/searches": {"POST"}, f"{scope}/searches/{NOTHING}/results": {"GET", "HEAD"},
        f"{scope}/groups": {"GET", "HEAD"}, f"{scope}/groups/{NOTHING}/values": {"GET", "HEAD"},
        f"{scope}/filters": {"GET", "HEAD"}, f"{scope}/filters/{NOTHING}/values": {"GET", "HEAD"}
    }


def test_1_list_at_every_scope():
    for scope in SCOPES:
        answer = expect(viewer.get(scope), 200)
        equal(set(answer.json), {"data", "links"}, "members")
        equal(len(answer.data), 10, "default page")


def test_1_get_one_at_every_scope():
    asset = an_asset(ORG)["id"]
    for scope in SCOPES:
        answer = expect(viewer.get(f"{scope}/{asset}"), 200)
        equal(set(answer.json), {"data", "links"}, "members")
        equal(answer.data["id"], asset, "id")


def test_1_every_get_route_at_every_scope():
    for scope in SCOPES:
        for path in readable(scope):
            expect(viewer.get(path), 200)


def test_1_leading_rest_is_accepted_and_repeated_in_links():
    for path in readable(ORG):
        answer = expect(viewer.get(f"/rest{path}"), 200)
        for name, link in answer.links.items():
            check(link.startswith("/rest/orgs/"), f"{name} link {link}")
    for item in viewer.get(f"/rest{ORG}").data:
        check(item["links"]["self"].startswith(f"/rest{ORG}/"), "self link of an item")
    for link in viewer.get(ORG).links.values():
        check(not link.startswith("/rest"), "links without /rest")


def test_1_tenant_role_holds_on_its_groups_and_orgs():
    for scope in SCOPES:
        expect(viewer.get(scope), 200)
        expect(editor.get(scope), 200)


def test_1_group_role_holds_on_its_orgs_only():
    key, _ = issue_key(f"groups/{env.GROUP}", "viewer")
    client = Client(key)
    expect(client.get(GROUP), 200)
    expect(client.get(ORG), 200)
    expect(client.get(TENANT), 404, code="unknown-scope")


def test_1_org_role_holds_on_the_org_only():
    key, _ = issue_key(f"orgs/{env.ORG}", "editor")
    client = Client(key)
    expect(client.get(ORG), 200)
    expect(client.get(GROUP), 404, code="unknown-scope")
    expect(client.get(TENANT), 404, code="unknown-scope")


def test_1_group_and_org_scope_narrow_to_the_assets_seen_there():
    counts = [viewer.get(scope, {"meta_count": "only"}).json["meta"]["count"] for scope in SCOPES]
    check(counts[0] > counts[1] > counts[2] > 0, f"tenant > group > org: {counts}")
    check(2000 <= counts[2] <= 6000, f"the demo's org has 2,000 to 6,000 assets: {counts[2]}")
    org = {item["id"] for item in viewer.get(ORG, {"limit": 100}).data}
    for asset in list(org)[:5]:
        expect(viewer.get(f"{GROUP}/{asset}"), 200)
        expect(viewer.get(f"{TENANT}/{asset}"), 200)
    elsewhere = next(item["id"]
                     for item in viewer.get(TENANT, {"limit": 100, "sort": "-created_at"}).data
                     if viewer.get(f"{ORG}/{item['id']}").status == 404)
    expect(viewer.get(f"{ORG}/{elsewhere}"), 404, code="unknown-asset")


def test_1_head_answers_as_get_without_the_body():
    for path in readable(ORG):
        get, head = viewer.get(path), viewer.request("HEAD", path)
        equal(head.status, get.status, "status")
        for name in ("content-type", "etag"):
            equal(head.headers.get(name), get.headers.get(name), name)
        # Its length may be left out (RFC 9110 section 9.3.2), never be another one.
        length = head.headers.get("content-length", get.headers["content-length"])
        equal(length, get.headers["content-length"], "content-length")
    equal(viewer.request("HEAD", f"{ORG}/{NOTHING}").status, 404, "HEAD of what is not there")


def test_1_another_method_on_a_known_path_is_405_with_allow():
    for scope in SCOPES:
        for path, methods in known_paths(scope).items():
            for method in ("GET", "PUT", "DELETE", "POST", "PATCH", "OPTIONS"):
                if method not in methods:
                    answer = expect(editor.request(method, path), 405, code="method-not-allowed")
                    equal(
                        set(answer.headers["allow"].replace(" ", "").split(",")) | {"HEAD"},
                        methods | {"HEAD"}, f"allow of {path}")


def test_1_an_unknown_path_is_404():
    for path in ("/", "/nothing", "/tenants", f"/tenants/{env.TENANT}",
                 f"/tenants/{env.TENANT}/inventory", f"{ORG}/searches/{NOTHING}",
                 f"{ORG}/groups/{NOTHING}", f"{ORG}/filters/{NOTHING}", f"{ORG}/{NOTHING}/more",
                 f"/users/{env.TENANT}/inventory/assets", f"/rest/rest{ORG}",
                 ORG.replace("assets", "Assets"), f"/{ORG}", f"{ORG}/groups/{NOTHING}/values/x"):
        for client in (editor, nobody):
            expect(client.get(path), 404, code="unknown-route")


def test_1_an_empty_segment_is_no_id():
    for path in (f"{TENANT}/", f"{ORG}/", f"{ORG}/groups/", f"{ORG}//values", "/orgs//inventory/assets",
                 f"{ORG}/groups//values", f"{ORG}/searches//results", "/openapi/", "/rest/openapi/"):
        expect(viewer.get(path), 404, code="unknown-route")
    expect(editor.patch(f"{ORG}/", {}), 404, code="unknown-route")


def test_1_ids_in_paths_are_uuids():
    for path in ("/tenants/1/inventory/assets", f"/orgs/{env.ORG}x/inventory/assets",
                 f"/orgs/{env.TENANT}/inventory/assets", f"{ORG}/not-a-uuid",
                 f"/groups/{env.ORG}/inventory/assets"):
        check(viewer.get(path).status in (400, 404), path)


def test_1_openapi_needs_no_key():
    versions = expect(nobody.get("/openapi"), 200)
    equal(versions.headers["content-type"].split(";")[0], "application/json", "content-type")
    check("2024-10-15~beta" in versions.json, f"versions {versions.json}")
    document = expect(nobody.get("/openapi/2024-10-15"), 200)
    equal(document.headers["content-type"].split(";")[0], "application/json", "content-type")
    check(document.json["openapi"].startswith("3.1"), "OpenAPI 3.1")
    expect(nobody.get("/openapi/2020-01-01"), 404, code="unknown-version")


def test_1_viewer_may_not_edit():
    asset = an_asset()
    body = {
        "data": {
            "type": "container_images", "id": asset["id"], "attributes": {"labels": {"add": ["x"]}}
        }
    }
    for scope in SCOPES:
        expect(viewer.patch(f"{scope}/{asset['id']}", body), 403, code="forbidden")
        expect(viewer.patch(scope, {"data": [body["data"]]}), 403, code="forbidden")
        expect(other.patch(f"{scope}/{asset['id']}", body), 404, code="unknown-scope")
        expect(nobody.patch(f"{scope}/{asset['id']}", body), 401, code="unauthenticated")


def test_1_viewer_may_search():
    answer = expect(viewer.post(f"{ORG}/searches?version=2024-10-15"), 302)
    check(answer.headers["location"].startswith(f"{ORG}/searches/"), "location")
    check(("version", "2024-10-15") in parameters_of(answer.headers["location"]),
          "version in location")


def test_1_scopes_of_another_tenant_are_not_there():
    for client, scope in ((viewer, OTHER), (editor, OTHER), (other, TENANT), (other, GROUP), (other,
                                                                                              ORG)):
        expect(client.get(scope), 404, code="unknown-scope")
    expect(other.get(OTHER), 200)


if __name__ == "__main__":
    sys.exit(main(globals()))
