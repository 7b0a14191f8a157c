#!/usr/bin/env python3
"""Reads on a streaming standby: GET and HEAD go there, and to the primary while it is away."""
import concurrent.futures
import sys
import time

from stand import ASSETS, asset_id, eventually, expect, main, request

# Left by the first test to the others.
HERE = {}


def caught_up(stand):
    # Of what is flushed, as every commit is: the insert position may lie beyond a page's
    # header, where no record ends and no replay arrives.
    lsn = stand.primary.psql("select pg_current_wal_flush_lsn()")
    return HERE["standby"].psql(f"select pg_last_wal_replay_lsn() >= '{lsn}'") == "t"


def test_get_and_head_are_answered_by_the_standby(stand):
    standby = HERE["standby"] = stand.add_standby()
    eventually(lambda: caught_up(stand), "the standby caught up")
    proxy = HERE["proxy"] = stand.proxy(stand.primary.conninfo, "--database-replica", standby.conninfo)
    eventually(lambda: proxy.metric("inventory_proxy_database_connections", lane="replica", state="ready") > 0,
               "sessions at the standby")
    before = stand.labels(proxy.port, 1)
    head = request(proxy.port, "HEAD", f"{ASSETS}/{asset_id(1)}", token=stand.token).headers["etag"]
    # What the standby does not replay, it cannot show: so whoever shows the old value asked the standby.
    standby.psql("select pg_wal_replay_pause()")
    try:
        expect(stand.patch(proxy.port, 1, ["written"]).status == 200, "PATCH goes to the primary")
        expect(stand.labels(proxy.port, 1) == before, "GET goes to the standby")
        again = request(proxy.port, "HEAD", f"{ASSETS}/{asset_id(1)}", token=stand.token)
        expect(again.headers["etag"] == head, "HEAD goes to the standby")
    finally:
        standby.psql("select pg_wal_replay_resume()")
    eventually(lambda: stand.labels(proxy.port, 1) == ["written"], "the standby shows what it replayed")


def test_a_search_made_a_moment_ago_is_found(stand):
    HERE["standby"].psql("select pg_wal_replay_pause()")
    try:
        answer = stand.search(HERE["proxy"].port)
        expect(answer.status == 200 and answer.json["meta"]["count"] == 75, f"{answer.status} {answer.text[:300]}")
    finally:
        HERE["standby"].psql("select pg_wal_replay_resume()")


def test_every_read_operation_works_on_a_standby(stand):
    eventually(lambda: caught_up(stand), "the standby caught up")
    writes = HERE["proxy"].metric("inventory_proxy_retries_total")
    fields = stand.get(HERE["proxy"].port, f"{ASSETS}/groups").json["data"]
    filters = stand.get(HERE["proxy"].port, f"{ASSETS}/filters").json["data"]
    targets = [ASSETS, f"{ASSETS}?meta_count=with&filter=q==app", f"{ASSETS}/{asset_id(2)}", "/openapi",
               f"{ASSETS}/groups/{fields[0]['id']}/values",
               next(f["relationships"]["values"]["links"]["related"] for f in filters if "relationships" in f)]
    for target in targets:
        answer = stand.get(HERE["proxy"].port, target)
        expect(answer.status == 200, f"{target}: {answer.status} {answer.text[:300]}")
    expect(HERE["proxy"].metric("inventory_proxy_retries_total") == writes, "none of them tried to write")


def test_health_and_policies_work_on_a_standby(stand):
    wrong = HERE["standby"].psql('select "check", detail from inventory.health() where not ok')
    expect(wrong == "", wrong)
    stand.primary.psql("""create role growth_reader in role inventory_reader;
        select inventory.grant_role(inventory.create_principal('reader', 'growth_reader'),
                                    'orgs/30000000-0000-4000-8000-000000000001', 'viewer')""")
    eventually(lambda: caught_up(stand), "the standby caught up")
    seen = HERE["standby"].psql("set role growth_reader; select count(*) from inventory.asset")
    expect(seen == "300", f"a reader sees {seen} assets")


def test_a_standby_that_goes_away_fails_no_read(stand):
    proxy, standby = HERE["proxy"], HERE["standby"]
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        load = pool.submit(stand.mixed_requests, proxy.port, 900, 4)
        time.sleep(0.3)
        standby.stop("fast")
        expect(not load.done(), "the load outlived the standby")
        trouble = load.result()
    expect(not trouble, f"{len(trouble)} failed, the first: {trouble[:1]}")
    expect(stand.patch(proxy.port, 3, ["alone"]).status == 200 and stand.labels(proxy.port, 3) == ["alone"],
           "the primary answers reads")
    standby.start()
    eventually(lambda: proxy.metric("inventory_proxy_database_connections", lane="replica", state="ready") > 0,
               "sessions at the standby again")


def test_a_promoted_standby_takes_the_writes(stand):
    standby = HERE["standby"]
    eventually(lambda: caught_up(stand), "the standby caught up")
    both = (f"host={stand.primary.directory},{standby.directory} port=5432,5432 dbname=inventory user=growth_proxy "
            "target_session_attrs=read-write")
    proxy = stand.proxy(both)
    expect(stand.patch(proxy.port, 4, ["before"]).status == 200, "a write before")
    eventually(lambda: caught_up(stand), "the standby caught up")
    stand.primary.stop("immediate")
    standby.run("pg_ctl", "-D", f"{standby.directory}/data", "-w", "promote")
    eventually(lambda: stand.patch(proxy.port, 5, ["after"]).status == 200, "a write after")
    expect(stand.labels(proxy.port, 4) == ["before"], "what was written before is there")
    expect(stand.search(proxy.port).status == 200, "a search after")


if __name__ == "__main__":
    sys.exit(main(globals()))
