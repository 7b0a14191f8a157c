"""examples/: every program runs with the demo's environment, those of the three languages agree, and
docs/examples.md shows them as they are.

The programs for JavaScript need node; without it they are skipped.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import uuid

from common import ORG, ROOT, all_assets, check, editor, env, equal, expect, main, viewer

EXAMPLES = ROOT / "examples"
LABEL = f"example-{uuid.uuid4().hex[:8]}"


def run(program, *arguments, status=0):
    """The output of a program of examples/, which ends with `status`; None when its language is not there."""
    runner = {".sh": "sh", ".py": "python3", ".mjs": "node"}[program[program.rindex("."):]]
    if shutil.which(runner) is None:
        print(f"examples_test: {program} is skipped, {runner} is not installed")
        return None
    environment = {**os.environ, "URL": env.URL, "TOKEN": env.TOKEN, "ORG": env.ORG}
    done = subprocess.run([runner, EXAMPLES / program, *arguments], capture_output=True, text=True, check=False,
                          env=environment, timeout=120)
    check(done.returncode == status, f"{program} ended with {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout if status == 0 else done.stdout + done.stderr


def printed(name, *arguments, status=0):
    """What Python and JavaScript print for an example: the same."""
    python = run(f"python/{name}.py", *arguments, status=status)
    javascript = run(f"javascript/{name}.mjs", *arguments, status=status)
    check(javascript in (None, python), f"{name}: python prints\n{python[:2000]}\njavascript\n{javascript}")
    return python


def curl(name, *arguments):
    return run(f"curl/{name}.sh", *arguments)


def ids(parameters, page=viewer.get):
    return [asset["id"] for asset in page(ORG, {"limit": 100, **parameters}).data]


def class_of(asset):
    return asset["attributes"].get("class", {}).get("display_name")


def test_list():
    wanted = viewer.get(ORG, {"sort": "-created_at"}).data
    lines = [" ".join([asset["id"], *(asset["attributes"].get(name, "-") for name in ("registry", "name"))])
             for asset in wanted]
    equal(printed("list").splitlines(), lines, "list")
    equal([asset["id"] for asset in json.loads(curl("list"))["data"]], [asset["id"] for asset in wanted], "curl")


def test_filter():
    rsql = "class=in=(A,B);registry==docker.io;(labels==prod,tags.env==prod)"
    count = viewer.get(ORG, {"filter": rsql, "meta_count": "only"}).json["meta"]["count"]
    equal(printed("filter", rsql).strip(), str(count), "count")
    equal(json.loads(curl("filter", rsql))["meta"]["count"], count, "curl")


def test_filter_tells_what_is_wrong():
    wrong = printed("filter", "clas==A", status=1)
    check(wrong.startswith("400: ") and 'Did you mean "class"?' in wrong, wrong)
    shown = run("curl/filter.sh", "clas==A", status=22)
    check('Did you mean \\"class\\"?' in shown, shown)


def test_walk():
    wanted = [asset["id"] for asset in all_assets() if class_of(asset) == "A"]
    check(len(wanted) > 100, "more than a page")
    equal(printed("walk", "class==A").split(), wanted, "walk")
    pages = [json.loads(line) for line in curl("walk", "class==A").splitlines()]
    equal([asset["id"] for page in pages for asset in page["data"]], wanted, "curl")


def test_bulk_update():
    rsql = "class==A;registry==docker.io"
    wanted = sorted(asset["id"] for asset in all_assets()
                    if class_of(asset) == "A" and asset["attributes"].get("registry") == "docker.io")
    check(wanted, "there are some")
    labelled = f"labels=={LABEL}"

    def labelled_now():
        return viewer.get(ORG, {"filter": labelled, "meta_count": "only"}).json["meta"]["count"]

    for run_one in ("python/bulk_update.py", "javascript/bulk_update.mjs"):
        if (count := run(run_one, "add", LABEL, rsql)) is None:
            continue
        equal(int(count), len(wanted), "changed")
        equal(labelled_now(), len(wanted), "have the label")
        equal(int(run(run_one, "remove", LABEL, labelled)), len(wanted), "changed back")
        equal(labelled_now(), 0, "have the label")
    some = wanted[:3]
    equal(curl("bulk_update", "add", LABEL, *some), "", "204")
    equal(sorted(ids({"filter": labelled})), some, "have the label")
    equal(curl("bulk_update", "remove", LABEL, *some), "", "204")
    expect(editor.get(ORG, {"filter": labelled}), 200)
    equal(labelled_now(), 0, "have the label")


def test_search():
    # A search sorts as a list does by the same fields, and the ids break ties.
    rsql = "q==nginx"
    listed = {asset["id"] for page in iter_pages(rsql) for asset in page}
    found = printed("search", rsql).split()
    equal(set(found), listed, "found")
    equal(len(found), len(listed), "once each")
    equal([asset["id"] for asset in json.loads(curl("search", rsql))["data"]], found[:100], "curl")


def iter_pages(rsql):
    answer = viewer.get(ORG, {"filter": rsql, "limit": 100})
    yield answer.data
    while "next" in answer.links:
        answer = viewer.get(answer.links["next"])
        yield answer.data


def test_groups():
    of_class = {}
    for asset in all_assets():
        if value := class_of(asset):
            of_class[value] = of_class.get(value, 0) + 1
    lines = printed("groups", "class").splitlines()
    equal({value: int(count) for count, value in map(str.split, lines)}, of_class, "counts")
    values = json.loads(curl("groups", "class"))["data"]
    equal([f"{item['meta']['count']} {item['attributes']['value']}" for item in values], lines, "curl")
    check("is not one of" in printed("groups", "nope", status=1), "an unknown field")


def test_the_document_shows_the_programs_as_they_are():
    text = (ROOT / "docs/examples.md").read_text()
    shown = re.findall(r"^```\w+ (examples/\S+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    check(len(shown) > 5, "it shows programs")
    for path, program in shown:
        equal(program, (ROOT / path).read_text(), f"docs/examples.md shows {path}")
    for path in EXAMPLES.glob("*/*.*"):
        check(str(path.relative_to(ROOT)) in text, f"docs/examples.md leads to {path.name}")


if __name__ == "__main__":
    sys.exit(main(globals()))
