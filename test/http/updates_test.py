"""contract.md section 6: updates of one asset and of many. Every test puts back what it changed."""
import contextlib
import json
import sys
import threading
import uuid

from common import (GROUP, ORG, OTHER, SCOPES, TENANT, Client, all_assets, audit_table, check,
                    editor, env, equal, expect, main, other, sql, viewer)

# A pointer somewhere below the attributes, where the contract does not settle which.
SOME = "some pointer"


def path_of(asset, scope=ORG):
    return f"{scope}/{asset}"


def attributes(asset):
    return expect(viewer.get(path_of(asset)), 200).data["attributes"]


def change(asset, wanted, scope=ORG, **options):
    return editor.patch(path_of(asset, scope), {"data": resource(asset, wanted)}, **options)


def resource(asset, wanted):
    return {"type": "container_images", "id": asset, "attributes": wanted}


def change_all(pairs, scope=ORG, **options):
    return editor.patch(scope, {"data": [resource(asset, wanted) for asset, wanted in pairs]},
                        **options)


@contextlib.contextmanager
def lent(count=1, skip=0):
    """Ids of assets that have a class; class, labels and tags are put back."""
    items = [item for item in all_assets() if "class" in item["attributes"]][skip:skip + count]
    try:
        yield [item["id"] for item in items]
    finally:
        expect(
            change_all([(item["id"], {
                "class": {
                    "rank": item["attributes"]["class"]["rank"],
                    "locked": item["attributes"]["class"]["locked"]
                }, "labels": item["attributes"].get("labels", []),
                "tags": item["attributes"].get("tags", {})
            }) for item in items]), 204)


def set_of(asset, name):
    return set(attributes(asset).get(name, []))


# ---- one ----------------------------------------------------------------------------------------


def test_6_update_one_answers_with_the_asset():
    with lent() as [asset]:
        for scope in SCOPES:
            answer = expect(change(asset, {"labels": ["one"]}, scope), 200)
            equal(set(answer.json), {"jsonapi", "data", "links"}, "members")
            equal(answer.json["jsonapi"], {"version": "1.0"}, "jsonapi")
            equal(answer.data["attributes"]["labels"], ["one"], "labels")
            equal(answer.data["id"], asset, "id")
            equal(
                viewer.get(path_of(asset, scope)).data["attributes"], answer.data["attributes"],
                "as GET shows it")


def test_6_class_by_name_or_rank():
    with lent() as [asset]:
        for wanted, name, rank in (({"display_name": "A"}, "A", 1), ({"rank": 4}, "D", 4),
                                   ({"display_name": "B",
                                     "rank": 2}, "B", 2), ({"display_name": "A",
                                                            "rank": 3}, "C", 3)):
            shown = expect(change(asset, {"class": wanted}), 200).data["attributes"]["class"]
            equal((shown["display_name"], shown["rank"]), (name, rank), f"{wanted}")


def test_6_absent_locked_leaves_the_lock():
    with lent() as [asset]:
        for wanted, locked in (({"rank": 1, "locked": True}, True), ({"rank": 2}, True),
                               ({"locked": False, "rank": 2}, False), ({"rank": 3}, False)):
            equal(
                expect(change(asset, {"class": wanted}), 200).data["attributes"]["class"]["locked"],
                locked, f"{wanted}")


def test_6_labels_add_and_remove():
    with lent() as [asset]:
        expect(change(asset, {"labels": ["a", "b"]}), 200)
        for wanted, after in (({"add": ["c"]}, "abc"), ({"remove": ["a"]}, "bc"),
                              ({"add": ["d"], "remove": ["b"]}, "cd"), ({"add": ["c"]}, "cd"),
                              ({"remove": ["zz"]}, "cd"), ({"add": ["e", "e"]}, "cde")):
            expect(change(asset, {"labels": wanted}), 200)
            equal(set_of(asset, "labels"), set(after), f"{wanted}")
        equal(len(attributes(asset)["labels"]), 3, "each label once")


def test_6_labels_plain_array_replaces_all():
    with lent() as [asset]:
        for wanted in (["x", "y"], ["y"], ["_/:?#@&=+%~-", "a" * 40], []):
            expect(change(asset, {"labels": wanted}), 200)
            equal(set_of(asset, "labels"), set(wanted), f"{wanted}")


def test_6_tags_add_and_remove():
    with lent() as [asset]:
        expect(change(asset, {"tags": {"a": "1", "b": "2"}}), 200)
        for wanted, after in (({"add": {"c": "3"}}, {"a": "1", "b": "2", "c": "3"}),
                              ({"add": {"a": "9"}}, {"a": "9", "b": "2", "c": "3"
                                                     }), ({"remove": ["b"]}, {"a": "9", "c": "3"}),
                              ({"add": {"d": "4"}, "remove": ["a", "zz"]}, {"c": "3", "d": "4"})):
            expect(change(asset, {"tags": wanted}), 200)
            equal(attributes(asset)["tags"], after, f"{wanted}")


def test_6_tags_plain_map_replaces_all():
    with lent() as [asset]:
        for wanted in ({"x": "1"}, {"y-z_0": "_/:?#@&=+%~-",
                                    "k" * 30: "v" * 40}, {"add-on": "1"}, {}):
            expect(change(asset, {"tags": wanted}), 200)
            equal(attributes(asset).get("tags", {}), wanted, f"{wanted}")


def test_6_what_is_absent_stays():
    with lent() as [asset]:
        expect(change(asset, {"class": {"rank": 1}, "labels": ["l"], "tags": {"t": "v"}}), 200)
        before = attributes(asset)
        expect(change(asset, {"labels": {"add": ["m"]}}), 200)
        after = attributes(asset)
        for name in set(before) - {"labels", "updated_at"}:
            equal(after[name], before[name], name)


def test_6_updated_at_moves_only_when_something_changed():
    with lent() as [asset]:
        expect(change(asset, {"labels": ["same"], "tags": {"k": "v"}, "class": {"rank": 2}}), 200)
        before = attributes(asset)["updated_at"]
        for wanted in ({"labels": ["same"]}, {"labels": {"add": ["same"]}
                                              }, {"labels": {"remove": ["none"]}},
                       {"tags": {"k": "v"}}, {"tags": {"add": {"k": "v"}}}, {"class": {"rank": 2}},
                       {"class": {"display_name": "B"}}):
            expect(change(asset, wanted), 200)
            equal(attributes(asset)["updated_at"], before, f"{wanted} changes nothing")
        expect(change(asset, {"labels": ["other"]}), 200)
        check(attributes(asset)["updated_at"] != before, "a change moves updated_at")


def test_6_an_update_shows_in_filters_and_sorts():
    with lent() as [asset]:
        label = f"u{uuid.uuid4().hex[:10]}"
        expect(change(asset, {"labels": {"add": [label]}, "tags": {"add": {label: label}}}), 200)
        for text in (f"labels=={label}", f"tags=={label}", f"tags.{label}=={label}",
                     f"q=={label.upper()}"):
            for scope in SCOPES:
                answer = viewer.get(scope, {"filter": text, "meta_count": "with"})
                equal((answer.ids, answer.json["meta"]["count"]), ([asset], 1),
                      f"{text} at {scope}")
        expect(change(asset, {"labels": {"remove": [label]}}), 200)
        equal(viewer.get(ORG, {"filter": f"labels=={label}"}).ids, [], "after the removal")


def test_6_limits_on_both_sides():
    with lent() as [asset]:
        fifty = [f"l{n}" for n in range(50)]
        expect(change(asset, {"labels": fifty}), 200)
        expect(change(asset, {"labels": fifty + ["x"]}), 400, code="invalid-body")
        expect(change(asset, {"labels": {"add": ["x"]}}), 400, code="invalid-body")
        expect(change(asset, {"labels": {"add": ["x"], "remove": ["l0"]}}), 200)
        hundred = {f"k{n}": "v" for n in range(100)}
        expect(change(asset, {"tags": hundred}), 200)
        expect(change(asset, {"tags": {**hundred, "x": "v"}}), 400, code="invalid-body")
        expect(change(asset, {"tags": {"add": {"x": "v"}}}), 400, code="invalid-body")
        expect(change(asset, {"tags": {"add": {"x": "v"}, "remove": ["k0"]}}), 200)


WRONG_ATTRIBUTES = [
    ({}, "/data/attributes"),
    ({"nope": 1}, "/data/attributes/nope"),
    ({"labels": ["a"], "name": "x"}, "/data/attributes/name"),
    ({"class": None}, "/data/attributes/class"),
    ({"class": "A"}, "/data/attributes/class"),
    ({"class": {}}, "/data/attributes/class"),
    ({"class": []}, "/data/attributes/class"),
    ({"class": {"locked": True}}, SOME),
    ({"class": {"display_name": "E"}}, "/data/attributes/class/display_name"),
    ({"class": {"display_name": "a"}}, "/data/attributes/class/display_name"),
    ({"class": {"display_name": 1}}, "/data/attributes/class/display_name"),
    ({"class": {"rank": 0}}, "/data/attributes/class/rank"),
    ({"class": {"rank": 5}}, "/data/attributes/class/rank"),
    ({"class": {"rank": "1"}}, "/data/attributes/class/rank"),
    ({"class": {"rank": 1.5}}, "/data/attributes/class/rank"),
    ({"class": {"rank": True}}, "/data/attributes/class/rank"),
    ({"class": {"rank": 1, "locked": "yes"}}, "/data/attributes/class/locked"),
    ({"class": {"rank": 1, "locked": None}}, "/data/attributes/class/locked"),
    ({"class": {"rank": 1, "x": 1}}, "/data/attributes/class/x"),
    ({"labels": None}, "/data/attributes/labels"),
    ({"labels": "a"}, "/data/attributes/labels"),
    ({"labels": 1}, "/data/attributes/labels"),
    ({"labels": {}}, "/data/attributes/labels"),
    ({"labels": {"add": []}}, SOME),
    ({"labels": {"add": "a"}}, "/data/attributes/labels/add"),
    ({"labels": {"add": {"a": 1}}}, "/data/attributes/labels/add"),
    ({"labels": {"put": ["a"]}}, "/data/attributes/labels/put"),
    ({"labels": {"add": ["a"], "x": []}}, "/data/attributes/labels/x"),
    ({"labels": [1]}, "/data/attributes/labels/0"),
    ({"labels": ["a", ""]}, "/data/attributes/labels/1"),
    ({"labels": ["a" * 41]}, "/data/attributes/labels/0"),
    ({"labels": ["a b"]}, "/data/attributes/labels/0"),
    ({"labels": ["ok", "é"]}, "/data/attributes/labels/1"),
    ({"labels": ["a\u0000"]}, "/data/attributes/labels/0"),
    ({"labels": [None]}, "/data/attributes/labels/0"),
    ({"labels": {"add": ["a,b"]}}, "/data/attributes/labels/add/0"),
    ({"labels": {"remove": ["ok", "a b"]}}, "/data/attributes/labels/remove/1"),
    ({"labels": {"add": ["a"], "remove": ["a"]}}, SOME),
    ({"tags": None}, "/data/attributes/tags"),
    ({"tags": []}, "/data/attributes/tags"),
    ({"tags": "a"}, "/data/attributes/tags"),
    ({"tags": {"a": 1}}, "/data/attributes/tags/a"),
    ({"tags": {"a": None}}, "/data/attributes/tags/a"),
    ({"tags": {"a": ""}}, "/data/attributes/tags/a"),
    ({"tags": {"a": "v" * 41}}, "/data/attributes/tags/a"),
    ({"tags": {"a": "x y"}}, "/data/attributes/tags/a"),
    ({"tags": {"": "v"}}, SOME),
    ({"tags": {"k" * 31: "v"}}, SOME),
    ({"tags": {"a b": "v"}}, SOME),
    ({"tags": {"a.b": "v"}}, SOME),
    ({"tags": {"a/b": "v"}}, "/data/attributes/tags/a~1b"),
    ({"tags": {"a~b": "v"}}, "/data/attributes/tags/a~0b"),
    ({"tags": {"add": {"a": 1}}}, "/data/attributes/tags/add/a"),
    ({"tags": {"add": {"a": "1"}, "remove": ["a"]}}, SOME),
    ({"tags": {"remove": {"a": "1"}}}, "/data/attributes/tags/remove"),
    ({"tags": {"remove": ["a b"]}}, "/data/attributes/tags/remove/0"),
    ({"tags": {"add": ["a"]}}, "/data/attributes/tags/add"),
]


def test_6_wrong_attributes_are_400_with_a_pointer():
    failures = []
    with lent() as [asset]:
        before = attributes(asset)
        for wanted, pointer in WRONG_ATTRIBUTES:
            answer = change(asset, wanted)
            actual = pointer_of(answer)
            fits = (actual or "").startswith("/data/attributes") if pointer is SOME else \
                actual == pointer
            if not fits:
                failures.append(f"{wanted} -> {answer.status} {actual}, expected {pointer}")
        equal(attributes(asset), before, "nothing changed")
    check(not failures, "\n    ".join([f"{len(failures)} of {len(WRONG_ATTRIBUTES)}:"] + failures))


def pointer_of(answer):
    """Where a 400 says the mistake is."""
    return answer.error.get("source", {}).get("pointer") if answer.status == 400 else None


def wrong_documents(asset):
    good = resource(asset, {"labels": ["a"]})
    yield from ((None, ""), ([], ""), ("x", ""), (1, ""), (True, ""), ({}, "/data"),
                ({"data": None}, "/data"), ({"data": "x"}, "/data"), ({"data": 1}, "/data"),
                ({"data": {}}, None), ({"data": [good]}, "/data"), ({"data": good, "x": 1}, "/x"),
                ({"data": {**good, "x": 1}}, "/data/x"))
    for missing in good:
        yield {"data": {key: value for key, value in good.items() if key != missing}}, None
    for key, value in (("type", 1), ("type", None), ("id", 1), ("id", None), ("attributes", None),
                       ("attributes", []), ("attributes", "x")):
        yield {"data": {**good, key: value}}, f"/data/{key}"


def test_6_wrong_documents_are_400():
    failures = []
    with lent() as [asset]:
        for document, pointer in wrong_documents(asset):
            answer = editor.request("PATCH", path_of(asset), body=json.dumps(document))
            actual = pointer_of(answer)
            if answer.status != 400 or pointer not in (None, "", actual):
                failures.append(
                    f"{str(document)[:200]} -> {answer.status} {actual}, expected {pointer}")
    check(not failures, "\n    ".join([f"{len(failures)}:"] + failures))


def test_6_not_json_is_400():
    with lent() as [asset]:
        good = '{"data":{"type":"container_images","id":"%s","attributes":{"labels":["a"]}}}' % asset
        for body in (b"", b" ", b"{", b"}", b"nope", b"{'data':1}", good[:-1].encode(),
                     good.encode() + b"}", good.encode() + b" x", b"\xff" + good.encode(),
                     good.replace('"a"',
                                  '"\xff"').encode("latin-1"), good.replace("labels",
                                                                            "labels\x00").encode(),
                     good.replace(":[", ":[,").encode(), good.replace('["a"]', "NaN").encode(),
                     good.replace('["a"]', "[01]").encode(), b"\xef\xbb\xbf" + good.encode(),
                     good.replace('"labels":["a"]', '"labels":["a"],"labels":["b"]').encode(),
                     b"[" * 100000, b'{"a":' * 10000, good.replace('"a"', '"\\ud800"').encode()):
            answer = editor.request("PATCH", path_of(asset), body=body)
            expect(answer, 400)
            check(answer.error["code"] in ("invalid-json", "invalid-body"), str(answer))


def test_6_type_or_id_not_of_the_path_is_409():
    with lent(2) as [asset, second]:
        for body in (resource(second, {"labels": ["a"]}),
                     {**resource(asset, {"labels": ["a"]}), "type": "repositories"
                      }, {**resource(asset, {"labels": ["a"]}), "id": "x"
                          }, {**resource(asset, {"labels": ["a"]}), "type": "x"}):
            expect(editor.patch(path_of(asset), {"data": body}), 409, code="identity-conflict")


def test_6_an_asset_that_is_not_there_is_404():
    for scope in SCOPES:
        expect(change(str(uuid.uuid4()), {"labels": ["a"]}, scope), 404, code="unknown-asset")
    foreign = other.get(OTHER).ids[0]
    expect(change(foreign, {"labels": ["a"]}, TENANT), 404, code="unknown-asset")
    outside = next(item["id"]
                   for item in viewer.get(TENANT, {"limit": 100, "sort": "-created_at"}).data
                   if viewer.get(f"{ORG}/{item['id']}").status == 404)
    expect(change(outside, {"labels": ["a"]}, ORG), 404, code="unknown-asset")


# ---- many ---------------------------------------------------------------------------------------


def test_6_bulk_updates_1_to_100():
    for count in (1, 2, 100):
        with lent(count) as assets:
            answer = expect(
                change_all([(asset, {"labels": {"add": ["bulk"]}}) for asset in assets]), 204)
            equal(answer.body, b"", "no body")
            equal(
                viewer.get(
                    ORG,
                    {"filter": f"labels==bulk;id=in=({','.join(assets)})", "meta_count": "only"
                     }).json["meta"]["count"], count, "changed")


def test_6_bulk_at_every_scope():
    with lent(3) as assets:
        for scope in (TENANT, GROUP, ORG):
            expect(
                change_all([(asset, {"tags": {"add": {"scope": scope.split("/")[1]}}})
                            for asset in assets], scope), 204)
            equal(attributes(assets[2])["tags"]["scope"], scope.split("/")[1], "tag")


def test_6_bulk_of_0_or_101_is_400():
    expect(change_all([]), 400, pointer="/data")
    items = [(item["id"], {"labels": {"add": ["x"]}}) for item in all_assets()[:101]]
    expect(change_all(items), 400, pointer="/data")
    expect(editor.patch(ORG, {"data": resource(items[0][0], {"labels": ["x"]})}),
           400,
           pointer="/data")


def test_6_bulk_pointers_name_the_item():
    with lent(60) as assets:
        items = [(asset, {"labels": {"add": ["x"]}}) for asset in assets]
        items[57] = (assets[57], {"class": "A"})
        expect(change_all(items), 400, pointer="/data/57/attributes/class")
        check("x" not in set_of(assets[0], "labels"), "nothing changed")


def test_6_bulk_the_same_id_twice_is_400():
    with lent(2) as [asset, second]:
        answer = expect(
            change_all([(asset, {"labels": ["a"]}), (second, {"labels": ["b"]}),
                        (asset, {"labels": ["c"]})]), 400)
        check(answer.error["source"]["pointer"].startswith("/data/2"), str(answer))
        expect(change_all([(asset, {"labels": ["a"]}), (asset.upper(), {"labels": ["c"]})]), 400)


def test_6_bulk_is_all_or_nothing():
    with lent(3) as assets:
        before = [attributes(asset) for asset in assets]
        items = [(asset, {"labels": {"add": ["nothing"]}}) for asset in assets]
        expect(change_all(items + [(str(uuid.uuid4()), {"labels": ["a"]})]),
               404,
               code="unknown-asset")
        expect(change_all(items[:2] + [(other.get(OTHER).ids[0], {"labels": ["a"]})], TENANT),
               404,
               code="unknown-asset")
        equal([attributes(asset) for asset in assets], before, "nothing changed")


def test_6_bulk_wrong_type_or_id_is_409():
    with lent() as [asset]:
        expect(editor.patch(
            ORG, {"data": [{**resource(asset, {"labels": ["a"]}), "type": "repositories"}]}),
               409,
               code="identity-conflict")


# ---- concurrency, preconditions, audit ----------------------------------------------------------


def in_parallel(*jobs):
    failures = []

    def run(job):
        try:
            job()
        except Exception as failure:  # pylint: disable=broad-except
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(job, )) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check(not failures, f"{failures[:1]}")


def test_6_two_clients_adding_different_labels_both_keep_theirs():
    with lent() as [asset]:
        expect(change(asset, {"labels": []}), 200)

        def adding(prefix):
            client = Client(env.TOKEN)
            for n in range(12):
                expect(
                    client.patch(path_of(asset),
                                 {"data": resource(asset, {"labels": {"add": [f"{prefix}{n}"]}})}),
                    200)

        in_parallel(*(lambda p=prefix: adding(p) for prefix in "abcd"))
        equal(set_of(asset, "labels"), {f"{prefix}{n}" for prefix in "abcd" for n in range(12)},
              "labels")


def test_6_bulk_updates_in_opposite_order_do_not_deadlock():
    with lent(40) as assets:

        def updating(order, key):
            client = Client(env.TOKEN)
            for n in range(10):
                items = [resource(asset, {"tags": {"add": {key: str(n)}}}) for asset in order]
                expect(client.patch(ORG, {"data": items}), 204)

        in_parallel(lambda: updating(assets, "up"), lambda: updating(assets[::-1], "down"),
                    lambda: updating(assets[::-1], "third"))
        for asset in assets:
            tags = attributes(asset)["tags"]
            equal((tags["up"], tags["down"], tags["third"]), ("9", "9", "9"), "the last of each")


def test_6_idempotency_key_repeats_the_answer():
    with lent() as [asset]:
        key = {"Idempotency-Key": str(uuid.uuid4())}
        first = expect(change(asset, {"labels": ["idem"]}, headers=key), 200)
        expect(change(asset, {"labels": ["moved-on"]}), 200)
        again = expect(change(asset, {"labels": ["idem"]}, headers=key), 200)
        equal(again.data["attributes"]["labels"], first.data["attributes"]["labels"],
              "the first answer")
        equal(set_of(asset, "labels"), {"moved-on"}, "done once")
        expect(change(asset, {"labels": ["different"]}, headers=key),
               422,
               code="idempotency-conflict")


def test_6_every_change_is_recorded():
    with lent() as [asset]:
        request = str(uuid.uuid4())
        label = f"audit-{request[:8]}"
        expect(change(asset, {"labels": {"add": [label]}}, headers={"snyk-request-id": request}),
               200)
        rows = sql(f"select to_jsonb(a)::text from {audit_table()} as a "
                   f"where request_id::text = '{request}'")
        equal(len(rows), 1, "one row")
        check(label in rows[0] and asset in rows[0], rows[0])


def test_6_parameters_of_an_update():
    with lent() as [asset]:
        for name in ("filter", "sort", "limit", "meta_count", "nope"):
            body = {"data": resource(asset, {"labels": ["a"]})}
            expect(editor.patch(f"{path_of(asset)}?{name}=10", body),
                   400,
                   code="unknown-parameter",
                   parameter=name)
        expect(
            editor.patch(f"{path_of(asset)}?version=2024-10-15",
                         {"data": resource(asset, {"labels": ["a"]})}), 200)


if __name__ == "__main__":
    sys.exit(main(globals()))
