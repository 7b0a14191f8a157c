"""asset-inventory-load, in a scratch database beside the demo's: what it writes, rejects and shows, how it goes on
after it was killed, and every example of docs/import.md."""
import hashlib
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse

from common import ROOT, check, env, equal, main, sql

LOADER = ROOT / "build/asset-inventory-load"
FIXTURES = ROOT / "test/fixtures/formats"
SCRATCH = "inventory_loader"
SCOPE = "orgs/30000000-0000-4000-8000-000000000001"
DATABASE = urllib.parse.urlsplit(env.DATABASE)._replace(path=f"/{SCRATCH}").geturl()


def scratch(statement):
    """The lines that psql prints for a statement in the scratch database."""
    return subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", DATABASE, "-c", statement], check=True,
                          capture_output=True, text=True).stdout.splitlines()


def set_up():
    subprocess.run(["make", "-s", "loader", "NO_PGXS=1"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    sql(f"drop database if exists {SCRATCH} with (force)")
    sql(f"create database {SCRATCH}")
    scratch("""set client_min_messages = warning;
        create extension asset_inventory cascade;
        select inventory.migrate();
        select inventory.create_tenant('One', '10000000-0000-4000-8000-000000000001'),
               inventory.create_group('10000000-0000-4000-8000-000000000001', 'Group', '20000000-0000-4000-8000-000000000001'),
               inventory.create_org('20000000-0000-4000-8000-000000000001', 'Org', '30000000-0000-4000-8000-000000000001')""")


def command(*arguments):
    return [str(LOADER), "--database", DATABASE, "--scope", SCOPE, *map(str, arguments)]


def load(*arguments, stdin=b"", status=0):
    """What the loader says, after a check of its exit status."""
    done = subprocess.run(command(*arguments), input=stdin, capture_output=True, check=False, cwd=ROOT)
    said = done.stderr.decode()
    equal(done.returncode, status, said)
    return said


def summary(inserted=0, unchanged=0, rejected=0, documents=None):
    documents = inserted + unchanged + rejected if documents is None else documents
    return f"{documents:,} documents: {inserted:,} assets inserted, 0 updated, {unchanged:,} unchanged, {rejected:,} rejected"


def asset(name, **more):
    return {
        "registry": "docker.io", "repository": name,
        "config_digest": "sha256:" + hashlib.sha256(name.encode()).hexdigest(), **more
    }


def count(prefix):
    return int(scratch(f"select count(*) from inventory.asset where repository like '{prefix}%'")[0])


def test_every_format_is_told_and_loaded_and_loading_again_changes_nothing():
    for name, documents, assets, rejected in (("docker.json", 5, 4, 2), ("podman.json", 1, 1, 0), ("skopeo.json", 1, 1, 0),
                                              ("syft.json", 1, 1, 0), ("syft_registry.json", 1, 1, 0), ("syft_directory.json", 1, 0, 1), ("trivy.json", 1, 1, 0),
                                              ("trivy_filesystem.json", 1, 0, 1), ("images.csv", 7, 3, 4), ("oci", 4, 2, 0)):
        status = 3 if rejected else 0
        check(summary(assets, 0, rejected, documents) in load(FIXTURES / name, status=status), name)
        check(summary(0, assets, rejected, documents) in load(FIXTURES / name, status=status), f"{name} again")


def test_json_may_be_lines_one_after_the_other_or_an_array():
    documents = [asset(f"shape/{n}", labels=["a{[\"b"[:1]], author='br{ace] "quote" \\') for n in range(3)]
    for stdin in ("\n".join(map(json.dumps, documents)), json.dumps(documents), json.dumps(documents, indent=2),
                  "[" + "]\n[".join(map(json.dumps, documents)) + "]"):
        check("3 documents" in load(stdin=stdin.encode()), stdin)
    images = json.loads((FIXTURES / "docker.json").read_text())[:2]
    for stdin in ("".join(json.dumps(image, indent=4) for image in images), "\r\n".join(map(json.dumps, images)),
                  "\ufeff" + "\n\n".join(json.dumps(image, indent=4) for image in images)):
        check("2 documents" in load(stdin=stdin.encode()), stdin)
    equal(count("shape/"), 3)
    check(summary() in load(), "nothing")
    check(summary() in load(stdin=b" \n\n"), "blanks")


def test_a_document_that_never_closes_spoils_itself_only():
    images = json.loads((FIXTURES / "docker.json").read_text())[:2]
    stdin = json.dumps(images[0])[:-40] + "\n" + json.dumps(images[1]) + "\n"
    check("2 documents" in load("--format", "docker", stdin=stdin.encode(), status=3), stdin)


def test_each_bad_line_is_rejected_with_its_number_and_no_other():
    lines = [json.dumps(asset(f"bad/{n}")).encode() for n in range(3000)]
    bad = {
        7: b"{", 8: b'{"registry": "docker.io"', 1500: json.dumps(asset("bad/x", labels=["a b"], risk_score="high")).encode(),
        1501: b'{"registry": "\xff"}', 1502: b'{"a": "\0"}', 2999: b"[]"[1:], 2000: b'{"registry": "\\u0000"}'
    }
    for at, line in bad.items():
        lines[at] = line
    with tempfile.TemporaryDirectory() as folder:
        rejects = pathlib.Path(folder, "rejects.jsonl")
        said = load("--format", "jsonl", "--rejects", rejects, "--chunk", "700", stdin=b"\n".join(lines), status=3)
        check(summary(2993, 0, 7) + f", see {rejects}" in said, said)
        found = {line["line"]: line for line in map(json.loads, rejects.read_text().splitlines())}
    equal(sorted(found), sorted(at + 1 for at in bad))
    equal(found[1501]["rejected"],
          'labels/0: "a b" is no label: 1 to 40 of [a-zA-Z0-9_/:?#@&=+%~-]; risk_score: "high" is no integer of 32 bits')
    equal(found[1501]["document"]["repository"], "bad/x")
    equal(found[1501]["input"], "-")
    check("UTF-8" in found[1502]["rejected"] and "UTF-8" in found[1503]["rejected"], found[1502])
    check("JSON" in found[8]["rejected"], found[8])
    equal(count("bad/"), 2993)


def test_without_a_file_the_first_rejects_are_shown():
    said = load("--format", "jsonl", stdin=b"{}\n" * 30, status=3)
    equal(said.count("a container image has one;"), 20, said)
    check("--rejects FILE keeps them all" in said, said)


def test_csv_rows_of_several_lines_and_of_any_chunk():
    rows = ["image,config_digest,author"] + [
        f'acme/csv-{n}:1,sha256:{hashlib.sha256(str(n).encode()).hexdigest()},"two\nlines, ""quoted"" {"x" * 200}"' for n in range(2500)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "images.csv")
        path.write_bytes("\r\n".join(rows).encode())
        check(summary(2500) in load("--chunk", "999", path), "csv")
    equal(scratch("select detail ->> 'author' from inventory.asset where repository = 'acme/csv-2499'")[1], f'lines, "quoted" {"x" * 200}')
    said = load(stdin=b"image,colour\nnginx,red\n", status=1)
    check('There is no column "colour".' in said and "tags.<key>" in said, said)


def test_a_killed_load_goes_on_where_it_was():
    total = 12000
    with tempfile.TemporaryDirectory() as folder:
        source, state, rejects = (pathlib.Path(folder, name) for name in ("assets.jsonl", "state.json", "rejects.jsonl"))
        # One in a hundred is wrong.
        source.write_text("".join(
            json.dumps(asset(f"resume/{n}", labels=["a b"] if n % 100 == 0 else ["ok"])) + "\n" for n in range(total)))
        arguments = ("--chunk", "200", "--resume", state, "--rejects", rejects, source)
        for _ in range(2):
            before = state.stat().st_mtime_ns if state.exists() else 0
            with subprocess.Popen(command(*arguments), stderr=subprocess.DEVNULL) as process:
                while process.poll() is None and (not state.exists() or state.stat().st_mtime_ns == before):
                    time.sleep(0.005)
                process.send_signal(signal.SIGKILL)
            equal(process.returncode, -signal.SIGKILL, "it was to be killed on its way")
        so_far = json.loads(state.read_text())["counts"]["documents"]
        check(0 < so_far < total, f"{so_far} documents")
        # As if it had died between the commit and the state: the chunk is repeated, its rejects are not.
        with rejects.open("a") as file:
            file.write('{"half a ')
        said = load(*arguments, status=3)
        check(f"{total:,} documents" in said and f"{total // 100} rejected" in said, said)
        lines = [json.loads(line)["line"] for line in rejects.read_text().splitlines()]
        equal(lines, list(range(1, total + 1, 100)))
        equal(count("resume/"), total - total // 100)
        # Done is done.
        equal(load(*arguments, status=3), said)
        check("another load" in load("--resume", state, FIXTURES / "skopeo.json", status=1), "other inputs")
        state.write_text("{}")
        check("no state file" in load(*arguments, status=1), "not ours")


def test_a_lost_connection_fails_and_can_be_resumed():
    lines = "".join(json.dumps(asset(f"lost/{n}")) + "\n" for n in range(6000)).encode()
    with tempfile.TemporaryDirectory() as folder:
        state = pathlib.Path(folder, "state.json")
        arguments = ("--chunk", "100", "--resume", state)
        with tempfile.TemporaryFile() as stdin:
            stdin.write(lines)
            stdin.seek(0)
            with subprocess.Popen(command(*arguments), stdin=stdin, stderr=subprocess.PIPE) as process:
                while process.poll() is None and not state.exists():
                    time.sleep(0.005)
                scratch("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'asset-inventory-load'")
                said = process.stderr.read().decode()
            equal(process.returncode, 1, said)
            check("asset-inventory-load: " in said, said)
        # A pipe cannot seek: it reads its way to the place.
        check("6,000 documents" in load(*arguments, stdin=lines), "resumed")
        equal(count("lost/"), 6000)
        state.write_text(json.dumps({**json.loads(state.read_text()), "input": 0, "place": {"offset": 10**9, "lines": 0, "is_in_array": False}}))
        check("ends before the place to resume at" in load(*arguments, stdin=lines, status=1), "shorter input")


def test_an_array_is_resumed_inside():
    with tempfile.TemporaryDirectory() as folder:
        source, state = pathlib.Path(folder, "assets.json"), pathlib.Path(folder, "state.json")
        source.write_text(json.dumps([asset(f"array/{n}") for n in range(50)], indent=1))
        load("--chunk", "7", "--resume", state, source)
        text = source.read_text()
        place = {"offset": text.rindex("{", 0, text.index("array/21")), "lines": 0, "is_in_array": True}
        scratch("delete from inventory.asset where repository ~ '^array/(2[1-9]|[34].)'")
        state.write_text(json.dumps({**json.loads(state.read_text()), "input": 0, "place": place}))
        load("--chunk", "7", "--resume", state, source)
        equal(count("array/"), 50)


def test_progress_shows_rate_and_time_left_and_quiet_shows_nothing():
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "assets.jsonl")
        source.write_text("".join(json.dumps(asset(f"progress/{n}")) + "\n" for n in range(2000)))
        said = load("--progress", "--chunk", "100", source)
        check("/s" in said and " left" in said and " %" in said, said)
        equal(load("--quiet", source), "")
    check(" left" not in load("--progress", stdin=json.dumps(asset("progress/1")).encode()), "nobody knows how long a pipe is")


def test_two_loads_of_the_same_do_not_disturb_each_other():
    lines = "".join(json.dumps(asset(f"both/{n}")) + "\n" for n in range(2000)).encode()
    loads = [subprocess.Popen(command("--chunk", "100"), stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) for _ in range(3)]
    for process in loads:
        process.stdin.write(lines)
        process.stdin.close()
    equal([process.wait() for process in loads], [0, 0, 0])
    equal(count("both/"), 2000)


def test_oci_documents_belong_together():
    blobs = sorted((FIXTURES / "oci/blobs/sha256").iterdir())
    check("format oci" in load(blobs[0], status=1), "one of them alone")
    check("name of the image" not in load("--format", "oci", "--image", "quay.io/together/nginx", *blobs), "named")
    check("image: the documents do not name the image" in load("--format", "oci", *blobs, status=3), "not named")
    with tempfile.TemporaryDirectory() as folder:
        check("it has no index.json" in load(folder, status=1), "no layout")


def test_what_is_wrong_is_said():
    for arguments, status, wanted in ((("--help", ), 0, ""), (("--version", ), 0, ""), (("--format", "xml", "-"), 2, "xml"), (("no-such-file", ), 2, "no such file"),
                                      (("--scope", "orgs/30000000-0000-4000-8000-00000000000f", FIXTURES / "skopeo.json"), 1, "Scope not found"),
                                      (("--chunk", "0"), 2, "chunk"), (("--database", "host=/nowhere", FIXTURES / "skopeo.json"), 1, "/nowhere")):
        check(wanted in load(*arguments, status=status), f"{arguments}")
    check("cannot be told" in load(stdin=b'{"what": "is this"}', status=1), "unknown format")
    manual = subprocess.run([LOADER, "--help"], check=True, capture_output=True, text=True).stdout
    for word in ("docker", "skopeo", "oci", "syft", "trivy", "csv", "jsonl", "Exit status", "--resume", "--rejects", "DATABASE"):
        check(word in manual, word)


def test_an_editor_of_the_scope_may_load_and_nobody_else():
    for role in ("loader_editor", "loader_stranger"):
        sql(f"drop role if exists {role}")
        sql(f"create role {role} login in role inventory_editor")
    try:
        scratch(f"select inventory.grant_role(inventory.create_principal('loader', 'loader_editor'), '{SCOPE}', 'editor')")
        as_role = {role: urllib.parse.urlsplit(DATABASE)._replace(netloc=DATABASE.split("//")[1].split("/")[0].replace("postgres@", f"{role}@")).geturl()
                   for role in ("loader_editor", "loader_stranger")}
        check(summary(1) in load("--database", as_role["loader_editor"], stdin=json.dumps(asset("editor/1")).encode()), "editor")
        check("Scope not found" in load("--database", as_role["loader_stranger"], stdin=json.dumps(asset("editor/2")).encode(), status=1), "stranger")
    finally:
        sql("drop role loader_editor, loader_stranger")


def test_the_examples_of_the_guide_print_what_it_shows():
    loader = importlib.machinery.SourceFileLoader("readme", str(ROOT / "test/readme"))
    readme = importlib.util.module_from_spec(importlib.util.spec_from_loader("readme", loader))
    loader.exec_module(readme)
    scratch("delete from inventory.asset")
    with subprocess.Popen(["bash"], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, "DATABASE": DATABASE, "SCOPE": SCOPE}) as shell:
        found = list(readme.examples((ROOT / "docs/import.md").read_text()))
        for line, script, language, expected in found:
            output, status = readme.run(shell, script)
            check(status == 0 and (expected is None or readme.matches(output, expected, language)), f"docs/import.md:{line} prints\n{output}")
        shell.stdin.close()
    check(len(found) >= 6, "the examples were found")


if __name__ == "__main__":
    set_up()
    status_of_all = main(globals())
    sql(f"drop database if exists {SCRATCH} with (force)")
    sys.exit(status_of_all)
