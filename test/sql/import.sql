-- import_assets_in_chunks: what is written is committed and taken off the staging table, so an interrupted load goes on.
\getenv source PG_ABS_SRCDIR
\set fresh :source '/fixtures/fresh.sql'
\i :fresh
\set SHOW_CONTEXT never
select inventory.create_tenant('One', '10000000-0000-4000-8000-000000000001') as tenant,
       inventory.create_group('10000000-0000-4000-8000-000000000001', 'Group', '20000000-0000-4000-8000-000000000001') as group,
       inventory.create_org('20000000-0000-4000-8000-000000000001', 'Org', '30000000-0000-4000-8000-000000000001') as org \gset
\set scope 'orgs/30000000-0000-4000-8000-000000000001'
create table public.regress_import (asset jsonb not null, n int generated always as ((asset ->> 'size_bytes')::int) stored);
insert into public.regress_import (asset)
select jsonb_build_object('registry', 'quay.io', 'repository', 'team/app-' || n, 'size_bytes', n, 'labels', jsonb_build_array(case n when 150 then 'not a label' else 'label:' || n % 5 end),
                          'config_digest', 'sha256:' || encode(sha256(n::text::bytea), 'hex'), 'scan_engines', repeat('x', 200))
from generate_series(1, 300) n;
-- What is in the inventory, what is left; nothing may be in both or in none.
create function pg_temp.state(out some_written boolean, out some_left boolean, out in_both bigint, out together bigint, out facets_wrong bigint)
language sql as $$
    select count(a.id) > 0, count(s.n) > 0, count(*) filter (where a.id is not null and s.n is not null), count(*),
           (select count(*) from inventory.verify_facets('10000000-0000-4000-8000-000000000001'))
    from (select a.id, a.size_bytes from inventory.asset a) a full join public.regress_import s on s.n = a.size_bytes
$$;

-- One is wrong, in the middle: what is before is kept, what is wrong is named.
call inventory.import_assets_in_chunks(:'scope', 'public.regress_import', 1);
select case :'LAST_ERROR_SQLSTATE' when '23514' then 'check violation' else :'LAST_ERROR_SQLSTATE' end as error;
select * from pg_temp.state();
update public.regress_import set asset = asset || '{"labels": ["label:0"]}' where n = 150;

-- Interrupted on the way, the chunk as a whole is undone.
create function public.regress_interrupt() returns trigger language plpgsql as $$
begin
    raise exception 'interrupted' using errcode = 'query_canceled';
end
$$;
create trigger interrupt before delete on public.regress_import for each row when (old.n = 250) execute function public.regress_interrupt();
select count(*) as before from inventory.asset \gset
call inventory.import_assets_in_chunks(:'scope', 'public.regress_import', 1);
select * from pg_temp.state();
select count(*) > :before as went_on from inventory.asset;
drop trigger interrupt on public.regress_import;

-- The next call finishes, and one more has nothing to do.
call inventory.import_assets_in_chunks(:'scope', 'public.regress_import', 1);
select * from pg_temp.state();
select xmin as youngest from inventory.asset order by age(xmin) limit 1 \gset
call inventory.import_assets_in_chunks(:'scope', 'public.regress_import', 1);
select xmin = :'youngest'::xid as unchanged from inventory.asset order by age(xmin) limit 1;
select count(*), count(distinct identity) from inventory.asset;

-- import_assets leaves the staging table as it is, and is all or nothing.
insert into public.regress_import (asset) values
    ('{"registry": "quay.io", "repository": "team/other", "config_digest": "sha256:0000000000000000000000000000000000000000000000000000000000000000"}'),
    ('{"registry": "quay.io", "repository": "team/other", "config_digest": "sha256:short"}');
select e.code, e.message, regexp_replace(e.detail, '\(\d+,\d+\)', '(…)') as detail, e.hint
from pg_temp.error_of(format('select inventory.import_assets(%L, %L)', :'scope', 'public.regress_import')) e;
select count(*) as staged, (select count(*) from inventory.asset) as assets from public.regress_import;

-- Indexes are kept aside as they are, one of your own too, and built again by whoever calls.
create index regress_own_idx on inventory.asset (tenant_id, size_bytes);
create temp table before as select indexdef from pg_indexes where schemaname = 'inventory' and tablename = 'asset';
select inventory.suspend_indexes();
select inventory.suspend_indexes() as twice;
select indexname from pg_indexes where schemaname = 'inventory' and tablename = 'asset' order by 1;
delete from public.regress_import where asset ->> 'config_digest' = 'sha256:short';
call inventory.import_assets_in_chunks(:'scope', 'public.regress_import');
select inventory.restore_indexes();
select inventory.restore_indexes() as twice;
select count(*) as differ from (
    (table before except select indexdef from pg_indexes where schemaname = 'inventory' and tablename = 'asset') union all
    (select indexdef from pg_indexes where schemaname = 'inventory' and tablename = 'asset' except table before)) d;
select to_regclass('inventory.suspended_index') is null as nothing_is_left;
select * from pg_temp.state();

-- Arguments.
call inventory.import_assets_in_chunks('orgs/30000000-0000-4000-8000-00000000000f', 'public.regress_import');
call inventory.import_assets_in_chunks(:'scope', 'public.regress_import', 0);
create table public.regress_parted (asset jsonb) partition by hash (asset);
call inventory.import_assets_in_chunks(:'scope', 'public.regress_parted');
begin;
call inventory.import_assets_in_chunks(:'scope', 'public.regress_import');
rollback;

-- Whoever loads must be able to delete from the staging table.
create role regress_import_loader in role inventory_editor;
select inventory.grant_role(inventory.create_principal('loader', 'regress_import_loader'), 'tenants/10000000-0000-4000-8000-000000000001', 'editor') is null as failed;
grant select on public.regress_import to regress_import_loader;
set session authorization regress_import_loader;
call inventory.import_assets_in_chunks(:'scope', 'public.regress_import');
reset session authorization;
grant delete on public.regress_import to regress_import_loader;
set session authorization regress_import_loader;
call inventory.import_assets_in_chunks(:'scope', 'public.regress_import');
reset session authorization;

-- A trigger of the loader's own table runs as the loader, whoever owns the extension; policies are not passed by.
create table public.regress_trap (who name, loader name);
grant insert on public.regress_trap to public;
grant create on schema public to regress_import_loader;
set session authorization regress_import_loader;
create table public.regress_staged as select jsonb_build_object('registry', 'quay.io', 'repository', 'team/trap', 'config_digest', 'sha256:' || repeat('e', 64)) as asset;
create function public.regress_spring() returns trigger language plpgsql as $$
begin
    insert into public.regress_trap values (current_user, session_user);
    return old;
end
$$;
create trigger spring before delete on public.regress_staged for each row execute function public.regress_spring();
call inventory.import_assets_in_chunks(:'scope', 'public.regress_staged');
reset session authorization;
select * from public.regress_trap;
create table public.regress_guarded (asset jsonb);
alter table public.regress_guarded enable row level security;
grant select, delete on public.regress_guarded to regress_import_loader;
set session authorization regress_import_loader;
select inventory.import_assets(:'scope', 'public.regress_guarded');
call inventory.import_assets_in_chunks(:'scope', 'public.regress_guarded');
reset session authorization;

drop table public.regress_import, public.regress_parted, public.regress_trap, public.regress_guarded;
drop function public.regress_interrupt();
drop owned by regress_import_loader;
drop role regress_import_loader;
