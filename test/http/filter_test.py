"""rsql.md over HTTP: the grammar against tables and a parser written from the document, the meaning
against an evaluator over all assets of the demo's org.

RANDOM_FILTERS sets how many random filters are compared (200), RANDOM_TEXTS how many mutations
of texts (1,000).
"""
import collections
import functools
import json
import os
import random
import re
import sys

import rsql
from common import (ORG, SEED, TENANT, all_assets, check, editor, equal, expect, main, nobody, sql,
                    sql_literal, viewer, walk)
from rsql_inputs import FAIL, parsing

random_ = random.Random(SEED)
rsql.instant = functools.lru_cache(None)(rsql.instant)


def filtered(text, **parameters):
    return viewer.get(ORG, {"filter": text, **parameters})


def count(text):
    return expect(filtered(text, meta_count="only"), 200).json["meta"]["count"]


def expected_ids(text):
    tree = rsql.parse(text)
    return [item["id"] for item in all_assets() if rsql.matches(tree, item)]


def agrees(text):
    """The server finds the rows and the count of the evaluator; of many rows, the first page."""
    wanted = expected_ids(text)
    equal(count(text), len(wanted), f"count of {text!r}, seed {SEED}")
    if len(wanted) <= 500:
        found = [
            asset for page in walk(viewer, ORG, {"filter": text, "limit": 100})
            for asset in page.ids
        ]
        equal(sorted(found), sorted(wanted), f"rows of {text!r}, seed {SEED}")
    else:
        found = filtered(text, limit=100).ids
        check(
            set(found) <= set(wanted) and len(found) == min(100, len(wanted)),
            f"first page of {text!r}, seed {SEED}")
    return len(wanted)


def refused(text, code, **wanted):
    answer = filtered(text)
    check(answer.status == 400, f"{text!r} is accepted: {answer}")
    return expect(answer, 400, code=code, parameter="filter", **wanted)


def refused_at(text, positions):
    answer = refused(text, "filter-syntax")
    named = [int(number) for number in re.findall(r"code point (\d+)", answer.error["detail"])]
    positions = positions if isinstance(positions, tuple) else (positions, )
    check(named and named[0] in positions or set(named) & set(positions),
          f"{text!r}: expected code point {positions}, got {answer.error['detail']}")


# ---- grammar ------------------------------------------------------------------------------------


def test_table_of_the_suites_own_parser():
    for text in parsing():
        rsql.parse(text)
    for text, positions in FAIL:
        try:
            rsql.parse(text)
        except rsql.Refused as error:
            check(error.position in (positions if isinstance(positions, tuple) else (positions, )),
                  f"{text!r}: {error}")
        else:
            raise AssertionError(f"{text!r} parses")


def all_of(cases, test):
    """Runs `test` on every case and reports all that fail, not only the first."""
    failures = []
    for case in cases:
        try:
            test(case)
        except AssertionError as failure:
            failures.append(str(failure).split("\n")[0][:400])
    check(not failures, f"{len(failures)} of {len(cases)}:\n    " + "\n    ".join(failures[:40]))


def test_inputs_that_parse():
    def accepted(text):
        answer = filtered(text, limit=10)
        check(answer.status == 200,
              f"{text!r}: {answer.status} {answer.json.get('errors', [{}])[0].get('detail')}")

    all_of(parsing(), accepted)


def test_17_inputs_that_fail_say_where():
    all_of(FAIL, lambda case: refused_at(*case))


def test_18_trees():
    trees = {
        "a==b": {"field": "a", "cmp": "==", "values": ["b"]}, "a==b;c==d;e==f": {
            "op": "and", "args": [{"field": "a", "cmp": "==",
                                   "values": ["b"]}, {"field": "c", "cmp": "==", "values": ["d"]},
                                  {"field": "e", "cmp": "==", "values": ["f"]}]
        }, "((a==b))": {"field": "a", "cmp": "==", "values": ["b"]}
    }
    for text, tree in trees.items():
        equal(rsql.parse(text), tree, text)
    texts = parsing() + [
        "(a==b;c==d);e==f", "a==b;(c==d;e==f)", "a==b,c==d;e==f,g==h", "a==b;a==b",
        "((a==b,c==d),(e==f));g==h", "a<b;c>=d;e=out=(f,'g')", "a=='\\'\\\\\\x*\\*'"
    ]
    lines = sql("select r from unnest(array[" + ",".join(map(sql_literal, texts)) +
                "]) with ordinality as t (x, n), "
                "inventory.rsql_parse(x) as r order by n")
    for text, line in zip(texts, lines, strict=True):
        equal(json.loads(line), rsql.parse(text), text)


def mutate(text):
    alphabet = "\"'();,=!~<> *\\ab é" + "=" * 3
    for _ in range(random_.randint(1, 3)):
        at = random_.randint(0, len(text))
        text = random_.choice(
            (text[:at] + random_.choice(alphabet) + text[at:], text[:at] + text[at + 1:],
             text[:at] + random_.choice(
                 (" and ", " or ", "=in=(", ")", "(", ";", ",", "==", "'")) + text[at:]))
    return text


# Where the documents leave open which character of a bad operator or word is meant.
LOOSE = re.compile(r"[=!~<>]|\b(and|or)\s*$", re.IGNORECASE)


def test_mutated_inputs_agree_with_the_suites_own_parser():
    sources = parsing() + [text for text, _ in FAIL]

    def agree(text):
        try:
            rsql.parse(text)
        except rsql.Refused as error:
            if LOOSE.search(text[max(0, error.position - 6):error.position + 1]):
                refused(text, "filter-syntax")
            else:
                refused_at(text, error.position)
        else:
            answer = filtered(text, limit=10)
            check(
                answer.status == 200
                or answer.error["code"] in ("filter-field", "filter-value", "filter-operator"),
                f"{text!r} is RSQL: {answer}")

    all_of([
        mutate(random_.choice(sources)) for _ in range(int(os.environ.get("RANDOM_TEXTS", "1000")))
    ], agree)


def test_1_decoding_happens_once():
    equal(count("name=='%41'"), 0, "a percent sign stays")
    equal(
        viewer.request("GET", f"{ORG}?filter=name==%2541*&meta_count=only").json["meta"]["count"],
        0, "%25 is %")
    equal(
        viewer.request("GET", f"{ORG}?filter=name==%6Eginx&meta_count=only").json["meta"]["count"],
        count("name==nginx"), "%6E is n")
    answer = viewer.request("GET", f"{ORG}?filter=class==A;class==A&limit=10")
    equal(expect(answer, 200).links["self"].count("limit="), 1, "a semicolon splits no parameters")


def test_1_invalid_utf8_and_nul_are_refused():
    for bad in ("%ff", "%c3", "%c3%28", "%ed%a0%80", "%f4%90%80%80", "%c0%80", "%00", "a%00b",
                "%e2%82"):
        answer = viewer.request("GET", f"{ORG}?filter=name=={bad}")
        expect(answer, 400)
        check(answer.error["code"] in ("invalid-request-target", "filter-syntax"), str(answer))


def test_6_an_empty_filter_is_an_error_and_an_absent_one_is_none():
    refused("", "filter-syntax")
    expect(viewer.request("GET", f"{ORG}?filter"), 400)
    expect(viewer.get(ORG), 200)


# ---- fields, operators and values ---------------------------------------------------------------


def test_9_unknown_fields_are_named_with_the_nearest():
    for field, nearest in (("clas", "class"), ("Class", "class"), ("CLASS", "class"),
                           ("created", "created_at"), ("createdAt", "created_at"),
                           ("label", "labels"), ("image_tags", "image_tag"),
                           ("registri", "registry"), ("risk_scor", "risk_score"), ("nmae", "name")):
        detail = refused(f"{field}==x", "filter-field").error["detail"]
        check(field in detail and nearest in detail.replace(field, "", 1), detail)
    for field in ("nope", "Q", "*", "a.b", "class.rank", "labels.x", "name.x", "history", "config",
                  "tenant_id", "a" * 300, "été", "inventory.asset", "1", "asset.id", "image_labels",
                  "tags."):
        refused(f"{field}==x", "filter-field")
        refused(f"class==A;({field}!=x,name==y)", "filter-field")


def test_11_orderings_on_arrays_are_refused():
    for field in ("labels", "image_tag", "manifest_digest", "index_digest", "tags"):
        for operator in ("<", "<=", ">", ">=", "=lt=", "=le=", "=gt=", "=ge="):
            refused(f"{field}{operator}a", "filter-operator")


def test_15_q_takes_only_equal_and_a_value():
    for operator in ("!=", "<", "<=", ">", ">=", "=in=", "=out="):
        refused(f"q{operator}nginx", "filter-operator")
    refused("q=in=(a,b)", "filter-operator")
    refused("q==''", "filter-value")


def test_8_a_star_on_other_kinds_of_field_is_refused():
    for field in ("created_at", "updated_at", "built_at", "last_scan", "risk_score", "size_bytes",
                  "id"):
        for value in ("*", "2*", "*2", "'*'", "2024-*"):
            refused(f"{field}=={value}", "filter-value")
            refused(f"{field}!={value}", "filter-value")


def test_13_times_that_are_refused():
    for value in ("now", "today", "tomorrow", "yesterday", "epoch", "infinity", "-infinity",
                  "allballs", "x", "''", "' '", "1700000000", "2024", "2024-01", "2024-1-1",
                  "24-01-01", "20240101", "2024/01/01", "01-02-2024", "01/02/2024", "2024-13-01",
                  "2024-00-01", "2024-01-00", "2024-01-32", "2024-02-30", "2023-02-29",
                  "2100-02-29", "2024-04-31", "0000-01-01", "10000-01-01", "-2024-01-01",
                  "2024-01-01Z", "2024-01-01%2B00:00", "'2024-01-01 00:00'",
                  "'2024-01-01 00:00:00'", "2024-01-01T", "2024-01-01T00", "2024-01-01T00Z",
                  "2024-01-01T0:00", "2024-01-01T00:0", "2024-01-01T25:00", "2024-01-01T00:60",
                  "2024-01-01T00:00:61", "2024-01-01T00:00:00.", "2024-01-01T00:00:00.1234567890",
                  "2024-01-01T00:00:00Z+00:00", "2024-01-01T00:00:00ZZ", "2024-01-01T00:00:00+0000",
                  "2024-01-01T00:00:00+00", "2024-01-01T00:00:00+24:00",
                  "2024-01-01T00:00:00+00:60", "2024-01-01T00:00:00UTC", "'2024-01-01T00:00:00 Z'",
                  "'2024-01-01T00:00:00 EST'", "2024-01-01T00:00:00,5", "' 2024-01-01'",
                  "'2024-01-01 '", "2024-W01-1", "2024-001", "'Jan 1 2024'", "'2024-01-01 BC'",
                  "２０２４-01-01", "2024-01-01T24:01", "2024-01-01t00:00:00Z"):
        if "," in value:
            value = f"'{value}'"
        for operator in ("==", ">"):
            refused(f"created_at{operator}{value}", "filter-value")
    refused("created_at=in=(2024-01-01,now)", "filter-value")


def test_13_times_that_are_the_same():
    time = next(item["attributes"]["created_at"] for item in all_assets()
                if "." not in item["attributes"]["created_at"])
    wanted = count(f"created_at=={time}")
    check(wanted >= 1, "its own time finds the asset")
    plain = time.rstrip("Z")
    for same in (plain, f"{plain}.0", f"{plain}.000000000Z", f"{plain}.000000999", f"{plain}+00:00",
                 f"{plain}-00:00", f"'{time}'"):
        equal(count(f"created_at=={same}"), wanted, same)
    hour, rest = int(time[11:13]), time[13:].rstrip("Z")
    if hour <= 20:
        equal(count(f"created_at=={time[:11]}{hour + 3:02d}{rest}+03:00"), wanted, "another zone")


def test_13_a_session_zone_changes_nothing():
    wanted = len(expected_ids("created_at>=2024-01-01"))
    equal(count("created_at>=2024-01-01"), wanted, "midnight UTC")
    equal(count("created_at>=2024-01-01T00:00"), wanted, "no zone is UTC")


def test_13_numbers_that_are_refused():
    for field in ("risk_score", "size_bytes"):
        for value in ("x", "''", "1.5", "1e3", "0x10", "1_000", "'1 000'", "' 1'",
                      "99999999999999999999", "-99999999999999999999", "--1", "-", "'+'", "NaN",
                      "Infinity", "null", "１", "1a", "9223372036854775808"):
            refused(f"{field}=={value}", "filter-value")
            refused(f"{field}=in=(1,{value})", "filter-value")
    equal(count("risk_score=='+5'"), count("risk_score==5"), "an optional sign")
    equal(count("risk_score==005"), count("risk_score==5"), "leading zeros")


def test_13_ids_that_are_refused():
    for value in ("x", "''", "1", "00000000-0000-4000-8000-00000000000",
                  "00000000-0000-4000-8000-0000000000000", "g0000000-0000-4000-8000-000000000000",
                  "null", "'00000000-0000-4000-8000-000000000000 '",
                  "00000000_0000-4000-8000-000000000000"):
        refused(f"id=={value}", "filter-value")


def test_14_type_is_an_enumeration():
    for value in ("nope", "container_image", "Container_Images", "''", "null", "container_imagesx"):
        refused(f"type=={value}", "filter-value")
        refused(f"type=in=(container_images,{value})", "filter-value")
    equal(count("type==nope*"), 0, "a wildcard that matches no type")
    equal(count("type==container*"), len(all_assets()), "a wildcard that matches")


def test_16_limits():
    nested = "(" * 100 + "class==A" + ")" * 100
    expect(filtered(nested, limit=10), 200)
    for depth in (101, 500):
        refused("(" * depth + "class==A" + ")" * depth, "filter-too-large")
    refused("(" * 1200, "filter-too-large")


def test_16_limits_of_a_body():
    # These are longer than a target may be; a search takes them in its body.
    def search(text):
        return viewer.post(f"{ORG}/searches",
                           {"data": {"type": "searches", "attributes": {"filter": text}}})

    expect(search(",".join(["os==a"] * 1000)), 302)
    expect(search(",".join(["os==a"] * 1001)), 400, code="filter-too-large")
    expect(search(f"name=in=({','.join(['a'] * 10000)})"), 302)
    expect(search(f"name=in=({','.join(['a'] * 10001)})"), 400, code="filter-too-large")
    expect(search("name==" + "a" * (65536 - 6)), 302)
    expect(search("name==" + "a" * (65537 - 6)), 400, code="filter-too-large")
    expect(search("(" * 10000 + "class==A" + ")" * 10000), 400, code="filter-too-large")


def test_17_user_text_in_a_message_is_clipped():
    for text in ("x" * 5000 + "==A", "class==A " + "y" * 5000, "created_at==" + "z" * 5000,
                 "type==" + "t" * 5000, "created_at=='\u0001\u001b[31m\u202e'"):
        answer = filtered(text)
        expect(answer, 400)
        check(
            len(answer.error["detail"]) < 1000,
            f"{len(answer.error['detail'])} characters of detail")
        check("\x1b" not in answer.error["detail"], "escaped")


def test_17_common_slips_get_their_remedy():
    for text, remedy in (("class==A,B", "=in="), ("class==(A,B)", "=in="), ("name==O'Neil", "uote"),
                         ("name==a b", "uote"), ("created_at>2024-01-01T00:00:00 02:00", "%2B"),
                         ("class=A", "=="), ("class=IN=(A)", "=in=")):
        detail = refused(text, "filter-syntax").error["detail"]
        check(remedy in detail, f"{text!r}: no {remedy} in {detail}")


# ---- meaning ------------------------------------------------------------------------------------


def test_8_wildcards():
    for text in ("name==n*", "name==*x", "name==*g*n*", "name==**g**", "name=='n*'",
                 "name==\"*-*\"", "name=='\\*'", "name=='*\\**'", "name!=n*", "registry==*.io",
                 "registry==*", "registry!=*", "class==*", "class!=*", "class=='*'",
                 "architecture==*", "architecture!=*", "repository==library/*", "repository==*/*/*",
                 "labels==*", "labels!=*", "labels==team:*", "labels!=team:*", "labels==*_*",
                 "labels==*%*", "image_tag==*latest*", "image_tag==v1.?.*", "image_tag!=*",
                 "manifest_digest==sha256:a*", "index_digest==*", "index_digest!=*", "tags.env==*",
                 "tags.env!=*", "tags.cost-center==cc-1*", "tags.owner!=*n*", "name=in=(n*)",
                 "name=out=(n*)", "name<n*", "name==%", "name==_", "name==*_*", "name==*\\*"):
        agrees(text)


def test_11_arrays():
    for text in ("labels==prod", "labels!=prod", "labels=in=(prod,staging)",
                 "labels=out=(prod,staging)", "labels==prod;labels==pci",
                 "labels==prod,labels==pci", "labels!=prod;labels!=pci", "labels==a_b",
                 "labels==axb", "labels=='100%'", "image_tag==latest", "image_tag!=latest",
                 "image_tag=in=(latest,'1.0')", "image_tag=out=(latest)"):
        agrees(text)
    digests = [
        digest for item in all_assets() for digest in item["attributes"]["distribution_digests"]
    ]
    for field in ("manifest_digest", "index_digest"):
        values = [digest[field] for digest in digests if field in digest][:3]
        check(agrees(f"{field}=={values[0]}") > 0, "a digest finds its asset")
        agrees(f"{field}=in=({','.join(values)})")
        agrees(f"{field}!={values[0]}")


def test_11_objects():
    for text in ("tags==env", "tags!=env", "tags==nope", "tags!=nope", "tags.env==prod",
                 "tags.env!=prod", "tags.env=in=(prod,dev)", "tags.env=out=(prod,dev)",
                 "tags.env==nope", "tags.nope==x", "tags.nope!=x", "tags.cost-center==cc-1",
                 "tags==cost-center;tags!=env", "tags.owner==ana;tags.env==prod",
                 "image_labels.operator_package==*", "image_labels.operator_package!=*",
                 "image_labels.nope==x", "image_labels.nope!=x", "tags==prod",
                 "image_labels.org.opencontainers.image.version==*"):
        agrees(text)


def test_12_missing_values():
    for field, value in (("class", "A"), ("architecture", "amd64"), ("risk_score", "500"),
                         ("size_bytes", "5"), ("built_at", "2024-01-01"), ("tags.env", "prod"),
                         ("labels", "prod"), ("image_tag", "latest"), ("config_digest", "x"),
                         ("index_digest", "x"), ("os", "linux"), ("last_scan", "2024-01-01")):
        total = agrees(f"{field}=={value}") + agrees(f"{field}!={value}")
        equal(total, len(all_assets()), f"exactly one of {field}=={value} and != holds")
        total = agrees(f"{field}=in=({value})") + agrees(f"{field}=out=({value})")
        equal(total, len(all_assets()), f"exactly one of {field}=in=({value}) and =out= holds")
    for text in ("risk_score<500", "risk_score>=500", "built_at<2024-01-01", "class<C", "class>=B",
                 "architecture>a", "name<m", "size_bytes>0"):
        agrees(text)
    for text in ("class==null", "class!=null", "name==null", "tags.env==null"):
        agrees(text)


def test_12_empty_or_absent():
    for text in ("class==''", "architecture==''", "os==\"\"", "registry==''", "config_digest==''",
                 "architecture!=''", "class!=''", "architecture=='';os==''"):
        agrees(text)


def test_10_text_is_case_sensitive_and_ordered_by_code_point():
    for text in ("class==a", "registry==DOCKER.IO", "name<Z", "name>=Z", "name>z", "name<a",
                 "registry>k8s", "registry<='ghcr.io'", "name=ge='é'", "repository<'library/~'",
                 "class>A;class<D", "class<=B"):
        agrees(text)


def test_15_q_searches_substrings_in_any_case():
    for text in ("q==nginx", "q==NGINX", "q==Team:Pay", "q==prod", "q==cost", "q==cc-1",
                 "q==docker.io", "q==library/", "q==sha256:0", "q==a", "q=='%'", "q==_", "q=='_b'",
                 "q=='\\\\'", "q==*", "q=='a*'", "q==ioli", "q=='docker.io library'",
                 "q=='prodstaging'", "q==é", "q==xyzzyx", "q==ng;q==in", "q==ng,q==xyzzy",
                 "q==nginx;class==A", "(q==redis,class==D);q==io", "q=='internet-facing'",
                 "q==image"):
        agrees(text)
    digest = all_assets()[5]["attributes"]["distribution_digests"][0]["manifest_digest"]
    for part in (digest, digest[7:], digest[20:40], digest[7:].upper()):
        check(agrees(f"q=={part}") >= 1, part)


def test_15_q_never_matches_across_two_of_its_parts():
    for item in all_assets()[:50]:
        attributes = item["attributes"]
        for left, right in ((attributes["registry"], attributes["repository"]),
                            (attributes["repository"], attributes["name"])):
            for joint in ("", " ", "\n", "\t", "\x01", "\x1f", ",", "|"):
                agrees(f"q=='{left[-4:]}{joint}{right[:4]}'")
        break


def test_19_the_filter_reaches_nothing_outside_of_the_scope():
    total = len(all_assets())
    for text in ("class==A,class!=A", "name==*,name!=*", "id!=00000000-0000-4000-8000-000000000000",
                 "class==*,(class!=*)", "type==*"):
        equal(count(text), total, text)
    for text in ("name=='x\\' or 1=1 --'", "name==\"'; select 1; --\"", "name=='a\\') or (true'",
                 "name=='$1'", "name=='\\\\\\''", "name=='{}'", "name=='%s'",
                 "tags.env=='\\' or true --'", "labels=in=('}','{','\"')", "q=='\\' or true'"):
        agrees(text)


# ---- random filters -----------------------------------------------------------------------------


@functools.lru_cache(None)
def known_values():
    """Values of every field that occur in the org, the frequent ones more often."""
    values = collections.defaultdict(list)
    for item in all_assets():
        attributes = item["attributes"]
        values["id"].append(item["id"])
        for field in (*rsql.TEXTS, *rsql.TIMES, "class", *rsql.NUMBERS):
            value = rsql.scalar(field, item)
            if value is not None:
                values[field].append(str(value))
        for field in rsql.ARRAYS:
            values[field] += rsql.elements(field, attributes)
        for key, value in attributes.get("tags", {}).items():
            values["tags"].append(key)
            values[f"tags.{key}"].append(value)
        for key, value in attributes.get("config", {}).get("labels", {}).items():
            if re.fullmatch(r"[a-z_.]+", key) and "." not in key:
                values[f"image_labels.{key}"].append(value)
    return dict(values)


def quoted(value, keep_stars=False):
    if re.fullmatch(r"[^\"'();,=!~<>\s*\\]+", value) and random_.random() < 0.6:
        return value
    quote = random_.choice("'\"")
    escaped = re.sub(r"([\\" + quote + ("" if keep_stars else "*") + r"])", r"\\\1", value)
    return quote + escaped + quote


def wild(value):
    start = random_.randrange(len(value))
    end = random_.randint(start + 1, len(value))
    return random_.choice((value[:end] + "*", "*" + value[start:], "*" + value[start:end] + "*",
                           value[:start] + "*" + value[end:]))


def random_comparison():
    field = random_.choice(["type", "q", *known_values()])
    if field == "type":
        return random_.choice(("type==container_images", "type!=container_images", "type==*image*",
                               "type=in=(container_images)"))
    if field == "q":
        source = random_.choice(known_values()[random_.choice(
            ("registry", "repository", "name", "labels", "tags", "tags.env", "manifest_digest"))])
        start = random_.randrange(len(source))
        part = source[start:start + random_.randint(1, 8)]
        return f"q=={quoted(random_.choice((part, part.upper())), True)}"
    values = known_values()[field]
    value = random_.choice(values)
    operators = ["==", "!=", "=in=", "=out="]
    if field != "id" and field != "tags" and field not in rsql.ARRAYS and not field.startswith(
        ("tags.", "image_labels.")):
        operators += ["<", "<=", ">", ">=", "=lt=", "=le=", "=gt=", "=ge="]
    operator = random_.choice(operators)
    if operator in ("=in=", "=out="):
        items = [quoted(random_.choice(values), True) for _ in range(random_.randint(1, 5))]
        return f"{field}{operator}({random_.choice((',', ' , ', ' or ')).join(items)})"
    if operator in ("==", "!=") and field not in (*rsql.TIMES, *rsql.NUMBERS, "id",
                                                  "tags") and random_.random() < 0.4:
        return f"{field}{operator}{quoted(wild(value), True)}"
    if field in rsql.NUMBERS:
        value = str(int(value) + random_.randint(-1, 1))
    blank = random_.choice(("", " "))
    return f"{field}{blank}{operator}{quoted(value, operator not in ('==', '!='))}"


def random_filter(depth):
    if depth == 0 or random_.random() < 0.3:
        return random_comparison()
    sign = random_.choice((";", ",", " and ", " or ", " ; ", " OR "))
    parts = [random_filter(depth - 1) for _ in range(random_.randint(2, 3))]
    return random_.choice(("{}", "({})", "( {} )")).format(sign.join(parts))


def test_random_filters_agree_in_rows_and_count():
    filters = [
        random_filter(random_.choice((0, 1, 1, 2, 3)))
        for _ in range(int(os.environ.get("RANDOM_FILTERS", "200")))
    ]
    filters = [text for text in filters if len(text) < 3000]
    all_of(filters, agrees)


def test_random_single_comparisons_of_every_field_and_operator():
    all_of([random_comparison() for _ in range(int(os.environ.get("RANDOM_FILTERS", "200")))],
           agrees)


def test_filters_of_every_scope_and_key():
    for scope in (TENANT, ORG):
        expect(editor.get(scope, {"filter": "class==A"}), 200)
        expect(nobody.get(scope, {"filter": "class==A"}), 401)


if __name__ == "__main__":
    sys.exit(main(globals()))
