-- Retention: the changes of assets, by asset_inventory.audit_retention. Searches and idempotency
-- keys have a time of their own (searches.sql, updates.sql).
\getenv source PG_ABS_SRCDIR
\set fresh :source '/fixtures/fresh.sql'
\set inventory :source '/fixtures/inventory.sql'
\i :fresh
\i :inventory
insert into inventory.asset_change (tenant_id, asset_id, changed_at, request_id, before, after)
select pg_temp.id('tenant', 1 + n % 2), gen_random_uuid(), now() - n * interval '1 hour', gen_random_uuid(), '{}', '{}'
from generate_series(0, 12000) n;

-- 0 keeps all.
select inventory.purge_asset_changes();
-- So many a call, the oldest of each tenant first, until none is left.
set asset_inventory.audit_retention = '10d';
select inventory.purge_asset_changes();
select inventory.purge_asset_changes();
select inventory.purge_asset_changes();
select inventory.purge_asset_changes();
select count(*), max(now() - changed_at) <= interval '10 days' as none_too_old, count(distinct tenant_id) as tenants from inventory.asset_change;
reset asset_inventory.audit_retention;
-- A user of the database cannot make the worker forget.
create role regress_retention;
set role regress_retention;
select code, message from pg_temp.error_of($$set asset_inventory.audit_retention = 1$$);
reset role;
drop role regress_retention;
select code, message from pg_temp.error_of($$set asset_inventory.audit_retention = -1$$);
