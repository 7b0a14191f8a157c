"""contract.md section 2: request and response headers."""
import sys
import uuid

from common import (MEDIA_TYPE, ORG, TENANT, Client, an_asset, check, editor, env, equal, expect,
                    issue_key, main, nobody, revoke_keys, sql, viewer)


def authorized(value):
    return nobody.get(ORG, headers={"Authorization": value})


def test_2_token_in_any_case_and_bearer():
    for scheme in ("Token", "token", "TOKEN", "tOkEn", "Bearer", "bearer"):
        expect(authorized(f"{scheme} {env.READER_TOKEN}"), 200)


def test_2_missing_key_is_401():
    expect(nobody.get(ORG), 401, code="unauthenticated")


def test_2_malformed_key_is_401():
    for value in ("", "Token", "Token ", env.READER_TOKEN, f"Basic {env.READER_TOKEN}",
                  f"Token{env.READER_TOKEN}", f"Token {env.READER_TOKEN} x",
                  f"Token {env.READER_TOKEN[:-1]}", f"Token {env.READER_TOKEN}x",
                  f"Token {env.READER_TOKEN},Token {env.TOKEN}", "Token ' or true --",
                  f"Token {'x' * 3000}", f"Token {env.READER_TOKEN.swapcase()}"):
        expect(authorized(value), 401, code="unauthenticated")


def test_2_unknown_key_is_401():
    changed = env.READER_TOKEN[:-4] + ("AAAA" if not env.READER_TOKEN.endswith("AAAA") else "BBBB")
    expect(authorized(f"Token {changed}"), 401, code="unauthenticated")


def test_2_expired_key_is_401():
    key, _ = issue_key(f"orgs/{env.ORG}", "viewer", "now() + interval '1 hour'")
    expect(Client(key).get(ORG), 200)
    key, _ = issue_key(f"orgs/{env.ORG}", "viewer", "now() - interval '1 second'")
    expect(Client(key).get(ORG), 401, code="unauthenticated")


def test_2_revoked_key_is_401():
    key, principal = issue_key(f"orgs/{env.ORG}", "viewer")
    client = Client(key)
    expect(client.get(ORG), 200)
    revoke_keys(principal)
    expect(client.get(ORG), 401, code="unauthenticated")


def test_2_revoked_role_is_404():
    key, principal = issue_key(f"orgs/{env.ORG}", "viewer")
    client = Client(key)
    expect(client.get(ORG), 200)
    sql(f"select inventory.revoke_role('{principal}', 'orgs/{env.ORG}', 'viewer')")
    expect(client.get(ORG), 404, code="unknown-scope")


def test_2_a_scope_that_is_not_there_and_one_that_cannot_be_read_are_the_same_404():
    request_id = str(uuid.uuid4())
    bodies = [
        viewer.get(f"/tenants/{tenant}/inventory/assets", headers={"snyk-request-id": request_id})
        for tenant in (env.OTHER_TENANT, uuid.uuid4())
    ]
    equal(bodies[0].status, 404, "status")
    equal(bodies[0].body, bodies[1].body, "documents")


def test_2_readable_but_not_editable_is_403_on_patch():
    asset = an_asset()
    body = {"data": {"type": asset["type"], "id": asset["id"], "attributes": {"labels": []}}}
    expect(viewer.patch(f"{ORG}/{asset['id']}", body), 403, code="forbidden")
    expect(viewer.patch(ORG, {"data": [body["data"]]}), 403, code="forbidden")


def test_2_response_headers_of_every_answer():
    answer = expect(viewer.get(ORG), 200)
    equal(answer.headers["content-type"], MEDIA_TYPE, "content-type without charset")
    check("accept" in answer.headers["vary"].lower().split(", "), "vary")


def test_2_request_id_is_echoed_when_it_is_a_uuid():
    mine = str(uuid.uuid4())
    for client in (viewer, nobody):
        equal(
            client.get(ORG, headers={"snyk-request-id": mine}).headers["snyk-request-id"], mine,
            "echo")
    equal(
        viewer.get("/nothing", headers={"snyk-request-id": mine}).error["id"], mine,
        "id of an error")


def test_2_request_id_is_made_when_it_is_no_uuid():
    seen = set()
    for sent in ({}, {"snyk-request-id": "x"}, {"snyk-request-id": ""
                                                }, {"snyk-request-id": "1" * 500},
                 {"snyk-request-id": "'; drop table inventory.asset; --"}):
        seen.add(viewer.get(ORG, headers=sent).headers["snyk-request-id"])
    equal(len(seen), 5, "each answer has an id of its own")


def test_2_body_type():
    asset = an_asset()
    body = {
        "data": {
            "type": asset["type"], "id": asset["id"],
            "attributes": {"labels": {"add": ["body-type"]}}
        }
    }
    for good in (MEDIA_TYPE, "application/json", "application/json; charset=utf-8",
                 "APPLICATION/JSON", f'{MEDIA_TYPE}; profile="http://example.org/a"',
                 f"{MEDIA_TYPE.upper()}"):
        expect(editor.patch(f"{ORG}/{asset['id']}", body, headers={"Content-Type": good}), 200)
    for bad in (
            "text/plain", "application/xml", "application/vnd.api",
            "application/x-www-form-urlencoded", "*/*", "json",
            f'{MEDIA_TYPE}; ext="http://example.org/a"', f"{MEDIA_TYPE}; charset=utf-8",
            f'{MEDIA_TYPE}; ext="https://jsonapi.org/ext/atomic"; profile="http://example.org/a"'):
        expect(editor.patch(f"{ORG}/{asset['id']}", body, headers={"Content-Type": bad}),
               415,
               code="unsupported-media-type")


def test_2_accept_that_serves():
    for accept in ("*/*", "application/*", MEDIA_TYPE, "application/json",
                   f"text/html, {MEDIA_TYPE}", "text/html;q=0.9, */*;q=0.1",
                   "application/json;q=0.5", f"{MEDIA_TYPE};q=1.0", "APPLICATION/JSON",
                   "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                   f'{MEDIA_TYPE}; profile="http://example.org/a"',
                   f'{MEDIA_TYPE}; ext="x", {MEDIA_TYPE}'):
        equal(
            expect(viewer.get(ORG, headers={"Accept": accept}), 200).headers["content-type"],
            MEDIA_TYPE, accept)


def test_2_accept_in_which_nothing_serves_is_406():
    for accept in ("text/html", "text/*", "application/xml", "image/png, text/plain",
                   f'{MEDIA_TYPE}; ext="x"', "application/json;q=0", "*/*;q=0"):
        expect(viewer.get(ORG, headers={"Accept": accept}), 406, code="not-acceptable")


def test_2_etag_and_if_none_match():
    for path in (ORG, f"{ORG}/{an_asset()['id']}", f"{TENANT}?limit=20&filter=class==A"):
        first = expect(viewer.get(path), 200)
        etag = first.headers["etag"]
        equal(viewer.get(path).headers["etag"], etag, "the same answer has the same ETag")
        for value in (etag, f'"other", {etag}', "*", f"W/{etag.removeprefix('W/')}"):
            answer = expect(viewer.get(path, headers={"If-None-Match": value}), 304)
            equal(answer.headers["etag"], etag, "ETag of a 304")
        expect(viewer.get(path, headers={"If-None-Match": '"other"'}), 200)


def test_2_etag_moves_with_the_asset():
    asset = an_asset(skip=1)
    path = f"{ORG}/{asset['id']}"
    before = viewer.get(path).headers["etag"]
    body = {
        "data": {
            "type": asset["type"], "id": asset["id"],
            "attributes": {"labels": {"add": [f"e{uuid.uuid4().hex[:8]}"]}}
        }
    }
    expect(editor.patch(path, body), 200)
    check(viewer.get(path).headers["etag"] != before, "a changed asset has another ETag")
    expect(viewer.get(path, headers={"If-None-Match": before}), 200)
    body["data"]["attributes"] = {"labels": asset["attributes"].get("labels", [])}
    expect(editor.patch(path, body), 200)


def test_2_if_match_stale_is_412():
    asset = an_asset(skip=2)
    path = f"{ORG}/{asset['id']}"
    etag = viewer.get(path).headers["etag"]
    body = {
        "data": {
            "type": asset["type"], "id": asset["id"],
            "attributes": {"tags": {"add": {"if-match": "1"}}}
        }
    }
    expect(editor.patch(path, body, headers={"If-Match": '"stale"'}),
           412,
           code="precondition-failed")
    check("if-match" not in viewer.get(path).data["attributes"].get("tags", {}), "nothing changed")
    expect(editor.patch(path, body, headers={"If-Match": etag}), 200)
    body["data"]["attributes"] = {"tags": {"remove": ["if-match"]}}
    expect(editor.patch(path, body, headers={"If-Match": etag}), 412)
    expect(editor.patch(path, body, headers={"If-Match": "*"}), 200)


if __name__ == "__main__":
    sys.exit(main(globals()))
