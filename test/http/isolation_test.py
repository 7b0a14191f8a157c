"""No request learns anything outside of what its key may read."""
import sys
import uuid

from common import (CODES, GROUP, ORG, OTHER, TENANT, Client, all_assets, check, editor, env, equal,
                    expect, issue_key, main, nobody, revoke_keys, other, sql, viewer, walk)

REQUEST = {"snyk-request-id": str(uuid.uuid4())}


def routes(scope, asset, field, filter_field):
    body = {
        "data": {
            "type": "container_images", "id": asset, "attributes": {"labels": {"add": ["stolen"]}}
        }
    }
    yield from (("GET", scope, None), ("GET", f"{scope}/{asset}", None),
                ("GET", f"{scope}/groups", None), ("GET", f"{scope}/groups/{field}/values", None),
                ("GET", f"{scope}/filters", None), ("GET", f"{scope}/filters/{filter_field}/values",
                                                    None), ("PATCH", scope,
                                                            {"data": [body["data"]]}),
                ("PATCH", f"{scope}/{asset}", body), ("POST", f"{scope}/searches", None),
                ("GET", f"{scope}/searches/{uuid.UUID(int=5)}/results", None))


def all_routes(scope, client):
    asset = client.get(scope).ids[0]
    field = client.get(f"{scope}/groups").ids[0]
    filter_field = client.get(f"{scope}/filters").ids[0]
    return list(routes(scope, asset, field, filter_field))


def bodies(client, requests):
    """Status and body of each request; all have one request id, so that bodies compare."""
    answers = [
        client.request(method, path, body=body, headers=REQUEST) for method, path, body in requests
    ]
    return [(answer.status, answer.body) for answer in answers]


def test_no_key():
    known = bodies(nobody, all_routes(OTHER, other))
    absent = bodies(
        nobody,
        routes(f"/tenants/{uuid.uuid4()}/inventory/assets", str(uuid.uuid4()), uuid.uuid4(),
               uuid.uuid4()))
    equal(known, absent, "a tenant that is there and one that is not")
    equal({status for status, _ in known}, {401}, "status")


def test_revoked_key():
    key, principal = issue_key(f"tenants/{env.TENANT}", "editor")
    client = Client(key)
    expect(client.get(TENANT), 200)
    revoke_keys(principal)
    equal(bodies(client, all_routes(TENANT, viewer)), bodies(nobody, all_routes(TENANT, viewer)),
          "as without a key")


def test_key_of_the_other_tenant():
    for client, scopes, owner in ((other, (TENANT, GROUP, ORG), viewer), (editor, (OTHER, ),
                                                                          other)):
        for scope in scopes:
            known = bodies(client, all_routes(scope, owner))
            kind = scope.split("/")[1]
            absent = bodies(
                client,
                routes(f"/{kind}/{uuid.uuid4()}/inventory/assets", str(uuid.uuid4()), uuid.uuid4(),
                       uuid.uuid4()))
            equal(known, absent, f"{scope}: one that is there and one that is not")
            equal({status for status, _ in known}, {404}, "status")


def test_404_documents_are_identical():
    answers = [
        viewer.get(f"{scope}", headers=REQUEST).body
        for scope in (OTHER, f"/tenants/{uuid.uuid4()}/inventory/assets",
                      f"/orgs/{uuid.uuid4()}/inventory/assets",
                      f"/groups/{env.ORG}/inventory/assets")
    ]
    equal(len(set(answers)), 1, "scopes")
    foreign = other.get(OTHER).ids[0]
    answers = [
        viewer.get(f"{TENANT}/{asset}", headers=REQUEST).body for asset in (foreign, uuid.uuid4())
    ]
    equal(len(set(answers)), 1, "assets")


def test_an_asset_of_the_other_tenant_is_not_there():
    for asset in other.get(OTHER).ids:
        expect(viewer.get(f"{TENANT}/{asset}"), 404, code="unknown-asset")
        equal(viewer.get(TENANT, {"filter": f"id=={asset}"}).ids, [], "by filter")


def test_filters_do_not_reach_out_of_the_scope():
    mine = {item["id"] for item in all_assets(ORG)}
    foreign = other.get(OTHER, {"limit": 100})
    attributes = foreign.data[0]["attributes"]
    digest = attributes["distribution_digests"][0]["manifest_digest"]
    for text in (f"id=={foreign.ids[0]}", f"id=in=({','.join(foreign.ids[:50])})",
                 f"manifest_digest=={digest}", f"q=={digest}", f"id=={foreign.ids[0]},class==A",
                 f"id!={foreign.ids[0]}", "class==A,class!=A", "class==*,class!=*",
                 "name=='\\') or (true'", "name==\"' or '1'='1\"", "name=='$1::text or true'",
                 "name=='*\\' or tenant_id is not null --'", "name==*,name!=*"):
        answer = viewer.get(ORG, {"filter": text, "limit": 100, "meta_count": "with"})
        expect(answer, 200)
        check(set(answer.ids) <= mine, text)
        check(answer.json["meta"]["count"] <= len(mine), text)
    for text in ("tenant_id==x", "scope==x", "org==x", "orgs==x", "group_id==x",
                 "inventory.asset.tenant_id==x", "1==1", "true==true"):
        expect(viewer.get(ORG, {"filter": text}), 400, code="filter-field")


def test_values_of_the_other_tenant_do_not_show():
    label = f"secret{uuid.uuid4().hex[:8]}"
    asset = other.get(OTHER).data[0]
    body = {
        "data": {
            "type": asset["type"], "id": asset["id"],
            "attributes": {"labels": {"add": [label]}, "tags": {"add": {label: label}}}
        }
    }
    expect(other.patch(f"{OTHER}/{asset['id']}", body), 200)
    fields = {
        item["attributes"]["name"]: item["id"] for item in viewer.get(f"{TENANT}/filters").data
    }
    groups = {
        item["attributes"]["name"]: item["id"] for item in viewer.get(f"{TENANT}/groups").data
    }
    for scope in (TENANT, ORG):
        equal(
            viewer.get(scope,
                       {"filter": f"q=={label}", "meta_count": "only"}).json["meta"]["count"], 0,
            "q")
        equal(
            viewer.get(f"{scope}/filters/{fields['labels']}/values", {"q": label}).data, [],
            "filter values")
        equal(
            viewer.get(f"{scope}/filters/{fields['tags']}/values",
                       {"q": label, "keys_only": "true"}).data, [], "keys")
        for name in ("labels", "tags"):
            seen = [
                item["attributes"]["value"]
                for page in walk(viewer, f"{scope}/groups/{groups[name]}/values", {"limit": 100})
                for item in page.data
            ]
            check(not [value for value in seen if label in value], "group values")
    check(
        other.get(f"{OTHER}/filters/{fields['labels']}/values", {"q": label}).data,
        "its own tenant sees it")
    body["data"]["attributes"] = {"labels": {"remove": [label]}, "tags": {"remove": [label]}}
    expect(other.patch(f"{OTHER}/{asset['id']}", body), 200)


def test_cursors_of_the_other_tenant_show_nothing():
    link = other.get(OTHER).links["next"]
    answer = viewer.get(TENANT + "?" + link.partition("?")[2])
    if answer.status == 200:
        foreign = set(other.get(OTHER, {"limit": 100}).ids)
        check(not foreign & set(answer.ids), "foreign rows")
    expect(viewer.get(link), 404, code="unknown-scope")


def test_updates_do_not_reach_the_other_tenant():
    asset = other.get(OTHER).data[0]
    body = {
        "data": {"type": asset["type"], "id": asset["id"], "attributes": {"labels": ["stolen"]}}
    }
    expect(editor.patch(f"{TENANT}/{asset['id']}", body), 404, code="unknown-asset")
    expect(editor.patch(TENANT, {"data": [body["data"]]}), 404, code="unknown-asset")
    expect(editor.patch(f"{OTHER}/{asset['id']}", body), 404, code="unknown-scope")
    equal(other.get(f"{OTHER}/{asset['id']}").data, asset, "unchanged")


def test_an_org_key_sees_its_org_only():
    key, _ = issue_key(f"orgs/{env.ORG}", "viewer")
    client = Client(key)
    expect(client.get(ORG), 200)
    for scope in (TENANT, GROUP, OTHER, ORG.replace("000000000001/", "000000000002/")):
        expect(client.get(scope), 404, code="unknown-scope")
    outside = next(asset for asset in viewer.get(TENANT, {"limit": 100, "sort": "-created_at"}).ids
                   if asset not in {item["id"] for item in all_assets()})
    expect(client.get(f"{ORG}/{outside}"), 404, code="unknown-asset")
    equal(client.get(ORG, {"filter": f"id=={outside}"}).ids, [], "by filter")


def test_the_proxys_role_cannot_read_the_tables():
    rows = sql("select c.relname from pg_class c where c.relnamespace = 'inventory'::regnamespace "
               "and c.relkind in ('r', 'p', 'v') "
               "and (has_table_privilege('demo_proxy', c.oid, 'select, insert, update, delete'))")
    check(not rows, f"demo_proxy reaches {rows}")


def test_only_a_hash_of_a_key_is_stored():
    tables = sql("select format('%I.%I', relnamespace::regnamespace, relname) from pg_class "
                 "where relnamespace = 'inventory'::regnamespace "
                 "and relkind = 'r' and relname ~ 'key|principal|role'")
    check(tables, "tables of keys")
    secret = env.TOKEN[-40:]
    for table in tables:
        equal(sql(f"select count(*) from {table} as t where strpos(t::text, '{secret}') > 0"),
              ["0"], table)


def test_codes_are_unique():
    check(len(CODES) > 40, "the table of codes was read")


if __name__ == "__main__":
    sys.exit(main(globals()))
