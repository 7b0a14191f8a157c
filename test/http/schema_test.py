"""The OpenAPI document (contract.md route 11): served, linted clean, its examples and every answer of the
server valid by it, and docs/reference current.

Answers are those that OPENAPI_RECORD holds from the other suites, and some of its own. Lint and validation
need npm; without it they are skipped.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import uuid

# Before the first answer: every one of them is recorded.
os.environ.setdefault("OPENAPI_RECORD", os.path.join(tempfile.mkdtemp(), "answers.jsonl"))

from common import ROOT, SCOPES, an_asset, check, editor, equal, expect, main, nobody, other, viewer  # noqa: E402

NPM = ROOT / "test/npm"
RELEASE = "2024-10-15~beta"
METHODS = {"get", "patch", "post"}


def document():
    return expect(nobody.get(f"/openapi/{RELEASE}"), 200).json


def has_modules():
    """Whether the packages of test/npm are there, installed now if need be."""
    if not (NPM / "node_modules/ajv").is_dir():
        command = ["npm", "install", "--prefix", NPM, "--no-package-lock", "--no-audit", "--no-fund"]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=180)
        except (OSError, subprocess.SubprocessError):
            print("schema_test: npm is not reachable, lint and validation are skipped")
            return False
    return True


def run_node(*command):
    """Runs a program of test/npm over the document; fails with what it printed."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "openapi.json"
        path.write_text(json.dumps(document()))
        environment = {**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
        done = subprocess.run([str(path) if word == "DOCUMENT" else word for word in command], cwd=NPM,
                              env=environment, capture_output=True, text=True, check=False)
    check(done.returncode == 0, f"{' '.join(map(str, command))}\n{(done.stdout + done.stderr)[-6000:]}")
    return done.stdout + done.stderr


def ask_of_all(scope):
    """One request at least of every operation, and of most ways to fail."""
    asset = an_asset(scope)
    listed = viewer.get(scope, {"limit": 20, "sort": "-name", "meta_count": "with"})
    if "next" in listed.links:
        viewer.get(viewer.get(listed.links["next"]).links["prev"])
    viewer.get(scope, {"meta_count": "only", "filter": "class==A"})
    viewer.get(scope, {"fields[container_images]": "class,labels"})
    single = viewer.get(f"{scope}/{asset['id']}")
    viewer.get(f"{scope}/{asset['id']}", headers={"If-None-Match": single.headers["etag"]})
    viewer.request("HEAD", f"{scope}/{asset['id']}")
    for kind, extra in (("groups", {"meta_fields": "all"}), ("filters", {})):
        answer = viewer.get(f"{scope}/{kind}")
        for item in answer.data if answer.status == 200 else ():
            for relationship in item.get("relationships", {}).values():
                viewer.get(relationship["links"]["related"].partition("?")[0], extra)
        viewer.get(f"{scope}/{kind}/{uuid.uuid4()}/values")
    started = viewer.post(f"{scope}/searches")
    if started.status == 302:
        viewer.get(started.headers["location"])
    viewer.get(f"{scope}/searches/{uuid.uuid4()}/results")
    update = {"type": asset["type"], "id": asset["id"], "attributes": {"labels": {"add": ["schema_test"]}}}
    for client in (editor, viewer):
        client.patch(f"{scope}/{asset['id']}", {"data": update})
        client.patch(scope, {"data": [update]})
    editor.patch(f"{scope}/{asset['id']}", {"data": {**update, "attributes": {"labels": {"remove": ["schema_test"]}}}})
    editor.patch(f"{scope}/{asset['id']}", "{")
    editor.patch(f"{scope}/{asset['id']}", {"data": update}, headers={"Content-Type": "text/plain"})
    editor.patch(f"{scope}/{uuid.uuid4()}", {"data": update})
    for parameters in ({"filter": "x=="}, {"filter": "nope==1"}, {"sort": "x"}, {"limit": 1}, {"starting_after": "x"},
                       {"nope": 1}, {"version": "x"}, {"version": "2000-01-01"}):
        viewer.get(scope, parameters)
    viewer.get(scope, headers={"Accept": "text/html"})
    viewer.request("DELETE", scope)
    viewer.get(f"{scope}/{uuid.uuid4()}")
    other.get(scope)
    nobody.get(scope)


def test_1_openapi_lists_versions():
    for path in ("/openapi", "/rest/openapi"):
        answer = expect(nobody.get(path), 200)
        equal(answer.headers["content-type"], "application/json", "content-type")
        equal(answer.json, [RELEASE], "versions")


def test_1_openapi_versions_are_dates_or_releases():
    served = expect(nobody.get(f"/openapi/{RELEASE}"), 200)
    for version in ("2024-10-15", "2024-10-16", "2025-01-31~beta"):
        equal(expect(nobody.get(f"/openapi/{version}"), 200).body, served.body, version)
    for version in ("2024-10-14", "2020-01-01~beta", "2024-10-15~ga", "2024-10-15~"):
        expect(nobody.get(f"/openapi/{version}"), 404, code="unknown-version")
    for version in ("latest", "2024-13-01", "2024-10", "2999-01-01", "%20", "~beta"):
        expect(nobody.get(f"/openapi/{version}"), 400, code="invalid-version")
    expect(nobody.get("/openapi?x=1"), 400, code="unknown-parameter", parameter="x")
    expect(nobody.post("/openapi"), 405, code="method-not-allowed")


def test_1_openapi_has_etag_304_and_head():
    for path in ("/openapi", f"/openapi/{RELEASE}"):
        answer = expect(nobody.get(path), 200)
        known = nobody.get(path, headers={"If-None-Match": answer.headers["etag"]})
        expect(known, 304)
        equal(known.headers["etag"], answer.headers["etag"], "etag")
        head = expect(nobody.request("HEAD", path), 200)
        equal((head.body, head.headers["content-type"]), (b"", "application/json"), "HEAD")


def test_1_openapi_holds_the_thirty_routes():
    paths = document()["paths"]
    operations = [operation for path, item in paths.items() if path.endswith("assets") or "/assets/" in path
                  for method, operation in item.items() if method in METHODS]
    equal(len(operations), 30, "routes")
    equal(len({operation["operationId"] for operation in operations}), 30, "operationIds")


def test_1_openapi_lints_clean():
    if has_modules():
        output = run_node("node_modules/.bin/redocly", "lint", "--config", "redocly.yaml", "DOCUMENT")
        check("warning" not in output.replace("Deprecation warning", "").lower(), output)


def test_1_openapi_describes_every_answer():
    for scope in SCOPES:
        ask_of_all(scope)
    if has_modules():
        run_node("node", "validate.mjs", "DOCUMENT", os.environ["OPENAPI_RECORD"])


def test_reference_is_current():
    done = subprocess.run([ROOT / "tools/reference", "--check"], capture_output=True, text=True, check=False)
    check(done.returncode == 0, done.stdout + done.stderr)


if __name__ == "__main__":
    sys.exit(main(globals()))
