#!/usr/bin/env python3
"""Every statement on a tenant table names its tenant, so that a distributed schema sends it to one node."""
import re
import sys

from stand import ASSETS, GROUP, ORG, TENANT, asset_id, eventually, expect, main, request

# What works through all tenants by nature: the upkeep of the worker, its queue, and health().
ALL_TENANTS = re.compile(
    r"purge_|compact_facets|select distinct s\.tenant_id from inventory\.search|state in \('queued'|order by [a-z]\.tenant_id limit|"
    r"facet_delta(?: d)? limit|expires_at < now\(\) - interval|verify|analyze|tgrelid", re.I)
# INSERT gives the tenant as a column.
RELATION = re.compile(r"\b(?:from|join|update|using)\s+inventory\.(\w+)(?:\s+(?:as\s+)?(?!where|set|on|join|left|values|"
                      r"cross|order|limit|group|returning)(\w+))?", re.I)
# What Citus 13.2 refused when this was run with it.
VOLATILE = r"\b(?:clock_timestamp|pg_backend_pid|gen_random_uuid|random)\("
UNDISTRIBUTED = (
    re.compile(rf"\bupdate\s+inventory\.\w+.*(?:{VOLATILE}|\bcoalesce\([^()]*\bnow\()", re.I | re.S),
    re.compile(r"\bon conflict\b.*\bdo update\b.*\bwhere\b.*(?:now\(|[+-]\s*interval)", re.I | re.S),
    re.compile(r"^with\b.*\bfor update skip locked", re.I | re.S))
NAMED = r"tenant_id\s*=\s*(?:\$\d+|[a-z_]+)"


def seen_statements(stand):
    return stand.primary.psql("""select string_agg(s.query, e'\\x1e') from pg_stat_statements s
        join pg_database d on d.oid = s.dbid and d.datname = 'inventory' where s.query ~ 'inventory\\.'""").split("\x1e")


def exercise(stand):
    proxy = stand.proxy()
    for scope in (f"tenants/{TENANT}", f"groups/{GROUP}", f"orgs/{ORG}"):
        base = f"/{scope}/inventory/assets"
        for query in ("", "?filter=q==app", "?filter=class==A;labels==l1&meta_count=with", "?sort=-risk_score,name&limit=50",
                      "?filter=tags.env==e1,registry==*dock*&meta_count=only", f"?filter=id=in=({asset_id(1)},{asset_id(2)})"):
            first = stand.get(proxy.port, base + query)
            expect(first.status == 200, f"{base}{query}: {first.status} {first.text[:300]}")
            if following := first.json.get("links", {}).get("next"):
                back = stand.get(proxy.port, following).json["links"]["prev"]
                expect(stand.get(proxy.port, back).status == 200, back)
        for listed in ("groups", "filters"):
            for field in stand.get(proxy.port, f"{base}/{listed}").json["data"]:
                if link := field.get("relationships", {}).get("values", {}).get("links", {}).get("related"):
                    for query in ("", "?limit=20") + (("?filter=class==A&meta_fields=all", "?sort=value", "?sort=count") if listed == "groups"
                                                     else ("?q=a", "?q=app")):
                        answer = stand.get(proxy.port, link.split("?")[0] + query)
                        expect(answer.status == 200, f"{link}{query}: {answer.status} {answer.text[:300]}")
                        if following := answer.json["links"].get("next"):
                            back = stand.get(proxy.port, following).json["links"]["prev"]
                            expect(stand.get(proxy.port, back).status == 200, back)
        expect(stand.get(proxy.port, f"{base}/{asset_id(1)}").status == 200, "one asset")
    expect(stand.patch(proxy.port, 1, ["a"]).status == 200, "one update")
    many = {"data": [{"type": "container_images", "id": asset_id(n), "attributes": {"class": {"rank": 1}}} for n in (2, 3)]}
    expect(request(proxy.port, "PATCH", ASSETS, many, stand.token).status == 204, "a bulk update")
    expect(stand.search(proxy.port).status == 200, "a search")
    stand.primary.psql(f"""select inventory.explain_filter('tenants/{TENANT}', 'q==app');
        select count(*) from inventory.find_assets('orgs/{ORG}', 'class==A');
        select * from generate_series(1, 2) n cross join lateral inventory.upsert_assets('orgs/{ORG}',
            jsonb_build_array(jsonb_build_object('registry', 'r', 'repository', 'a/b', 'name', 'app ' || n,
                                                 'config_digest', 'sha256:' || repeat('f', 64))))""")


def tenant_tables(stand):
    return set(stand.primary.psql("""select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = 'inventory'::regnamespace and c.relkind = 'r' and a.attname = 'tenant_id'
          and c.relname <> 'scope'""").split())


def violation(statement, tables):
    """A tenant table that the statement does not pin to a tenant, or None."""
    for table, alias in RELATION.findall(statement):
        # The last is how a statement on one server says it that its keys alone shall answer; on distributed tables it is an equality.
        pinned = [rf"\b{alias}\.{NAMED}", rf"=\s*{alias}\.tenant_id", rf"\b{alias}\.tenant_id is not distinct from \$"] if alias else [NAMED]
        if table in tables and not any(re.search(pattern, statement, re.I) for pattern in pinned):
            return table
    return None


def test_every_statement_names_its_tenant(stand):
    stand.primary.psql("select pg_stat_statements_reset()")
    exercise(stand)
    tables = tenant_tables(stand)
    seen = seen_statements(stand)
    read = [s for s in seen if any(t in tables for t, _ in RELATION.findall(s))]
    expect(len(read) > 100, f"the statements were seen: {len(read)}")
    wrong = [(violation(s, tables), s) for s in read if violation(s, tables) and not ALL_TENANTS.search(s)]
    expect(not wrong, "\n".join(f"{table}: {s[:700]}" for table, s in wrong[:5]) + f"\n{len(wrong)} statements of {len(read)}")
    # A rule that this test can break: each of these must be seen as wrong.
    for bad in ("select from inventory.asset a where a.id = $1", "select from inventory.asset where id = $1",
                "select from inventory.search s join inventory.search_result r on r.search_id = s.id where s.tenant_id = $1"):
        expect(violation(bad, tables), f"not seen as wrong: {bad}")
    session = [s for s in read if "current_setting" in s and not ALL_TENANTS.search(s)]
    expect(not session, f"a statement depends on the session: {session[:1]}")


def test_no_statement_does_what_a_distributed_table_refuses(stand):
    stand.primary.psql("select inventory.purge_searches(), inventory.purge_asset_changes(), inventory.purge_idempotency_keys()")
    seen = seen_statements(stand)
    expect(any("update inventory.search " in s for s in seen), "the worker's statements were seen")
    wrong = [s for s in seen if any(rule.search(s) for rule in UNDISTRIBUTED)]
    expect(not wrong, "\n".join(s[:700] for s in wrong[:5]))
    for bad in ("update inventory.search s set started_at = clock_timestamp() where s.tenant_id = $1",
                "update inventory.search s set started_at = coalesce(s.started_at, now()) where s.tenant_id = $1",
                "insert into inventory.t as u values ($1) on conflict (k) do update set a = $2 where excluded.a > u.a + interval $3",
                "with x as (select from inventory.search s limit $1 for update skip locked) delete from inventory.search s using x"):
        expect(any(rule.search(bad) for rule in UNDISTRIBUTED), f"not seen as wrong: {bad}")


def test_shapes_are_counted_over_all_sessions(stand):
    """The library is preloaded here, so this session sees what the proxy's sessions did."""
    row = stand.primary.psql("""select calls > 1, rows > 10, failed from inventory.request_shapes
        where shape = 'tenant filter=q==? sort=created_at'""")
    expect(row == "t|t|0", f"the proxy's requests are there: {row!r}")
    stand.primary.psql("select inventory.reset_request_shapes()")
    eventually(lambda: stand.primary.psql("select count(*) from inventory.request_shapes") == "0", "they are reset for all")


def test_the_last_use_of_a_key_is_known_after_a_restart(stand):
    unused = "select count(*) from inventory.api_keys where used_at is null"
    expect(stand.primary.psql(unused) == "0", "a use is seen at once")
    stand.primary.psql("select inventory.issue_api_key(id) from inventory.principal")
    expect(stand.primary.psql(unused) == "1", "a key that nobody used has none")
    proxy = stand.proxy()
    before = stand.primary.psql("select max(used_at) from inventory.api_keys")
    expect(stand.get(proxy.port).status == 200, "a request")
    expect(stand.primary.psql(f"select max(used_at) > '{before}' from inventory.api_keys") == "t", "each request counts")
    # The worker may have been faster.
    stand.primary.psql("select inventory.record_key_uses()")
    expect(stand.primary.psql("select inventory.record_key_uses()") == "0", "once a minute")
    stand.primary.stop("fast")
    stand.primary.start()
    expect(stand.primary.psql(unused) == "1", "it is known after a restart")


def test_the_worker_purges_what_is_over(stand):
    stand.primary.psql(f"""alter database inventory set asset_inventory.audit_retention = '30d';
        insert into inventory.asset_change (tenant_id, asset_id, changed_at, request_id, before, after)
        select '{TENANT}', '{asset_id(1)}', now() - n * interval '1 day', gen_random_uuid(), '{{}}', '{{}}' from generate_series(1, 60) n""")
    # A worker that lives already has the setting of before, and ends when it is idle.
    eventually(lambda: stand.primary.psql("select count(*) from pg_stat_activity where backend_type ~ '^asset_inventory'") == "0",
               "the worker ended")
    expect(stand.search(stand.proxy().port).status == 200, "a search, which starts a worker")
    old = "select count(*) from inventory.asset_change where changed_at < now() - interval '30 days'"
    eventually(lambda: stand.primary.psql(old) == "0", "old changes are purged")
    expect(int(stand.primary.psql("select count(*) from inventory.asset_change")) >= 29, "the others are kept")


if __name__ == "__main__":
    sys.exit(main(globals()))
