-- health(): all is well, and what it says when something is not.
\getenv source PG_ABS_SRCDIR
\set fresh :source '/fixtures/fresh.sql'
\set inventory :source '/fixtures/inventory.sql'
\i :fresh
\i :inventory

create function pg_temp.trouble() returns table ("check" text, detail text, hint text) language sql as
$$ select h."check", h.detail, h.hint from inventory.health() h where not h.ok $$;
select h."check", h.ok, h.detail is not null as has_detail, h.hint from inventory.health() h;

-- Tables and indexes
begin;
delete from inventory.migration where step = 5;
select * from pg_temp.trouble();
rollback;
begin;
do $$ begin perform inventory.suspend_indexes(); end $$;
select * from pg_temp.trouble();
rollback;
begin;
update pg_index set indisvalid = false where indexrelid = 'inventory.search_expiry_idx'::regclass;
select * from pg_temp.trouble();
rollback;
begin;
alter table inventory.asset_change disable row level security;
alter table inventory.asset force row level security;
select * from pg_temp.trouble();
rollback;

-- Facets
begin;
alter table inventory.asset disable trigger facets_update;
select * from pg_temp.trouble();
set local asset_inventory.facets = off;
select "check", detail from inventory.health() where "check" = 'facets';
rollback;

-- Searches that nobody runs, and what nobody purged
begin;
insert into inventory.search (tenant_id, scope, sort, page_limit, capacity, state, created_at, started_at, expires_at)
select pg_temp.id('tenant', 1), :'tenant_1', 'created_at', 10, 10, s.state, now() - interval '1 hour', now() - interval '1 hour', now() + s.expires
from (values ('queued', interval '1 day'), ('running', '1 day'), ('cancelled', '-2 days')) s (state, expires);
select * from pg_temp.trouble();
rollback;
begin;
set local asset_inventory.search_workers = 0;
select "check", ok, detail from inventory.health() where "check" = 'worker slots';
rollback;

-- A key that expires soon, until it has a successor
do $$ begin perform inventory.issue_api_key(inventory.create_principal('ci'), now() + interval '3 days'); end $$;
select * from pg_temp.trouble();
do $$ begin perform inventory.issue_api_key(id) from inventory.principal where name = 'ci'; end $$;
select * from pg_temp.trouble();
select principal, state, expires_at is not null as expires, revoked_at is not null as is_revoked from inventory.api_keys order by created_at;

-- Pending entries of a GIN index; of another there are none to be had.
select inventory.gin_pending_pages('inventory.asset_keys_idx') >= 0 as is_counted;
select code, message from pg_temp.error_of($$select inventory.gin_pending_pages('inventory.asset_pkey')$$);
select code, message from pg_temp.error_of($$select inventory.gin_pending_pages('inventory.asset')$$);

-- Who watches the server watches the inventory, and sees no asset.
create role regress_health_watcher in role pg_monitor;
set role regress_health_watcher;
select count(*) > 5 as sees_health from inventory.health();
select count(*) as keys from inventory.api_keys;
select count(*) >= 0 as sees_shapes from inventory.request_shapes;
select code from pg_temp.error_of('select count(*) from inventory.asset');
select code, message from pg_temp.error_of('select inventory.reset_request_shapes()');
reset role;
drop role regress_health_watcher;

-- Before migrate() there is one thing to say.
drop schema inventory cascade;
set client_min_messages = warning;
create extension asset_inventory cascade;
select * from pg_temp.trouble();
