#!/usr/bin/env python3
"""Hostile HTTP against the proxy, byte by byte.

Usage: proxy_http.py [URL]

Without URL the proxy, the key and the tenant are those of build/demo.env; with it
the proxy is one before the stand-in of proxy_stand_in.sql, and more is checked. Standard library only. Prints `N passed, M failed`.
"""

import gzip
import json
import os
import re
import socket
import sys
import time
import urllib.parse
import uuid

ID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


def settings():
    if len(sys.argv) > 1:
        return {"URL": sys.argv[1]}
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "build", "demo.env")
    with open(path, encoding="utf-8") as lines:
        return dict(line.strip().split("=", 1) for line in lines if "=" in line)


SETTINGS = settings()
PARTS = urllib.parse.urlsplit(SETTINGS["URL"])
STAND_IN = "TOKEN" not in SETTINGS
TARGET = b"/x?size=4000"
KEY = b""
if not STAND_IN:
    TARGET = f"/tenants/{SETTINGS['TENANT']}/inventory/assets?version=2024-10-15".encode()
    KEY = f"Authorization: Token {SETTINGS['TOKEN']}\r\n".encode()


def get(headers=b"", method=b"GET", target=TARGET, version=b"1.1"):
    """A request that is answered with 200 and more than a kilobyte."""
    return (method + b" " + target + b" HTTP/" + version + b"\r\nHost: a\r\n" + KEY + headers + b"\r\n")


GOOD = get()


class Failure(Exception):
    pass


def expect(condition, text):
    if not condition:
        raise Failure(text)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def document(self):
        return json.loads(self.body)


class Connection:
    def __init__(self):
        self.socket = socket.create_connection((PARTS.hostname, PARTS.port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.data = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the server may answer before it has read everything

    def more(self):
        data = self.socket.recv(65536)
        self.data += data
        return data

    def answer(self, head=False):
        while b"\r\n\r\n" not in self.data:
            expect(self.more(), f"closed without an answer, got {self.data[:80]!r}")
        text, self.data = self.data.split(b"\r\n\r\n", 1)
        lines = text.decode("latin-1").split("\r\n")
        matched = re.fullmatch(r"HTTP/1\.1 (\d\d\d) .*", lines[0])
        expect(matched, f"status line {lines[0]!r}")
        status = int(matched[1])
        headers = {}
        for line in lines[1:]:
            name, value = line.split(": ", 1)
            expect(name not in headers, f"header {name} twice")
            headers[name] = value
        if status < 200 or status in (204, 304) or head:
            return Answer(status, headers, b"")
        length = int(headers["content-length"])
        while len(self.data) < length:
            expect(self.more(), "closed in the middle of a body")
        body, self.data = self.data[:length], self.data[length:]
        return Answer(status, headers, body)

    def is_closed(self):
        try:
            while True:
                if not self.more():
                    return True
        except ConnectionResetError:
            return True
        except socket.timeout:
            return False


def ask(data, head=False):
    with Connection() as connection:
        connection.send(data)
        return connection.answer(head)


def check_error(answer, status, code=None, request_id=None):
    expect(answer.status == status, f"status {answer.status}, not {status}: {answer.body[:200]!r}")
    expect(answer.headers.get("content-type") == "application/vnd.api+json", "content-type")
    expect(answer.headers.get("vary") == "accept", "vary")
    document = answer.document()
    error = document["errors"][0]
    expect(document["jsonapi"] == {"version": "1.0"}, "jsonapi")
    expect(error["status"] == str(status), "status in the document")
    expect(error["id"] == answer.headers["snyk-request-id"], "id is not the request id")
    if code:
        expect(error["code"] == code, f"code {error['code']}, not {code}")
    if request_id:
        expect(error["id"] == request_id, "the client's id is not echoed")


# --- What must work -------------------------------------------------------------------------------


def test_keep_alive():
    with Connection() as c:
        for _ in range(3):
            c.send(GOOD)
            answer = c.answer()
            expect(answer.status == 200, f"status {answer.status}")
            expect("connection" not in answer.headers, "connection header")


def test_pipelining_in_order():
    ids = [str(uuid.uuid4()) for _ in range(20)]
    with Connection() as c:
        c.send(b"".join(
            get(f"snyk-request-id: {i}\r\n".encode()) for i in ids))
        expect([c.answer().headers["snyk-request-id"] for _ in ids] == ids, "order")


def test_pipelining_mixed_methods():
    with Connection() as c:
        c.send(get(method=b"HEAD") +
               b"PATCH /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + GOOD)
        expect(c.answer(head=True).status == 200, "HEAD")
        c.answer()
        expect(c.answer().status == 200, "GET after PATCH")


def test_byte_by_byte():
    with Connection() as c:
        for byte in GOOD + GOOD:
            c.send(bytes([byte]))
        expect(c.answer().status == 200 and c.answer().status == 200, "status")


def test_close_is_honoured():
    with Connection() as c:
        c.send(get(b"Connection: close\r\n"))
        expect(c.answer().headers.get("connection") == "close", "connection: close")
        expect(c.is_closed(), "still open")


def test_http_1_0():
    with Connection() as c:
        c.send(get(version=b"1.0"))
        expect(c.answer().status == 200, "status")
        expect(c.is_closed(), "still open")
    with Connection() as c:
        c.send(get(b"Connection: keep-alive\r\n", version=b"1.0"))
        expect(c.answer().headers.get("connection") == "keep-alive", "keep-alive")
        c.send(GOOD)
        expect(c.answer().status == 200, "second")


def test_head_has_no_body():
    with Connection() as c:
        c.send(get(method=b"HEAD"))
        answer = c.answer(head=True)
        expect(answer.headers.get("content-length") != "0", "content-length")
        c.send(GOOD)
        expect(c.answer().status == 200, "out of step after HEAD")


def test_half_closed_client_is_answered():
    with Connection() as c:
        c.send(GOOD + GOOD)
        c.socket.shutdown(socket.SHUT_WR)
        expect(c.answer().status == 200 and c.answer().status == 200, "status")
        expect(c.is_closed(), "still open")


def test_continue():
    with Connection() as c:
        c.send(b"PATCH /nowhere HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        expect(c.answer().status == 100, "no 100")
        c.send(b"abc")
        expect(c.answer().status >= 200, "no answer")


def test_chunked_in_every_split():
    data = (b"PATCH /nowhere HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"3\r\nabc\r\n4;x=y\r\n1234\r\n0\r\nTrailer: t\r\n\r\n")
    start = data.index(b"3\r\n")
    for at in range(start, len(data)):
        with Connection() as c:
            c.send(data[:at])
            time.sleep(0.002)
            c.send(data[at:] + GOOD)
            first = c.answer()
            if STAND_IN:
                expect(first.document()["body"] == "abc1234", f"body split at {at}")
            expect(c.answer().status == 200, f"out of step when split at {at}")
    with Connection() as c:
        for byte in data:
            c.send(bytes([byte]))
        c.send(GOOD)
        c.answer()
        expect(c.answer().status == 200, "byte by byte")


def test_absolute_form():
    expect(ask(get(target=b"http://a.example" + TARGET)).status == 200, "status")


def test_empty_lines_before_a_request():
    expect(ask(b"\r\n\r\n" + GOOD).status == 200, "status")


def test_raw_characters_of_the_query():
    for query in (b"a=%20&b=+&a=;", b"q=<>\"{}|\\^`'", "q=ü😀".encode(), b"q=\xff\xfe"):
        with Connection() as c:
            c.send(get(target=b"/nowhere?" + query) + GOOD)
            answer = c.answer()
            expect(answer.status in (200, 400, 404), f"{query!r}: {answer.status}")
            expect(c.answer().status == 200, f"{query!r}: connection unusable")


def test_request_id():
    known = ask(get(f"Snyk-Request-Id: {ID.upper()}\r\n".encode()))
    expect(known.headers["snyk-request-id"] == ID, "not echoed")
    for bad in ("1", ID + "0", "", "x" * 36):
        new = ask(get(f"snyk-request-id: {bad}\r\n".encode()))
        expect(uuid.UUID(new.headers["snyk-request-id"]).version == 4, "no new id")


def test_gzip():
    identity = f"snyk-request-id: {ID}\r\n".encode()
    plain = ask(get(identity))
    packed = ask(get(identity + b"Accept-Encoding: br, gzip;q=0.5\r\n"))
    expect(packed.headers.get("content-encoding") == "gzip", "not compressed")
    expect(gzip.decompress(packed.body) == plain.body, "another body")
    for answer in (plain, packed):
        expect("accept-encoding" in answer.headers["vary"], "vary")
    for refused in (b"gzip;q=0", b"identity", b"*;q=0"):
        answer = ask(get(b"Accept-Encoding: " + refused + b"\r\n"))
        expect("content-encoding" not in answer.headers, f"{refused!r} was compressed")


def test_what_is_forwarded():
    if not STAND_IN:
        return
    lines = ask(b"GET /echo HTTP/1.1\r\nHost: a\r\nCookie: c\r\nUser-Agent: u\r\nX-Inventory-Key-SHA256: ff\r\n"
                b"Connection: keep-alive, x-hop\r\nX-Hop: 1\r\nX-A: 1\r\nx-a:  2 \r\nSec-Fetch-Mode: x\r\n"
                b"Authorization: Token secret\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n").document()["headers"].split("\n")
    names = [line.split(": ")[0] for line in lines]
    expect("x-a: 1, 2" in lines, "repeated headers are not joined")
    expect(lines.count("x-inventory-key-sha256: "
                       "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b") == 1, "the key's hash")
    expect(not {"cookie", "user-agent", "host", "x-hop", "connection", "sec-fetch-mode", "x-forwarded-for",
                "authorization"} & set(names), f"forwarded: {names}")
    expect("secret" not in "".join(lines), "the key itself")
    for other in (b"Authorization: Basic x", b"Authorization: Token", b"Authorization: Token a b",
                  b"Authorization: Token a\r\nAuthorization: Token a"):
        text = ask(b"GET /echo HTTP/1.1\r\nHost: a\r\n" + other + b"\r\n\r\n").document()["headers"]
        expect("authorization: unsupported" in text and "sha256" not in text, f"{other!r}")


def test_answers_without_a_body():
    if not STAND_IN:
        return
    for status in (204, 304):
        with Connection() as c:
            c.send(f"GET /x?status={status} HTTP/1.1\r\nHost: a\r\n\r\n".encode() + GOOD)
            answer = c.answer()
            expect(answer.status == status and "content-length" not in answer.headers, "framing")
            expect(c.answer().status == 200, "out of step")


def test_header_of_the_database_cannot_split():
    if not STAND_IN:
        return
    for text in ("a:%20b%0D", "a%0Ab", "a%20b:%20c"):
        answer = ask(f"GET /x?header={text} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        check_error(answer, 500, "internal-error")


# --- What must be refused -------------------------------------------------------------------------

REFUSED = [
    # (name, bytes, status, code)
    ("bare LF", b"GET / HTTP/1.1\nHost: a\n\n", 400, "invalid-http"),
    ("bare LF in the head", b"GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 400, "invalid-http"),
    ("only empty lines", b"\r\n" * 5, 400, "invalid-http"),
    ("no method", b" / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "invalid-http"),
    ("no target", b"GET  HTTP/1.1\r\nHost: a\r\n\r\n", 400, "invalid-http"),
    ("no version", b"GET /\r\nHost: a\r\n\r\n", 400, "invalid-http"),
    ("version 0.9", b"GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505, "http-version-unsupported"),
    ("version 2.0", b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, "http-version-unsupported"),
    ("version 1.2", b"GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505, "http-version-unsupported"),
    ("bad version", b"GET / HTTPS/1.1\r\nHost: a\r\n\r\n", 400, "invalid-http"),
    ("preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "http-version-unsupported"),
    ("TLS hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "invalid-http"),
    ("relative target", b"GET openapi HTTP/1.1\r\nHost: a\r\n\r\n", 400, "invalid-http"),
    ("control in the target", b"GET /a\x01b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "invalid-http"),
    ("DEL in the target", b"GET /a\x7fb HTTP/1.1\r\nHost: a\r\n\r\n", 400, "invalid-http"),
    ("NUL in the target", b"GET /a\x00b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "invalid-http"),
    ("tab for blank", b"GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "invalid-http"),
    ("no host", b"GET / HTTP/1.1\r\n\r\n", 400, "invalid-http"),
    ("two hosts", b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400, "invalid-http"),
    ("host with a path", b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "invalid-http"),
    ("blank before the colon", b"GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n", 400, "invalid-http"),
    ("no colon", b"GET / HTTP/1.1\r\nHost: a\r\nXY\r\n\r\n", 400, "invalid-http"),
    ("empty name", b"GET / HTTP/1.1\r\nHost: a\r\n: y\r\n\r\n", 400, "invalid-http"),
    ("obs-fold", b"GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n", 400, "invalid-http"),
    ("folded first line", b"GET / HTTP/1.1\r\n X: y\r\nHost: a\r\n\r\n", 400, "invalid-http"),
    ("NUL in a value", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n", 400, "invalid-http"),
    ("CR in a value", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400, "invalid-http"),
    ("length with a sign", b"PATCH / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc", 400, "invalid-http"),
    ("negative length", b"PATCH / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400, "invalid-http"),
    ("length in hex", b"PATCH / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x3\r\n\r\nabc", 400, "invalid-http"),
    ("list of lengths", b"PATCH / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc", 400, "invalid-http"),
    ("equal lengths", b"PATCH / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400,
     "invalid-http"),
    ("differing lengths", b"PATCH / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
     400, "invalid-http"),
    ("overflowing length", b"PATCH / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n", 400,
     "invalid-http"),
    ("empty length", b"PATCH / HTTP/1.1\r\nHost: a\r\nContent-Length: \r\n\r\n", 400, "invalid-http"),
    ("length and chunked", b"PATCH / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
     b"0\r\n\r\n", 400, "invalid-http"),
    ("chunked and length", b"PATCH / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"
     b"0\r\n\r\n", 400, "invalid-http"),
    ("chunked twice", b"PATCH / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"
     b"\r\n0\r\n\r\n", 400, "invalid-http"),
    ("identity", b"PATCH / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", 400, "invalid-http"),
    ("gzip, chunked", b"PATCH / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400,
     "invalid-http"),
    ("chunked, identity", b"PATCH / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n", 400,
     "invalid-http"),
    ("xchunked", b"PATCH / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 400, "invalid-http"),
    ("vertical tab chunked", b"PATCH / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \x0bchunked\r\n\r\n", 400,
     "invalid-http"),
    ("chunked in 1.0", b"PATCH / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
     "invalid-http"),
    ("chunk size in words", b"PATCH / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n", 400,
     "invalid-http"),
    ("chunk size overflows", b"PATCH / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
     b"fffffffffffffffff\r\n", 400, "invalid-http"),
    ("chunk too short", b"PATCH / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc\r\n0\r\n\r\n",
     400, "invalid-http"),
    ("chunk too long", b"PATCH / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n",
     400, "invalid-http"),
    ("length in a trailer", b"PATCH / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
     b"0\r\nContent-Length: 5\r\n\r\n", 400, "invalid-http"),
    ("endless chunk size", b"PATCH / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + b"0" * 100000, 400,
     "invalid-http"),
    ("endless chunk extension", b"PATCH / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
     b"x" * 100000, 400, "invalid-http"),
    ("other expectation", b"PATCH / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\nContent-Length: 3\r\n\r\n", 417,
     "expectation-failed"),
    ("long target", b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414, "target-too-long"),
    ("endless target", b"GET /" + b"a" * 100000, 414, "target-too-long"),
    ("long method", b"G" * 100000, 414, "target-too-long"),
    ("long header", b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 100000 + b"\r\n\r\n", 431, "headers-too-large"),
    ("many headers", b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 200 + b"\r\n", 431, "headers-too-large"),
    ("long body", b"PATCH / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n", 413, "body-too-large"),
    ("huge body", b"PATCH / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000000\r\n\r\n", 413, "body-too-large"),
    ("long body that comes", b"PATCH / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n" + b"x" * 10000000,
     413, "body-too-large"),
    ("long body in chunks", b"PATCH / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
     (b"10000\r\n" + b"x" * 0x10000 + b"\r\n") * 40, 413, "body-too-large"),
    ("bad UTF-8 in a header", b"GET / HTTP/1.1\r\nHost: a\r\nX-A: \xff\r\n\r\n", 400, "invalid-header"),
    ("many options of the connection", b"GET / HTTP/1.1\r\nHost: a\r\nConnection: " + b"a," * 5000 + b"\r\n\r\n", 400,
     "invalid-http"),
    ("connection list", b"GET / HTTP/1.1\r\nHost: a\r\nConnection: a b\r\n\r\n", 400, "invalid-http"),
]


def refused(data, status, code):
    with Connection() as c:
        c.send(data + GOOD)
        answer = c.answer()
        check_error(answer, status, code)
        expect(answer.headers.get("connection") == "close", "no connection: close")
        expect(c.is_closed() and not c.data, f"something follows: {c.data[:80]!r}")


def test_error_document_echoes_the_id():
    check_error(ask(f"GET / HTTP/1.1\r\nHost: a\r\nsnyk-request-id: {ID}\r\nX-A: \xff\r\n\r\n".encode("latin-1")),
                400, "invalid-header", ID)


# --- What must not harm others --------------------------------------------------------------------


def test_idle_and_half_sent_connections():
    crowd = []
    try:
        for i in range(300):
            c = Connection()
            crowd.append(c)
            if i % 3:
                c.send(GOOD[:i % len(GOOD)])
        began = time.monotonic()
        for _ in range(50):
            expect(ask(GOOD).status == 200, "status")
        expect(time.monotonic() - began < 5, "others wait")
    finally:
        for c in crowd:
            c.socket.close()


def test_clients_that_vanish_at_every_point():
    data = GOOD + b"PATCH /nowhere HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    for at in range(1, len(data) + 1):
        c = Connection()
        c.send(data[:at])
        if at % 2:
            c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        c.socket.close()
    expect(ask(GOOD).status == 200, "status")


def test_slow_reader_of_a_large_body():
    if not STAND_IN:
        return
    readers = []
    for _ in range(5):
        c = Connection()
        readers.append(c)
        c.send(b"GET /x?size=8000000 HTTP/1.1\r\nHost: a\r\n\r\n")
    time.sleep(0.3)
    began = time.monotonic()
    for _ in range(20):
        expect(ask(GOOD).status == 200, "status")
    expect(time.monotonic() - began < 2, "others wait")
    for c in readers:
        answer = c.answer()
        expect(len(answer.body) > 8000000 and answer.document()["id"] == answer.headers["snyk-request-id"],
               "body")
        c.socket.close()


def test_flood_of_pipelined_requests_without_reading():
    with Connection() as c:
        c.socket.settimeout(1)
        try:
            for _ in range(200):
                c.socket.sendall(GOOD * 100)
        except (socket.timeout, ConnectionError):
            pass  # the proxy stopped reading, which is what it should do
        expect(ask(GOOD).status == 200, "status")


def main():
    passed = failed = 0
    tests = [(name[5:].replace("_", " "), function, ()) for name, function in globals().items()
             if name.startswith("test_")]
    tests += [("refuses: " + name, refused, (data, status, code)) for name, data, status, code in REFUSED]
    for name, function, arguments in tests:
        try:
            function(*arguments)
            passed += 1
        except Exception as error:  # pylint: disable=broad-except
            failed += 1
            print(f"FAILED {name}: {type(error).__name__}: {error}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
