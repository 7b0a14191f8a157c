"""make bench-scale: what a request costs in tenants of 10^4 to 5 x 10^6 assets, as a table in Markdown.

  SIZES=10000,100000,1000000   the tenants (add 5000000 when there is half an hour and 25 GB)
  SCALE_DIR=build/scale        where the cluster is kept: the next run measures what is built already
  test/bench/scale.py build    only builds; with `measure` it only measures
  CASES=q,org                  only the cases that begin so

Every figure is of 500 calls of inventory.rest, one after another, with different values, measured by pgbench
after a few to warm up; the ratio is of the p50 to that of the smallest tenant."""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from measure import pgbench_tool
from scale_data import Data, run, tenant_of

SIZES = sorted(int(size) for size in os.environ.get("SIZES", "10000,100000,1000000").split(","))
CASES = tuple(os.environ.get("CASES", "").split(","))
CALLS = 500
SERIES = f"generate_series(1, {CALLS}) n"
SORTS = ("created_at", "updated_at", "type", "class", "registry", "name", "risk_score", "issues", "built_at", "last_scan")


def key(data):
    grants = "".join(f"select inventory.grant_role(p.id, 'tenants/{tenant_of(size)}', 'editor') from inventory.principal p "
                     "where p.name = 'bench'; " for size in SIZES)
    return data.sql("insert into inventory.principal (name) select 'bench' where not exists (select from inventory.principal "
                    f"where name = 'bench'); {grants}"
                    "select inventory.issue_api_key(p.id) from inventory.principal p where p.name = 'bench';").splitlines()[-1]


def cases(size):
    """Name and SQL that makes the targets of 500 calls, as rows (target) or (target, body)."""
    tenant = tenant_of(size)
    path = f"/tenants/{tenant}/inventory/assets"
    # Spread over the tenant, the same in each run.
    asset = (f"{SERIES} join inventory.asset a on a.tenant_id = '{tenant}' "
             f"and a.id = md5('{tenant}:1:' || (n * 7919::bigint) % {size})::uuid")
    yield "page 1", f"select '{path}?limit=' || 10 + n % 10 from {SERIES}"
    yield "deepest page", (f"select '{path}?starting_after=' || inventory.cursor_encode(jsonb_build_object('s', 'created_at', "
                           "'k', jsonb_build_array((extract(epoch from a.created_at) * 1000000)::bigint), 'i', a.id)) "
                           f"from (select * from inventory.asset a where a.tenant_id = '{tenant}' "
                           f"order by a.created_at desc, a.id desc offset 20 limit {CALLS}) a")
    yield "one asset", f"select '{path}/' || a.id from {asset}"
    for sort in SORTS:
        yield f"sort by {sort}", (f"select '{path}?sort=' || case when n % 2 = 0 then '-' else '' end || '{sort}&limit=' || 10 + n % 10 "
                                  f"from {SERIES}")

    # Each term in turn is followed by each of three sorts.
    def q(term):
        return (f"select '{path}?filter=' || {term} || '&sort=' || (array['created_at', '-created_at', 'name'])[1 + n % 3] "
                f"|| '&limit=' || 10 + n % 7 from {SERIES}")

    lot = "chr(97 + n / 22 % 23) as one, chr(97 + (n / 22 + 1 + n % 22) % 23) as other"
    yield "q common (60 %)", q("'q==' || substr('common', 1 + n % 2, 4 + n % 2)")
    yield "q of 4 %", q("'q==lot:' || chr(97 + n % 23)")
    yield "q medium (1 %)", q("'q==' || substr('medium', 1 + n % 2)")
    yield "q rare (five assets)", q("'q==rare:' || n % 500")
    yield "q far end", q("'q==' || substr('late', 1, 4)")
    yield "q absent", q("'q==absent' || md5(n::text)")
    yield "q of two that never meet", (f"select '{path}?filter=q==lot:' || one || ';q==lot:' || other "
                                       f"from {SERIES} cross join lateral (select {lot}) l")
    yield "q two characters", q("'q==' || chr(97 + n / 26 % 26) || chr(97 + n % 26)")
    yield "q one character", q("'q==' || substr('abcdefghijklmnopqrstuvwxyz0123456789', 1 + n % 36, 1)")
    yield "q part of a digest", f"select '{path}?filter=q==' || substr(a.manifest_digests[1], 8, 8 + n % 50) from {asset}"
    yield "repository == value", f"select '{path}?filter=repository==''' || a.repository || '''' from {asset}"
    yield "tags.cost == value", f"select '{path}?filter=tags.cost==c' || n from {SERIES}"
    yield "registry == *gcr*", f"select '{path}?filter=registry==*gcr*&limit=' || 10 + n % 10 from {SERIES}"
    scopes = {name: f"{kind}s/{id}" for kind, name, id in (row.split("|") for row in DATA.sql(
        f"select kind, name, id from inventory.scope where tenant_id = '{tenant}' and kind <> 'tenant'").splitlines())}
    for what, name in (("org of half", "org 1"), ("org of a thousandth", "org 6"), ("org of ten assets", "org 8"),
                       ("group of nine tenths", "many"), ("group of a hundredth", "few")):
        scope = f"/{scopes[name]}/inventory/assets"
        yield f"{what}", f"select '{scope}?limit=' || 10 + n % 10 from {SERIES}"
        yield f"{what}, q of 4 %", f"select '{scope}?filter=q==lot:' || chr(97 + n % 23) || '&limit=' || 10 + n % 10 from {SERIES}"
        yield f"{what}, count", f"select '{scope}?meta_count=only&limit=' || 10 + n % 91 from {SERIES}"
    yield "count", f"select '{path}?meta_count=only&limit=' || 10 + n % 91 from {SERIES}"
    yield "count of a filter (4 %)", f"select '{path}?meta_count=only&filter=labels==lot:' || chr(97 + n % 23) from {SERIES}"
    for field in ("class", "registry", "labels", "repository"):
        yield f"groups by {field}", (f"select '{path}/groups/' || inventory.field_id('{field}') || '/values?limit=' || 10 + n % 90 "
                                     f"from {SERIES}")
    yield "autocomplete", (f"select '{path}/filters/' || inventory.field_id('repository') || '/values?q=' || substr(md5(n::text), 1, 3) "
                           f"from {SERIES}")
    yield "bulk update of 100", (
        f"select '{path}', convert_to(json_build_object('data', (select json_agg(json_build_object('type', 'container_images', "
        "'id', a.id, 'attributes', json_build_object('class', json_build_object('rank', 1 + (n / 100) % 4)))) "
        f"from generate_series(0, 99) m join inventory.asset a on a.tenant_id = '{tenant}' "
        f"and a.id = md5('{tenant}:1:' || (n * 7919::bigint + m) % {size})::uuid))::text, 'UTF8') from {SERIES}")


def measure(name, targets, token):
    """p50 and p99 in ms of one pass over the targets."""
    is_update = name.startswith("bulk")
    rest = (f"inventory.rest({chr(39)}{'PATCH' if is_update else 'GET'}{chr(39)}, t.target, "
            f"E'authorization: Token {token}\\ncontent-type: application/vnd.api+json\\n', t.body)")
    columns = "n, target, body" if is_update else "n, target"
    DATA.sql("drop table if exists public.target; create table public.target (n bigint primary key, target text, body bytea); "
             f"insert into public.target ({columns}) select row_number() over (), t.* from ({targets}) t; analyze public.target;")
    wrong = DATA.sql(f"select r.status, t.target, left(r.body, 300) from public.target t cross join lateral {rest} r "
                     "where t.n % 100 = 1 and r.status not between 200 and 299 limit 1")
    count = int(DATA.sql("select count(*) from public.target"))
    if wrong or count == 0:
        raise SystemExit(f"{name}: {wrong or 'no targets'}")
    script = f"\\set i :i + 1\n\\set n 1 + :i % {count}\nselect r.status from public.target t cross join lateral {rest} r where t.n = :n;\n"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "script.sql").write_text(script)
        pgbench = (pgbench_tool(), "-n", "-c1", "-M", "prepared", "-D", "i=0", "-f", f"{folder}/script.sql")
        run(*pgbench, "-t", "20", DATA.uri)
        run(*pgbench, "-t", str(CALLS), "-l", f"--log-prefix={folder}/log", DATA.uri)
        values = sorted(int(line.split()[2]) / 1000 for file in Path(folder).glob("log*") for line in file.read_text().splitlines())
    return statistics.median(values), values[int(len(values) * 0.99)]


def import_rate(size):
    """Assets a second of import_assets with all indexes, three calls of 1,000 new ones, which are removed again."""
    rates = []
    for n in range(3):
        DATA.sql("drop table if exists public.incoming; create table public.incoming as select jsonb_build_object("
                 f"'registry', 'bench.example', 'repository', 'team-' || i % 50 || '/app-' || i, 'labels', jsonb_build_array('bench', 'n:' || i % 7), "
                 f"'config_digest', 'sha256:' || encode(sha256('{n}:'::bytea || i::text::bytea), 'hex')) as asset from generate_series(1, 1000) i;")
        begin = time.monotonic()
        DATA.sql(f"select inventory.import_assets('tenants/{tenant_of(size)}', 'public.incoming')")
        rates.append(1000 / (time.monotonic() - begin))
    DATA.sql(f"delete from inventory.asset where tenant_id = '{tenant_of(size)}' and registry = 'bench.example'")
    return statistics.median(rates)


def table():
    token = key(DATA)
    figures, rates = {}, []
    for size in SIZES:
        for name, targets in cases(size):
            if name.startswith(CASES):
                figures.setdefault(name, []).append(measure(name, targets, token))
                print(f"{size:>9,} {name:<36} {figures[name][-1][0]:10.3f} {figures[name][-1][1]:10.3f}", file=sys.stderr, flush=True)
        rates.append(import_rate(size))
    print("\n| ms | " + " | ".join(f"{size:,}: p50 | p99" + (" | ratio" if size > SIZES[0] else "") for size in SIZES) + " |")
    print("|---|" + "--:|" * (3 * len(SIZES) - 1))
    for name, pairs in figures.items():
        print(f"| {name} | " + " | ".join(f"{p50:.2f} | {p99:.2f}" + (f" | {p50 / pairs[0][0]:.2f}" if i else "")
                                          for i, (p50, p99) in enumerate(pairs)) + " |")
    print("\n`import_assets` of 1,000 new assets, all indexes kept, assets a second: "
          + ", ".join(f"{rate:,.0f} at {size:,}" for size, rate in zip(SIZES, rates)) + ".")


if __name__ == "__main__":
    if sys.argv[1:] not in ([], ["build"], ["measure"]):
        raise SystemExit(__doc__)
    DATA = Data()
    DATA.start()
    try:
        if sys.argv[1:] != ["measure"]:
            DATA.build(SIZES)
        if sys.argv[1:] != ["build"]:
            table()
    finally:
        DATA.stop()
