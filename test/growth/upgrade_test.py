#!/usr/bin/env python3
"""From this release to the next, which is made here, and from a dump; on a copy of the server's files."""
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

from stand import ROOT, eventually, expect, main

NEXT = "99.0.0"
# What the dump holds, for the tests after the first.
HERE = {}
# What a release may bring: a changed function, a new one, a step that changes a table.
NEWS = """
create or replace function inventory.field_id(name text) returns uuid
language c stable strict parallel safe
as 'MODULE_PATHNAME', 'inventory_field_id';
comment on function inventory.field_id(text) is 'Says it otherwise.';
create or replace function inventory.next_release() returns int language sql immutable
set search_path = pg_catalog, inventory, pg_temp as 'select 99';
comment on function inventory.next_release() is 'A function that only the next release has.';
create or replace function inventory.migration_900_next() returns void
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
as $migration$
begin
    alter table inventory.asset add column next_column text not null default '';
    create index asset_next_idx on inventory.asset (tenant_id, next_column);
    comment on column inventory.asset.next_column is 'Of the next release.';
end
$migration$;
revoke all on all functions in schema inventory from public;
"""
# Of every table: how many rows, and what is in them.
CONTENT = """
do $$
declare
    name text;
    content text;
begin
    create temp table content (name text, content text);
    for name in select c.oid::regclass from pg_class c where c.relnamespace = 'inventory'::regnamespace and c.relkind = 'r' loop
        execute format('select count(*) || '' '' || coalesce(md5(string_agg(md5((to_jsonb(t) - ''next_column'')::text), '''' '
                       'order by md5((to_jsonb(t) - ''next_column'')::text))), '''') from %s t', name) into content;
        insert into content values (name, content);
    end loop;
end
$$;
select c.name || ' ' || c.content from content c where c.name <> 'inventory.migration' order by 1;
"""


def copy_of_postgres(directory):
    """The server finds its files by where its program lies, so a copy is a server of its own."""
    config = os.environ["PG_CONFIG"]

    def ask(what):
        return pathlib.Path(subprocess.run([config, what], check=True, capture_output=True, text=True).stdout.strip())

    programs, share = ask("--bindir").parent, ask("--sharedir")
    root = pathlib.Path(os.path.commonpath([programs, share]))
    for source in (programs, share):
        shutil.copytree(source, directory / source.relative_to(root), symlinks=True)
    os.environ["PG_CONFIG"] = str(directory / programs.relative_to(root) / "bin/pg_config")
    return directory / share.relative_to(root) / "extension"


def version_of(folder):
    return re.search(r"default_version = '([^']+)'", (folder / "asset_inventory.control").read_text()).group(1)


def publish_next(folder, version):
    """Puts the next release among the server's files."""
    install = (folder / f"asset_inventory--{version}.sql").read_text()
    (folder / f"asset_inventory--{NEXT}.sql").write_text(install + NEWS)
    upgrade = subprocess.run([str(ROOT / "tools/upgrade-script"), str(folder / f"asset_inventory--{NEXT}.sql")], check=True,
                             capture_output=True, text=True).stdout
    (folder / f"asset_inventory--{version}--{NEXT}.sql").write_text(upgrade)
    control = folder / "asset_inventory.control"
    control.write_text(control.read_text().replace(f"default_version = '{version}'", f"default_version = '{NEXT}'"))
    return upgrade


def restore(stand, database):
    server = stand.primary
    server.psql(f"create database {database} encoding 'UTF8' template template0", "postgres")
    server.run("pg_restore", "-h", server.directory, "-U", "postgres", "--exit-on-error", "-d", database,
               f"{server.directory}/inventory.dump")


def expect_same(found, wanted):
    changed = set(found.splitlines()) ^ set(wanted.splitlines())
    expect(not changed, f"not as they were: {sorted(changed)}")


def check_restored(stand, database):
    proxy = stand.proxy(stand.primary.conninfo.replace("dbname=inventory", f"dbname={database}"))
    trouble = stand.mixed_requests(proxy.port, 60)
    expect(not trouble, f"the key works and the assets are there: {trouble[:1]}")
    drift = stand.primary.psql("select count(*) from inventory.scope s, inventory.verify_facets(s.id) where s.kind = 'tenant'", database)
    expect(drift == "0", f"{drift} facets are wrong")
    wrong = stand.primary.psql('select "check", detail from inventory.health() where not ok', database)
    expect(wrong == "", wrong)
    seen = stand.primary.psql("set role upgrade_reader; select count(*) > 0 from inventory.asset", database)
    expect(seen == "t", "readers read")
    proxy.stop()


def test_a_dump_keeps_all_data_and_configuration(stand):
    server = stand.primary
    proxy = stand.proxy()
    trouble = stand.mixed_requests(proxy.port, 100)
    expect(not trouble, f"{trouble[:1]}")
    server.psql("""create role upgrade_reader in role inventory_reader;
        select inventory.grant_role(inventory.create_principal('reader', 'upgrade_reader'), 'orgs/30000000-0000-4000-8000-000000000001', 'viewer');
        select inventory.register_field('stars', 'integer', '{repositories}');
        select inventory.register_asset_type('repositories', '{stars}', 'Repositories');
        alter database inventory set asset_inventory.walk_rows = 4000""")
    proxy.stop()
    # The worker goes when it is idle; until then it changes what is compared.
    eventually(lambda: server.psql("select count(*) from pg_stat_activity where backend_type ~ '^asset_inventory'") == "0",
               "the worker ended")
    server.psql("do $$ begin while inventory.compact_facets() > 0 loop end loop; end $$")
    server.run("pg_dump", "-h", server.directory, "-U", "postgres", "-Fc", "--create", "-f", f"{server.directory}/inventory.dump", "inventory")
    script = server.run("pg_restore", "--create", "-f", "-", f"{server.directory}/inventory.dump")
    expect("SET \"asset_inventory.walk_rows\" TO '4000'" in script, "the settings of the database go with it")
    before = HERE["content"] = server.psql(CONTENT)
    restore(stand, "restored")
    expect_same(server.psql(CONTENT, "restored"), before)
    expect(server.psql("select count(*) from inventory.migrate()", "restored") == "0", "there is nothing to migrate")
    check_restored(stand, "restored")


def test_a_dump_can_be_restored_into_the_next_release(stand):
    publish_next(FOLDER, VERSION)
    server = stand.primary
    restore(stand, "restored_next")
    expect(server.psql("select extversion from pg_extension where extname = 'asset_inventory'", "restored_next") == NEXT, "of the next release")
    expect(server.psql("select inventory.migrate()", "restored_next") == "migration_900_next", "its step is applied")
    expect_same(server.psql(CONTENT, "restored_next"), HERE["content"])
    check_restored(stand, "restored_next")


def test_an_upgrade_under_load_fails_no_request(stand):
    proxy = stand.proxy()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        load = pool.submit(stand.mixed_requests, proxy.port, 2400, 4)
        time.sleep(0.3)
        stand.primary.psql("alter extension asset_inventory update")
        time.sleep(0.2)
        steps = stand.primary.psql("set lock_timeout = '2s'; select inventory.migrate()")
        expect(not load.done(), "the load outlived the upgrade")
        trouble = load.result()
    expect(steps == "migration_900_next", steps)
    expect(not trouble, f"{len(trouble)} failed, the first: {trouble[:1]}")
    expect(stand.primary.psql("select inventory.next_release()") == "99", "the new function is there")


def check(stand):
    return subprocess.run([str(ROOT / "tools/upgrade-check"), VERSION, f"host={stand.primary.directory} user=postgres dbname=postgres"],
                          capture_output=True, text=True)


def test_an_upgraded_catalogue_equals_a_fresh_one(stand):
    done = check(stand)
    expect(done.returncode == 0, done.stdout[-3000:] + done.stderr)


def test_the_check_sees_what_an_upgrade_script_forgot(stand):
    script = FOLDER / f"asset_inventory--{VERSION}--{NEXT}.sql"
    whole = script.read_text()
    for part, sign in ((re.search(r"comment on function inventory\.next_release.*?;\n", whole, re.S).group(), "comment on function"),
                       (whole[whole.rindex("revoke all on all functions"):], "next_release() is granted")):
        script.write_text(whole.replace(part, ""))
        done = check(stand)
        expect(done.returncode == 1 and sign in done.stdout, f"{sign} is seen: {done.stdout[-2000:]}{done.stderr}")
    script.write_text(whole)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="growth-", dir="/var/tmp") as files:
        os.chmod(files, 0o755)
        FOLDER = copy_of_postgres(pathlib.Path(files))
        VERSION = version_of(FOLDER)
        sys.exit(main(globals()))
