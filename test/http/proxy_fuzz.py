#!/usr/bin/env python3
"""Random bytes that are nearly HTTP, against the proxy.

Usage: proxy_fuzz.py [SECONDS [URL [SEED]]]     10 seconds, and URL= of build/demo.env

Requests come from a grammar, are mutated, cut into segments, and sent on
connections that end in every way. Between them, on other connections, good
requests must be answered, each with its own id. A crash, a hang, a head that is
none, or an answer of somebody else fails the run; meant for a proxy built with
-DSANITIZE=ON too. Standard library only. Prints how many were sent and `1 passed, 0 failed`.
"""

import errno
import os
import random
import re
import socket
import struct
import sys
import threading
import time
import urllib.parse
import uuid

RESET = struct.pack("ii", 1, 0)
# The last is what a half close says of a connection that the proxy has reset.
CLOSED_BY_PROXY = (errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN)
METHODS = [b"GET", b"HEAD", b"POST", b"PATCH", b"PUT", b"DELETE", b"OPTIONS", b"get", b"X" * 30, b"", b"G T"]
TARGETS = [b"/", b"/openapi", b"/openapi?a=1&b=%20", b"*", b"http://a/b?c", b"//", b"/%", b"/\xff\xfe", b"",
           b"/" + b"a" * 5000, b"/a b", b"/?" + b"&" * 200, b"/\x00"]
VERSIONS = [b"HTTP/1.1"] * 6 + [b"HTTP/1.0", b"HTTP/2.0", b"HTTP/1.2", b"HTTP/1.1 ", b"", b"http/1.1"]
HEADERS = [b"Host: a", b"Host:", b"Host: a b", b"Content-Length: 3", b"Content-Length: 0", b"Content-Length: -1",
           b"Content-Length: 3, 3", b"Content-Length: 18446744073709551616", b"Content-Length: 5000000",
           b"Transfer-Encoding: chunked", b"Transfer-Encoding: Chunked", b"Transfer-Encoding: gzip, chunked",
           b"Transfer-Encoding:\tchunked", b"Connection: close", b"Connection: keep-alive", b"Connection: x, ,y",
           b"Connection: upgrade", b"Upgrade: h2c", b"Expect: 100-continue", b"Expect: x",
           b"Authorization: Token k", b"Authorization: ", b"Accept-Encoding: gzip", b"Accept-Encoding: ;q=",
           b"snyk-request-id: x", b"X: " + b"y" * 3000, b"X:\xff", b"X\x00: y", b" folded", b"\tfolded", b"X : y",
           b": y", b"X", b"Traceparent: 00-1-2-3", b"X-Forwarded-For: 1.2.3.4, ,", b"TE: trailers"]
BODIES = [b"", b"abc", b"3\r\nabc\r\n0\r\n\r\n", b"3\r\nabc\r\n", b"0\r\n\r\n", b"0\r\nX: y\r\n\r\n",
          b"ffffffffffffffff\r\n", b"3;x=\"\r\n\"\r\nabc\r\n0\r\n\r\n", b"-1\r\n", b"\r\n", b"0\r\n\r\r\n",
          b"1\r\na\r\n" * 50 + b"0\r\n\r\n", b"5\r\nab", b"x" * 70000, b"0" * 100 + b"\r\n\r\n"]


def settings():
    if len(sys.argv) > 2:
        return {"URL": sys.argv[2]}
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    with open(os.path.join(root, "build", "demo.env"), encoding="utf-8") as lines:
        return dict(line.strip().split("=", 1) for line in lines if "=" in line)


def good_head(values):
    """A request that is answered with 200, up to its last header."""
    if "TOKEN" not in values:  # the stand-in answers anything
        return "GET /good HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
    return (f"GET /tenants/{values['TENANT']}/inventory/assets?version=2024-10-15 HTTP/1.1\r\nHost: a\r\n"
            f"Connection: close\r\nAuthorization: Token {values['TOKEN']}\r\n")


class Fuzzer:
    def __init__(self, address, seed):
        self.address = address
        self.random = random.Random(seed)
        self.sent = self.answers = 0

    def request(self):
        pick = self.random.choice
        lines = [b" ".join((pick(METHODS[:6] if self.random.random() < 0.8 else METHODS),
                            pick(TARGETS[:3] if self.random.random() < 0.6 else TARGETS), pick(VERSIONS)))]
        if self.random.random() < 0.8:
            lines.append(b"Host: a")
        lines += [pick(HEADERS) for _ in range(self.random.choice((0, 1, 1, 2, 3, 8, 120)))]
        ending = pick([b"\r\n"] * 15 + [b"\n", b"\r", b"\r\r\n"])
        return ending.join(lines) + ending * 2 + pick(BODIES)

    def mutate(self, data):
        data = bytearray(data)
        for _ in range(self.random.choice((0, 0, 0, 1, 1, 2, 5))):
            if not data:
                break
            at = self.random.randrange(len(data))
            way = self.random.random()
            if way < 0.3:
                data[at] = self.random.randrange(256)
            elif way < 0.5:
                del data[at:at + self.random.randrange(1, 8)]
            elif way < 0.7:
                data[at:at] = self.random.choice((b"\r\n", b"\x00", b"\n", b":", b" ", b"\r\n\r\n", b"0"))
            elif way < 0.85:
                data[at:at] = data[at:at + self.random.randrange(1, 40)]
            else:
                del data[at:]
        return bytes(data)

    def turn(self):
        data = b"".join(self.mutate(self.request()) for _ in range(self.random.choice((1, 1, 2, 4))))
        with socket.create_connection(self.address, timeout=20) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                at = 0
                while at < len(data):
                    size = self.random.choice((1, 2, 7, 50, 100000, 100000, 100000))
                    client.sendall(data[at:at + size])
                    at += size
                    if at > 3000:
                        size = 100000
                way = self.random.random()
                if way < 0.2:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                elif way < 0.6:
                    client.shutdown(socket.SHUT_WR)
                    self.read(client)
            except OSError as error:
                if error.errno not in CLOSED_BY_PROXY:
                    raise
        self.sent += 1

    def read(self, client):
        answer = b""
        while len(answer) < 1_000_000:
            more = client.recv(65536)
            if not more:
                break
            answer += more
        if answer:
            self.answers += 1
            if not re.match(rb"HTTP/1\.1 [1-5]\d\d [^\r\n]*\r\n", answer):
                raise AssertionError(f"no head: {answer[:100]!r}")


def check_good(address, head, state):
    """Good requests beside the fuzz: each is answered, with its own id."""
    while not state["stop"]:
        identity = str(uuid.uuid4())
        with socket.create_connection(address, timeout=10) as client:
            client.sendall(f"{head}snyk-request-id: {identity}\r\n\r\n".encode())
            answer = b""
            while True:
                more = client.recv(65536)
                if not more:
                    break
                answer += more
        if not answer.startswith(b"HTTP/1.1 200") or f"snyk-request-id: {identity}\r\n".encode() not in answer:
            raise AssertionError(f"{identity} got {answer[:300]!r}")
        state["good"] += 1


def guarded(function, failures, state):
    def run():
        try:
            function()
        except Exception as error:  # pylint: disable=broad-except
            failures.append(f"{type(error).__name__}: {error}")
            state["stop"] = True
    return threading.Thread(target=run)


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else int(time.time())
    values = settings()
    url = urllib.parse.urlsplit(values["URL"])
    address = (url.hostname, url.port)
    state, failures = {"stop": False, "good": 0}, []
    fuzzers = [Fuzzer(address, seed * 100 + i) for i in range(8)]
    until = time.monotonic() + seconds

    def fuzz(fuzzer):
        while time.monotonic() < until and not state["stop"]:
            fuzzer.turn()

    workers = [guarded(lambda f=f: fuzz(f), failures, state) for f in fuzzers]
    checker = guarded(lambda: check_good(address, good_head(values), state), failures, state)
    for thread in [*workers, checker]:
        thread.start()
    for thread in workers:
        thread.join()
    state["stop"] = True
    checker.join()
    print(f"seed {seed}: {sum(f.sent for f in fuzzers)} connections, {sum(f.answers for f in fuzzers)} answered, "
          f"{state['good']} good requests beside them")
    for text in failures:
        print("FAILED", text)
    if not state["good"]:
        print("FAILED nothing was checked")
    failed = bool(failures) or not state["good"]
    print("0 passed, 1 failed" if failed else "1 passed, 0 failed")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
