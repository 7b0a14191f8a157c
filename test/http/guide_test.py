"""docs/sql-guide.md: every ```sql example runs, in order, and prints what the ```text block after it shows."""
import re
import subprocess
import sys
import urllib.parse

from common import ROOT, check, env, main, sql

GUIDE = ROOT / "docs/sql-guide.md"
SCRATCH = "inventory_guide"
ROLES = "analyst, loader"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARK = "--- example"


def examples():
    """Yields (line, statements, expected output or None)."""
    markdown = GUIDE.read_text()
    fences = list(FENCE.finditer(markdown))
    for fence, following in zip(fences, fences[1:] + [None]):
        if fence[1] == "sql":
            is_shown = following is not None and following[1] == "text" and not markdown[fence.end():following.start()].strip()
            yield markdown.count("\n", 0, fence.start()) + 1, fence[2], following[2] if is_shown else None


def normal(text):
    """Without what depends on the width of a column: blanks, rules, and the `+` that breaks a line of a value."""
    text = re.sub(r" *\+$", "", text, flags=re.MULTILINE)
    return re.sub(r"-{3,}", "---", re.sub(r"[ \t]+", " ", "\n".join(line.strip() for line in text.strip().splitlines())))


def matches(actual, expected):
    return re.fullmatch(".*".join(re.escape(normal(part)) for part in expected.split("…")), normal(actual), re.DOTALL)


def run(statements):
    database = urllib.parse.urlsplit(env.DATABASE)._replace(path=f"/{SCRATCH}").geturl()
    script = "set client_min_messages = warning;\n" + "".join(f"\\echo {MARK}\n{text}" for text in statements) + f"\\echo {MARK}\n"
    done = subprocess.run(["psql", "-Xq", database], input=script, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, env={"PGTZ": "UTC", "PATH": "/usr/bin:/bin"})
    return done.stdout.split(MARK + "\n")[1:]


def test_guide_examples():
    for statement in (f"drop database if exists {SCRATCH} with (force)", f"drop role if exists {ROLES}", f"create database {SCRATCH}"):
        sql(statement)
    try:
        guide = list(examples())
        outputs = run([statements for _, statements, _ in guide])
        for (line, _, expected), output in zip(guide, outputs, strict=False):
            if expected is None:
                check("ERROR" not in output, f"docs/sql-guide.md:{line}:\n{output}")
            else:
                check(matches(output, expected), f"docs/sql-guide.md:{line} prints\n{output}\nnot\n{expected}")
        check(len(outputs) == len(guide) + 1, f"{len(outputs)} outputs of {len(guide)} examples")
    finally:
        sql(f"drop database if exists {SCRATCH} with (force)")
        sql(f"drop role if exists {ROLES}")


if __name__ == "__main__":
    sys.exit(main(globals()))
