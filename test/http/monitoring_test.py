#!/usr/bin/env python3
"""The dashboard and the alert rules of monitoring/ ask only for metrics and labels that a proxy has, and
the proxy tells its service manager what it does.

Starts proxies of its own before the demo's database, one with an admin address, and makes every metric appear.
"""
import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

from common import ORG, ROOT, env, main

PROXY = ROOT / "build/asset-inventory-proxy"
METRIC = re.compile(r"\b(inventory_proxy_\w+)(?:\{([^{}]*)\})?")
LABEL = re.compile(r"(\w+)(?:=~|!~|!=|=)")
# Prometheus adds these to what it scrapes; `le` is a histogram's own.
TARGET_LABELS = {"job", "instance"}


def conninfo():
    return re.sub(r"(?<=//)\w+(?=@)", "demo_proxy", env.DATABASE, count=1)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def proxy(*options, **environment):
    process = subprocess.Popen([PROXY, *options], stderr=subprocess.DEVNULL, env={**os.environ, **environment})
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def get(port, path, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def await_true(condition, what, seconds=15):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            if condition():
                return
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s for {what}")


def sessions():
    rows = subprocess.run(["psql", "-XAt", env.DATABASE, "-c",
                           "select pid from pg_stat_activity where usename = 'demo_proxy'"],
                          check=True, capture_output=True, text=True).stdout
    return set(rows.split())


def provoke(public, admin, before):
    """What makes each family appear: requests, a client too many, a session that ends."""
    key = {"Authorization": f"Token {env.TOKEN}"}
    assert get(public, ORG, key)[0] == 200
    assert get(public, "/nowhere", key)[0] == 404
    with contextlib.ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(socket.create_connection(("127.0.0.1", public)))
        await_true(lambda: get(public, "/nowhere")[0] == 503, "a client too many")
    subprocess.run(["psql", "-XAtq", env.DATABASE, "-c",
                    f"select pg_terminate_backend({min(sessions() - before)})"], check=True, capture_output=True)
    await_true(lambda: "database_errors_total{" in get(admin, "/metrics")[1], "the end of a session")


def scrape():
    """The labels of each metric of a proxy in which all there is has happened."""
    before = sessions()
    public, admin = free_port(), free_port()
    with proxy("--listen", f"127.0.0.1:{public}", "--admin", f"127.0.0.1:{admin}", "--database", conninfo(),
               "--database-replica", "host=/nonexistent", "--max-per-address", "2"):
        await_true(lambda: get(admin, "/readyz")[0] == 200, "/readyz")
        provoke(public, admin, before)
        page = get(admin, "/metrics")[1]
    labels = {}
    for name, text in re.findall(r"^(\w+)(?:\{(.*)\})? \S+", page, re.MULTILINE):
        labels.setdefault(name, set()).update(re.findall(r'(\w+)="', text))
    return labels


def dashboard():
    text = (ROOT / "monitoring/grafana-dashboard.json").read_text()
    document = json.loads(text)
    ids = [panel["id"] for panel in document["panels"]]
    assert len(ids) == len(set(ids)), "two panels have one id"
    yield from (target["expr"] for panel in document["panels"] for target in panel.get("targets", []))
    yield from (variable["query"] for variable in document["templating"]["list"] if variable["type"] == "query")


def alerts():
    """The expressions, without a parser of YAML: all lines of `expr` members."""
    text = (ROOT / "monitoring/alerts.yml").read_text()
    found = re.findall(r"^ +expr: (?:>-\n((?: {10}.*\n)+)|(.*)\n)", text, re.MULTILINE)
    assert len(found) == text.count("- alert: ")
    return [folded or line for folded, line in found]


def by_labels(expression):
    return {label.strip() for group in re.findall(r"\bby \(([^)]*)\)", expression) for label in group.split(",")}


EXISTING = scrape()


def check(expressions):
    for expression in expressions:
        used = METRIC.findall(expression)
        assert used or "up{" in expression, f"no metric in: {expression}"
        for name, selector in used:
            assert name in EXISTING, f"there is no metric {name}: {expression}"
            for label in LABEL.findall(re.sub(r'"[^"]*"', "", selector)):
                assert label in EXISTING[name] | TARGET_LABELS, f"{name} has no label {label}: {expression}"
        labels = set().union(TARGET_LABELS, *(EXISTING[name] for name, _ in used))
        assert by_labels(expression) <= labels, f"no such label to group by: {expression}"


def test_the_dashboard_asks_for_metrics_that_exist():
    check(dashboard())


def test_the_alert_rules_ask_for_metrics_that_exist():
    check(alerts())


def test_the_dashboard_shows_every_metric():
    shown = {re.sub(r"_(bucket|sum|count)$", "", name) for name, _ in METRIC.findall("\n".join(dashboard()))}
    missing = {re.sub(r"_(bucket|sum|count)$", "", name) for name in EXISTING} - shown
    assert not missing, f"no panel shows {missing}"


def test_operations_md_lists_every_metric():
    text = pathlib.Path(ROOT / "docs/operations.md").read_text()
    for name in {re.sub(r"_(bucket|sum|count)$", "", name) for name in EXISTING}:
        assert name.removeprefix("inventory_proxy_") in text, f"docs/operations.md does not name {name}"


@contextlib.contextmanager
def manager(address):
    """A service manager's end of NOTIFY_SOCKET."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(address)
        end.settimeout(15)
        yield lambda: dict(line.split("=", 1) for line in end.recv(4096).decode().split("\n"))


def check_notifications(address, name):
    # The database is away: the proxy serves all the same, and says so in its answers.
    with manager(address) as receive, proxy("--listen", f"127.0.0.1:{free_port()}", "--database", "host=/nonexistent",
                                            NOTIFY_SOCKET=name) as process:
        assert receive() == {"READY": "1", "STATUS": "Serving"}
        process.send_signal(signal.SIGHUP)
        reloading = receive()
        assert reloading["RELOADING"] == "1"
        age = time.clock_gettime(time.CLOCK_MONOTONIC) - int(reloading["MONOTONIC_USEC"]) / 1e6
        assert 0 <= age < 15, age
        assert receive() == {"READY": "1"}
        process.terminate()
        assert receive() == {"STOPPING": "1", "STATUS": "Draining"}
        assert process.wait(15) == 0


def test_the_service_manager_is_told_at_a_path():
    with tempfile.TemporaryDirectory() as folder:
        check_notifications(f"{folder}/notify", f"{folder}/notify")


def test_the_service_manager_is_told_at_an_abstract_name():
    name = f"asset-inventory-{os.getpid()}"
    check_notifications("\0" + name, "@" + name)


def test_a_manager_that_is_gone_stops_nobody():
    port, admin = free_port(), free_port()
    with proxy("--listen", f"127.0.0.1:{port}", "--admin", f"127.0.0.1:{admin}", "--database", "host=/nonexistent",
               NOTIFY_SOCKET="/nonexistent/notify") as process:
        await_true(lambda: get(admin, "/livez")[0] == 200, "/livez")
        process.terminate()
        assert process.wait(15) == 0


if __name__ == "__main__":
    sys.exit(main(globals()))
