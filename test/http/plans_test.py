"""Flat cost: no plan reads rows of another tenant, and no session grows with the shapes that it has seen.

For the first a table of shapes runs through inventory.rest with auto_explain, which shows the plan of every statement
inside. Each scan of a large table must be led by an index whose condition names the tenant: a filter on
the tenant would have read the rows of others before it.
"""
import json
import random
import re
import subprocess
import sys
from urllib.parse import urlencode

from common import GROUP, ORG, SEED, TENANT, check, env, main

LARGE = {"asset", "facet", "search_result", "asset_change"}

FILTERS = (
    "q==nginx", "q==no-such-thing-anywhere", "q==a", "q==qz", "q==a;q==b", "q==nginx,q==redis",
    "class==A", "class=in=(A,B)", "class!=A", "class=out=(A,B)", "class==''",
    "registry==docker.io", "registry==*docker*", "registry!=docker.io", "registry==''",
    "repository==*nginx*", "repository==library*", "name==*x*", "name==nginx", "name!=nginx",
    "image_tag==latest", "image_tag==*alpine*", "labels==prod", "labels!=prod", "labels==*o*",
    "tags.env==prod", "tags.env!=prod", "tags.env==*o*", "risk_score>100", "risk_score=ge=1;risk_score=lt=900",
    "created_at>2024-01-01T00:00:00Z", "updated_at<2030-01-01T00:00:00Z", "size_bytes>100000000",
    "architecture==arm64", "os==windows", "type==container_images",
    "class==A;q==nginx,labels==prod;registry==*io*", "(class==A,class==B);(q==redis,q==zzzzzz)",
)
SORTS = ("created_at", "-updated_at", "name", "class", "-registry", "class,-created_at", "type,name")
GROUPS = ("class", "registry", "repository", "labels", "tags")


def targets():
    for scope in (TENANT, GROUP, ORG):
        for text in FILTERS:
            yield f"{scope}?{urlencode({'filter': text, 'meta_count': 'with'})}"
            yield f"{scope}?{urlencode({'filter': text, 'meta_count': 'only'})}"
        for sort in SORTS:
            yield f"{scope}?{urlencode({'sort': sort, 'meta_count': 'with'})}"
            yield f"{scope}?{urlencode({'sort': sort, 'filter': 'q==nginx;class==A'})}"
        yield f"{scope}/groups"
        yield f"{scope}/filters"


def ids_below(target):
    """The targets of each item of a list: its values."""
    run = subprocess.run(["psql", "-XAtq", env.DATABASE, "-c", call(target)], capture_output=True, text=True, check=True)
    status, body = run.stdout.split("|", 1)
    check(status == "200", f"{target}: {run.stdout[:300]}")
    return [f"{target}/{item['id']}/values" for item in json.loads(body)["data"]]


def call(target):
    quoted = target.replace("'", "''")
    return (f"select status, body from inventory.rest('GET', '{quoted}', "
            f"E'authorization: Token {env.TOKEN}\\n');")


def plans_of(batch):
    """Each target with the plans of the statements that answered it, by auto_explain."""
    script = ["load 'auto_explain'; set auto_explain.log_min_duration = 0;",
              "set auto_explain.log_nested_statements = on; set auto_explain.log_format = json;",
              "set client_min_messages = log;"]
    script += [f"\\warn target {number}\n{call(target)}" for number, target in enumerate(batch)]
    run = subprocess.run(["psql", "-XAtq", env.DATABASE], input="\n".join(script), capture_output=True,
                         text=True, check=True)
    check("ERROR:" not in run.stderr, run.stderr[-500:])
    for part in run.stderr.split("target ")[1:]:
        number = int(part.split("\n", 1)[0])
        plans, at = [], part.find("{\n")
        while at >= 0:
            plan, end = json.JSONDecoder().raw_decode(part, at)
            plans.append(plan)
            at = part.find("{\n", end)
        yield batch[number], plans


def scans_of(node):
    yield node
    for child in node.get("Plans", ()):
        yield from scans_of(child)


def names_tenant(node):
    # The index of facet texts leads with a hash of tenant, scope and field; each key of an asset names its tenant.
    return re.search(r"tenant_id = |hash_extended\(|asset_keys\(.*\) (@>|&&) ", node.get("Index Cond", ""))


def is_led_by_tenant(node):
    """Whether the node reads one tenant's rows only; of a bitmap, each index that it reads."""
    kind = node["Node Type"]
    if kind == "Bitmap Heap Scan":
        below = [n for child in node["Plans"] for n in scans_of(child) if n["Node Type"] == "Bitmap Index Scan"]
        return below and all(names_tenant(n) for n in below)
    if kind == "Tid Scan":  # of places that the tenant's keys gave; test/sql/sieve.sql sees that it reads no others
        return True
    return kind.startswith("Index") and names_tenant(node)


def test_no_plan_reads_rows_of_another_tenant():
    batch = list(targets())
    batch += [f"{values}?{urlencode(q)}" for scope in (TENANT, ORG) for list_ in ("groups", "filters")
              for values in ids_below(f"{scope}/{list_}") for q in ({}, {"q": "nginx"}, {"q": "a"})]
    wrong, scans = [], 0
    for target, plans in plans_of(batch):
        check(plans, f"{target}: no plan was shown")
        for plan in plans:
            for node in scans_of(plan["Plan"]):
                if node.get("Relation Name") in LARGE:
                    scans += 1
                    if not is_led_by_tenant(node):
                        wrong.append((target, plan["Query Text"][:400], node["Node Type"], node.get("Index Name")))
    print(f"    {len(batch)} requests, {scans} scans of large tables")
    check(scans > len(batch) / 2, "hardly any scan was seen")
    check(not wrong, f"{len(wrong)} scans read other tenants' rows, among them {wrong[:3]}")


def test_a_session_does_not_grow_with_the_shapes():
    """Thousands of shapes by one session, each of which is kept as a plan or two."""
    random_ = random.Random(SEED)
    held = "select 'held', substring(pg_read_file('/proc/self/status') from 'RssAnon:\\s+(\\d+)');"
    script = []
    for _ in range(4):
        for _ in range(400):
            parts = random_.sample(FILTERS, random_.randint(2, 4))
            text = "".join(f"({part}){random_.choice(';,')}" for part in parts)[:-1]
            query = urlencode({"filter": text, "sort": random_.choice(SORTS)})
            script.append(call(f"{ORG}?{query}"))
        script.append(held)
    run = subprocess.run(["psql", "-XAtq", env.DATABASE], input="\n".join(script), capture_output=True,
                         text=True, check=True)
    statuses = {line.split("|", 1)[0] for line in run.stdout.splitlines()} - {"held"}
    check(statuses == {"200"}, f"{statuses} (SEED={SEED})")
    sizes = [int(line.split("|")[1]) / 1024 for line in run.stdout.splitlines() if line.startswith("held|")]
    print("    MB held after each 400 shapes: " + ", ".join(f"{size:.1f}" for size in sizes))
    check(sizes[-1] < 1.1 * sizes[0] + 1, f"it grows (SEED={SEED})")


if __name__ == "__main__":
    sys.exit(main(globals()))
