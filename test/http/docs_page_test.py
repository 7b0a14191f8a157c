"""The page at /docs, as the proxy serves it and as a reader sees it.

The viewer needs npm and the browser Debian's package chromium; the tests that need what is not there are
skipped, with a line that says so. The plain page that is served without a viewer is always tested.
"""
import atexit
import contextlib
import functools
import gzip
import http.client
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from common import ROOT, check, env, equal, main, nobody

PROXY = ROOT / "build/asset-inventory-proxy"
PAGE = ROOT / "build/docs-page"
NPM = ROOT / "test/npm"
BROWSER = pathlib.Path("/usr/bin/chromium")

suite = contextlib.ExitStack()
atexit.register(suite.close)


# ---- proxies of this suite's own ----------------------------------------------------------------


def command(docs, port, database=env.DATABASE):
    return [
        PROXY, "--listen", f"127.0.0.1:{port}", "--database", database, "--docs", str(docs), "--lane-read", "1x1",
        "--lane-write", "1x1", "--lane-slow", "1x1", "--lane-heavy", "1x1", "--log-level", "error"
    ]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def started(arguments):
    """Runs a proxy and yields its port once it is listened to."""
    port = int(arguments[2].rpartition(":")[2])
    with subprocess.Popen(arguments) as process:
        try:
            await_listener(port)
            yield port
        finally:
            process.kill()


def await_listener(port):
    for _ in range(200):
        with contextlib.suppress(ConnectionError):
            ask(port, "/docs")
            return
        time.sleep(0.05)
    raise AssertionError("the proxy does not answer")


@functools.cache
def proxy(docs):
    """The port of a proxy with --docs, which has reached the database and ends with the suite."""
    port = suite.enter_context(started(command(docs, free_port())))
    for _ in range(200):
        if ask(port, "/openapi").status == 200:
            return port
        time.sleep(0.05)
    raise AssertionError("the database is not reached")


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()


def ask(port, path, method="GET", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        return Answer(connection.getresponse())
    finally:
        connection.close()


@functools.cache
def has_viewer():
    done = subprocess.run([ROOT / "tools/docs-page"], capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"docs_page_test: the tests of the viewer are skipped. {done.stderr.strip()}")
    return done.returncode == 0


def viewers(test):
    """A test that gets the port of a proxy with the viewer, or is skipped."""
    return functools.wraps(test)(lambda: has_viewer() and test(proxy(PAGE)))


# ---- the viewer ---------------------------------------------------------------------------------


def check_guarded(answer):
    policy = answer.headers["content-security-policy"]
    check(re.match(r"default-src '(self|none)'", policy), policy)
    for clause in ("frame-ancestors 'none'", "base-uri 'none'"):
        check(clause in policy, policy)
    check("unsafe" not in policy and "http" not in policy and "*" not in policy, policy)
    equal(answer.headers["x-content-type-options"], "nosniff", "x-content-type-options")
    equal(answer.headers["referrer-policy"], "no-referrer", "referrer-policy")
    equal(answer.headers["vary"], "accept-encoding", "vary")


@viewers
def test_page_and_all_that_it_names_are_served(port):
    page = ask(port, "/docs")
    equal((page.status, page.headers["content-type"]), (200, "text/html; charset=utf-8"), "page")
    check_guarded(page)
    named = re.findall(r'(?:src|href)="(docs/[^"]+)"', page.body.decode())
    check(len(named) == 5, f"{named}")
    types = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
    for name in named:
        answer = ask(port, f"/{name}")
        equal((answer.status, answer.headers["content-type"]), (200, types[name.rpartition(".")[2]]), name)
        equal(answer.body, (PAGE / name.removeprefix("docs/")).read_bytes(), name)
        check_guarded(answer)


@viewers
def test_etag_gives_304_and_head_is_get_without_the_body(port):
    for path in ("/docs", "/docs/theme.css", "/docs/swagger-ui-bundle.js"):
        answer = ask(port, path)
        etag = answer.headers["etag"]
        equal(answer.headers["cache-control"], "no-cache", "cache-control")
        for tags in (etag, f'"x", {etag}', etag.removeprefix("W/"), "*"):
            known = ask(port, path, If_None_Match=tags)
            equal((known.status, known.body, known.headers["etag"]), (304, b"", etag), tags)
            check("content-length" not in known.headers, "304 without a length")
        equal(ask(port, path, If_None_Match='"x", W/"y"').status, 200, "another tag")
        head = ask(port, path, "HEAD")
        equal((head.status, head.body), (200, b""), "HEAD")
        for headers in (head.headers, answer.headers):
            headers.pop("date")
        equal(head.headers, answer.headers, "headers of HEAD")


@viewers
def test_compressed_for_those_who_take_it(port):
    for path in ("/docs", "/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css"):
        plain, small = ask(port, path), ask(port, path, Accept_Encoding="br, gzip")
        check("content-encoding" not in plain.headers, "as it is")
        equal(small.headers["content-encoding"], "gzip", "content-encoding")
        equal(gzip.decompress(small.body), plain.body, path)
        equal(small.headers["etag"], plain.headers["etag"], "the weak tag is of both")
        check(len(small.body) < len(plain.body) * 0.6, f"{len(small.body)} of {len(plain.body)}")


@viewers
def test_nothing_else_is_reached(port):
    for path in ("/docs/nope.js", "/docs/.", "/docs/..", "/docs/../Makefile", "/docs/../../etc/passwd",
                 "/docs/%2e%2e/Makefile", "/docs/..%2fMakefile", "/docs//etc/passwd", "/docs/page.js/", "/docs/page.js%00",
                 "/docs/PAGE.JS", "/docs/docs/page.js", "/docs/%70age.js"):
        answer = ask(port, path)
        equal(answer.status, 404, path)
        check(b'"unknown-route"' in answer.body, path)
    for path in ("/docs/", "/docs/index.html"):
        answer = ask(port, path)
        equal((answer.status, answer.headers["location"]), (308, "../docs"), path)
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        answer = ask(port, "/docs", method, Content_Length="0")
        equal((answer.status, answer.headers.get("allow")), (405, "GET, HEAD"), method)


@viewers
def test_the_paths_of_the_api_are_untouched(port):
    for path in ("/docsx", "/rest/docs", "/doc", "/Docs", "/"):
        equal(ask(port, path).status, nobody.get("/nowhere").status, path)
    equal(ask(port, "/openapi").body, nobody.get("/openapi").body, "openapi")


@viewers
def test_read_in_a_browser(port):
    """Light and dark, phone and desktop: the key, a request that is answered 200, nothing from elsewhere."""
    if not BROWSER.exists():
        print("docs_page_test: the test in a browser is skipped: Debian's package chromium is not installed")
        return
    if not (NPM / "node_modules/playwright-core").is_dir():
        install = ["npm", "install", "--prefix", NPM, "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund"]
        try:
            subprocess.run(install, check=True, capture_output=True, timeout=180)
        except (OSError, subprocess.SubprocessError):
            print("docs_page_test: the test in a browser is skipped: npm is not reachable")
            return
    pictures = ROOT / "build/check/docs-page"
    pictures.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "URL": f"http://127.0.0.1:{port}", "TOKEN": env.TOKEN, "ORG": env.ORG}
    done = subprocess.run(["node", "docs_page.mjs", pictures], cwd=NPM, env=environment, capture_output=True, text=True,
                          check=False, timeout=300)
    check(done.returncode == 0, f"see {pictures}\n{done.stdout}{done.stderr}")


def test_files_come_from_nowhere_but_web_and_the_package():
    """What is committed names no other host, so a browser has nothing to fetch from one."""
    for path in (ROOT / "web").iterdir():
        if path.is_file():
            hosts = re.findall(r"(?:https?:)?//[\w.-]+\.\w+", path.read_text())
            check(set(hosts) <= {"http://www.w3.org"}, f"{path.name}: {hosts}")


# ---- without a viewer ---------------------------------------------------------------------------


def test_the_plain_page_lists_what_the_database_serves():
    port = proxy("plain")
    page = ask(port, "/docs")
    equal((page.status, page.headers["content-type"]), (200, "text/html; charset=utf-8"), "page")
    check_guarded(page)
    check(page.headers["content-security-policy"].startswith("default-src 'none'"), "it needs nothing")
    text = page.body.decode()
    check("<script" not in text and "<link" not in text, text)
    operations = re.findall(r"<li><code>(\w+) (.*)</code>", text.replace("<wbr>", ""))
    wanted = {(method.upper(), path)
              for path, item in nobody.get("/openapi/2024-10-15").json["paths"].items() if "openapi" not in path
              for method in item if method != "parameters"}
    equal(set(operations), wanted, "operations")
    equal(len(operations), 30, "operations")
    for link in re.findall(r'href="([^"]+)"', text):
        equal(ask(port, f"/{link}").status, 200, link)
    equal(ask(port, "/docs", If_None_Match=page.headers["etag"]).status, 304, "etag")
    head = ask(port, "/docs", "HEAD")
    equal((head.body, head.headers["content-length"]), (b"", page.headers["content-length"]), "HEAD")
    equal(ask(port, "/docs/page.js").status, 404, "a file")


def test_a_page_does_not_need_the_database():
    with tempfile.TemporaryDirectory() as nowhere, started(command("plain", free_port(), f"host={nowhere}")) as port:
        answer = ask(port, "/docs")
        equal(answer.status, 200, "while the database is away")
        check(b"once the database has been reached" in answer.body, answer.body)


def test_off_leaves_the_path_to_the_database():
    answer = ask(proxy("off"), "/docs")
    equal((answer.status, answer.headers["content-type"]), (404, "application/vnd.api+json"), "off")


def test_a_wrong_folder_is_told_at_the_start():
    with tempfile.TemporaryDirectory() as folder:
        many = pathlib.Path(folder) / "many"
        many.mkdir()
        for name in ["index.html"] + [f"{number}.txt" for number in range(64)]:
            (many / name).write_text("x")
        large = pathlib.Path(folder) / "large"
        large.mkdir()
        (large / "index.html").write_text("x")
        with open(large / "core", "wb") as file:
            file.truncate(17 << 20)
        for docs, wanted in ((folder, "there is no index.html"), (f"{folder}/nope", "there is no index.html"),
                             (many, "more than 64 files"), (large, "16 MiB")):
            done = subprocess.run(command(docs, free_port()), capture_output=True, text=True, check=False, timeout=20)
            equal(done.returncode, 1, f"{docs}")
            check(f"--docs {docs}: " in done.stderr and wanted in done.stderr, done.stderr)


def test_the_page_beside_the_program_is_the_default():
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(folder) / "asset-inventory-proxy"
        shutil.copy(PROXY, program)
        (pathlib.Path(folder) / "docs-page").mkdir()
        (pathlib.Path(folder) / "docs-page/index.html").write_text("<!doctype html><title>Mine</title>")
        with started([program, *command("auto", free_port())[1:]]) as port:
            check(b"Mine" in ask(port, "/docs").body, "the file beside the program")


if __name__ == "__main__":
    sys.exit(main(globals()))
