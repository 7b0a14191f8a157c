#!/usr/bin/env python3
"""What the proxy does when something breaks, with real processes.

Usage: proxy_faults.py PROXY [--soak SECONDS] [NAME...]

PROXY is the binary. The script makes a private PostgreSQL cluster in a temporary
directory, fills it from proxy_stand_in.sql, and starts a proxy for each test; NAME
picks tests. --soak runs load and faults by turns for that long. Standard library
only. Prints what was measured and `N passed, M failed`.
"""

import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
RESET = struct.pack("ii", 1, 0)


def expect(condition, text):
    if not condition:
        raise AssertionError(text)


def as_postgres(command):
    if os.geteuid() != 0:
        return command
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] + command


class Cluster:
    def __init__(self, directory):
        self.bin = subprocess.run([os.environ.get("PG_CONFIG", "pg_config"), "--bindir"], check=True, capture_output=True,
                                  text=True).stdout.strip()
        self.directory = directory
        self.data = os.path.join(directory, "data")
        os.chmod(directory, 0o755)
        if os.geteuid() == 0:
            shutil.chown(directory, "postgres", "postgres")
        self.run("initdb", "-D", self.data, "-A", "trust", "-U", "postgres", "--no-sync")
        with open(os.path.join(self.data, "postgresql.conf"), "a", encoding="utf-8") as conf:
            conf.write(f"listen_addresses=''\nunix_socket_directories='{directory}'\nfsync=off\n"
                       "max_connections=100\nlog_statement=all\nlog_min_duration_statement=0\n")
        self.start()
        with open(os.path.join(HERE, "proxy_stand_in.sql"), encoding="utf-8") as sql:
            self.psql(sql.read())

    def run(self, program, *arguments, **options):
        return subprocess.run(as_postgres([os.path.join(self.bin, program), *arguments]), check=True,
                              stdout=subprocess.PIPE, text=True, cwd="/", **options).stdout

    def start(self, *options):
        self.run("pg_ctl", "-D", self.data, "-l", self.log(), "-w", *options, "start")

    def stop(self, mode="fast"):
        self.run("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop")

    def log(self):
        return os.path.join(self.directory, "log")

    def psql(self, sql):
        return self.run("psql", "-h", self.directory, "-U", "postgres", "-X", "-q", "-At", "-v",
                        "ON_ERROR_STOP=1", "-f", "-", input=sql).strip()

    def postmaster(self):
        with open(os.path.join(self.data, "postmaster.pid"), encoding="utf-8") as lines:
            return int(lines.readline())

    def processes(self):
        children = subprocess.run(["pgrep", "-P", str(self.postmaster())], stdout=subprocess.PIPE,
                                  text=True, check=False).stdout.split()
        return [self.postmaster()] + [int(child) for child in children]

    def sessions(self, condition="true"):
        return int(self.psql("select count(*) from pg_stat_activity where application_name = "
                             f"'asset-inventory-proxy' and {condition}"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Proxy:
    def __init__(self, *options, wait=True, database=None, **popen):
        self.port, self.admin = free_port(), free_port()
        self.log = tempfile.NamedTemporaryFile(delete=False)
        self.command = [PROXY, "--listen", f"127.0.0.1:{self.port}", "--admin", f"127.0.0.1:{self.admin}",
                        "--database", database or f"host={CLUSTER.directory} user=postgres dbname=postgres", *options]
        self.start(**popen)
        if wait:
            wait_until(self.is_ready, 5, "ready")

    def start(self, **popen):
        self.process = subprocess.Popen(self.command, stderr=self.log, **popen)

    def is_ready(self):
        return self.page("/readyz")[0] == 200

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.unlink(self.log.name)

    def page(self, path):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.admin, timeout=5)
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except OSError:
            return 0, ""

    def metric(self, name):
        return sum(float(line.rsplit(" ", 1)[1]) for line in self.page("/metrics")[1].splitlines()
                   if line.startswith("inventory_proxy_" + name))

    def ask(self, target, method="GET", headers=None, timeout=30):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, target, headers=headers or {})
            answer = connection.getresponse()
            answer.text = answer.read().decode()
            return answer
        finally:
            connection.close()

    def send(self, target, method="GET"):
        client = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        client.sendall(f"{method} {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        return client

    def log_text(self):
        with open(self.log.name, encoding="utf-8") as lines:
            return lines.read()


def wait_until(condition, seconds, what):
    began = time.monotonic()
    while not condition():
        expect(time.monotonic() - began < seconds, f"not {what} within {seconds} s")
        time.sleep(0.01)
    return time.monotonic() - began


class Load:
    """Clients that read and write and check every answer."""

    def __init__(self, proxy, readers=6, writers=4, pause=0):
        """`pause` in seconds after each answer: an hour's load leaves the machine to others too."""
        self.proxy = proxy
        self.pause = pause
        self.stopping = False
        self.answers = {}
        self.acknowledged = []
        self.tried = set()
        self.wrong = []
        self.last_bad = 0.0
        self.last_bad_answer = None
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.run, args=(i >= readers,), daemon=True)
                        for i in range(readers + writers)]
        for thread in self.threads:
            thread.start()

    def run(self, writes):
        connection = None
        while not self.stopping:
            identity = str(uuid.uuid4())
            target = f"/written?row={identity}" if writes else f"/list?marker={identity}"
            try:
                if connection is None:
                    connection = http.client.HTTPConnection("127.0.0.1", self.proxy.port, timeout=40)
                with self.lock:
                    self.tried.add(identity)
                connection.request("POST" if writes else "GET", target,
                                   headers={"snyk-request-id": identity})
                answer = connection.getresponse()
                document = json.loads(answer.read())
                self.check(answer, document, identity, target, writes)
                time.sleep(self.pause)
            except (OSError, http.client.HTTPException):
                connection = None
                with self.lock:
                    self.answers["broken"] = self.answers.get("broken", 0) + 1
                time.sleep(0.01)

    def check(self, answer, document, identity, target, writes):
        with self.lock:
            self.answers[answer.status] = self.answers.get(answer.status, 0) + 1
            if answer.headers["snyk-request-id"] != identity:
                self.wrong.append(f"{identity} got {answer.headers['snyk-request-id']}")
            if answer.status == 200:
                if document["links"]["self"] != target:
                    self.wrong.append(f"{target} got {document['links']['self']}")
                if writes:
                    self.acknowledged.append(identity)
            else:
                self.last_bad = time.monotonic()
                self.last_bad_answer = document
                if answer.status not in (503, 504):
                    self.wrong.append(f"status {answer.status}: {document}")

    def finish(self):
        self.stopping = True
        for thread in self.threads:
            thread.join(timeout=60)
        rows = CLUSTER.psql("select id from inventory.written").split()
        expect(not self.wrong, f"{len(self.wrong)} wrong answers: {self.wrong[:3]}")
        expect(len(rows) == len(set(rows)), "a write ran twice")
        missing = set(self.acknowledged) - set(rows)
        expect(not missing, f"{len(missing)} acknowledged writes are missing")
        CLUSTER.psql("truncate inventory.written")
        return self.answers

    def recovery(self, end):
        """Seconds from `end` of a fault to the last answer that was not 200."""
        return max(0.0, self.last_bad - end)


def under_fault(proxy, fault):
    load = Load(proxy)
    time.sleep(0.5)
    end = fault()
    time.sleep(1.5)
    recovery = load.recovery(end)
    answers = load.finish()
    print(f"    answers {answers}, recovered {recovery:.2f} s after the end")
    expect(recovery < 1, f"recovery took {recovery:.2f} s")
    expect(answers.get(200, 0) > 100, "hardly anything was served")
    return answers


def restart_server():
    CLUSTER.stop()
    time.sleep(1)
    CLUSTER.start()
    return time.monotonic()


def crash_backend():
    backend = CLUSTER.psql("select pid from pg_stat_activity where application_name = "
                           "'asset-inventory-proxy' limit 1")
    os.kill(int(backend), signal.SIGKILL)
    def is_up():
        try:
            CLUSTER.psql("select 1")
            return True
        except subprocess.CalledProcessError:
            return False
    time.sleep(0.1)
    wait_until(is_up, 10, "restarted")
    return time.monotonic()


def terminate_all():
    CLUSTER.psql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = "
                 "'asset-inventory-proxy'")
    return time.monotonic()


def freeze_server(seconds):
    frozen = CLUSTER.processes()
    for process in frozen:
        os.kill(process, signal.SIGSTOP)
    time.sleep(seconds)
    for process in frozen:
        os.kill(process, signal.SIGCONT)
    return time.monotonic()


def test_server_restarts_under_load():
    with Proxy() as proxy:
        under_fault(proxy, restart_server)


def test_backend_crashes():
    with Proxy() as proxy:
        under_fault(proxy, crash_backend)


def test_all_sessions_are_terminated():
    with Proxy() as proxy:
        under_fault(proxy, terminate_all)


def test_server_freezes_past_the_deadline():
    with Proxy("--deadline-read", "500ms", "--deadline-write", "500ms") as proxy:
        under_fault(proxy, lambda: freeze_server(4))


def kill_proxy(proxy):
    """Without a word to anyone; a new one takes its place after half a second."""
    proxy.process.kill()
    proxy.process.wait()
    time.sleep(0.5)
    proxy.start()
    took = wait_until(lambda: proxy.is_ready() and proxy.ask("/x").status == 200, 1, "serving again")
    print(f"    serving {took:.2f} s after it was started")
    return time.monotonic()


def test_proxy_is_killed_under_load():
    with Proxy() as proxy:
        broken = under_fault(proxy, lambda: kill_proxy(proxy)).get("broken", 0)
        expect(broken > 0, "no connection broke: nothing was tested")


class SmallDisk:
    """A file system of 16 MB that holds the table of the writes."""

    def __init__(self):
        self.directory = os.path.join(DIRECTORY, "disk")
        self.filler = os.path.join(self.directory, "filler")
        os.makedirs(self.directory, exist_ok=True)

    def mount(self):
        """Why it cannot be had, or nothing."""
        result = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m,mode=755", "tmpfs", self.directory],
                                capture_output=True, text=True, check=False)
        if result.returncode:
            return result.stderr.strip()
        if os.geteuid() == 0:
            shutil.chown(self.directory, "postgres", "postgres")
        CLUSTER.psql(f"create tablespace small location '{self.directory}'")
        CLUSTER.psql("alter table inventory.written set tablespace small")
        CLUSTER.psql("alter table inventory.written alter id set storage plain")
        return None

    def unmount(self):
        self.free()
        CLUSTER.psql("alter table inventory.written set tablespace pg_default")
        CLUSTER.psql("checkpoint")  # lets go of the files
        CLUSTER.psql("drop tablespace small")
        subprocess.run(["umount", self.directory], check=True)

    def fill(self):
        try:
            with open(self.filler, "wb", buffering=0) as filler:
                while filler.write(b"\0" * 4096):
                    pass
        except OSError:
            pass  # which is how a full disk is told

    def free(self):
        if os.path.exists(self.filler):
            os.unlink(self.filler)


def run_out_of_disk(proxy, disk):
    def write():  # a row that fills a page
        return proxy.ask("/written?row=" + uuid.uuid4().hex.ljust(8080, "x"), "POST")
    disk.fill()
    wait_until(lambda: write().status == 503, 10, "full")
    for answer in [write() for _ in range(20)]:
        expect(answer.status == 503, f"a write without room for it was answered {answer.status}")
        expect(json.loads(answer.text)["errors"][0]["code"] == "busy", "no error document")
    expect([proxy.ask("/x").status for _ in range(50)] == [200] * 50, "reads do not go on")
    # The load's rows are small: for a while there is room for them in the last page.
    refused = proxy.metric("database_errors_total")
    wait_until(lambda: proxy.metric("database_errors_total") > refused + 20, 10, "full for the load")
    time.sleep(1)
    disk.free()
    return time.monotonic()


def test_disk_is_full_under_load():
    disk = SmallDisk()
    obstacle = disk.mount()
    if obstacle:
        print(f"    skipped, for no small file system can be mounted here: {obstacle}")
        return
    try:
        with Proxy() as proxy:
            answers = under_fault(proxy, lambda: run_out_of_disk(proxy, disk))
            expect(answers.get(503, 0) > 10, "no write met the full disk")
            expect("broken" not in answers, "connections broke")
    finally:
        disk.unmount()


def write_private(path, text):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def change_password(passfile, proxy):
    """The role first; the file follows when an attempt to connect has been refused."""
    CLUSTER.psql("alter role gate password 'new'")
    terminate_all()
    wait_until(lambda: "password authentication failed" in proxy.log_text(), 20, "refused")
    write_private(passfile, "*:*:*:gate:new\n")
    return time.monotonic()


def test_password_is_changed_under_load():
    passfile = os.path.join(DIRECTORY, "passfile")
    rules = os.path.join(CLUSTER.data, "pg_hba.conf")
    with open(rules, encoding="utf-8") as file:
        before = file.read()
    CLUSTER.psql("create role gate superuser login password 'old'")
    write_private(passfile, "*:*:*:gate:old\n")
    with open(rules, "w", encoding="utf-8") as file:
        file.write("local all gate scram-sha-256\n" + before)
    CLUSTER.psql("select pg_reload_conf()")
    try:
        with Proxy(database=f"host={CLUSTER.directory} user=gate dbname=postgres passfile={passfile}") as proxy:
            under_fault(proxy, lambda: change_password(passfile, proxy))
            text = proxy.log_text()
            expect("old" not in text and ":new" not in text, "a password is in the log")
    finally:
        with open(rules, "w", encoding="utf-8") as file:
            file.write(before)
        CLUSTER.psql("select pg_reload_conf(); drop role gate")


def starve_of_connections():
    CLUSTER.stop()
    CLUSTER.start("-o", "-c max_connections=8")
    time.sleep(1)
    CLUSTER.stop()
    CLUSTER.start()
    return time.monotonic()


def test_server_has_too_few_connections():
    with Proxy() as proxy:
        under_fault(proxy, starve_of_connections)


def test_a_failed_commit_is_no_success():
    with Proxy() as proxy:
        for _ in range(20):
            expect(proxy.ask("/x?commit=fail", "POST").status == 500, "acknowledged")
            expect(proxy.ask("/x", "POST").status == 200, "the session is unusable")
        expect("connection\"" not in proxy.log_text(), "a session was lost")


def test_deadline():
    with Proxy("--deadline-read", "300ms") as proxy:
        began = time.monotonic()
        answer = proxy.ask("/x?sleep=5")
        expect(answer.status == 504 and time.monotonic() - began < 1, f"{answer.status}")
        expect(json.loads(answer.text)["errors"][0]["code"] == "deadline-exceeded", "code")


def test_client_that_resets_is_cancelled():
    with Proxy() as proxy:
        for round_ in range(20):
            client = proxy.send(f"/slow/1?sleep=8&round={round_}")
            wait_until(lambda: CLUSTER.sessions("state = 'active'") > 0, 2, "running")
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            client.close()
            # The next requests must not be hit by the cancel that is under way.
            for _ in range(8):
                expect(proxy.ask("/slow/2?sleep=0.001").status == 200, "hit by a cancel")
            wait_until(lambda: CLUSTER.sessions("state = 'active'") == 0, 1, "cancelled")
        expect(proxy.metric("cancels_total") == 20, "cancels")


class Forwarder:
    """TCP before the cluster; swallows requests to cancel, as a dead host or a firewall does."""
    CANCEL = struct.pack("!ii", 16, 80877102)

    def __init__(self):
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.swallowed = []
        self.in_thread(self.accept)

    @staticmethod
    def in_thread(function, *arguments):
        threading.Thread(target=function, args=arguments, daemon=True).start()

    def accept(self):
        while True:
            self.in_thread(self.serve, self.listening.accept()[0])

    def serve(self, client):
        first = client.recv(65536)
        if first.startswith(self.CANCEL):
            self.swallowed.append(client)
            return
        server = socket.socket(socket.AF_UNIX)
        server.connect(os.path.join(CLUSTER.directory, ".s.PGSQL.5432"))
        server.sendall(first)
        self.in_thread(self.pump, server, client)
        self.pump(client, server)

    @staticmethod
    def pump(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            pass
        # After a reset too, or the session behind a killed proxy stays for ever.
        try:
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def test_cancels_that_do_not_come_back():
    forwarder = Forwarder()
    with Proxy(database=f"host=127.0.0.1 port={forwarder.port} user=postgres dbname=postgres "
                        "sslmode=disable gssencmode=disable") as proxy:
        clients = [proxy.send("/x?sleep=0.3", "POST") for _ in range(8)]
        wait_until(lambda: CLUSTER.sessions("state = 'active'") == 8, 2, "running")
        for client in clients:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            client.close()
        wait_until(lambda: forwarder.swallowed, 2, "cancelled")
        began = time.monotonic()
        expect(proxy.ask("/x", "POST").status == 200, "the lane waits for the cancels")
        print(f"    all eight sessions were back after {time.monotonic() - began:.2f} s")


def test_what_slow_readers_hold_is_bounded():
    with Proxy("--max-held", "30m") as proxy:
        readers = []
        for _ in range(12):
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", proxy.port))
            client.sendall(b"GET /x?size=10000000 HTTP/1.1\r\nHost: a\r\n\r\n")
            readers.append(client)
        wait_until(lambda: proxy.metric('refused_connections_total{reason="held"') >= 9, 5, "shed")
        expect(proxy.metric("client_connections") >= 3, "more were shed than had to be")  # the admin's is one
        expect(proxy.ask("/x").status == 200, "others are not served")
        client = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=10)
        client.request("GET", "/x?size=10000000")
        expect(len(client.getresponse().read()) > 10000000, "one who reads did not get all")


def test_half_closed_client_is_not_cancelled():
    with Proxy() as proxy:
        client = proxy.send("/slow/1?sleep=0.3")
        client.shutdown(socket.SHUT_WR)
        expect(client.recv(100).startswith(b"HTTP/1.1 200"), "no answer")
    with Proxy("--cancel-on-fin") as proxy:
        client = proxy.send("/slow/1?sleep=8")
        wait_until(lambda: CLUSTER.sessions("state = 'active'") > 0, 2, "running")
        client.close()
        wait_until(lambda: CLUSTER.sessions("state = 'active'") == 0, 1, "cancelled")


def test_slow_requests_do_not_hold_up_others():
    with Proxy() as proxy:
        slow = [proxy.send("/slow/1?sleep=2") for _ in range(10)]
        times = []
        connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=10)
        for _ in range(500):
            began = time.monotonic()
            connection.request("GET", "/fast")
            connection.getresponse().read()
            times.append(time.monotonic() - began)
        for client in slow:
            client.close()
        p99 = sorted(times)[-5]
        print(f"    p99 beside 10 slow requests {p99 * 1000:.2f} ms")
        expect(p99 < 0.05, f"p99 {p99}")


def test_heavy_requests_do_not_hold_up_others():
    """Told apart from the others of their route by their parameters."""
    with Proxy() as proxy:
        heavy = [proxy.send("/fast?sleep=20") for _ in range(10)]
        wait_until(lambda: CLUSTER.sessions("state = 'active'") == 4, 1, "running")
        for _ in range(100):
            expect(proxy.ask("/fast").status == 200, "beside heavy requests")
        expect(CLUSTER.sessions("state = 'active'") == 4, "the others waited until a heavy one had ended")
        for client in heavy:
            client.close()


def test_queue_is_bounded():
    with Proxy("--queue-length", "5", "--queue-time", "500ms") as proxy:
        clients = [proxy.send(f"/slow/{i}?sleep=2") for i in range(30)]
        answers = []
        began = time.monotonic()
        for client in reversed(clients):
            answers.append(client.recv(65536))
        statuses = sorted(answer.split(b" ")[1] for answer in answers)
        expect(statuses.count(b"200") == 4 and statuses.count(b"503") == 26, f"{statuses}")
        expect(all(b"retry-after: 1\r\n" in a for a in answers if b" 503 " in a), "retry-after")
        expect(time.monotonic() - began < 4, "time")


def test_drain():
    with Proxy("--drain", "5s") as proxy:
        idle = socket.create_connection(("127.0.0.1", proxy.port))
        client = proxy.send("/slow/1?sleep=1")
        time.sleep(0.2)
        proxy.process.send_signal(signal.SIGTERM)
        wait_until(lambda: proxy.page("/readyz")[0] == 503, 0.5, "unready")
        expect(idle.recv(10) == b"", "the idle connection is open")
        try:
            socket.create_connection(("127.0.0.1", proxy.port)).close()
            raise AssertionError("still accepts")
        except ConnectionRefusedError:
            pass
        answer = client.recv(65536)
        expect(answer.startswith(b"HTTP/1.1 200") and b"connection: close" in answer, "in flight")
        expect(proxy.process.wait(timeout=2) == 0, "exit status")


def test_drain_has_an_end():
    with Proxy("--drain", "500ms") as proxy:
        proxy.send("/slow/1?sleep=20")
        time.sleep(0.1)
        proxy.process.send_signal(signal.SIGTERM)
        expect(proxy.process.wait(timeout=2) == 0, "exit status")


def test_hand_over_without_a_refused_connection():
    with Proxy() as first:
        load = Load(first, 4, 0)
        second = subprocess.Popen([*first.process.args], stderr=subprocess.DEVNULL)
        try:
            time.sleep(1)
            first.process.send_signal(signal.SIGTERM)
            first.process.wait(timeout=5)
            time.sleep(0.5)
            answers = load.finish()
            print(f"    answers {answers}")
            expect(answers.get("broken", 0) <= 4, "connections were refused")
        finally:
            second.kill()
            second.wait()


def test_dead_proxy_leaves_no_work_behind():
    with Proxy() as proxy:
        proxy.send("/slow/1?sleep=30")
        wait_until(lambda: CLUSTER.sessions("state = 'active'") > 0, 2, "running")
        proxy.process.kill()
        # Well before the statement would end by itself.
        wait_until(lambda: CLUSTER.sessions() == 0, 5, "gone")


def test_database_away_at_the_start():
    CLUSTER.stop()
    try:
        with Proxy("--queue-time", "300ms", wait=False) as proxy:
            wait_until(lambda: proxy.page("/livez")[0] == 200, 2, "alive")
            expect(proxy.page("/readyz")[0] == 503, "ready without a database")
            answer = proxy.ask("/x")
            expect(answer.status == 503 and answer.headers["retry-after"] == "1", "503")
            CLUSTER.start()
            took = wait_until(lambda: proxy.page("/readyz")[0] == 200, 2, "ready")
            print(f"    ready {took:.2f} s after the server")
    finally:
        if not os.path.exists(os.path.join(CLUSTER.data, "postmaster.pid")):
            CLUSTER.start()


def test_changed_result_type():
    with Proxy() as proxy:
        expect([proxy.ask("/x", m).status for m in ("GET", "POST") * 8] == [200] * 16, "before")
        CLUSTER.psql("""
            alter function inventory.rest rename to rest_before;
            create type inventory.wider as (status bigint, headers text, body text);
            create function inventory.rest(text, text, text, bytea) returns inventory.wider
            language sql as 'select status::bigint, headers, body from inventory.rest_before($1, $2, $3, $4)'""")
        try:
            expect([proxy.ask("/x", m).status for m in ("GET", "POST") * 12] == [200] * 24, "after")
            expect(proxy.metric("retries_total") > 0, "no session was stale: nothing was tested")
        finally:
            CLUSTER.psql("drop function inventory.rest; drop type inventory.wider;"
                         "alter function inventory.rest_before rename to rest")


def test_no_prepare():
    with Proxy("--no-prepare") as proxy:
        expect([proxy.ask("/x").status for _ in range(20)] == [200] * 20, "reads")
        expect(proxy.ask("/x", "POST").status == 200, "write")
        expect(CLUSTER.psql("select count(*) from pg_stat_activity where query like '%inventory.rest%' "
                            "and application_name = 'asset-inventory-proxy'") != "0", "sessions")


def test_replica_and_its_absence():
    here = f"host={CLUSTER.directory} user=postgres dbname=postgres"
    with Proxy("--database-replica", here + " application_name=replica") as proxy:
        expect(proxy.ask("/x").status == 200, "read")
        wait_until(lambda: CLUSTER.psql("select count(*) from pg_stat_activity where application_name = 'replica'")
                   == "7", 2, "three sessions to read and four for what is heavy at the replica")
        # What a replica refuses goes to the primary.
        expect(proxy.ask("/x?raise=25006").status == 500, "25006")
        expect(proxy.metric("retries_total") == 1, "no second attempt at the primary")
        expect(proxy.ask("/fast?sleep=0&raise=25006").status == 500, "25006 of what is heavy")
        expect(proxy.metric("retries_total") == 2, "no second attempt at the primary's heavy lane")
    with Proxy("--database-replica", "host=/nowhere") as proxy:
        expect(proxy.ask("/x").status == 200, "no primary for a read")


def test_rate_and_reload():
    with tempfile.NamedTemporaryFile("w", suffix=".conf", delete=False) as conf:
        conf.write("rate = 5/min\n")
    try:
        with Proxy("--config", conf.name) as proxy:
            key = {"Authorization": "Token k1"}
            answers = [proxy.ask("/x", headers=key) for _ in range(6)]
            expect([a.status for a in answers] == [200] * 5 + [429], "statuses")
            expect(answers[0].headers["ratelimit-limit"] == "5", "limit")
            expect(answers[0].headers["ratelimit-remaining"] == "4", "remaining")
            expect(1 <= int(answers[5].headers["retry-after"]) <= 12, "retry-after")
            expect(proxy.ask("/x", headers={"Authorization": "Token k2"}).status == 200, "another key")
            with open(conf.name, "w", encoding="utf-8") as changed:
                changed.write("rate = off\n")
            proxy.process.send_signal(signal.SIGHUP)
            wait_until(lambda: "reloaded" in proxy.log_text(), 2, "reloaded")
            expect(proxy.ask("/x", headers=key).status == 200, "still limited")
            with open(conf.name, "w", encoding="utf-8") as changed:
                changed.write("rait = off\n")
            proxy.process.send_signal(signal.SIGHUP)
            wait_until(lambda: "configuration kept" in proxy.log_text(), 2, "kept")
            expect(proxy.ask("/x").status == 200, "serving")
    finally:
        os.unlink(conf.name)


def test_configuration():
    def check(*arguments, **environment):
        return subprocess.run([PROXY, "--check-config", *arguments], capture_output=True, text=True,
                              check=False, env={**os.environ, **environment})
    expect(check("--database", "dbname=x").returncode == 0, "valid")
    expect(check().returncode == 2, "no database")
    expect(check(ASSET_INVENTORY_PROXY_DATABASE="dbname=x").returncode == 0, "environment")
    expect(check("--database", "dbname=x", ASSET_INVENTORY_PROXY_RAIT="x").returncode == 2, "unknown variable")
    for bad in (("--rate", "5"), ("--lane-read", "3"), ("--drain", "5 years"), ("--max-body", "-1"),
                ("--workers", "0"), ("--log-level", "loud"), ("--nonsense", "1"), ("--database-replica", "hots=a")):
        result = check("--database", "dbname=x", *bad)
        expect(result.returncode == 2 and bad[0].lstrip("-") in result.stderr, f"{bad}: {result.stderr}")


def test_the_manual_names_every_option():
    help_text = subprocess.run([PROXY, "--help"], capture_output=True, text=True, check=True).stdout
    with open(os.path.join(HERE, "..", "..", "docs", "operations.md"), encoding="utf-8") as manual:
        rows = "".join(line for line in manual if line.startswith("| "))
    rows = rows.replace("| deadline-read, -write, -slow, -heavy |",
                        "| deadline-read | deadline-write | deadline-slow | deadline-heavy |")
    for name in re.findall(r"^  --([a-z-]+)", help_text, re.MULTILINE):
        expect(name in ("help", "version", "config", "check-config") or f"| {name} |" in rows, f"--{name} is not there")


def test_listening_on_a_unix_socket():
    path = os.path.join(DIRECTORY, "http")
    process = subprocess.Popen([PROXY, "--listen", f"unix:{path}", "--workers", "2", "--database",
                                f"host={CLUSTER.directory} user=postgres dbname=postgres"],
                               stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: os.path.exists(path), 2, "listening")
        for _ in range(20):
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(path)
                client.sendall(b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                expect(client.recv(100).startswith(b"HTTP/1.1 200"), "answer")
    finally:
        process.kill()
        process.wait()


def test_socket_activation():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        def hand_over():
            os.dup2(listening.fileno(), 3)
            os.set_inheritable(3, True)
            os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
            os.execv(PROXY, [PROXY, "--database",
                             f"host={CLUSTER.directory} user=postgres dbname=postgres", "--log-level", "error"])
        child = os.fork()
        if child == 0:
            hand_over()
        try:
            with socket.create_connection(listening.getsockname(), timeout=5) as client:
                client.sendall(b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
                expect(client.recv(100).startswith(b"HTTP/1.1 200"), "answer")
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def test_too_many_clients():
    with Proxy("--max-connections", "10", "--max-per-address", "8") as proxy:
        crowd = [socket.create_connection(("127.0.0.1", proxy.port)) for _ in range(8)]
        time.sleep(0.1)
        answer = proxy.ask("/x")
        expect(answer.status == 503 and answer.headers["connection"] == "close", "503")
        for client in crowd:
            client.close()
        wait_until(lambda: proxy.ask("/x").status == 200, 1, "free again")
        expect(proxy.metric("refused_connections_total") >= 1, "metric")


def test_slow_clients_are_timed_out():
    with Proxy("--head-time", "500ms", "--body-time", "500ms", "--idle-time", "500ms") as proxy:
        for data, status in ((b"GET / HT", b"408"), (b"", b""),
                             (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab", b"408")):
            with socket.create_connection(("127.0.0.1", proxy.port), timeout=3) as client:
                client.sendall(data)
                answer = client.recv(65536)
                expect(answer[9:12] == status, f"{data!r}: {answer!r}")


def test_out_of_descriptors():
    limit = lambda: __import__("resource").setrlimit(__import__("resource").RLIMIT_NOFILE, (60, 60))
    with Proxy(preexec_fn=limit) as proxy:
        crowd = [socket.create_connection(("127.0.0.1", proxy.port)) for _ in range(60)]
        time.sleep(0.5)
        with open(f"/proc/{proxy.process.pid}/stat", encoding="utf-8") as stat:
            before = sum(map(int, stat.read().split()[13:15]))
        time.sleep(0.5)
        with open(f"/proc/{proxy.process.pid}/stat", encoding="utf-8") as stat:
            spent = sum(map(int, stat.read().split()[13:15])) - before
        expect(spent < 10, f"spins: {spent} ticks in half a second")
        for client in crowd:
            client.close()
        wait_until(lambda: proxy.ask("/x").status == 200, 2, "serving again")


def test_the_key_is_in_no_log():
    with Proxy("--log-redact") as proxy:
        key = "secret-" + uuid.uuid4().hex
        proxy.ask("/x?filter=private-" + key, headers={"Authorization": "Token " + key})
        proxy.ask("/x?raise=XX000", headers={"Authorization": "Bearer " + key})
        time.sleep(0.5)
        expect('"status":200' in proxy.log_text(), "no line for the request")
        expect(key not in proxy.log_text(), "in the proxy's log")
    with open(CLUSTER.log(), encoding="utf-8", errors="replace") as log:
        text = log.read().replace("private-" + key, "")
    expect("x-inventory-key-sha256" in text and key not in text, "in the server's log")


def test_memory_at_1000_connections():
    with Proxy() as proxy:
        crowd = [http.client.HTTPConnection("127.0.0.1", proxy.port) for _ in range(1000)]
        for connection in crowd:
            connection.request("GET", "/x?size=4000")
        for connection in crowd:
            expect(connection.getresponse().read(), "answer")
        with open(f"/proc/{proxy.process.pid}/status", encoding="utf-8") as status:
            resident = int(next(line for line in status if line.startswith("VmRSS")).split()[1])
        print(f"    resident {resident / 1024:.1f} MB")
        expect(resident < 40 * 1024, "over 40 MB")


def soak(seconds):
    """Load without end, and a fault every ten seconds; the proxy is killed once, at the start."""
    faults = {"restart": restart_server, "crash of a backend": crash_backend, "sessions terminated": terminate_all,
              "too few connections": starve_of_connections, "frozen server": lambda: freeze_server(2)}
    disk = SmallDisk()
    obstacle = disk.mount()
    try:
        with Proxy() as proxy:
            if obstacle:
                print(f"    the disk is never full, for no small file system can be mounted here: {obstacle}")
            else:
                faults["full disk"] = lambda: run_out_of_disk(proxy, disk)
            kill_proxy(proxy)
            sizes = []
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                soak_round(proxy, list(faults.items()), sizes, until)
            print(f"    {len(sizes)} faults, retries {proxy.metric('retries_total'):.0f}, "
                  f"resident {sizes[0]:.1f} to {sizes[-1]:.1f} MB")
            expect(sizes[-1] < 1.5 * sizes[0] + 10, "memory grows")
    finally:
        if not obstacle:
            disk.unmount()


def soak_round(proxy, faults, sizes, until):
    """Six faults; then every acknowledged write is looked for, and the table emptied before it fills the disk."""
    load = Load(proxy, pause=0.02)
    for name, fault in random.choices(faults, k=6):
        time.sleep(7)
        end = fault()
        time.sleep(2)
        with open(f"/proc/{proxy.process.pid}/status", encoding="utf-8") as status:
            sizes.append(int(next(line for line in status if line.startswith("VmRSS")).split()[1]) / 1024)
        recovery = load.recovery(end)
        print(f"    {name}: recovered {recovery:.2f} s after its end, resident {sizes[-1]:.1f} MB", flush=True)
        expect(recovery < 1, f"recovery took {recovery:.2f} s: {load.last_bad_answer}")
        if time.monotonic() > until:
            break
    print(f"    answers {load.finish()}", flush=True)


def main():
    arguments = sys.argv[2:]
    seconds = 0
    if "--soak" in arguments:
        at = arguments.index("--soak")
        seconds = float(arguments[at + 1])
        del arguments[at:at + 2]
    tests = [(name[5:], function, ()) for name, function in globals().items()
             if name.startswith("test_") and (not arguments or name[5:] in arguments)]
    if seconds:
        tests = [("soak", soak, (seconds,))]
    passed = failed = 0
    for name, function, parameters in tests:
        began = time.monotonic()
        try:
            function(*parameters)
            passed += 1
            print(f"ok     {name} ({time.monotonic() - began:.1f} s)", flush=True)
        except Exception as error:  # pylint: disable=broad-except
            failed += 1
            print(f"FAILED {name}: {type(error).__name__}: {error}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    PROXY = os.path.abspath(sys.argv[1])
    DIRECTORY = tempfile.mkdtemp(prefix="proxy_faults_")
    CLUSTER = Cluster(DIRECTORY)
    try:
        code = main()
    finally:
        CLUSTER.stop("immediate")
        shutil.rmtree(DIRECTORY)
    sys.exit(code)
