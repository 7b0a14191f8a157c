"""A client of the API in one function, on Python's standard library.

URL and TOKEN are read from the environment.
"""
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request

URL = os.environ["URL"].rstrip("/")
TOKEN = os.environ["TOKEN"]
MEDIA_TYPE = "application/vnd.api+json"


class ApiError(Exception):
    """What the server found wrong; `errors` are the objects of its JSON:API document."""

    def __init__(self, status, errors):
        self.status = status
        self.errors = errors
        super().__init__("; ".join(f"{error['title']}: {error['detail']}" for error in errors))


def call(method, target, parameters=None, document=None):
    """Sends a request and returns the document of the answer, None when it has no body.

    `target` is a path, or a link as the server gave it. A busy server is asked again when it says so.
    """
    if parameters:
        target += "?" + urllib.parse.urlencode(parameters)
    body = None if document is None else json.dumps(document).encode()
    for attempts_left in (4, 3, 2, 1, 0):
        request = urllib.request.Request(URL + target, method=method, data=body)
        request.add_header("Authorization", f"Token {TOKEN}")
        request.add_header("Accept", MEDIA_TYPE)
        if body is not None:
            request.add_header("Content-Type", MEDIA_TYPE)
        try:
            # urlopen follows the 302 of a new search to its results, as GET and with the key.
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.loads(answer.read() or "null")
        except urllib.error.HTTPError as error:
            wait = error.headers.get("Retry-After")
            if error.code not in (429, 503) or wait is None or not attempts_left:
                raise ApiError(error.code, json.load(error)["errors"]) from None
            time.sleep(int(wait))


def walk(target, parameters=None):
    """Yields all resources of a list, page after page."""
    page = call("GET", target, parameters)
    while True:
        yield from page["data"]
        following = page["links"].get("next")
        if following is None:
            return
        # The link holds every parameter and the cursor: it is followed as it is.
        page = call("GET", following)
