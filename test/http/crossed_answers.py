#!/usr/bin/env python3
"""Does every answer belong to its request?

Usage: crossed_answers.py [SECONDS [URL]]     10 seconds, and URL= of build/demo.env

Many clients open connections, send one request or several at once, and read or
vanish: before the answer, in the middle of it, by FIN or by RST, so that the
numbers of their sockets in the proxy are given out again while answers are under
way. Every answer that is read must carry the id of its request and, where it is
a list, link to the very target that was asked for. One wrong answer fails the run.
Standard library only. Prints `N passed, M failed`, N being the answers that were
checked.
"""

import json
import multiprocessing
import os
import random
import socket
import struct
import sys
import threading
import time
import urllib.parse
import uuid

PROCESSES = 2
THREADS = 12
RESET = struct.pack("ii", 1, 0)


def settings():
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    path = os.path.join(root, "build", "demo.env")
    values = dict(os.environ)
    if os.path.exists(path):
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                name, found, value = line.strip().partition("=")
                if found:
                    values.setdefault(name, value)
    if len(sys.argv) > 2:
        values["URL"] = sys.argv[2]
        values.pop("TOKEN", None)  # a proxy on a stand-in: no key, any path
    return values


class Wrong(Exception):
    """An answer that is not the request's."""


class Client:
    def __init__(self, values, seed):
        url = urllib.parse.urlsplit(values["URL"])
        self.address = (url.hostname, url.port)
        self.token = values.get("TOKEN")
        self.tenant = values.get("TENANT", "t")
        self.random = random.Random(seed)
        self.socket = None
        self.data = b""
        self.checked = self.vanished = 0

    def request(self):
        """The bytes of a request, and what identifies its answer."""
        identity = str(uuid.UUID(int=self.random.getrandbits(128), version=4))
        target = (f"/tenants/{self.tenant}/inventory/assets?version=2024-10-15"
                  f"&limit={self.random.randrange(10, 100)}&filter=registry%3D%3D{identity}")
        head = f"GET {target} HTTP/1.1\r\nHost: a\r\nsnyk-request-id: {identity}\r\n"
        if self.token:
            head += f"Authorization: Token {self.token}\r\n"
        return (head + "\r\n").encode(), identity

    def connect(self):
        self.close()
        self.socket = socket.create_connection(self.address, timeout=20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.data = b""

    def close(self, reset=False):
        if self.socket is not None:
            if reset:
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self.socket.close()
            self.socket = None

    def receive(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("closed")
        self.data += data

    def check_answer(self, identity):
        while b"\r\n\r\n" not in self.data:
            self.receive()
        head, self.data = self.data.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:])
        length = int(headers["content-length"])
        while len(self.data) < length:
            self.receive()
        body, self.data = self.data[:length], self.data[length:]
        if headers.get("snyk-request-id") != identity:
            raise Wrong(f"asked as {identity}, answered as {headers.get('snyk-request-id')}")
        document = json.loads(body)
        if lines[0].startswith("HTTP/1.1 200"):
            if identity not in document["links"]["self"]:
                raise Wrong(f"asked for {identity}, got {document['links']['self']}")
        elif not lines[0].startswith("HTTP/1.1 503") or document["errors"][0]["id"] != identity:
            raise Wrong(f"{lines[0]}: {body[:200]!r}")
        self.checked += 1

    def turn(self):
        if self.socket is None or self.random.random() < 0.3:
            self.connect()
        sent = [self.request() for _ in range(self.random.choice((1, 1, 1, 2, 5)))]
        self.socket.sendall(b"".join(data for data, _ in sent))
        way = self.random.random()
        if way < 0.5:
            for _, identity in sent:
                self.check_answer(identity)
            return
        self.vanished += 1
        if way < 0.6:  # after some of the answers
            self.check_answer(sent[0][1])
        elif way < 0.7:  # in the middle of an answer
            self.socket.recv(self.random.randrange(1, 200))
        elif way < 0.85:
            time.sleep(self.random.random() * 0.002)
        self.close(reset=self.random.random() < 0.7)

    def run(self, until, wrong):
        while time.monotonic() < until and not wrong:
            try:
                self.turn()
            except Wrong as error:
                wrong.append(str(error))
            except (ConnectionError, socket.timeout, OSError) as error:
                if isinstance(error, socket.timeout):
                    wrong.append("no answer in 20 s")
                self.close()
        self.close()


def work(values, seconds, number, results):
    until = time.monotonic() + seconds
    wrong = []
    clients = [Client(values, number * 1000 + i) for i in range(THREADS)]
    threads = [threading.Thread(target=c.run, args=(until, wrong)) for c in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put((sum(c.checked for c in clients), sum(c.vanished for c in clients), wrong))


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10
    values = settings()
    results = multiprocessing.Queue()
    processes = [multiprocessing.Process(target=work, args=(values, seconds, i, results))
                 for i in range(PROCESSES)]
    for process in processes:
        process.start()
    gathered = [results.get() for _ in processes]
    for process in processes:
        process.join()
    checked = sum(entry[0] for entry in gathered)
    wrong = [text for entry in gathered for text in entry[2]]
    print(f"{checked} answers checked, {sum(entry[1] for entry in gathered)} clients vanished")
    for text in wrong:
        print("FAILED", text)
    if checked == 0:
        wrong.append("nothing was checked")
    print(f"{checked} passed, {len(wrong)} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
