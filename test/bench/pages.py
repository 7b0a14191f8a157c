"""make bench: the cost of a page against the bare SELECT of the same page, in one run."""

import json
import subprocess
import urllib.request

from measure import demo_environment, interleaved, pgbench, report
from measure import rest as rest_call

env = demo_environment()
database, tenant, token, url = env["DATABASE"], env["TENANT"], env["TOKEN"], env["URL"]
path = f"/tenants/{tenant}/inventory/assets"
where = f"a.tenant_id = '{tenant}'"
order = "order by a.created_at, a.id"


def rest(target):
    return rest_call(target, token)


def bare(limit, condition="true"):
    return f"select a.* from inventory.asset a where {where} and {condition} {order} limit {limit};"


def aggregated(limit):
    """The same page as a good SQL developer would render it."""
    return f"""select json_build_object('data', json_agg(json_build_object('type', p.type, 'id', p.id, 'attributes',
        json_strip_nulls(json_build_object('class', p.class_rank, 'labels', p.labels, 'tags', p.tags, 'registry', p.registry,
        'repository', p.repository, 'name', p.name, 'distribution_digests', p.distribution_digests, 'image_tags', p.image_tags,
        'built_at', p.built_at, 'size_bytes', p.size_bytes, 'architecture', p.architecture, 'os', p.os, 'config', p.config,
        'risk_score', p.risk_score, 'issues', json_build_object('critical', p.issues_critical, 'high', p.issues_high,
        'medium', p.issues_medium, 'low', p.issues_low), 'created_at', p.created_at, 'updated_at', p.updated_at)))))
        from (select * from inventory.asset a where {where} {order} limit {limit}) p;"""


def latency(sql):
    return lambda: pgbench(database, sql, seconds=2)[0]


def get(target):
    request = urllib.request.Request(url + target, headers={"Authorization": f"Token {token}"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def deepest_target():
    """The page at the last cursor: the last page's own link, read backwards from the end."""
    last = get(f"{path}?sort=-created_at&limit=100")
    edge = last["data"][-1]
    cursor = last["links"]["next"].split("starting_after=")[1]
    forward = subprocess.run(["psql", "-XAtq", database, "-c", f"""
        select inventory.cursor_encode(jsonb_build_object('s', 'created_at', 'k', jsonb_build_array(
            (extract(epoch from created_at) * 1000000)::bigint), 'i', id))
        from inventory.asset where tenant_id = '{tenant}' and id = '{edge["id"]}'"""],
        capture_output=True, text=True, check=True).stdout.strip()
    assert cursor and forward
    return f"{path}?starting_after={forward}"


for limit in (10, 100):
    report(f"page of {limit}, mean ms of one client (pgbench -M prepared)", interleaved({
        "bare SELECT": latency(bare(limit)),
        "inventory.rest": latency(rest(f"{path}?limit={limit}")),
        "inventory.list_assets": latency(f"""select inventory.list_assets('tenants/{tenant}', "limit" => {limit});"""),
        "json_agg in SQL": latency(aggregated(limit)),
    }), "bare SELECT")

report("page of 10, first and deepest, mean ms", interleaved({
    "first page": latency(rest(path)),
    "deepest page": latency(rest(deepest_target())),
}), "first page")
