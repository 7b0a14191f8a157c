"""Who is measured: each answers `ids(shape)` and `run(shape, connections, seconds)`."""

import contextlib
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

from measure import pgbench_tool

from .install import BUILD, HERE, NEWEST_ASKED, find_node, install, say
from .shapes import LIMIT, psql

MILLISECONDS = {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}


def wrk(url, connections, seconds, headers=(), script=None):
    """Returns (good answers a second, p50 ms, p99 ms, percent of failures)."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    command += [part for header in headers for part in ("-H", header)]
    command += ["-s", str(script)] if script else []
    out = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    total = max(int(re.search(r"(\d+) requests in", out)[1]), 1)
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    failures = int(failed[1]) / total if failed else 0
    rate = float(re.search(r"Requests/sec: +([\d.]+)", out)[1]) * (1 - failures)
    percentiles = {name: float(number) * MILLISECONDS[unit]
                   for name, number, unit in re.findall(r"(50|99)% +([\d.]+)(us|ms|s|m)", out)}
    return rate, percentiles["50"], percentiles["99"], 100 * failures


class JsonApi:
    """GET of the contract's list: the proxy, and the Node service."""

    def __init__(self, name, url, env, cursor_of):
        self.name, self.cursor_of = name, cursor_of
        self.base = f"{url}/tenants/{env['TENANT']}/inventory/assets"
        self.token = env["TOKEN"]

    def target(self, shape):
        cursor = self.cursor_of(shape)
        parameters = {"sort": "created_at", "limit": LIMIT}
        parameters |= {"filter": shape.filter} if shape.filter else {}
        parameters |= {"starting_after": cursor} if cursor else {}
        return f"{self.base}?{urllib.parse.urlencode(parameters)}"

    def data(self, shape):
        request = urllib.request.Request(self.target(shape), headers={"Authorization": f"Token {self.token}"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)["data"]

    def ids(self, shape):
        return [it["id"] for it in self.data(shape)]

    def run(self, shape, connections, seconds):
        return wrk(self.target(shape), connections, seconds, [f"Authorization: Token {self.token}"])


class PostgrestShaped:
    """The statements of PostgREST over libpq, sent by pgbench over at most the ten sessions of
    PostgREST's pool. There is no HTTP, no token and no queue in the figures: PostgREST itself
    cannot be faster."""

    name = "PostgREST's statements (pgbench, no HTTP)"
    pool = 10
    settling = 1  # second in which new sessions fill their caches, which a pool's have done long ago
    template = (HERE / "postgrest.sql.in").read_text()

    def __init__(self, env):
        self.database, self.tenant = env["DATABASE"], env["TENANT"]

    def script(self, shape):
        return self.template.replace("{where}", shape.where)

    def variables(self, shape):
        headers = {"host": "127.0.0.1", "accept": "application/json", "user-agent": "wrk"}
        return {"tenant": self.tenant, "limit": LIMIT, "role": "postgres", "headers": json.dumps(headers),
                "claims": json.dumps({"role": "postgres", "sub": self.tenant}), **shape.variables}

    def ids(self, shape):
        quoted = {name: "'" + str(value).replace("'", "''") + "'" for name, value in self.variables(shape).items()}
        text = re.sub(r"(?<!:):([a-z_]+)\b", lambda it: quoted[it[1]], self.script(shape))
        return re.findall(r'\{"type":"[^"]*","id":"([^"]+)"', psql(self.database, text))

    def run(self, shape, connections, seconds):
        with tempfile.TemporaryDirectory() as directory:
            script = Path(directory, "page.sql")
            script.write_text(self.script(shape))
            command = [pgbench_tool(), "-n", "-M", "prepared", "-c", str(min(connections, self.pool)), "-j", "1",
                       "-T", str(self.settling + seconds), "-f", str(script), "-l", "--log-prefix", f"{directory}/log"]
            command += [f"-D{name}={value}" for name, value in self.variables(shape).items()]
            done = subprocess.run([*command, self.database], capture_output=True, text=True)
            if done.returncode != 0:
                raise SystemExit(f"pgbench failed:\n{done.stdout}{done.stderr}")
            return self.read_log("".join(log.read_text() for log in Path(directory).glob("log*")), seconds)

    def read_log(self, log, seconds):
        """What happened after the sessions had settled; a line is client, number, microseconds,
        script, and when it ended in seconds and microseconds."""
        lines = [[int(it) for it in line.split()[:6]] for line in log.splitlines()]
        start = min(second * 1e6 + micro for *_, second, micro in lines) + self.settling * 1e6
        times = [took / 1000 for _, _, took, _, second, micro in lines
                 if start <= second * 1e6 + micro < start + seconds * 1e6]
        percentiles = statistics.quantiles(times, n=100, method="inclusive")
        return len(times) / seconds, percentiles[49], percentiles[98], 0.0


class PostGraphile:
    """The connection of the same table over GraphQL: the same columns, without a token."""

    name = "PostGraphile 5"
    query = (HERE / "postgraphile/page.graphql").read_text()

    def __init__(self, url, env):
        self.url, self.tenant = f"{url}/graphql", env["TENANT"]
        self.cursors = {}

    def ask(self, variables):
        request = urllib.request.Request(self.url, self.body(variables), {"content-type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            document = json.load(answer)
        if document.get("errors"):
            raise SystemExit(f"PostGraphile: {document['errors']}")
        return document["data"]["allAssets"]

    def body(self, variables):
        return json.dumps({"query": self.query, "variables": variables}).encode()

    def variables(self, shape):
        variables = {"first": LIMIT, "condition": {"tenantId": self.tenant, **shape.condition}}
        if shape.after:
            variables["after"] = self.cursor(shape)
        return variables

    def cursor(self, shape):
        """Its cursors are its own: it is asked for the row's."""
        if shape.name not in self.cursors:
            found = self.ask({"first": 1, "condition": {"tenantId": self.tenant, "rowId": shape.after[1]}})
            self.cursors[shape.name] = found["pageInfo"]["endCursor"]
        return self.cursors[shape.name]

    def ids(self, shape):
        return [it["rowId"] for it in self.ask(self.variables(shape))["nodes"]]

    def run(self, shape, connections, seconds):
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
            body = self.body(self.variables(shape)).decode()
            script.write(f'wrk.method = "POST"\nwrk.headers["content-type"] = "application/json"\n'
                         f"wrk.body = [==[{body}]==]\n")
            script.flush()
            return wrk(self.url, connections, seconds, script=script.name)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def listening(name, command, port, **options):
    """Runs a server until the end of the block; gives its address. Its log is build/peers/NAME.log."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with open(BUILD / f"{name}.log", "w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, **options)
    try:
        for _ in range(300):
            if process.poll() is not None:
                raise SystemExit(f"{name} ended at once; see build/peers/{name}.log")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        else:
            raise SystemExit(f"{name} does not listen after 30 s; see build/peers/{name}.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def service(name, node, env):
    """build/peers/NAME/server.js."""
    port = free_port()
    return listening(name, [node, "server.js"], port, cwd=BUILD / name,
                     env={**os.environ, "NODE_ENV": "production", "GRAPHILE_ENV": "production",
                          "DATABASE_URL": env["DATABASE"], "PORT": str(port)})


def proxy(binary, database):
    """Our proxy, where no demo runs one."""
    port = free_port()
    return listening("proxy", [binary, "--listen", f"127.0.0.1:{port}", "--database", database], port)


@contextlib.contextmanager
def open_contenders(env):
    """Ours first, then every peer that can be had; the services end with the block."""
    with contextlib.ExitStack() as stack:
        found = [JsonApi("asset_inventory, the proxy", env["URL"], env, lambda it: it.ours), PostgrestShaped(env)]
        node, version = find_node()
        if node is None:
            say("skipped: the Node peers: there is no node")
        elif install("node", node):
            found.append(JsonApi(f"fastify and pg, Node {version}", stack.enter_context(service("node", node, env)),
                                 env, lambda it: it.node_cursor()))
        if node is not None and version < NEWEST_ASKED:
            say(f"skipped: PostGraphile 5: it needs Node {NEWEST_ASKED}, this is {version}")
        elif node is not None and install("postgraphile", node):
            found.append(PostGraphile(stack.enter_context(service("postgraphile", node, env)), env))
        yield found
