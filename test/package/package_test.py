#!/usr/bin/env python3
"""Installs, uses, upgrades, removes and purges the packages of build/deb, then builds and installs the PGXN archive.

Runs in test/package/sandbox, after make deb and make dist: the tests are one story, in the order of the file, and
change the machine that they see. Prints `N passed, M failed`.
"""
import contextlib
import grp
import http.client
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
import traceback

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
VERSION = json.loads((ROOT / "META.json").read_text())["version"]
PROXY = "asset-inventory-proxy"
EXTENSION = "postgresql-15-asset-inventory"
LOADER = "asset-inventory-load"
CONF = pathlib.Path(f"/etc/{PROXY}/{PROXY}.conf")
UNIT = pathlib.Path(f"/lib/systemd/system/{PROXY}.service")
SERVER = pathlib.Path("/usr/lib/postgresql/15/bin")
# Not there where tools/docs-page had no npm: the proxy has a plain page then.
PAGE = pathlib.Path(f"/usr/share/{PROXY}/docs/index.html")
CLUSTER = pathlib.Path("/var/lib/postgresql/package-test")


def run(*command, user=None, expected=0, **options):
    """The output of a command, standard error included."""
    if user:
        command = ("setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", *command)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                          env={**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}, **options)
    assert done.returncode == expected, f"{' '.join(map(str, command))}: status {done.returncode}: {done.stdout[-2000:]}"
    return done.stdout


def psql(statement, user="postgres", database="inventory"):
    return run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", "/run/postgresql", "-d", database, "-c", statement,
               user=user, cwd="/").strip()


def package(name):
    return ROOT / f"build/deb/{name}_{VERSION}_{run('dpkg', '--print-architecture').strip()}.deb"


def state(name):
    return run("dpkg-query", "-W", "-f", "${db:Status-Status}", name)


def ours():
    """The paths that are named for us. Others come and go: the sandbox shows the living machine below it."""
    for top in ("/bin", "/etc", "/lib", "/usr", "/var", "/srv", "/opt", "/home"):
        for folder, folders, files in os.walk(top):
            if folder in ("/var/lib/dpkg", "/var/tmp") or folder.startswith((str(ROOT), str(CLUSTER))):
                folders.clear()
            else:
                yield from (f"{folder}/{name}" for name in folders + files if re.search("asset[-_]inventory", name))


def get(port, path, key=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    with contextlib.closing(connection):
        connection.request("GET", path, headers={"Authorization": f"Token {key}"} if key else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def await_status(port, path, status, seconds=20):
    end = time.monotonic() + seconds
    seen = None
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            if (seen := get(port, path))[0] == status:
                return
        time.sleep(0.1)
    raise AssertionError(f"{path} on {port}: {seen} instead of {status} within {seconds} s")


@contextlib.contextmanager
def service(**environment):
    """The process that the unit would start: its user, its command line, its notifications."""
    command = re.search(r"^ExecStart=(.*)$", UNIT.read_text(), re.M)[1].split()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0manager")
        manager.settimeout(20)
        process = subprocess.Popen(
            ["setpriv", f"--reuid={PROXY}", f"--regid={PROXY}", "--init-groups", "--no-new-privs",
             "--bounding-set=-all", *command],
            env={"NOTIFY_SOCKET": "@manager", "PATH": "/usr/bin", **environment}, stderr=subprocess.DEVNULL, cwd="/")
        process.told = lambda: manager.recv(4096).decode().split("\n")
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def test_the_packages_install():
    assert PROXY not in {user.pw_name for user in pwd.getpwall()}
    # Of make install, on a machine that people work at; this copy of it is ours.
    for path in map(pathlib.Path, ours()):
        if path.is_file():
            path.unlink()
    run("apt-get", "install", "-y", package(EXTENSION), package(PROXY), package(LOADER))
    assert state(EXTENSION) == state(PROXY) == state(LOADER) == "installed"


def test_the_package_has_the_page_that_was_built():
    assert PAGE.exists() == (ROOT / "build/docs-page/index.html").exists()


def test_the_service_has_a_user_that_cannot_log_in():
    user = pwd.getpwnam(PROXY)
    assert user.pw_uid < 1000 and user.pw_shell == "/usr/sbin/nologin", user


def test_nothing_is_enabled_or_running():
    assert not list(pathlib.Path("/etc/systemd/system").rglob(f"{PROXY}*"))
    assert run("pgrep", "-f", f"^/usr/bin/{PROXY}", expected=1) == ""


def test_the_configuration_is_for_the_service_alone_and_valid():
    mode = CONF.stat()
    assert stat.S_IMODE(mode.st_mode) == 0o640, oct(mode.st_mode)
    assert (mode.st_uid, grp.getgrgid(mode.st_gid).gr_name) == (0, PROXY)
    assert "valid" in run(f"/usr/bin/{PROXY}", "--config", CONF, "--check-config", user=PROXY)
    run("cat", CONF, user="nobody", expected=1)


def test_every_option_of_the_configuration_can_be_uncommented():
    everything = pathlib.Path("/tmp/everything.conf")
    everything.write_text(re.sub(r"^#([a-z-]+ = )", r"\1", CONF.read_text(), flags=re.M))
    assert len(re.findall(r"^[a-z-]+ = ", everything.read_text(), re.M)) > 30
    assert "valid" in run(f"/usr/bin/{PROXY}", "--config", everything, "--check-config")


def test_systemd_takes_the_units():
    assert run("systemd-analyze", "verify", "--man=no", UNIT, UNIT.with_suffix(".socket")).strip() == ""
    exposure = run("systemd-analyze", "security", "--offline=true", "--threshold=20", UNIT)
    assert "Overall exposure level" in exposure


def test_the_manual_is_clean_and_names_every_option():
    for command in (PROXY, LOADER):
        page = run("zcat", f"/usr/share/man/man1/{command}.1.gz")
        warnings = run("groff", "-man", "-ww", "-z", "-Tutf8", input=page)
        assert warnings == "", warnings
        for option in re.findall(r"^ .*?(--[a-z-]+)", run(f"/usr/bin/{command}", "--help"), re.M):
            assert option.replace("-", "\\-") in page, option


def test_bash_completes_options():
    def complete(*words):
        script = (f'source /usr/share/bash-completion/completions/{PROXY}; '
                  f'_asset_inventory_proxy {PROXY} "$1" "$2"; printf "%s\\n" "${{COMPREPLY[@]}}"')
        return run("bash", "-c", script, "bash", *words).split()
    assert complete("--deadline", PROXY) == ["--deadline-read", "--deadline-write", "--deadline-slow", "--deadline-heavy"]
    assert "--config" in complete("--", PROXY)
    assert complete("--", "--listen") == []


def test_zsh_takes_the_completion():
    if shutil.which("zsh"):
        for command in (PROXY, LOADER):
            run("zsh", "-n", f"/usr/share/zsh/vendor-completions/_{command}")


def test_the_extension_serves_through_the_packaged_proxy():
    CLUSTER.mkdir()
    pathlib.Path("/run/postgresql").mkdir()
    for folder in (CLUSTER, "/run/postgresql"):
        shutil.chown(folder, "postgres", "postgres")
    run(SERVER / "initdb", "-D", CLUSTER, "--auth=peer", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
        user="postgres", cwd="/")
    run(SERVER / "pg_ctl", "-D", CLUSTER, "-w", "-s", "-l", CLUSTER / "log", "-o",
        "-c listen_addresses='' -c unix_socket_directories=/run/postgresql -c fsync=off", "start",
        user="postgres", cwd="/")
    psql("create database inventory", database="postgres")
    psql("set client_min_messages = warning; create extension asset_inventory cascade; select inventory.migrate()")
    psql(f'create role "{PROXY}" login in role inventory_proxy')
    tenant = psql("select inventory.create_tenant('t')")
    principal = psql("select inventory.create_principal('p')")
    psql(f"select inventory.grant_role('{principal}', 'tenants/{tenant}', 'editor')")
    key = psql(f"select inventory.issue_api_key('{principal}')")
    psql(f"""select inventory.upsert_assets('tenants/{tenant}', '[{{"registry": "docker.io",
        "repository": "library/nginx", "config_digest": "sha256:{'0' * 64}"}}]')""")
    with service() as process:
        assert process.told() == ["READY=1", "STATUS=Serving"]
        await_status(8081, "/readyz", 200)
        status, body = get(8080, f"/tenants/{tenant}/inventory/assets", key)
        assert status == 200 and [asset["attributes"]["name"] for asset in json.loads(body)["data"]] == ["nginx"]
        status, page = get(8080, "/docs")
        assert status == 200 and ("swagger-ui-bundle.js" in page) == PAGE.exists(), page[:300]
        if PAGE.exists():
            assert get(8080, "/docs/swagger-ui-bundle.js")[0] == 200
        process.send_signal(signal.SIGHUP)
        assert process.told()[0] == "RELOADING=1" and process.told() == ["READY=1"]
        process.send_signal(signal.SIGTERM)
        assert process.told() == ["STOPPING=1", "STATUS=Draining"]
        assert process.wait(20) == 0


def test_the_sockets_of_systemd_are_served():
    if not shutil.which("systemd-socket-activate"):
        return
    command = re.search(r"^ExecStart=(.*)$", UNIT.read_text(), re.M)[1].split()
    with subprocess.Popen(["systemd-socket-activate", "--listen=127.0.0.1:8090", "setpriv", f"--reuid={PROXY}",
                           f"--regid={PROXY}", "--init-groups", *command], stderr=subprocess.DEVNULL, cwd="/") as process:
        try:
            await_status(8090, "/nowhere", 404)
            with contextlib.suppress(ConnectionRefusedError):
                raise AssertionError(f"listen is heard beside the socket: {get(8080, '/nowhere')}")
        finally:
            process.terminate()


def test_an_upgrade_keeps_what_the_operator_changed():
    CONF.write_text(CONF.read_text() + "\n# ours\nlog-level = warn\n")
    CONF.chmod(0o600)
    run("apt-get", "install", "-y", "--reinstall", "-o", "DPkg::Options::=--force-confold", package(PROXY))
    assert CONF.read_text().endswith("# ours\nlog-level = warn\n")
    assert stat.S_IMODE(CONF.stat().st_mode) == 0o600
    assert run("systemd-analyze", "verify", "--man=no", UNIT).strip() == ""


def test_remove_keeps_the_configuration_and_the_data():
    pathlib.Path(f"/var/log/{PROXY}").mkdir()
    run("apt-get", "remove", "-y", PROXY, LOADER, EXTENSION)
    assert state(PROXY) == "config-files"
    assert not pathlib.Path(f"/usr/bin/{PROXY}").exists() and CONF.exists()
    assert psql("select count(*) from inventory.asset") == "1"


def test_purge_leaves_nothing_but_the_user():
    run("apt-get", "purge", "-y", PROXY)
    assert not list(ours()), sorted(ours())
    assert pwd.getpwnam(PROXY)


def test_the_archive_builds_and_installs():
    archive = ROOT / f"build/asset_inventory-{VERSION}.zip"
    run("python3", "-m", "zipfile", "-e", archive, "/tmp")
    source = f"/tmp/asset_inventory-{VERSION}"
    run("make", "-j2", f"PG_CONFIG={SERVER}/pg_config", cwd=source)
    run("make", "install", f"PG_CONFIG={SERVER}/pg_config", cwd=source)
    psql("create database archive", database="postgres")
    psql("set client_min_messages = warning; create extension asset_inventory cascade; select inventory.migrate()",
         database="archive")
    assert psql("select extversion from pg_extension where extname = 'asset_inventory'", database="archive") == VERSION
    # The packages are gone, their inventory is not: what was just installed answers for it.
    assert psql("""select inventory.list_assets('tenants/' || id, meta_count => 'only') -> 'meta' ->> 'count'
        from inventory.scope where kind = 'tenant'""") == "1"
    run("make", "uninstall", f"PG_CONFIG={SERVER}/pg_config", cwd=source)
    assert not list(pathlib.Path("/usr/share/postgresql/15/extension").glob("asset_inventory*"))


def main():
    failed = 0
    names = sys.argv[1:] or [name for name in globals() if name.startswith("test_")]
    for name in names:
        start = time.monotonic()
        try:
            globals()[name]()
            print(f"ok     {name} ({time.monotonic() - start:.1f} s)", flush=True)
        except Exception as failure:  # pylint: disable=broad-except
            failed += 1
            where = traceback.extract_tb(failure.__traceback__)[-1].lineno
            print(f"FAILED {name}, line {where}: {type(failure).__name__}: {failure}", flush=True)
    with contextlib.suppress(Exception):
        run(SERVER / "pg_ctl", "-D", CLUSTER, "-m", "immediate", "stop", user="postgres", cwd="/")
    print(f"{len(names) - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    if pathlib.Path("/run/systemd/system").exists():
        raise SystemExit("run it by test/package/sandbox: it installs and removes packages")
    sys.exit(main())
