"""What the HTTP suites share: the demo's environment, a client that checks every answer against
contract.md, and the runner.

A suite is a file of functions `test_<section of the contract>_<sentence>()` that ends with
`if __name__ == "__main__": sys.exit(main(globals()))`.
"""
import http.client
import json
import os
import pathlib
import random
import re
import socket
import subprocess
import sys
import traceback
import types
import urllib.parse
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MEDIA_TYPE = "application/vnd.api+json"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z\Z")


def read_environment():
    path = pathlib.Path(os.environ.get("DEMO_ENV", ROOT / "build/demo.env"))
    lines = path.read_text().splitlines()
    return types.SimpleNamespace(**dict(line.split("=", 1) for line in lines if "=" in line))


env = read_environment()
TENANT = f"/tenants/{env.TENANT}/inventory/assets"
GROUP = f"/groups/{env.GROUP}/inventory/assets"
ORG = f"/orgs/{env.ORG}/inventory/assets"
OTHER = f"/tenants/{env.OTHER_TENANT}/inventory/assets"
SCOPES = (TENANT, GROUP, ORG)

# Random tests print their seed when they fail; SEED repeats one.
SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))


def statuses_of_codes():
    """The error codes and their HTTP statuses, from the one table that has them."""
    source = (ROOT / "extension/core/error.cpp").read_text()
    return {
        code: int(status) for code, status in re.findall(
            r'CodeInfo\{\s*Code::\w+,\s*"([a-z0-9-]+)",\s*(\d{3})', source)
    }


CODES = statuses_of_codes()


def record(answer):
    """Appends the answer to the file OPENAPI_RECORD, whose lines schema_test.py validates."""
    if path := os.environ.get("OPENAPI_RECORD"):
        with open(path, "a", encoding="utf-8") as file:
            file.write(
                json.dumps({
                    "method": answer.method, "target": answer.target, "status": answer.status,
                    "type": answer.headers.get("content-type"), "body": answer.body.decode(
                        "utf-8", "replace")
                }) + "\n")


class Answer:
    """An HTTP response, read to its end."""
    def __init__(self, method, target, response):
        self.method = method
        self.target = target
        self.status = response.status
        self.header_list = [(name.lower(), value) for name, value in response.getheaders()]
        self.headers = dict(self.header_list)
        self.body = response.read()
        self.will_close = response.will_close
        record(self)

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def data(self):
        return self.json["data"]

    @property
    def ids(self):
        return [item["id"] for item in self.data]

    @property
    def links(self):
        return self.json["links"]

    @property
    def error(self):
        return self.json["errors"][0]

    def __str__(self):
        return f"{self.method} {self.target[:300]} -> {self.status} {self.body[:600]!r}"


class Client:
    """A keep-alive connection with one key; every answer passes through `check_answer`."""
    def __init__(self, token=None, scheme="Token"):
        self.token = token
        self.scheme = scheme
        self.connection = None

    def request(self, method, target, body=None, headers=(), checked=True):
        headers = dict(headers)
        if self.token is not None:
            headers.setdefault("Authorization", f"{self.scheme} {self.token}")
        if body is not None:
            headers.setdefault("Content-Type", MEDIA_TYPE)
            if not isinstance(body, (bytes, str)):
                body = json.dumps(body)
            if isinstance(body, str):
                body = body.encode()
        answer = self.exchange(method, target, body, headers)
        if checked:
            check_answer(answer, {name.lower(): value for name, value in headers.items()})
        return answer

    def exchange(self, method, target, body, headers):
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(env.URL).netloc,
                                                             timeout=60)
            try:
                self.connection.putrequest(method, target, skip_accept_encoding=True)
                for name, value in headers.items():
                    self.connection.putheader(name, value)
                if body is not None:
                    self.connection.putheader("Content-Length", str(len(body)))
                self.connection.endheaders(body)
                answer = Answer(method, target, self.connection.getresponse())
                break
            except (http.client.RemoteDisconnected, ConnectionError):
                # A server may close an idle connection at any time; a fresh one must work.
                self.close()
                if attempt == 2:
                    raise
        if answer.will_close:
            self.close()
        return answer

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def get(self, path, parameters=None, **options):
        return self.request("GET", path + query(parameters), **options)

    def patch(self, path, body, **options):
        return self.request("PATCH", path, body=body, **options)

    def post(self, path, body=None, **options):
        return self.request("POST", path, body=body, **options)


class Wire:
    """A bare connection, for bytes that no HTTP client would send."""
    def __init__(self):
        url = urllib.parse.urlsplit(env.URL)
        self.socket = socket.create_connection((url.hostname, url.port), timeout=30)
        # One buffer for the whole connection: what follows an answer is the next one's.
        self.reader = self.socket.makefile("rb")
        self.reader.close = lambda: None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """Sends what the server takes; one that has answered and closed takes no more."""
        try:
            self.socket.sendall(data)
        except OSError:
            pass

    def answer(self, method="GET", target="", sent=(), checked=True):
        response = http.client.HTTPResponse(self, method=method)
        response.begin()
        answer = Answer(method, target, response)
        if checked:
            check_answer(answer, dict(sent))
        return answer

    def makefile(self, _mode):
        return self.reader

    def is_closed(self):
        try:
            return self.reader.read(1) == b""
        except ConnectionResetError:
            return True


def head(target, method="GET", token=env.READER_TOKEN, extra=""):
    """The bytes of a request's head; `target` may be bytes that are no text."""
    target = target if isinstance(target, bytes) else target.encode()
    return (method.encode() + b" " + target + b" HTTP/1.1\r\nHost: test\r\nAuthorization: Token " +
            token.encode() + b"\r\n" + extra.encode() + b"\r\n")


editor = Client(env.TOKEN)
viewer = Client(env.READER_TOKEN)
other = Client(env.OTHER_TOKEN)
nobody = Client()


def query(parameters):
    """`?a=b&…` of a dict or a list of pairs, every character but the unreserved ones encoded."""
    if not parameters:
        return ""
    pairs = parameters.items() if isinstance(parameters, dict) else parameters
    return "?" + "&".join(
        urllib.parse.quote(str(name), safe="") + "=" + urllib.parse.quote(str(value), safe="")
        for name, value in pairs)


def parameters_of(link):
    """The query of a link as a list of decoded pairs."""
    return urllib.parse.parse_qsl(urllib.parse.urlsplit(link).query,
                                  keep_blank_values=True,
                                  strict_parsing=True)


def without_link_hosts(path):
    check(path.startswith("/") and not path.startswith("//"), f"a link is an absolute path: {path}")
    return path


# ---- checks -------------------------------------------------------------------------------------


def check(condition, message):
    if not condition:
        raise AssertionError(message)


def equal(actual, expected, what=""):
    if actual != expected:
        raise AssertionError(f"{what}: got {str(actual)[:500]}, expected {str(expected)[:500]}")


def check_answer(answer, sent):
    """What section 2 and JSON:API ask of every answer, whatever the request was."""
    try:
        check_headers(answer, sent)
        check_body(answer)
    except AssertionError as failure:
        raise AssertionError(f"{failure}\n    {answer}\n    {answer.header_list}") from None
    except (ValueError, KeyError, TypeError) as failure:
        raise AssertionError(f"malformed document ({failure!r})\n    {answer}") from None


def check_headers(answer, sent):
    headers = answer.headers
    names = [name for name, _ in answer.header_list]
    check(len(names) == len(set(names)), "a header came twice")
    check(not [name for name in names if name.startswith("x-inventory-")],
          "an internal header got out")
    check(UUID.match(headers.get("snyk-request-id", "")), "snyk-request-id is a UUID")
    wanted = sent.get("snyk-request-id", "").lower()
    if UUID.match(wanted):
        equal(headers["snyk-request-id"].lower(), wanted, "snyk-request-id is echoed")
    is_openapi = re.search(r"/openapi(/|\?|$)", answer.target)
    if answer.status not in (204, 302, 304) and not is_openapi:
        equal(headers.get("content-type"), MEDIA_TYPE, "content-type")
    if answer.status < 300 and "/inventory/" in answer.target:
        check("accept" in headers.get("vary", "").lower(), "vary: accept")
        for name in ("requested", "served", "lifecycle-stage"):
            check(f"snyk-version-{name}" in headers, f"snyk-version-{name}")
    if answer.status == 401:
        equal(headers.get("www-authenticate"), "Token", "www-authenticate")
    if answer.status == 405:
        check(headers.get("allow"), "405 has allow")
    if answer.status in (429, 503):
        check(headers.get("retry-after", "").isdigit(), f"{answer.status} has retry-after")
    if answer.method == "GET" and answer.status == 200 and "/inventory/" in answer.target:
        check(re.fullmatch(r'(W/)?"[^"]*"', headers.get("etag", "")), "a GET's 200 has an ETag")


def check_body(answer):
    if answer.method == "HEAD" or answer.status in (204, 304):
        equal(answer.body, b"", "no body")
        return
    document = json.loads(answer.body.decode("utf-8"), object_pairs_hook=members)
    if answer.status >= 400:
        check_error_document(answer, document)
    elif answer.headers.get("content-type") == MEDIA_TYPE:
        check(isinstance(document, dict), "a document is an object")
        check(
            set(document) <= {"jsonapi", "data", "links", "meta"},
            f"top-level members {sorted(document)}")
        data = document.get("data")
        for item in data if isinstance(data, list) else [data] if data is not None else []:
            check_resource(item)
        for name, link in document.get("links", {}).items():
            check(name in ("self", "first", "prev", "next", "last", "related"), f"link {name}")
            without_link_hosts(link)
            parameters_of(link) if "?" in link else None


def members(pairs):
    check(len(pairs) == len(dict(pairs)), "a member came twice")
    return dict(pairs)


def check_resource(item):
    check(
        isinstance(item, dict)
        and set(item) <= {"type", "id", "attributes", "relationships", "links", "meta"},
        f"members of a resource object: {item}")
    check(
        isinstance(item["type"], str) and isinstance(item["id"], str) and item["id"],
        "type and id are strings")
    attributes = item.get("attributes", {})
    check(isinstance(attributes, dict), "attributes is an object")
    check(not {"id", "type"} & set(attributes) or item["type"].endswith(("_fields", "_values")),
          "no attribute is called id or type")
    if item["type"] == "container_images":
        check_asset(item)


def check_asset(item):
    check(UUID.match(item["id"]), "an asset's id is a UUID")
    attributes = item.get("attributes", {})
    for name, value in attributes.items():
        check(value is not None, f"{name} is absent, never null")
        if name.endswith("_at") or name == "last_scan":
            check(TIME.match(value), f"{name} is RFC 3339 in UTC: {value}")
            check("." not in value or not value.rstrip("Z").endswith("000000"),
                  f"no zero microseconds: {value}")
    if "class" in attributes:
        asset_class = attributes["class"]
        equal(set(asset_class), {"display_name", "rank", "locked"}, "members of class")
        equal(asset_class["rank"], "ABCD".index(asset_class["display_name"]) + 1,
              "rank of the class")
        check(isinstance(asset_class["locked"], bool), "locked is a boolean")
    for name in ("labels", "image_tags"):
        check(all(isinstance(value, str) for value in attributes.get(name, [])),
              f"{name} are strings")
    check(all(isinstance(value, str) for value in attributes.get("tags", {}).values()),
          "tags are strings")
    for digest in attributes.get("distribution_digests", []):
        check(digest and set(digest) <= {"manifest_digest", "index_digest"},
              f"distribution digest {digest}")
        check(all(re.fullmatch(r"sha256:[0-9a-f]{64}", value) for value in digest.values()),
              f"digest {digest}")


def check_error_document(answer, document):
    equal(set(document), {"jsonapi", "errors"}, "members of an error document")
    equal(document["jsonapi"], {"version": "1.0"}, "jsonapi")
    check(document["errors"], "errors is not empty")
    for error in document["errors"]:
        check({"id", "status", "code", "title", "detail"
               } <= set(error) <= {"id", "status", "code", "title", "detail", "source", "links"},
              f"members of an error: {sorted(error)}")
        equal(error["id"], answer.headers["snyk-request-id"], "an error's id is the request's")
        equal(error["status"], str(answer.status), "an error's status is the answer's")
        check(error["code"] in CODES, f"code {error['code']} is in the table")
        equal(CODES[error["code"]], answer.status, f"status of {error['code']}")
        for name in ("title", "detail"):
            check(isinstance(error[name], str) and error[name], f"{name} is a text")
        check(
            not re.search(
                r"SQLSTATE|ERROR:|\bselect .* from\b|/extension/|\.cpp\b|[0-9A-F]{2}P0\d|XX000",
                error["detail"]), f"nothing of the inside in a detail: {error['detail']}")
        source = error.get("source")
        if source is not None:
            check(
                len(source) == 1 and set(source) <= {"parameter", "pointer", "header"},
                f"source {source}")
            check(isinstance(next(iter(source.values())), str), "a source is a string")
            pointer = source.get("pointer")
            check(not pointer or pointer.startswith("/"),
                  f"a JSON pointer begins with a slash: {pointer}")


def expect(answer, status, **wanted):
    """The answer has the status, and its first error the code or source given."""
    if answer.status != status:
        raise AssertionError(f"expected {status}: {answer}")
    if wanted and answer.method != "HEAD":
        error = answer.error
        for name, value in wanted.items():
            actual = error.get("code") if name == "code" else error.get("source", {}).get(name)
            check(actual == value, f"expected {name} {value!r}: {answer}")
    return answer


# ---- lists --------------------------------------------------------------------------------------


def follow(client, answer, direction):
    """Yields the answer and those behind its `next` or `prev` links."""
    seen = set()
    while True:
        yield expect(answer, 200)
        link = answer.links.get(direction)
        if link is None:
            return
        check(link not in seen, f"a walk came back to {link}")
        seen.add(link)
        answer = client.get(link)


def walk(client, path, parameters=None, direction="next"):
    return follow(client, client.get(path, parameters), direction)


def all_assets(path=ORG, client=viewer, cache={}):
    """Every asset of a scope as the API shows it, read once a process."""
    if path not in cache:
        cache[path] = [item for page in walk(client, path, {"limit": 100}) for item in page.data]
    return cache[path]


def an_asset(path=ORG, skip=0):
    return viewer.get(path, {"limit": 100}).data[skip]


# ---- the database -------------------------------------------------------------------------------


def sql(statement):
    """The lines that psql prints for a statement, run as a superuser."""
    return subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", env.DATABASE, "-c", statement],
                          check=True,
                          capture_output=True,
                          text=True).stdout.splitlines()


def sql_literal(text):
    return "'" + text.replace("'", "''") + "'"


def issue_key(scope, role, expires="null"):
    """Returns a new key, and the id of its principal, for a role on a scope."""
    [principal] = sql(f"select inventory.create_principal('test {uuid.uuid4()}')")
    sql(f"select inventory.grant_role('{principal}', '{scope}', '{role}')")
    [key] = sql(f"select inventory.issue_api_key('{principal}', {expires})")
    return key, principal


def revoke_keys(principal):
    sql("select inventory.revoke_api_key(id) from inventory.api_key "
        f"where principal_id = '{principal}'")


def audit_table():
    [table] = sql("select format('inventory.%I', table_name) from information_schema.columns "
                  "where table_schema = 'inventory' and column_name = 'request_id' "
                  "and table_name like '%audit%'")
    return table


# ---- the runner ---------------------------------------------------------------------------------


def main(namespace):
    """Runs the tests of a suite (those named on the command line) and prints the closing line."""
    names = sys.argv[1:] or [name for name in namespace if name.startswith("test_")]
    failed = 0
    for name in names:
        try:
            namespace[name]()
        except Exception as failure:  # pylint: disable=broad-except
            failed += 1
            where = traceback.extract_tb(failure.__traceback__)
            lines = [
                f"{frame.name}:{frame.lineno}" for frame in where if frame.filename != __file__
            ]
            print(f"FAILED {name} ({' '.join(lines[-2:])}): {type(failure).__name__}: {failure}")
    print(f"{len(names) - failed} passed, {failed} failed")
    return failed > 0
