-- Who may do what: definer functions, the three roles, and SQL callers bound to a principal.
\getenv source PG_ABS_SRCDIR
\set fresh :source '/fixtures/fresh.sql'
\set inventory :source '/fixtures/inventory.sql'
\i :fresh
\i :inventory

-- Every function that runs with its owner's rights has a fixed search_path in which nobody's
-- temporary objects come first, and is nobody's until it is granted. No row is a violation.
select p.oid::regprocedure as with_a_loose_search_path from pg_proc p
where p.pronamespace = 'inventory'::regnamespace and p.prosecdef and not coalesce('search_path=pg_catalog, inventory, pg_temp' = any(p.proconfig), false);
select p.oid::regprocedure as for_everybody from pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
where p.pronamespace = 'inventory'::regnamespace and p.prosecdef and a.grantee = 0;
-- So has every function in PL/pgSQL; and all say what they are for.
select p.oid::regprocedure as with_a_loose_search_path from pg_proc p join pg_language l on l.oid = p.prolang
where p.pronamespace = 'inventory'::regnamespace and l.lanname = 'plpgsql' and not coalesce('search_path=pg_catalog, inventory, pg_temp' = any(p.proconfig), false)
  -- A procedure that commits cannot have one; it runs with the caller's rights.
  and (p.prokind <> 'p' or p.prosecdef);
select p.oid::regprocedure as undocumented from pg_proc p
where p.pronamespace = 'inventory'::regnamespace and obj_description(p.oid, 'pg_proc') is null and p.proname !~ '^migration_\d';
select c.oid::regclass as table_for_everybody, a.privilege_type from pg_class c, aclexplode(c.relacl) a where c.relnamespace = 'inventory'::regnamespace and a.grantee = 0;

-- The proxy's role: rest and the list of its routes, no table, no other function of ours.
select p.proname from pg_proc p where p.pronamespace = 'inventory'::regnamespace and p.prosecdef and has_function_privilege('inventory_proxy', p.oid, 'execute') order by p.proname;
select c.relname from pg_class c where c.relnamespace = 'inventory'::regnamespace and c.relkind in ('r', 'p')
    and has_table_privilege('inventory_proxy', c.oid, 'select, insert, update, delete, truncate');

-- Readers read, editors write as well; neither administrates nor calls rest; keys are nobody's.
select f as function, has_function_privilege('inventory_reader', f, 'execute') as reader, has_function_privilege('inventory_editor', f, 'execute') as editor
from unnest(array['list_assets(text, text, text, int, text, text, text, text)', 'get_asset(text, uuid, text)', 'find_assets(text, text, text, int)', 'rsql_parse(text)',
    'rsql_to_sql(text, regclass)', 'cursor_encode(jsonb)', 'cursor_decode(text)', 'upsert_assets(text, jsonb)', 'import_assets(text, regclass)', 'rest(text, text, text, bytea)',
    'create_tenant(text, uuid)', 'create_group(uuid, text, uuid)', 'create_org(uuid, text, uuid)', 'create_principal(text, name)', 'issue_api_key(uuid, timestamptz)',
    'revoke_api_key(uuid)', 'find_api_key(text)', 'grant_role(uuid, text, text)', 'revoke_role(uuid, text, text)', 'migrate()', 'install_grants()', 'catalogue_changed()',
    'resolve_scope(text, boolean)', 'read_assets(text, uuid, uuid[], jsonb, tid[])', 'write_assets(uuid, inventory.asset_input[])', 'register_field(text, text, text[], text, boolean)']) name,
    lateral (select ('inventory.' || name)::regprocedure::text) t (f);
select c.relname, r.rolname, a.privilege_type from pg_class c, aclexplode(c.relacl) a join pg_roles r on r.oid = a.grantee
where c.relnamespace = 'inventory'::regnamespace and r.rolname like 'inventory\_%' and (c.relname in ('api_key', 'principal', 'role_binding') or a.privilege_type <> 'SELECT');

-- A SQL caller: the role's principal decides what it sees. One that has none sees nothing.
create role regress_inventory_payments in role inventory_reader;
create role regress_inventory_loader in role inventory_editor;
create role regress_inventory_stranger in role inventory_editor;
create role regress_inventory_member in role regress_inventory_payments;
grant usage on schema public to regress_inventory_payments;
do $$
begin
    perform inventory.grant_role(inventory.create_principal('payments', 'regress_inventory_payments'), 'orgs/30000000-0000-4000-8000-000000000001', 'viewer');
    perform inventory.grant_role(inventory.create_principal('loader', 'regress_inventory_loader'), 'groups/20000000-0000-4000-8000-000000000001', 'editor');
end
$$;
create function pg_temp.sees(scope text) returns text language plpgsql as $$
begin
    return (select count(*) || ' assets' from inventory.find_assets(scope));
exception when others then
    return sqlstate || ' ' || sqlerrm;
end
$$;
create table pg_temp.scopes as select * from unnest(array[:'tenant_1', :'group_1', :'org_1', :'org_2', :'org_3', :'tenant_2', :'org_4']) scope;
grant select on pg_temp.scopes to public;
set role regress_inventory_payments;
select scope, pg_temp.sees(scope) from pg_temp.scopes;
select code, message from pg_temp.error_of(format('select inventory.upsert_assets(%L, %L)', :'org_1', '[]'));
select code, message from pg_temp.error_of('select count(*) from inventory.api_key');
select code, message from pg_temp.error_of('select inventory.create_tenant(''mine'')');
select code, message from pg_temp.error_of('select inventory.issue_api_key(gen_random_uuid())');
select code, message from pg_temp.error_of('select * from inventory.rest(''GET'', ''/'', '''')');
set role regress_inventory_loader;
select scope, pg_temp.sees(scope) from pg_temp.scopes;
select action from inventory.upsert_assets(:'org_2', jsonb_build_array(jsonb_build_object('registry', 'r', 'repository', 'a/b', 'config_digest', 'sha256:' || repeat('f', 64))));
select code, message from pg_temp.error_of(format('select inventory.upsert_assets(%L, %L)', :'org_3', '[]'));
set role regress_inventory_stranger;
select scope, pg_temp.sees(scope) from pg_temp.scopes;
-- A member of the role acts as its principal does.
set role regress_inventory_member;
select pg_temp.sees(:'org_1') as org_1, pg_temp.sees(:'org_2') as org_2;
reset role;

-- A staging table is read with the caller's rights, not the owner's.
create table public.regress_inventory_staging (asset jsonb);
insert into public.regress_inventory_staging values ('{"registry": "r", "repository": "c/d", "config_digest": "sha256:0000000000000000000000000000000000000000000000000000000000000000"}');
set session authorization regress_inventory_loader;
select code, message from pg_temp.error_of(format('select inventory.import_assets(%L, %L)', 'groups/20000000-0000-4000-8000-000000000001', 'public.regress_inventory_staging'));
reset session authorization;
grant select on public.regress_inventory_staging to regress_inventory_loader;
set session authorization regress_inventory_loader;
select inventory.import_assets('groups/20000000-0000-4000-8000-000000000001', 'public.regress_inventory_staging') as written;
reset session authorization;

-- Objects that a caller puts in the way change nothing: its temporary tables, operators and functions come last or never.
set role regress_inventory_payments;
create temp table asset as select * from pg_class;
create temp table scope (id uuid, kind text, tenant_id uuid, group_id uuid);
create function pg_temp.coalesce_attack(uuid, uuid) returns boolean language sql as 'select true';
create operator pg_temp.= (leftarg = uuid, rightarg = uuid, function = pg_temp.coalesce_attack);
set search_path = pg_temp, public;
select pg_temp.sees('orgs/30000000-0000-4000-8000-000000000001') as org_1, pg_temp.sees('orgs/30000000-0000-4000-8000-000000000002') as org_2;
reset search_path;
reset role;

drop table public.regress_inventory_staging;
drop owned by regress_inventory_payments, regress_inventory_loader, regress_inventory_stranger, regress_inventory_member;
drop role regress_inventory_payments, regress_inventory_loader, regress_inventory_stranger, regress_inventory_member;
