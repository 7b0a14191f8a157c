"""The cluster of bench-scale and what is in it: built once, kept in build/scale for the next run, and gone on
with where an interrupted run stood."""

import hashlib
import json
import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from measure import ROOT, pgbench_tool

CLUSTER = Path(os.environ.get("SCALE_DIR", ROOT / "build/scale"))
PSQL = pgbench_tool().replace("pgbench", "psql")
PART = 100_000
WORKERS = 2
# As the DBA's guide has it: a quarter of 24 GiB, and no pglz.
SETTINGS = {"shared_buffers": "6GB", "maintenance_work_mem": "1GB", "max_wal_size": "16GB", "work_mem": "64MB",
            "checkpoint_timeout": "30min", "wal_compression": "lz4"}


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, **options)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def tenant_of(size):
    return f"99000000-0000-4000-8000-{size:012d}"


class Data:
    """A cluster of its own, started by start() and stopped by stop()."""

    def start(self):
        run("tools/cluster", "start", str(CLUSTER))
        admin = run("tools/cluster", "uri", str(CLUSTER), "postgres", "postgres")
        if not all(run(PSQL, "-XAt", admin, "-c", f"show {name}") == value for name, value in SETTINGS.items()):
            for name, value in SETTINGS.items():
                run(PSQL, "-XAtq", admin, "-c", f"alter system set {name} = '{value}'")
            self.stop()
            run("tools/cluster", "start", str(CLUSTER))
        if run(PSQL, "-XAt", admin, "-c", "select count(*) from pg_database where datname = 'scale'") == "0":
            run(PSQL, "-XAt", admin, "-c", "create database scale")
        self.uri = run("tools/cluster", "uri", str(CLUSTER), "postgres", "scale")

    def stop(self):
        run("tools/cluster", "stop", str(CLUSTER))

    def sql(self, text):
        return run(PSQL, "-XAtq", "-v", "ON_ERROR_STOP=1", self.uri, input="set client_min_messages = warning;\n" + text)

    def rows(self, query):
        """The rows of a query, whose columns have different names, as lists."""
        found = json.loads(self.sql(f"select coalesce(json_agg(q), '[]') from ({query}) q"))
        return [list(row.values()) for row in found]

    def settle(self):
        """Merges what waits in GIN indexes, leaves nothing for autovacuum to do beside a measurement, and reads the indexes
        of the assets into memory, where a server that has run for a while has them."""
        self.sql("vacuum analyze inventory.asset;")
        self.sql("do $$ begin while inventory.compact_facets() > 0 loop commit; end loop; end $$;")
        self.sql("vacuum analyze inventory.facet;")
        self.sql("create extension if not exists pg_prewarm schema public; "
                 "select public.pg_prewarm(indexrelid) from pg_index where indrelid = 'inventory.asset'::regclass;")
        self.sql("checkpoint;")

    def build(self, sizes):
        self.renew_extension()
        if self.sql("select to_regclass('inventory_demo.part') is null") == "t":
            self.load_images()
        # Data made earlier gets what the generator has learnt since.
        self.sql((ROOT / "test/bench/generate.sql").read_text()
                 + "create table if not exists inventory_demo.part (size bigint, first bigint, primary key (size, first));")
        known = set(self.sql("select size || ' ' || first from inventory_demo.part").splitlines())
        parts = [(size, first) for size in sizes for first in range(0, size, PART) if f"{size} {first}" not in known]
        if parts:
            self.generate(sizes, parts)
        if parts or self.sql("select to_regclass('inventory.suspended_index') is not null") == "t":
            self.finish()
        more = sum(int(self.sql(f"select inventory_demo.more_orgs('{tenant_of(size)}', {size})")) for size in sizes)
        if more:
            print(f"{more:,} assets seen in more orgs", flush=True)
            self.finish()

    def renew_extension(self):
        """Data outlives the build that made it: tables are no members of the extension."""
        script = hashlib.sha256(b"".join(file.read_bytes() for file in sorted((ROOT / "build").glob("asset_inventory--*.sql"))))
        known = self.sql("create table if not exists public.made_by (script text); select script from public.made_by")
        if known != script.hexdigest():
            begin = time.monotonic()
            self.sql("drop extension if exists asset_inventory cascade; create extension asset_inventory cascade; select inventory.migrate(); "
                     "analyze inventory.asset;")
            self.sql(f"delete from public.made_by; insert into public.made_by values ('{script.hexdigest()}')")
            print(f"extension made anew, tables migrated in {time.monotonic() - begin:.0f} s", flush=True)

    def load_images(self):
        self.sql("drop schema if exists demo cascade; drop table if exists staging; create schema demo; "
                 "create table demo.image (image jsonb not null);")
        images = Path(os.environ.get("IMAGES", ROOT.parent / "shared/data/container_images.jsonl.gz"))
        if images.exists():
            subprocess.run(f"zcat '{images}' | {PSQL} -XAtq '{self.uri}' -c \"copy demo.image from stdin "
                           "with (format csv, quote e'\\x01', delimiter e'\\x02')\"", shell=True, check=True)
        else:
            self.sql((ROOT / "tools/generate.sql").read_text())
        self.sql("create table staging as select jsonb_strip_nulls(jsonb_build_object('registry', image -> 'registry', "
                 "'repository', image -> 'repository', 'name', image -> 'name', 'image_tags', image -> 'tags', "
                 "'distribution_digests', jsonb_build_array(image #> '{distribution_digests,0}'), 'os', image -> 'os', "
                 "'architecture', image #> '{architectures,0}', 'size_bytes', image -> 'size_bytes', "
                 "'config', jsonb_build_object('labels', image -> 'annotations'))) as asset from demo.image; "
                 "select inventory.create_tenant('images', '99000000-0000-4000-8000-000000000000') "
                 "where not exists (select from inventory.scope where id = '99000000-0000-4000-8000-000000000000');")
        begin = time.monotonic()
        count = self.sql("select inventory.import_assets('tenants/99000000-0000-4000-8000-000000000000', 'staging')")
        print(f"import_assets, all indexes kept: {int(count) / (time.monotonic() - begin):,.0f} assets a second", flush=True)

    def generate(self, sizes, parts):
        begin = time.monotonic()
        self.sql("select inventory.suspend_indexes();" + "".join(
            f"select inventory_demo.make_scopes('{tenant_of(size)}', {size});" for size in sizes))

        def part(given):
            size, first = given
            self.sql(f"begin; select inventory_demo.generate_part('{tenant_of(size)}', {size}, 1, {first}, {first + PART}); "
                     f"insert into inventory_demo.part values ({size}, {first}); commit;")
            return min(PART, size - first)

        done = 0
        with ThreadPoolExecutor(WORKERS) as pool:
            for count in pool.map(part, parts):
                done += count
                if done % 500_000 < count:
                    print(f"{done:,} assets in {time.monotonic() - begin:.0f} s", flush=True)

    def finish(self):
        for what, statements in (
                ("indexes", ["select inventory.restore_indexes();"] * WORKERS),
                ("facets", ["do $$ begin while inventory.compact_facets() > 0 loop commit; end loop; end $$;"]),
                ("vacuum analyze", ["vacuum analyze inventory.asset;", "vacuum analyze inventory.facet;"])):
            begin = time.monotonic()
            with ThreadPoolExecutor(WORKERS) as pool:
                list(pool.map(self.sql, statements))
            print(f"{what} in {time.monotonic() - begin:.0f} s", flush=True)
