#!/usr/bin/env python3
"""Through pgbouncer, in transaction and in statement mode: one autocommit statement a request needs no session."""
import sys

from stand import ASSETS, Process, as_postgres, asset_id, eventually, expect, free_port, main, request, status_of

SESSIONS = 4  # fewer than the proxy has


def bouncer(stand, mode):
    """Starts pgbouncer before the primary; returns it and the connection string."""
    directory = stand.make_directory(mode)
    port = free_port()
    with open(f"{directory}/pgbouncer.ini", "w", encoding="utf-8") as file:
        file.write(f"""[databases]
inventory = host={stand.primary.directory} port=5432 user=growth_proxy
[pgbouncer]
listen_port = {port}
unix_socket_dir = {directory}
logfile = {directory}/log
auth_type = any
pool_mode = {mode}
default_pool_size = {SESSIONS}
# Its default of 15 s is how long it answers nothing after a restart of the server.
server_login_retry = 1
""")
    process = Process(as_postgres(["pgbouncer", f"{directory}/pgbouncer.ini"]), f"{stand.directory}/{mode}.log")
    stand.processes.append(process)
    return process, f"host={directory} port={port} dbname=inventory user=growth_proxy"


def check_mode(stand, mode):
    pooler, conninfo = bouncer(stand, mode)
    proxy = stand.proxy(conninfo, "--no-prepare", "--lane-read", "8x1")
    trouble = stand.mixed_requests(proxy.port, 400)
    expect(not trouble, f"{len(trouble)} failed, the first: {trouble[:1]}")
    sessions = int(stand.primary.psql(
        "select count(*) from pg_stat_activity where usename = 'growth_proxy' and backend_type = 'client backend'"))
    expect(0 < sessions <= SESSIONS, f"{sessions} sessions at the server")
    # All or nothing, over several assets, is one statement too.
    answer = request(proxy.port, "PATCH", ASSETS, {"data": [
        {"type": "container_images", "id": asset_id(n), "attributes": {"labels": [mode]}}
        for n in range(1, 101)]}, stand.token)
    expect(answer.status == 204, f"a bulk update: {answer.status} {answer.text[:300]}")
    expect(stand.labels(proxy.port, 100) == [mode], "its last asset is changed")
    return proxy, pooler


def test_transaction_mode_serves_reads_updates_and_searches(stand):
    proxy, pooler = check_mode(stand, "transaction")
    # The server's own restart is seen through pgbouncer as any other.
    stand.primary.stop("fast")
    eventually(lambda: stand.get(proxy.port).status == 503, "503 without a server")
    stand.primary.start()
    eventually(lambda: stand.get(proxy.port).status == 200, "answers with it")
    eventually(lambda: status_of(proxy.admin, "/readyz") == 200, "ready again")
    proxy.stop()
    pooler.stop()


def test_statement_mode_serves_reads_updates_and_searches(stand):
    check_mode(stand, "statement")


if __name__ == "__main__":
    sys.exit(main(globals()))
