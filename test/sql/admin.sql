-- Tenants, groups, orgs, principals, keys and roles: how an administrator makes and unmakes them.
\getenv source PG_ABS_SRCDIR
\set fresh :source '/fixtures/fresh.sql'
\i :fresh

-- An id may be given, so that another system's ids can be kept; else it is made.
select inventory.create_tenant('Acme', '10000000-0000-4000-8000-000000000001');
select inventory.create_group('10000000-0000-4000-8000-000000000001', 'Payments', '20000000-0000-4000-8000-000000000001');
select inventory.create_org('20000000-0000-4000-8000-000000000001', 'Checkout', '30000000-0000-4000-8000-000000000001');
select pg_typeof(inventory.create_tenant('No id given'));
select kind, tenant_id, group_id, name from inventory.scope where name <> 'No id given' order by id;

-- What does not fit is refused with what would.
select * from pg_temp.error_of($$select inventory.create_group('30000000-0000-4000-8000-000000000001', 'below an org')$$);
select * from pg_temp.error_of($$select inventory.create_org('10000000-0000-4000-8000-000000000001', 'below a tenant')$$);
select code, message from pg_temp.error_of($$select inventory.create_tenant('again', '10000000-0000-4000-8000-000000000001')$$);
select code, message from pg_temp.error_of($$select inventory.create_tenant('')$$);
select code, message from pg_temp.error_of(format('select inventory.create_tenant(%L)', repeat('n', 201)));
select code, message from pg_temp.error_of($$select inventory.create_tenant(null)$$);

-- Principals.
select inventory.create_principal('ci') as ci \gset
select * from pg_temp.error_of($$select inventory.create_principal('sql', 'no_such_role')$$);
select code, message from pg_temp.error_of($$select inventory.create_principal('ci')$$);
create role regress_inventory_bound;
select pg_typeof(inventory.create_principal('bound', 'regress_inventory_bound'));
select code, message from pg_temp.error_of($$select inventory.create_principal('bound twice', 'regress_inventory_bound')$$);
drop role regress_inventory_bound;

-- A key is seen once; only its SHA-256 is kept.
select inventory.issue_api_key(:'ci') as key, inventory.issue_api_key(:'ci', now() - interval '1 second') as expired \gset
select :'key' ~ '^ai_[A-Za-z0-9_-]{43}$' as has_256_bits, :'key' <> :'expired' as are_distinct;
select count(*) as keys, bool_and(hash <> convert_to(:'key', 'UTF8')) as none_in_clear,
       bool_or(hash = sha256(convert_to(:'key', 'UTF8'))) as one_is_its_hash
from inventory.api_key;
select * from pg_temp.error_of($$select inventory.issue_api_key('00000000-0000-4000-8000-000000000000')$$);

-- Roles hold on a scope and everything below it.
create function pg_temp.status(key text, scope text, method text default 'GET') returns int language sql
return (select status from inventory.rest(method, '/' || scope || '/inventory/assets', 'authorization: Token ' || key));
select inventory.grant_role(:'ci', 'groups/20000000-0000-4000-8000-000000000001', 'viewer');
select inventory.grant_role(:'ci', 'groups/20000000-0000-4000-8000-000000000001', 'viewer');
select pg_temp.status(:'key', 'tenants/10000000-0000-4000-8000-000000000001') as tenant,
       pg_temp.status(:'key', 'groups/20000000-0000-4000-8000-000000000001') as group,
       pg_temp.status(:'key', 'orgs/30000000-0000-4000-8000-000000000001') as org,
       pg_temp.status(:'expired', 'orgs/30000000-0000-4000-8000-000000000001') as expired_key,
       pg_temp.status(:'key', 'orgs/30000000-0000-4000-8000-000000000001', 'PATCH') as patch_as_viewer;
select * from pg_temp.error_of(format('select inventory.grant_role(%L, %L, %L)', :'ci', 'orgs/30000000-0000-4000-8000-000000000001', 'owner'));
select * from pg_temp.error_of(format('select inventory.grant_role(%L, %L, %L)', :'ci', 'orgs/10000000-0000-4000-8000-000000000001', 'viewer'));
select * from pg_temp.error_of(format('select inventory.grant_role(%L, %L, %L)', :'ci', 'org 7', 'viewer'));
select code, message from pg_temp.error_of(format('select inventory.grant_role(%L, %L, %L)', gen_random_uuid(), 'orgs/30000000-0000-4000-8000-000000000001', 'viewer'));
select inventory.revoke_role(:'ci', 'groups/20000000-0000-4000-8000-000000000001', 'editor') as held_no_editor,
       inventory.revoke_role(:'ci', 'groups/20000000-0000-4000-8000-000000000001', 'viewer') as held_viewer;
select pg_temp.status(:'key', 'orgs/30000000-0000-4000-8000-000000000001') as without_role;

-- A revoked key answers 401 at once.
select inventory.find_api_key(:'key') as key_id, inventory.find_api_key('ai_unknown') is null as unknown_has_none \gset
select :'unknown_has_none' as unknown_has_none, inventory.revoke_api_key(:'key_id') as revoked, inventory.revoke_api_key(:'key_id') as revoked_again;
select pg_temp.status(:'key', 'orgs/30000000-0000-4000-8000-000000000001') as revoked_key;

-- A principal takes its keys and roles along.
delete from inventory.principal where name = 'ci';
select count(*) as keys_left from inventory.api_key;
