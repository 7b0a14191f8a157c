-- migrate: idempotent; the tables outlive the extension, and serve again when it comes back.
\getenv source PG_ABS_SRCDIR
\set fresh :source '/fixtures/fresh.sql'
\set inventory :source '/fixtures/inventory.sql'
\i :fresh
\i :inventory

-- Each step once, in order, with the release that applied it.
select count(*) > 0 as has_steps, min(step) as first, bool_and(name ~ '^migration_\d{3}_[a-z0-9_]+$') as named, bool_and(extension_version = e.extversion) as by_this_release
from inventory.migration, pg_extension e where e.extname = 'asset_inventory';
select count(*) as applied_again from inventory.migrate();

-- What a catalogue is made of, to compare: tables, columns, constraints, indexes, triggers, policies, functions.
create function pg_temp.catalogue() returns setof text language sql stable as $$
    select format('%s %s', c.relkind, c.oid::regclass) from pg_class c where c.relnamespace = 'inventory'::regnamespace
    union all select format('%s.%s %s %s %s', a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid))
    from pg_attribute a join pg_class c on c.oid = a.attrelid left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where c.relnamespace = 'inventory'::regnamespace and c.relkind in ('r', 'p', 'v', 'c') and a.attnum > 0 and not a.attisdropped
    union all select format('%s %s', k.conrelid::regclass, pg_get_constraintdef(k.oid)) from pg_constraint k where k.connamespace = 'inventory'::regnamespace
    union all select pg_get_indexdef(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indrelid where c.relnamespace = 'inventory'::regnamespace
    union all select pg_get_triggerdef(t.oid) from pg_trigger t join pg_class c on c.oid = t.tgrelid where c.relnamespace = 'inventory'::regnamespace and not t.tgisinternal
    union all select format('%s %s', p.polname, p.polrelid::regclass) from pg_policy p join pg_class c on c.oid = p.polrelid where c.relnamespace = 'inventory'::regnamespace
    union all select format('%s %s %s %s %s', p.oid::regprocedure, p.provolatile, p.prosecdef, p.proconfig, p.proacl) from pg_proc p where p.pronamespace = 'inventory'::regnamespace
$$;
create table pg_temp.catalogue_before as select * from pg_temp.catalogue() c (line);
create table pg_temp.data_before as select * from inventory.find_assets(:'tenant_1');

-- The functions go, the tables stay with every row: no step and no row is a member of the extension.
drop extension asset_inventory;
select relname from pg_class where relnamespace = 'inventory'::regnamespace and relname in ('asset', 'scope', 'principal', 'api_key', 'role_binding', 'asset_field', 'migration') order by relname;
select count(*) from inventory.asset;
insert into inventory.asset (tenant_id, id, registry, repository, name, config_digest)
values (pg_temp.id('tenant', 1), pg_temp.id('asset', 61), 'docker.io', 'written/without', 'without', pg_temp.digest(61));
select name from inventory.asset where tenant_id = pg_temp.id('tenant', 1) and search like '%written/without%';
delete from inventory.asset where id = pg_temp.id('asset', 61);

-- Back again: nothing to apply, everything answers as before.
create extension asset_inventory;
select count(*) as applied from inventory.migrate();
select count(*) as differences from ((select line from pg_temp.catalogue_before except select * from pg_temp.catalogue())
    union all (select * from pg_temp.catalogue() except select line from pg_temp.catalogue_before)) d;
select count(*) as differences from (select * from inventory.find_assets(:'tenant_1') except select * from pg_temp.data_before) d;
select inventory.list_assets(:'org_1', 'class==A', meta_count => 'only') -> 'meta' as meta;

-- Nobody else may migrate.
create role regress_inventory_nobody;
grant usage on schema inventory to regress_inventory_nobody;
set role regress_inventory_nobody;
select code, message from pg_temp.error_of('select inventory.migrate()');
reset role;
revoke usage on schema inventory from regress_inventory_nobody;
drop role regress_inventory_nobody;

-- A database in another encoding is refused, with the remedy.
\set here :DBNAME
create database regress_inventory_latin1 encoding 'LATIN1' locale 'C' template template0;
\c regress_inventory_latin1
set client_min_messages = warning;
create extension asset_inventory cascade;
\c :here
drop database regress_inventory_latin1;

-- Before migrate there are no tables: who asks, in a new session, is told what to run.
set client_min_messages = warning;
drop extension asset_inventory;
drop schema inventory cascade;
create extension asset_inventory;
select inventory.list_assets('tenants/10000000-0000-4000-8000-000000000001');
select status, body::json #>> '{errors,0,code}' as code, body::json #>> '{errors,0,detail}' as detail
from inventory.rest('GET', '/tenants/10000000-0000-4000-8000-000000000001/inventory/assets', 'authorization: Token x');
-- So is whoever administers.
create function pg_temp.hint_of(statement text, out code text, out message text, out hint text) language plpgsql as $$
begin
    execute statement;
exception when others then
    get stacked diagnostics code = returned_sqlstate, message = message_text, hint = pg_exception_hint;
end
$$;
select call, e.code, e.message, e.hint from unnest(array[
    $$create_tenant('t')$$, $$create_group(gen_random_uuid(), 'g')$$, $$create_org(gen_random_uuid(), 'o')$$, $$create_principal('p')$$,
    $$issue_api_key(gen_random_uuid())$$, $$revoke_api_key(gen_random_uuid())$$, $$find_api_key('k')$$,
    $$grant_role(gen_random_uuid(), 'x', 'viewer')$$, $$revoke_role(gen_random_uuid(), 'x', 'viewer')$$,
    $$register_asset_type('t')$$, $$register_field('f', 'text')$$, $$upsert_assets('tenants/10000000-0000-4000-8000-000000000001', '[]')$$,
    $$import_csv('tenants/10000000-0000-4000-8000-000000000001', 'image')$$]) call,
    pg_temp.hint_of('select inventory.' || call) e;
select count(*) > 0 as applied from inventory.migrate();
select status from inventory.rest('GET', '/tenants/10000000-0000-4000-8000-000000000001/inventory/assets', 'authorization: Token x');
