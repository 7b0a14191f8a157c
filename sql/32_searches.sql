-- Searches: operations 5 and 6 for SQL users, the queue, and its upkeep.

create function inventory.create_search(scope text, document json default null) returns uuid
language c volatile parallel unsafe security definer
set search_path = pg_catalog, inventory, pg_temp
as 'MODULE_PATHNAME', 'inventory_create_search';
comment on function inventory.create_search(text, json) is
    'Starts a search in a scope and returns its id. The document is that of POST …/searches: '
    '{"data": {"type": "searches", "attributes": {"filter", "sort", "limit", "meta_count"}}}; null finds all assets.';

create function inventory.search_results(scope text, search_id uuid, sort text default null, "limit" int default null,
    starting_after text default null, ending_before text default null) returns json
language c volatile parallel unsafe security definer
set search_path = pg_catalog, inventory, pg_temp
as 'MODULE_PATHNAME', 'inventory_search_results';
comment on function inventory.search_results(text, uuid, text, int, text, text) is
    'One page of what a search found, as a JSON:API document. Waits for a search that is not done, at most asset_inventory.search_wait.';

create function inventory.cancel_search(scope text, search_id uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    target record := inventory.resolve_scope(scope);
    worker int;
    -- Citus takes no volatile function in an update.
    moment constant timestamptz := clock_timestamp();
begin
    update inventory.search s set state = 'cancelled', finished_at = moment
    where s.tenant_id = target.tenant_id and s.id = cancel_search.search_id and s.scope = target.kind || '/' || target.id
      and s.state in ('queued', 'running')
    returning s.worker_pid into worker;
    if not found then
        return false;
    end if;
    -- The row is locked, so a worker that has it cannot have gone on to another. The
    -- process is checked to be one: a pid left by a dead worker may be anybody's now.
    begin
        perform pg_cancel_backend(a.pid) from pg_stat_activity a
        where a.pid = worker and a.backend_type = 'asset_inventory search worker' and a.datname = current_database();
    exception when insufficient_privilege then
        null; -- the worker finds the cancelled row when it is through
    end;
    return true;
end
$$;
comment on function inventory.cancel_search(text, uuid) is
    'Cancels a search of the scope that is queued or running; false when there is none such.';

create function inventory.run_searches() returns int
language c volatile parallel unsafe security definer
set search_path = pg_catalog, inventory, pg_temp
as 'MODULE_PATHNAME', 'inventory_run_searches';
comment on function inventory.run_searches() is
    'Runs what is queued in the calling session, for a scheduler where asset_inventory.search_workers is 0; returns how many. Internal.';

create function inventory.purge_searches() returns int
language plpgsql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    most constant int := 5; -- a call keep its transaction short, whatever they found; the worker calls it again
    tenant uuid;
    expired uuid[];
    purged int := 0;
begin
    for tenant in select distinct s.tenant_id from inventory.search s where s.expires_at <= now() loop
        expired := array(select s.id from inventory.search s where s.tenant_id = tenant and s.expires_at <= now()
                         limit most - purged for update skip locked);
        delete from inventory.search_result r where r.tenant_id = tenant and r.search_id = any(expired);
        delete from inventory.search s where s.tenant_id = tenant and s.id = any(expired);
        purged := purged + cardinality(expired);
        exit when purged >= most;
    end loop;
    return purged;
end
$$;
comment on function inventory.purge_searches() is
    'Deletes up to 5 expired searches with their results; returns how many. The search worker calls it; so may a scheduler.';

create function inventory.want_upkeep() returns void
language c volatile
as 'MODULE_PATHNAME', 'inventory_want_upkeep';
comment on function inventory.want_upkeep() is
    'Wakes or starts the worker at commit, at most once a second in a session, to compact the facets of what was written.';
