"""One session that calls inventory.rest as the proxy does: one prepared statement through libpq, over the
database's Unix socket, nothing between a call and the next."""

import ctypes
import ctypes.util
import time

STATEMENT = b"select status, headers, body from inventory.rest($1, $2, $3, $4)"
COMMAND_OK, TUPLES_OK = 1, 2


def load_libpq():
    name = ctypes.util.find_library("pq")
    if name is None:
        raise SystemExit("libpq is missing: apt-get install libpq5")
    libpq = ctypes.CDLL(name)
    for function in ("PQconnectdb", "PQprepare", "PQexec", "PQexecPrepared"):
        getattr(libpq, function).restype = ctypes.c_void_p
    for function in ("PQgetvalue", "PQerrorMessage"):
        getattr(libpq, function).restype = ctypes.c_char_p
    return libpq


class Session:
    """Calls as one key; ended by close()."""

    def __init__(self, uri, token):
        self.libpq = load_libpq()
        self.connection = ctypes.c_void_p(self.libpq.PQconnectdb(uri.encode()))
        self.headers = f"authorization: Token {token}\ncontent-type: application/vnd.api+json\n".encode()
        self.check(self.libpq.PQprepare(self.connection, b"rest", STATEMENT, 0, None), COMMAND_OK)

    def check(self, result, wanted):
        result = ctypes.c_void_p(result)
        if self.libpq.PQresultStatus(result) != wanted:
            raise SystemExit(self.libpq.PQerrorMessage(self.connection).decode())
        return result

    def call(self, method, target, body=None):
        """Returns (status, body, milliseconds until the whole answer was there)."""
        values = (ctypes.c_char_p * 4)(method.encode(), target.encode(), self.headers, body and body.encode())
        begin = time.perf_counter_ns()
        result = self.libpq.PQexecPrepared(self.connection, b"rest", 4, values, None, None, 0)
        took = (time.perf_counter_ns() - begin) / 1e6
        result = self.check(result, TUPLES_OK)
        status = int(self.libpq.PQgetvalue(result, 0, 0))
        text = self.libpq.PQgetvalue(result, 0, 2).decode()
        self.libpq.PQclear(result)
        return status, text, took

    def close(self):
        self.libpq.PQfinish(self.connection)
