"""contract.md section 10: whatever a client sends, it gets a document, and the server goes on."""
import itertools
import json
import sys
import threading
import uuid

from common import (GROUP, ORG, TENANT, Client, Wire, an_asset, check, editor, env, equal, expect,
                    head, main, nobody, other, sql, viewer)

ASSET = f"{ORG}/{uuid.UUID(int=1)}"


def still_usable(wire):
    """The connection answers the next request as if nothing had been."""
    wire.send(head(ORG))
    expect(wire.answer(target=ORG), 200)


def raw_get(target, status, **wanted):
    """Sends a target as it stands, and uses the connection once more."""
    with Wire() as wire:
        wire.send(head(target))
        answer = expect(wire.answer(target=target if isinstance(target, str) else repr(target)),
                        status, **wanted)
        if not answer.will_close:
            still_usable(wire)
    return answer


def test_10_truncated_percent_escapes():
    for bad in ("%", "%4", "%zz", "%4z", "%%", "a%", "%u0041", "% 41".replace(" ", "+")):
        for target in (f"{ORG}?filter=name=={bad}", f"{ORG}?{bad}=1", f"{ORG}?sort={bad}",
                       f"{ORG}/{bad}", f"/orgs/{bad}/inventory/assets"):
            raw_get(target, 400, code="invalid-request-target")


def test_10_invalid_utf8():
    for bad in ("%ff", "%c3", "%c3%28", "%e2%82", "%ed%a0%80", "%f4%90%80%80", "%c0%af", "%80"):
        for target in (f"{ORG}?filter=name=={bad}", f"{ORG}?nope{bad}=1", f"{ORG}?sort={bad}",
                       f"{ORG}?version={bad}"):
            raw_get(target, 400)
    for raw in (b"\xff", b"\xc3", b"\xed\xa0\x80"):
        raw_get(ORG.encode() + b"?filter=name==" + raw, 400)


def test_10_raw_utf8_is_read():
    raw_get(f"{ORG}?filter=name=='é'".encode(), 200)


def test_10_nul():
    for target in (f"{ORG}?filter=name==%00", f"{ORG}?%00=1", f"{ORG}?sort=%00",
                   f"{ORG}?limit=10%00", f"{ORG}/%00", f"{ORG}%00", "/orgs/%00/inventory/assets"):
        check(raw_get(target, 400).error["code"] == "invalid-request-target", target)


def test_10_raw_control_characters_close_the_connection():
    for raw in (b"\x00", b"\x01", b"\x7f", b"\t"):
        with Wire() as wire:
            wire.send(head(ORG.encode() + b"?filter=a" + raw))
            answer = expect(wire.answer(), 400)
            check(answer.will_close, "closed")


def test_10_targets_of_100_kb():
    for target in (f"{ORG}?filter=name==" + "a" * 100_000, "/" + "a" * 100_000,
                   f"{ORG}?" + "a=1&" * 25_000, f"{ORG}?filter=" + "%41" * 34_000):
        with Wire() as wire:
            wire.send(head(target))
            expect(wire.answer(target=target[:100]), 414, code="target-too-long")
    expect(viewer.get(ORG, {"filter": "name==" + "a" * 6000}), 200)


def test_10_headers_of_100_kb():
    for extra in ("X-Long: " + "a" * 100_000 + "\r\n", "".join(f"X-{n}: {'a' * 100}\r\n"
                                                               for n in range(1000))):
        with Wire() as wire:
            wire.send(head(ORG, extra=extra))
            expect(wire.answer(target=ORG), 431, code="headers-too-large")


def test_10_bodies_of_10_mb():
    body = b'{"data":"' + b"a" * 10_000_000 + b'"}'
    with Wire() as wire:
        wire.send(
            head(ORG, "PATCH", env.TOKEN,
                 f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"))
        threading.Thread(target=wire.send, args=(body, ), daemon=True).start()
        expect(wire.answer("PATCH", ORG), 413, code="body-too-large")
    with Wire() as wire:
        wire.send(
            head(ORG, "PATCH", env.TOKEN,
                 "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n"))
        chunk = b"100000\r\n" + b"a" * 0x100000 + b"\r\n"
        threading.Thread(target=wire.send, args=(chunk * 10 + b"0\r\n\r\n", ), daemon=True).start()
        expect(wire.answer("PATCH", ORG), 413, code="body-too-large")
    with Wire() as wire:
        wire.send(
            head(ORG, "PATCH", env.TOKEN,
                 "Content-Type: application/json\r\nContent-Length: 99999999999999999\r\n"))
        expect(wire.answer("PATCH", ORG), 413, code="body-too-large")


def test_10_parentheses_by_the_thousand():
    for text in ("(" * 3000, ")" * 3000, "()" * 1500, "(" * 1500 + "class==A" + ")" * 1500):
        expect(viewer.request("GET", f"{ORG}?filter={text}"), 400, parameter="filter")
    for text in ("(" * 10_000, "(" * 10_000 + "class==A" + ")" * 10_000, "class==A;" * 10_000,
                 "class=in=(" + "A," * 30_000):
        expect(viewer.post(f"{ORG}/searches",
                           {"data": {"type": "searches", "attributes": {"filter": text}}}),
               400,
               pointer="/data/attributes/filter")


def test_10_json_nested_by_the_hundred_thousand():
    for text in (b"[" * 100_000, b'{"data":' * 50_000,
                 b'{"data":' + b"[" * 50_000 + b"]" * 50_000 + b"}"):
        expect(editor.request("PATCH", ASSET, body=text), 400)


def test_10_duplicate_parameters():
    for query in ("limit=10&limit=10", "limit=10&sort=name&limit=20",
                  "filter=class==A&filter=class==B", "version=2024-10-15&version=2024-10-15",
                  "nope=1&nope=2", "limit=10&limi%74=10"):
        answer = raw_get(f"{ORG}?{query}", 400)
        check(answer.error["code"] in ("repeated-parameter", "unknown-parameter"), str(answer))


WRONG = [
    None, True, False, 0, -1, 1.5, 1e300, "", "x", "\0", [], {}, [[]], [None], {"": None},
    {"a": {"b": {}}}, [1] * 1000
]
# What the loop below would build although it is right: plain forms that replace all.
RIGHT = [{"labels": []}, {"tags": {}}, {"tags": {"add": "x"}}]


def wrong_documents(good, value):
    """Update documents that have the value where it does not belong."""
    yield from (value, {"data": value}, {"data": [value]})
    yield from ({"data": {**good, member: value}} for member in good)
    for name, inner in (("class", "rank"), ("labels", "add"), ("tags", "add")):
        for attributes in ({name: value}, {name: {inner: value}}):
            if attributes not in RIGHT:
                yield {"data": {**good, "attributes": attributes}}


def test_10_every_wrong_type_in_a_body():
    asset = an_asset()
    good = {"type": asset["type"], "id": asset["id"], "attributes": {"labels": {"add": ["x"]}}}
    requests = (("PATCH", f"{ORG}/{asset['id']}"), ("PATCH", ORG), ("POST", f"{ORG}/searches"))
    for value in WRONG:
        for document in wrong_documents(good, value):
            for method, path in requests:
                answer = editor.request(method, path, body=json.dumps(document))
                check(answer.status in (400, 409), f"{str(document)[:200]}: {answer}")
    equal(an_asset(), asset, "nothing changed")


def test_10_error_documents():
    request = str(uuid.uuid4())
    error = expect(viewer.get(ORG, {"limit": "1"}, headers={"snyk-request-id": request}), 400).error
    equal(error["id"], request, "id")
    equal(error["status"], "400", "status is a string")
    equal(error["source"], {"parameter": "limit"}, "source")
    check("10" in error["detail"] and "100" in error["detail"],
          f"says what would be right: {error['detail']}")


def test_10_details_name_the_allowed_values():
    for parameters, wanted in (({"meta_count": "x"}, ("with", "only")), ({"sort": "x"},
                                                                         ("created_at", "name")),
                               ({"filter": "clas==A"}, ("class", )), ({"filter": "type==x"},
                                                                      ("container_images", )),
                               ({"version": "x"}, ("YYYY-MM-DD", )), ({"limt": "10"}, ("limit", ))):
        detail = expect(viewer.get(ORG, parameters), 400).error["detail"]
        check(all(word in detail for word in wanted), f"{wanted} in {detail}")


ORDER = [
    # Each step fails in its own way and in every later one; the first decides.
    (400, "invalid-request-target", dict(target="/nothing?x=%ff%")),
    (404, "unknown-route", dict(target="/nothing", token="x", headers={"Accept": "text/html"})),
    (405, "method-not-allowed",
     dict(method="DELETE", target=ORG, token="x", headers={"Accept": "text/html"})),
    (401, "unauthenticated",
     dict(method="PATCH",
          target=f"{ORG}?nope=1",
          token="x",
          headers={"Accept": "text/html", "Content-Type": "text/plain"},
          body="x")),
    (415, "unsupported-media-type",
     dict(method="PATCH",
          target=f"/orgs/{uuid.UUID(int=0)}/inventory/assets?nope=1",
          headers={"Content-Type": "text/plain"},
          body="x")),
    (406, "not-acceptable",
     dict(target=f"/orgs/{uuid.UUID(int=0)}/inventory/assets?nope=1",
          headers={"Accept": "text/html"})),
    (404, "unknown-scope",
     dict(method="PATCH", target=f"/orgs/{uuid.UUID(int=0)}/inventory/assets?nope=1", body="{")),
    (403, "forbidden", dict(method="PATCH", target=f"{ORG}?nope=1", body="{")),
    (400, "unknown-parameter", dict(target=f"{ASSET}?nope=1")),
    (404, "unknown-asset", dict(target=ASSET)),
]


def test_10_order_of_checks():
    for status, code, request in ORDER:
        client = Client(request.get("token", env.READER_TOKEN))
        answer = client.request(request.get("method", "GET"),
                                request["target"],
                                body=request.get("body"),
                                headers=request.get("headers", {}))
        expect(answer, status, code=code)


def test_10_a_missing_asset_comes_before_a_stale_if_match():
    body = {
        "data": {
            "type": "container_images", "id": ASSET.rsplit("/", 1)[1],
            "attributes": {"labels": ["a"]}
        }
    }
    expect(editor.patch(ASSET, body, headers={"If-Match": '"x"'}), 404, code="unknown-asset")
    body["data"]["attributes"] = {}
    expect(editor.patch(ASSET, body), 400, code="invalid-body")


def test_10_nothing_of_the_inside_gets_out():
    for text in ("name=='\\''", "created_at==9999999-01-01", "name==" + "\\" * 100,
                 "labels=in=('{','}')", "risk_score==1e400", "id==x", "tags.'x==y"):
        answer = viewer.get(ORG, {"filter": text})
        check(answer.status in (200, 400), str(answer))
        for word in (b"SQLSTATE", b"PL/pgSQL", b"syntax error at or near", b"inventory.",
                     b"relation ", b"$1"):
            check(word not in answer.body or answer.status == 200, str(answer))


def test_10_connections_stay_usable_after_every_error():
    client = Client(env.READER_TOKEN)
    for path, parameters in itertools.product(
        (TENANT, GROUP, ORG),
        ({"filter": "("}, {"limit": "x"}, {"nope": "1"}, {"starting_after": "v1.x"})):
        expect(client.get(path, parameters), 400)
        connection = client.connection
        check(connection is not None, "kept open")
        expect(client.get(path), 200)
        check(client.connection is connection, "the same connection")


def test_10_pipelined_requests_are_answered_in_order():
    with Wire() as wire:
        paths = [f"{ORG}?limit={n}"
                 for n in (10, 11, 12)] + ["/nothing", f"{ORG}?limit=9", f"{ORG}?limit=13"]
        wire.send(b"".join(head(path) for path in paths))
        for path, status, rows in zip(paths, (200, 200, 200, 404, 400, 200),
                                      (10, 11, 12, 0, 0, 13)):
            answer = expect(wire.answer(target=path), status)
            equal(len(answer.json.get("data", [])), rows, path)


def test_10_bytes_that_are_no_http():
    for data in (b"hello\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/3.0\r\n\r\n",
                 b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
                 b"GET " + ORG.encode() + b" HTTP/1.1\nHost: x\n\n",
                 b"GET / HTTP/1.1\r\nHost x\r\n\r\n", b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
                 b"PATCH / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
                 b"PATCH / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
                 b"PATCH / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
                 b"PATCH / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                 b"Content-Length: 3\r\n\r\n0\r\n\r\n",
                 b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"):
        with Wire() as wire:
            wire.send(data)
            answer = wire.answer()
            check(answer.status in (400, 505, 501), f"{data!r}: {answer}")
            check(answer.will_close or wire.is_closed(), f"{data!r}: not closed")
    expect(viewer.get(ORG), 200)


def test_10_methods_of_any_name():
    for method in ("TRACE", "CONNECT", "PROPFIND", "get", "X" * 50, "M-SEARCH"):
        with Wire() as wire:
            wire.send(head(ORG, method))
            answer = wire.answer(method, ORG)
            check(answer.status in (400, 405, 501), f"{method}: {answer}")


def test_10_every_code_of_the_table_is_answered_with_its_status():
    rows = sql("select count(*) from inventory.rest('GET', '/nothing')")
    equal(rows, ["1"], "one row always")


def test_10_keys_of_others_never_show():
    for client in (nobody, other, viewer):
        for path in (ORG, ASSET, "/nothing"):
            body = client.get(path).body
            for key in (env.TOKEN, env.READER_TOKEN, env.OTHER_TOKEN):
                check(key.encode() not in body, "a key in an answer")


if __name__ == "__main__":
    sys.exit(main(globals()))
