-- Row security: who selects from the tables themselves sees what the API would show.
\getenv source PG_ABS_SRCDIR
\set fresh :source '/fixtures/fresh.sql'
\set inventory :source '/fixtures/inventory.sql'
\i :fresh
\i :inventory
\set ECHO none
create role regress_rls_org in role inventory_reader;
create role regress_rls_group in role inventory_editor;
create role regress_rls_tenants in role inventory_reader;
create role regress_rls_member in role regress_rls_org, regress_rls_group;
create role regress_rls_stranger in role inventory_reader;
create role regress_rls_nobody;
do $$
declare
    tenants uuid := inventory.create_principal('tenants', 'regress_rls_tenants');
begin
    perform inventory.grant_role(inventory.create_principal('org', 'regress_rls_org'), 'orgs/30000000-0000-4000-8000-000000000001', 'viewer');
    perform inventory.grant_role(inventory.create_principal('group', 'regress_rls_group'), 'groups/20000000-0000-4000-8000-000000000002', 'editor');
    perform inventory.grant_role(tenants, 'tenants/10000000-0000-4000-8000-000000000001', 'viewer');
    perform inventory.grant_role(tenants, 'orgs/30000000-0000-4000-8000-000000000004', 'viewer');
end
$$;
-- What the calling role sees of the table, and what the API shows it.
create function pg_temp.seen(out in_table bigint, out in_scopes bigint, out tenants bigint) language plpgsql as $$
begin
    select count(*), count(*) filter (where a.tenant_id = any (inventory.readable_scopes()) or a.scope_ids && inventory.readable_scopes()),
           count(distinct a.tenant_id) into in_table, in_scopes, tenants from inventory.asset a;
end
$$;
grant usage on schema public to public;
\set ECHO all

-- The owner sees all; others what a principal of theirs, or of a role that they have, may read.
select * from pg_temp.seen();
set role regress_rls_org;
select * from pg_temp.seen();
select (select count(*) from inventory.asset) = (select count(*) from inventory.find_assets('orgs/30000000-0000-4000-8000-000000000001')) as as_the_api_shows;
set role regress_rls_group;
select * from pg_temp.seen();
set role regress_rls_tenants;
select * from pg_temp.seen();
set role regress_rls_member;
select * from pg_temp.seen();
set role regress_rls_stranger;
select * from pg_temp.seen();
set role regress_rls_nobody;
select code, message from pg_temp.error_of('select count(*) from inventory.asset');

-- Reading is all: an editor writes through the functions, which check labels, tags and audit.
set role regress_rls_group;
select code, message from pg_temp.error_of($$insert into inventory.asset (tenant_id) values (gen_random_uuid())$$);
select code, message from pg_temp.error_of($$update inventory.asset set class_rank = 1$$);
select code, message from pg_temp.error_of($$delete from inventory.asset$$);
-- Nobody asks for another role's scopes.
select code, message from pg_temp.error_of($$select inventory.scopes_of('regress_rls_tenants'::regrole)$$);
reset role;

-- A function of the caller's, however cheap it says it is, is shown no row that its caller may not see.
set role regress_rls_org;
create function pg_temp.spy(name text, tenant uuid) returns boolean language plpgsql cost 0.0000001 as $$
begin
    if tenant <> '10000000-0000-4000-8000-000000000001' then
        raise exception 'saw % of %', name, tenant;
    end if;
    return true;
end
$$;
select count(*) from inventory.asset where pg_temp.spy(name, tenant_id);
-- The tenant leads the index scan, whether the query names it or the policy does.
set enable_seqscan = off;
set enable_bitmapscan = off;
explain (costs off) select id from inventory.asset where tenant_id = '10000000-0000-4000-8000-000000000001' order by created_at, id limit 10;
create function pg_temp.plan(query text) returns setof text language plpgsql as $$
begin
    return query execute 'explain (costs off) ' || query;
end
$$;
select regexp_replace(line, '^ +', '') as condition from pg_temp.plan('select id from inventory.asset where created_at > ''2024-01-01Z''') line where line ~ 'Index Cond.*readable_tenants';
reset enable_seqscan;
reset enable_bitmapscan;

-- A kept plan is made anew for another role, and a new binding holds from the next statement on.
prepare assets as select count(*) from inventory.asset;
execute assets;
set role regress_rls_group;
execute assets;
reset role;
execute assets;
do $$ begin perform inventory.grant_role((select id from inventory.principal where name = 'org'), 'orgs/30000000-0000-4000-8000-000000000003', 'viewer'); end $$;
set role regress_rls_org;
execute assets;
reset role;
do $$ begin perform inventory.revoke_role((select id from inventory.principal where name = 'org'), 'orgs/30000000-0000-4000-8000-000000000003', 'viewer'); end $$;
set role regress_rls_org;
execute assets;
reset role;

-- A definer's function shows its definer's assets, even to a superuser; a view those of whoever looks.
create schema regress_rls authorization regress_rls_org;
set role regress_rls_org;
create function regress_rls.mine() returns bigint language sql security definer as 'select count(*) from inventory.asset';
create view regress_rls.mine as select id from inventory.asset;
reset role;
select regress_rls.mine(), (select count(*) from regress_rls.mine) as in_view;

-- A parallel worker is of the same role.
set role regress_rls_org;
set force_parallel_mode = on;
select count(*) from inventory.asset;
reset force_parallel_mode;
reset role;

-- The other tenant tables are the owner's alone; granted, they show those rows that are about all of a tenant.
set role regress_rls_tenants;
select code, message from pg_temp.error_of('select count(*) from inventory.asset_change');
reset role;
select inventory.update_asset(:'tenant_1', pg_temp.id('asset', 1), '{"data": {"type": "container_images", "id": "a0000000-0000-4000-8000-000000000001", "attributes": {"labels": ["x"]}}}') is not null as updated;
grant select on inventory.asset_change, inventory.search, inventory.idempotency_key, inventory.facet_delta to inventory_reader;
insert into inventory.idempotency_key (tenant_id, principal_id, route, key, body_hash, created_at, expires_at)
values (pg_temp.id('tenant', 1), gen_random_uuid(), 'r', 'k', sha256(''), now(), now());
set role regress_rls_tenants;
select count(*) as changes, (select count(*) from inventory.idempotency_key) as answers, (select count(*) > 0 from inventory.facet_delta) as has_deltas from inventory.asset_change;
set role regress_rls_org;
select count(*) as changes, (select count(*) from inventory.facet_delta) as deltas from inventory.asset_change;
reset role;
select c.relname as unguarded from pg_class c where c.relnamespace = 'inventory'::regnamespace and c.relkind = 'r' and not c.relrowsecurity
    and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id') and c.relname <> 'scope';

-- migrate() mends what is missing, and without the extension the tables stay guarded.
drop policy readers on inventory.asset;
set role regress_rls_org;
select count(*) as without_a_policy from inventory.asset;
reset role;
do $$ begin perform inventory.migrate(); end $$;
set role regress_rls_org;
select count(*) as mended from inventory.asset;
reset role;
drop view regress_rls.mine;
drop extension asset_inventory;
set role regress_rls_org;
select count(*) as without_the_extension from inventory.asset;
reset role;

\set ECHO none
drop schema regress_rls cascade;
drop schema inventory cascade;
drop owned by regress_rls_org, regress_rls_group, regress_rls_tenants, regress_rls_member, regress_rls_stranger, regress_rls_nobody;
drop role regress_rls_org, regress_rls_group, regress_rls_tenants, regress_rls_member, regress_rls_stranger, regress_rls_nobody;
