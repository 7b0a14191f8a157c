"""What becomes of a search whose worker dies. Kills a server process: the other sessions of the cluster are cut off."""
import contextlib
import os
import signal
import subprocess
import sys
import time

from common import ORG, check, env, equal, expect, main, sql, viewer

SEARCH = {"data": {"type": "searches", "attributes": {"filter": "class==A", "sort": "name"}}}
WORKERS = "select count(*) from pg_stat_activity where backend_type = 'asset_inventory search worker'"


@contextlib.contextmanager
def locked_assets():
    """Whoever reads an asset waits, until the block ends or the server does."""
    script = "begin; lock table inventory.asset in access exclusive mode; select 'locked';"
    session = subprocess.Popen(["psql", "-XAtq", env.DATABASE], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
    session.stdin.write(script + "\n")
    session.stdin.flush()
    equal(session.stdout.readline(), "locked\n", "the lock")
    try:
        yield
    finally:
        with contextlib.suppress(BrokenPipeError):
            session.stdin.close()
        session.wait()


def until(condition, what):
    for _ in range(200):
        with contextlib.suppress(subprocess.CalledProcessError):
            if condition():
                return
        time.sleep(0.1)
    raise AssertionError(f"never {what}")


def start():
    location = expect(viewer.post(f"{ORG}/searches", SEARCH), 302).headers["location"]
    return location, location.split("/searches/")[1].split("/")[0]


def running_worker(search):
    until(lambda: sql(f"select state from inventory.search where id = '{search}'") == ["running"], "running")
    [pid] = sql(f"select worker_pid from inventory.search where id = '{search}'")
    return int(pid)


def check_results(location, search, attempts):
    def is_answered():
        return viewer.get(location).status == 200
    until(is_answered, "answered")
    equal(viewer.get(location).ids, viewer.get(ORG, {"filter": "class==A", "sort": "name"}).ids, "results")
    equal(sql(f"select state, attempts from inventory.search where id = '{search}'"), [f"done|{attempts}"], "state")
    equal(sql(f"select found - (select count(*) from inventory.search_result where search_id = s.id) from inventory.search s where id = '{search}'"),
          ["0"], "no result twice")


def test_the_worker_compacts_the_facets_of_a_write():
    [asset] = sql(f"select id from inventory.asset where tenant_id = '{env.TENANT}' limit 1")
    sql(f"""select inventory.update_asset('tenants/{env.TENANT}', '{asset}', json_build_object('data', json_build_object(
        'type', 'container_images', 'id', '{asset}', 'attributes', '{{"tags": {{"add": {{"compacted": "yes"}}}}}}'::json)))""")
    until(lambda: sql("select count(*) from inventory.facet_delta") == ["0"], "compacted")
    sql(f"""select inventory.update_asset('tenants/{env.TENANT}', '{asset}', json_build_object('data', json_build_object(
        'type', 'container_images', 'id', '{asset}', 'attributes', '{{"tags": {{"remove": ["compacted"]}}}}'::json)))""")


def test_a_reader_has_compacted_what_a_stopped_server_left():
    until(lambda: sql(WORKERS) == ["0"], "ended")
    [asset, tags] = [sql(f"select id from inventory.{table}")[0] for table in
                     (f"asset where tenant_id = '{env.TENANT}' limit 1", "asset_field where name = 'tags'")]
    for change in ('"add": {"left": "yes"}', '"remove": ["left"]'):
        sql(f"""set asset_inventory.search_workers = 0;
            select inventory.update_asset('tenants/{env.TENANT}', '{asset}', json_build_object('data', json_build_object(
                'type', 'container_images', 'id', '{asset}', 'attributes', '{{"tags": {{{change}}}}}'::json)))""")
        check(sql("select count(*) from inventory.facet_delta") != ["0"], "left")
        sql(f"select inventory.group_values('tenants/{env.TENANT}', '{tags}')")
        until(lambda: sql("select count(*) from inventory.facet_delta") == ["0"], "compacted")
        until(lambda: sql(WORKERS) == ["0"], "ended again")


def test_7_a_worker_killed_in_mid_search():
    with locked_assets():
        location, search = start()
        os.kill(running_worker(search), signal.SIGKILL)
        time.sleep(1)
    until(lambda: sql("select 1") == ["1"], "up again")
    check_results(location, search, 2)


def test_7_a_worker_terminated_in_mid_search():
    with locked_assets():
        location, search = start()
        pid = running_worker(search)
        sql(f"select pg_terminate_backend({pid}, 5000)")
        equal(sql(f"select state from inventory.search where id = '{search}'"), ["running"], "state")
    check_results(location, search, 2)


def test_7_the_worker_ends_when_idle():
    location, _ = start()
    expect(viewer.get(location), 200)
    check(sql(WORKERS) != ["0"], "a worker")
    until(lambda: sql(WORKERS) == ["0"], "ended")


def test_7_a_search_does_not_wait_for_a_worker_that_has_other_things_to_do():
    location, _ = start()
    expect(viewer.get(location), 200)  # so a worker is there, which is then held up
    pids = [int(pid) for pid in sql("select pid from pg_stat_activity where backend_type = 'asset_inventory search worker'")]
    check(pids, "a worker runs")
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        location, search = start()
        expect(viewer.get(location), 200)
        equal(sql(f"select state from inventory.search where id = '{search}'"), ["done"], "state")
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


if __name__ == "__main__":
    sys.exit(main(globals()))
