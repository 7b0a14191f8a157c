"""make bench-scale: what a request costs in tenants of 10^4 to 5 x 10^6 assets.

SIZES chooses them (default 10000,100000,1000000; add 5000000 when there is half an hour and 20 GB).
Every figure is of at least 500 calls with different values, measured by pgbench through inventory.rest;
the last column is the ratio to the smallest tenant."""

import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from measure import ROOT, pgbench_tool

SIZES = [int(size) for size in os.environ.get("SIZES", "10000,100000,1000000").split(",")]
CLUSTER = ROOT / "build/scale"
CALLS = 500


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT, **options).stdout.strip()


def sql(text):
    return run(pgbench_tool().replace("pgbench", "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", DATABASE, input=text)


def tenant_of(size):
    return f"99000000-0000-4000-8000-{size:012d}"


def prepare():
    """A cluster of its own; what is loaded stays for the next run."""
    run("tools/cluster", "start", str(CLUSTER))
    admin = run("tools/cluster", "uri", str(CLUSTER), "postgres", "postgres")
    psql = pgbench_tool().replace("pgbench", "psql")
    if run(psql, "-XAt", admin, "-c", "select count(*) from pg_database where datname = 'scale'") == "0":
        run(psql, "-XAt", admin, "-c", "create database scale")
    return run("tools/cluster", "uri", str(CLUSTER), "postgres", "scale")


def load():
    sql("set client_min_messages = warning; create extension if not exists asset_inventory cascade; "
        "select inventory.migrate();")
    sql("alter system set maintenance_work_mem = '1GB'; alter system set max_wal_size = '8GB'; "
        "alter system set work_mem = '64MB'; select pg_reload_conf();")
    if sql("select to_regclass('inventory_demo.image') is null") == "t":
        images = os.environ.get("IMAGES", str(ROOT.parent / "shared/data/container_images.jsonl.gz"))
        sql("select inventory.create_tenant('images', '99000000-0000-4000-8000-000000000000'); "
            "create schema demo; create table demo.image (image jsonb not null);")
        if Path(images).exists():
            subprocess.run(f"zcat '{images}' | {pgbench_tool().replace('pgbench', 'psql')} -XAtq '{DATABASE}' -c \"copy demo.image from stdin "
                           "with (format csv, quote e'\\x01', delimiter e'\\x02')\"", shell=True, check=True)
        else:
            sql((ROOT / "tools/generate.sql").read_text())
        sql("create table staging as select jsonb_strip_nulls(jsonb_build_object('registry', image -> 'registry', "
            "'repository', image -> 'repository', 'name', image -> 'name', 'image_tags', image -> 'tags', "
            "'distribution_digests', jsonb_build_array(image #> '{distribution_digests,0}'), 'os', image -> 'os', "
            "'architecture', image #> '{architectures,0}', 'size_bytes', image -> 'size_bytes', "
            "'config', jsonb_build_object('labels', image -> 'annotations'))) as asset from demo.image;")
        begin = time.monotonic()
        count = sql("select inventory.import_assets('tenants/99000000-0000-4000-8000-000000000000', 'staging')")
        print(f"import_assets, all indexes kept: {int(count) / (time.monotonic() - begin):,.0f} assets a second")
        sql((ROOT / "test/bench/generate.sql").read_text())
    for size in SIZES:
        if sql(f"select count(*) from inventory.scope where id = '{tenant_of(size)}'") == "0":
            begin = time.monotonic()
            sql(f"select inventory.suspend_indexes(); select inventory_demo.generate('{tenant_of(size)}', {size});")
            middle = time.monotonic()
            sql("select inventory.restore_indexes();")
            print(f"{size:,} assets in {middle - begin:.0f} s, indexes in {time.monotonic() - middle:.0f} s")
            sql("do $$ begin while inventory.compact_facets() > 0 loop end loop; end $$;")
            sql("vacuum analyze inventory.asset; vacuum analyze inventory.facet;")


def key():
    return sql("insert into inventory.principal (name) select 'bench' where not exists (select from inventory.principal where "
               "name = 'bench'); "
               + "".join(f"select inventory.grant_role(p.id, 'tenants/{tenant_of(size)}', 'editor') from inventory.principal p "
                         "where p.name = 'bench'; " for size in SIZES)
               + "select inventory.issue_api_key(p.id) from inventory.principal p where p.name = 'bench';").splitlines()[-1]


def cases(size):
    """Name and SQL that makes the targets of 500 calls, as rows (n, target)."""
    tenant = tenant_of(size)
    path = f"/tenants/{tenant}/inventory/assets"
    series = f"generate_series(1, {CALLS}) n"
    cursor = ("select inventory.cursor_encode(jsonb_build_object('s', 'created_at', 'k', jsonb_build_array("
              "(extract(epoch from a.created_at) * 1000000)::bigint), 'i', a.id)) from inventory.asset a "
              f"where a.tenant_id = '{tenant}' order by a.created_at desc, a.id desc offset {20 + CALLS} limit 1")
    yield "page 1", f"select n, '{path}?limit=' || 10 from {series}"
    yield "deepest page", (f"select row_number() over (), '{path}?starting_after=' || inventory.cursor_encode(jsonb_build_object("
                           "'s', 'created_at', 'k', jsonb_build_array((extract(epoch from a.created_at) * 1000000)::bigint), 'i', a.id)) "
                           f"from (select * from inventory.asset a where a.tenant_id = '{tenant}' order by a.created_at desc, a.id desc "
                           f"offset 20 limit {CALLS}) a")
    del cursor
    for sort in ("-updated_at", "type", "class", "registry", "name", "-risk_score", "-issues", "built_at", "last_scan"):
        yield f"sort {sort}", f"select n, '{path}?sort={sort}' from {series}"
    for name, term in (("common", "common"), ("medium", "medium"), ("rare", "rare"), ("far end", "late"),
                       ("absent", "absent"), ("never meet", "even;q==odd"), ("two characters", "zq"), ("one character", "|")):
        extra = "" if name in ("two characters", "one character", "never meet") else ""
        yield f"q {name}", f"select n, '{path}?filter=q==' || '{term.replace('|', '%7C')}{extra}' || '&sort=' || (array['created_at', '-created_at', 'name'])[1 + n % 3] from {series}"
    yield "q digest", (f"select row_number() over (), '{path}?filter=q==' || substr(a.manifest_digests[1], 8, 8 + (random() * 50)::int) from "
                       f"(select * from inventory.asset a where a.tenant_id = '{tenant}' and a.id > gen_random_uuid() order by a.id limit {CALLS}) a")
    yield "repository == value", (f"select row_number() over (), '{path}?filter=repository==''' || a.repository || '''' from "
                                  f"(select * from inventory.asset a where a.tenant_id = '{tenant}' and a.id > gen_random_uuid() order by a.id limit {CALLS}) a")
    yield "tags.cost == value", f"select n, '{path}?filter=tags.cost==c' || n from {series}"
    yield "registry == *gcr*", f"select n, '{path}?filter=registry==*gcr*' from {series}"
    orgs = sql(f"select string_agg(id::text, ',' order by name) from inventory.scope where tenant_id = '{tenant}' and kind = 'org'").split(",")
    for name, org in (("half", orgs[0]), ("a thousandth", orgs[5]), ("ten assets", orgs[7])):
        yield f"org of {name}", f"select n, '/orgs/{org}/inventory/assets?limit=10' from {series}"
    yield "count", f"select n, '{path}?meta_count=only' from {series}"
    yield "count of an org", f"select n, '/orgs/{orgs[0]}/inventory/assets?meta_count=only' from {series}"
    for field in ("class", "registry", "labels", "repository"):
        yield f"groups by {field}", f"select n, '{path}/groups/' || inventory.field_id('{field}') || '/values' from {series}"
    yield "autocomplete", f"select n, '{path}/filters/' || inventory.field_id('repository') || '/values?q=' || substr(md5(n::text), 1, 3) from {series}"


def measure(name, size, targets, token):
    """p50 and p99 in ms of one pass over the targets, after one to warm up."""
    sql("create table if not exists public.target (n int, target text); truncate public.target; "
        f"insert into public.target select t.n, t.target from ({targets}) t (n, target); create unique index if not exists target_n on public.target (n); analyze public.target;")
    count = int(sql("select count(*) from public.target"))
    script = ("\\set n random(1, {count})\nselect r.status from public.target t cross join lateral inventory.rest('GET', t.target, "
              "E'authorization: Token {token}\\n') r where t.n = :n;\n").format(count=count, token=token)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "script.sql").write_text(script)
        run(pgbench_tool(), "-n", "-c1", "-t", "20", "-M", "prepared", "-f", f"{folder}/script.sql", DATABASE)
        run(pgbench_tool(), "-n", "-c1", "-t", str(CALLS), "-M", "prepared", "-l", f"--log-prefix={folder}/log", "-f", f"{folder}/script.sql", DATABASE)
        values = sorted(int(line.split()[2]) / 1000 for file in Path(folder).glob("log*") for line in file.read_text().splitlines())
    return statistics.median(values), values[int(len(values) * 0.99)]


if __name__ == "__main__":
    DATABASE = prepare()
    try:
        load()
        TOKEN = key()
        first = {}
        for size in SIZES:
            print(f"\n{size:,} assets{'':26}  p50 ms    p99 ms   p50 ratio")
            for case, targets in cases(size):
                p50, p99 = measure(case, size, targets, TOKEN)
                first.setdefault(case, p50)
                print(f"  {case:<28} {p50:10.3f} {p99:10.3f} {p50 / first[case]:9.2f} x", flush=True)
    finally:
        run("tools/cluster", "stop", str(CLUSTER))
