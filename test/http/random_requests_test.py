"""Random requests, well-formed and not: never a 500, every body a valid document.

RANDOM_REQUESTS sets how many (10,000); SEED repeats a run. What the requests change stays within
labels and tags of their own.
"""
import json
import os
import random
import string
import sys
import urllib.parse
import uuid

import filter_test
import updates_test
from common import (GROUP, ORG, OTHER, SEED, TENANT, Client, check, env, main, viewer)
from rsql_inputs import FAIL, parsing

random_ = random.Random(SEED)
filter_test.random_ = random_
COUNT = int(os.environ.get("RANDOM_REQUESTS", "10000"))

ODD = [
    "", " ", "0", "-1", "1", "10", "99999999999999999999", "null", "true", "[]", "{}", "%", "%00",
    "'", '"', "\\", "*", "é", "日本", "😀", "\u202e", "a" * 300, "v1.", "v1.AAAA", "container_images",
    "created_at", "-name", "../..", "' or 1=1 --", "$1", "\n", "x=y&z"
]
ASSETS = viewer.get(ORG, {"limit": 100}).data
CURSORS = [
    urllib.parse.parse_qs(viewer.get(
        ORG, {"sort": sort}).links["next"].partition("?")[2])["starting_after"][0]
    for sort in ("created_at", "-class,name")
]


def pick(*choices):
    return random_.choice(choices)


def odd():
    if random_.random() < 0.3:
        return "".join(
            random_.choice(string.printable + "éß日😀\x00\x7f")
            for _ in range(random_.randint(0, 20)))
    return random_.choice(ODD)


def some_filter():
    kind = random_.random()
    if kind < 0.5:
        return filter_test.random_filter(random_.choice((0, 1, 2)))
    if kind < 0.7:
        return filter_test.mutate(random_.choice(parsing()))
    return random_.choice(parsing()) if kind < 0.85 else random_.choice(FAIL)[0]


def some_sort():
    fields = random_.sample(
        ("created_at", "updated_at", "type", "class", "registry", "name", "risk_score", "issues",
         "built_at", "last_scan", "asset_class", "nope"), random_.randint(1, 3))
    return ",".join(pick("", "-") + field for field in fields)


def some_cursor():
    cursor = random_.choice(CURSORS)
    if random_.random() < 0.5:
        at = random_.randrange(len(cursor))
        cursor = cursor[:at] + random_.choice(string.ascii_letters) + cursor[at + 1:]
    return cursor


PARAMETERS = {
    "version": lambda: pick("2024-10-15", "2024-10-16", "2024-10-14", "2024-02-30", "2999-01-01",
                            odd()), "filter": some_filter, "sort": some_sort,
    "limit": lambda: str(pick(10, 11, 50, 100, 9, 101, odd())), "starting_after": some_cursor,
    "ending_before": some_cursor, "meta_count": lambda: pick("with", "only", odd()),
    "fields[container_images]": lambda: pick("name", "class,labels", "name,nope", odd()),
    "asset_types": lambda: pick("container_images", odd()),
    "q": lambda: pick("nginx", "a", "%", odd()), "keys_only": lambda: pick("true", "false", odd()),
    "key": lambda: pick("env", odd()), "meta_fields": lambda: pick("all", "issues,labels", odd())
}
TAKEN = {
    "assets": ("version", "filter", "sort", "limit", "starting_after", "ending_before",
               "meta_count", "fields[container_images]"),
    "one": ("version", "fields[container_images]"), "groups": ("version", "asset_types", "limit"),
    "filters": ("version", "asset_types", "limit"), "values": ("version", "limit", "filter",
                                                               "asset_types", "meta_fields"),
    "autocomplete": ("version", "limit", "q", "keys_only", "key", "asset_types"),
    "results": ("version", "sort", "limit", "starting_after",
                "ending_before"), "searches": ("version", )
}


def some_parameters(operation):
    names = [name for name in TAKEN[operation] if random_.random() < 0.3]
    if random_.random() < 0.1:
        names.append(random_.choice([*PARAMETERS, "nope"]))
    pairs = [(name, PARAMETERS.get(name, odd)() if random_.random() < 0.9 else odd())
             for name in names]
    if pairs and random_.random() < 0.03:
        pairs.append(random_.choice(pairs))
    return pairs


def encoded(pairs):
    text = "&".join(
        urllib.parse.quote(name, safe="") + "=" +
        urllib.parse.quote(str(value), safe=pick("", ";,()'*=!:/"), errors="surrogatepass")
        for name, value in pairs)
    if text and random_.random() < 0.03:
        at = random_.randrange(len(text))
        text = text[:at] + pick("%", "%ff", "%0", "&&", "=", "?", "#", "%00") + text[at:]
    return text


GROUP_FIELDS = viewer.get(f"{ORG}/groups").json.get("data", [])
FILTER_FIELDS = viewer.get(f"{ORG}/filters").json.get("data", [])


def some_id(items):
    return random_.choice(items)["id"] if items and random_.random() < 0.85 else pick(
        str(uuid.uuid4()), "x", "", "%00", "..", "0" * 36)


def some_document():
    asset = random_.choice(ASSETS)["id"]
    labels = lambda: [f"random-{random_.randint(0, 9)}" for _ in range(random_.randint(0, 3))]
    attributes = pick({"labels": {"add": labels(), "remove": labels()}},
                      {"labels": {"add": labels()}},
                      {"tags": {"add": {"random": str(random_.randint(0, 9))}}},
                      {"tags": {"remove": ["random"]}},
                      *[wanted for wanted, _ in random_.sample(updates_test.WRONG_ATTRIBUTES, 4)])
    resource = {
        "type": pick("container_images", "container_images", "x"), "id": asset,
        "attributes": attributes
    }
    if random_.random() < 0.1:
        resource[pick("type", "id", "attributes", "nope")] = pick(None, 1, "x", [], {}, True)
    return asset, resource


def some_request():
    """Method, target and body."""
    scope = pick(TENANT, GROUP, *[ORG] * 8, "/rest" + ORG, OTHER,
                 f"/orgs/{uuid.uuid4()}/inventory/assets")
    operation = pick("assets", "assets", "assets", "one", "groups", "filters", "values",
                     "autocomplete", "results", "searches", "update", "bulk", "other")
    method, body = "GET", None
    if operation == "other":
        return pick("GET", "PUT", "DELETE", "POST", "PATCH",
                    "HEAD"), pick("/", "/openapi", "/openapi/2024-10-15", scope + "/x/y/z",
                                  "/" + urllib.parse.quote(odd())), None
    path = {
        "assets": scope, "one": f"{scope}/{some_id(ASSETS)}", "groups": f"{scope}/groups",
        "filters": f"{scope}/filters", "values": f"{scope}/groups/{some_id(GROUP_FIELDS)}/values",
        "autocomplete": f"{scope}/filters/{some_id(FILTER_FIELDS)}/values",
        "results": f"{scope}/searches/{some_id([])}/results", "searches": f"{scope}/searches"
    }.get(operation)
    if operation == "searches":
        attributes = {
            name: PARAMETERS[name]() for name in ("filter", "sort", "limit", "meta_count")
            if random_.random() < 0.4
        }
        attributes.update({"limit": random_.randint(5, 110)} if "limit" in attributes else {})
        method, body = "POST", pick(None, {"data": {"type": "searches", "attributes": attributes}},
                                    {"data": odd()})
    elif operation in ("update", "bulk"):
        asset, resource = some_document()
        path, method = (f"{scope}/{asset}" if operation == "update" else scope), "PATCH"
        body = {
            "data": resource if operation == "update" else
            [some_document()[1] for _ in range(random_.randint(0, 4))]
        }
        operation = "searches"
    elif random_.random() < 0.05:
        method = "HEAD"
    if body is not None:
        body = json.dumps(body)
        if random_.random() < 0.05:
            at = random_.randrange(len(body))
            body = body[:at] + pick("", "x", "\x00", "{", '"') + body[at + 1:]
    text = encoded(some_parameters(operation))
    return method, path + ("?" + text if text else ""), body


def some_headers():
    headers = {}
    if random_.random() < 0.05:
        headers["Accept"] = pick("*/*", "text/html", "application/json", "x", ",",
                                 "application/vnd.api+json;q=0.1, */*;q=0")
    if random_.random() < 0.05:
        headers["Content-Type"] = pick("application/json", "text/plain",
                                       "application/vnd.api+json; ext=x", "x/y;", ";")
    if random_.random() < 0.05:
        headers["snyk-request-id"] = pick(str(uuid.uuid4()), "x", "'")
    if random_.random() < 0.05:
        headers[pick("If-None-Match", "If-Match")] = pick("*", '"x"', "x", 'W/"x"', '"a", "b"')
    return headers


def safe(target):
    """http.client refuses some characters in a target; Wire tests send those."""
    return "".join(c if c.isascii() and c > " " and c != "\x7f" else urllib.parse.
                   quote(c, errors="surrogatepass") for c in target)


def test_no_500_and_every_body_is_a_valid_document():
    clients = [
        *[Client(env.TOKEN)] * 8, *[Client(env.READER_TOKEN)] * 8,
        Client(env.OTHER_TOKEN),
        Client(),
        Client("nonsense")
    ]
    seen = {}
    for number in range(COUNT):
        method, target, body = some_request()
        headers = some_headers()
        try:
            answer = random_.choice(clients).request(method,
                                                     safe(target),
                                                     body=body,
                                                     headers=headers)
            check(answer.status < 500 or answer.status == 503, f"{answer.status}")
        except Exception as failure:
            request = f"{method} {target!r} {headers} {body!r}"
            raise AssertionError(
                f"request {number} of seed {SEED}: {request}: {failure!r}") from failure
        seen[answer.status] = seen.get(answer.status, 0) + 1
    print(f"answers by status: {dict(sorted(seen.items()))}")
    check(seen.get(200, 0) > COUNT / 10 and seen.get(400, 0) > COUNT / 20, f"a fair mix: {seen}")


def test_restore():
    client = Client(env.TOKEN)
    for start in range(0, len(ASSETS), 100):
        items = [{
            "type": item["type"], "id": item["id"], "attributes": {
                "labels": item["attributes"].get("labels", []),
                "tags": item["attributes"].get("tags", {})
            }
        } for item in ASSETS[start:start + 100]]
        check(client.patch(ORG, {"data": items}).status == 204, "labels and tags are put back")


if __name__ == "__main__":
    sys.exit(main(globals()))
