"""What the growth tests share: private PostgreSQL servers with an inventory, proxies, and clients.

A test file holds functions `test_<sentence>(stand)` and ends with `sys.exit(main(globals()))`. All
that a Stand starts lives in one temporary directory and ends with it. Standard library only.
"""
import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import traceback
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROXY = ROOT / "build/asset-inventory-proxy"
TENANT = "10000000-0000-4000-8000-000000000001"
GROUP = "20000000-0000-4000-8000-000000000001"
ORG = "30000000-0000-4000-8000-000000000001"
ASSETS = f"/tenants/{TENANT}/inventory/assets"
MEDIA_TYPE = "application/vnd.api+json"

INVENTORY = f"""
set client_min_messages = warning;
create extension pg_stat_statements;
create extension asset_inventory cascade;
select inventory.migrate();
select inventory.create_tenant('One', '{TENANT}');
select inventory.create_group('{TENANT}', 'Group', '{GROUP}');
select inventory.create_org('{GROUP}', 'Org', '{ORG}');
insert into inventory.asset (tenant_id, id, scope_ids, class_rank, registry, repository, name, config_digest, labels, tags)
select '{TENANT}', ('a0000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, array['{GROUP}', '{ORG}']::uuid[], n % 4 + 1,
       'docker.io', 'team/app-' || n, 'app-' || n, 'sha256:' || encode(sha256(n::text::bytea), 'hex'), array['l' || n % 7],
       jsonb_build_object('env', 'e' || n % 3)
from generate_series(1, 300) n;
analyze;
create role growth_proxy login in role inventory_proxy;
select inventory.grant_role(inventory.create_principal('growth'), 'tenants/{TENANT}', 'editor');
"""


def expect(condition, text):
    if not condition:
        raise AssertionError(text)


def asset_id(number):
    return f"a0000000-0000-4000-8000-{number:012}"


def as_postgres(command):
    """PostgreSQL and pgbouncer refuse to run as root."""
    if os.geteuid() != 0:
        return command
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(check, text, seconds=20):
    """Waits until check() is true."""
    end = time.monotonic() + seconds
    while not check():
        expect(time.monotonic() < end, f"not within {seconds} s: {text}")
        time.sleep(0.05)


class Server:
    """A PostgreSQL server on a Unix socket in its own directory."""

    def __init__(self, directory):
        self.directory = directory
        self.bin = subprocess.run([os.environ.get("PG_CONFIG", "pg_config"), "--bindir"], check=True,
                                  capture_output=True, text=True).stdout.strip()

    @property
    def conninfo(self):
        return f"host={self.directory} port=5432 dbname=inventory user=growth_proxy"

    def run(self, program, *arguments, text=None):
        done = subprocess.run(as_postgres([f"{self.bin}/{program}", *arguments]), input=text, cwd="/", text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        expect(done.returncode == 0, f"{program} failed: {done.stderr}")
        return done.stdout

    def create(self):
        self.run("initdb", "-D", f"{self.directory}/data", "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8",
                 "--locale=C.UTF-8")
        with open(f"{self.directory}/data/postgresql.conf", "a", encoding="utf-8") as conf:
            conf.write("listen_addresses = ''\nfsync = off\nmax_connections = 100\nhot_standby_feedback = on\n"
                       "shared_preload_libraries = 'asset_inventory, pg_stat_statements'\npg_stat_statements.track = all\n")

    def copy_to(self, directory):
        """A streaming standby of this server."""
        self.run("pg_basebackup", "-h", self.directory, "-U", "postgres", "-D", f"{directory}/data", "-R", "-c", "fast",
                 "--no-sync")
        return Server(directory)

    def start(self):
        # Its output goes to a file, for a pipe would stay open as long as the server runs.
        try:
            self.run("pg_ctl", "-D", f"{self.directory}/data", "-l", f"{self.directory}/log", "-w", "-o",
                     f"-c unix_socket_directories={self.directory}", "start")
        except AssertionError as failure:
            log = pathlib.Path(self.directory, "log").read_text(encoding="utf-8")
            raise AssertionError(f"{failure}{log[-1000:]}") from failure

    def stop(self, mode="fast"):
        self.run("pg_ctl", "-D", f"{self.directory}/data", "-m", mode, "-w", "stop")

    def is_running(self):
        return subprocess.run(as_postgres([f"{self.bin}/pg_ctl", "-D", f"{self.directory}/data", "status"]), cwd="/",
                              capture_output=True).returncode == 0

    def psql(self, sql, database="inventory"):
        return self.run("psql", "-h", self.directory, "-U", "postgres", "-d", database, "-XqAt", "-v", "ON_ERROR_STOP=1",
                        text=sql).strip()


class Process:
    """A program of ours or of Debian that ends with the test."""

    def __init__(self, command, log):
        self.process = subprocess.Popen(command, stdout=open(log, "ab"), stderr=subprocess.STDOUT,
                                        stdin=subprocess.DEVNULL, cwd="/")
        self.log = log

    def stop(self, seconds=15):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Proxy(Process):
    def __init__(self, directory, database, *options, at=None):
        self.port, self.admin = at or (free_port(), free_port())
        super().__init__([str(PROXY), "--listen", f"127.0.0.1:{self.port}", "--admin", f"127.0.0.1:{self.admin}",
                          "--database", database, *options], f"{directory}/proxy-{self.port}.log")
        eventually(lambda: status_of(self.admin, "/readyz") == 200, f"the proxy is ready; see {self.log}")

    def metric(self, name, **labels):
        """The sum of a metric's series that have the labels."""
        total = 0.0
        for line in request(self.admin, "GET", "/metrics").text.splitlines():
            if re.match(rf"{name}[{{ ]", line) and all(f'{key}="{value}"' in line for key, value in labels.items()):
                total += float(line.rsplit(" ", 1)[1])
        return total


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = dict((name.lower(), value) for name, value in response.getheaders())
        self.text = response.read().decode()

    @property
    def json(self):
        return json.loads(self.text)


def request(port, method, target, body=None, token=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"authorization": f"Token {token}"} if token else {}
    if body is not None:
        headers["content-type"] = MEDIA_TYPE
    try:
        connection.request(method, target, body=None if body is None else json.dumps(body), headers=headers)
        return Answer(connection.getresponse())
    finally:
        connection.close()


def status_of(port, target):
    try:
        return request(port, "GET", target).status
    except OSError:
        return 0


class Stand:
    """A primary with an inventory of 300 assets, and a key that may edit them."""

    def __init__(self, directory):
        self.directory = directory
        self.processes = []
        self.servers = []
        self.primary = self.add_server(Server(self.make_directory("primary")))
        self.primary.create()
        self.primary.start()
        self.primary.psql("create database inventory", "postgres")
        self.primary.psql(INVENTORY)
        self.token = self.primary.psql("select inventory.issue_api_key(id) from inventory.principal where name = 'growth'")

    def make_directory(self, name):
        path = os.path.join(self.directory, name)
        os.mkdir(path, 0o700)
        if os.geteuid() == 0:
            shutil.chown(path, "postgres", "postgres")
        return path

    def add_server(self, server):
        self.servers.append(server)
        return server

    def add_standby(self):
        standby = self.add_server(self.primary.copy_to(self.make_directory(f"standby-{len(self.servers)}")))
        standby.start()
        return standby

    def run(self, command, name):
        self.processes.append(Process(command, f"{self.directory}/{name}.log"))
        return self.processes[-1]

    def proxy(self, database=None, *options):
        self.processes.append(Proxy(self.directory, database or self.primary.conninfo, *options))
        return self.processes[-1]

    def get(self, port, target=ASSETS):
        return request(port, "GET", target, token=self.token)

    def patch(self, port, number, labels):
        return request(port, "PATCH", f"{ASSETS}/{asset_id(number)}", {"data": {
            "type": "container_images", "id": asset_id(number), "attributes": {"labels": labels}}}, self.token)

    def labels(self, port, number):
        return self.get(port, f"{ASSETS}/{asset_id(number)}").json["data"]["attributes"].get("labels")

    def search(self, port):
        """Makes a search and reads its results."""
        made = request(port, "POST", f"{ASSETS}/searches", {"data": {"type": "searches", "attributes": {
            "filter": "class==A", "meta_count": "with"}}}, self.token)
        expect(made.status == 302, f"a search was made: {made.status} {made.text}")
        location = urllib.parse.urlsplit(made.headers["location"])
        return self.get(port, f"{location.path}?{location.query}")

    def mixed_requests(self, port, count, threads=8):
        """Reads, updates and searches at once; returns what was wrong with the answers."""

        def one(number):
            try:
                if number % 20 == 0:
                    answer = self.search(port)
                    good = answer.status == 200 and answer.json["meta"]["count"] == 75
                elif number % 3 == 0:
                    answer = self.patch(port, number % 300 + 1, [f"n{number}"])
                    good = answer.status == 200 and answer.json["data"]["attributes"]["labels"] == [f"n{number}"]
                else:
                    wanted = asset_id(number % 300 + 1)
                    answer = self.get(port, f"{ASSETS}/{wanted}")
                    good = answer.status == 200 and answer.json["data"]["id"] == wanted
                return None if good else f"{number}: {answer.status} {answer.text[:300]}"
            except (OSError, http.client.HTTPException) as error:
                return f"{number}: {error!r}"

        with concurrent.futures.ThreadPoolExecutor(threads) as pool:
            return [trouble for trouble in pool.map(one, range(1, count + 1)) if trouble]

    def close(self):
        for process in reversed(self.processes):
            process.stop()
        for server in reversed(self.servers):
            if server.is_running():
                server.stop("immediate")


@contextlib.contextmanager
def stand():
    with tempfile.TemporaryDirectory(prefix="growth-", dir="/var/tmp", ignore_cleanup_errors=True) as directory:
        os.chmod(directory, 0o755)
        made = Stand.__new__(Stand)
        made.processes, made.servers = [], []
        try:
            made.__init__(directory)
            yield made
        finally:
            made.close()


def main(names):
    """Runs the tests of a file on one stand, in their order; they build on each other's state at their own risk."""
    passed = failed = 0
    with stand() as made:
        for name, test in list(names.items()):
            if not name.startswith("test_"):
                continue
            try:
                test(made)
                passed += 1
            except Exception:  # pylint: disable=broad-except
                failed += 1
                print(f"FAILED {name}\n{traceback.format_exc()}")
    print(f"{passed} passed, {failed} failed")
    return failed > 0
