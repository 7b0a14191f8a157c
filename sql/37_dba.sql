-- What a DBA works with: row security for those who read the tables themselves, keys,
-- retention, shapes of requests, health.

-- ---- row security ----

-- The API's functions run as the owner of the tables, whom no policy concerns. Everybody
-- else sees what a principal of theirs may read. A policy has no sub-select, which a
-- distributed table would refuse; its functions are, like those of 12_asset_functions.sql,
-- no members of the extension: without it, the tables stay guarded.

create function inventory.install_row_security() returns void
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
as $install$
declare
    -- A tenant's row that shows something of all of its assets.
    of_tenant constant text := 'tenant_id = any (inventory.readable_scopes())';
    of_asset constant text := 'tenant_id = any (inventory.readable_tenants()) '
        'and (' || of_tenant || ' or scope_ids && inventory.readable_scopes())';
    target record;
begin
    create or replace function inventory.scopes_of(role oid, out scopes uuid[], out tenants uuid[])
        language sql stable strict parallel safe security definer set search_path = pg_catalog, inventory, pg_temp
        as $sql$
            select coalesce(array_agg(b.scope_id), '{}'), coalesce(array_agg(distinct s.tenant_id), '{}')
            from inventory.principal p
            join pg_roles r on r.rolname = p.db_role and pg_has_role(scopes_of.role, r.oid, 'usage')
            join inventory.role_binding b on b.principal_id = p.id
            join inventory.scope s on s.id = b.scope_id
        $sql$;
    create or replace function inventory.readable_scopes() returns uuid[]
        language c stable parallel safe as '$libdir/asset_inventory', 'inventory_readable_scopes';
    create or replace function inventory.readable_tenants() returns uuid[]
        language c stable parallel safe as '$libdir/asset_inventory', 'inventory_readable_tenants';
    comment on function inventory.scopes_of(oid) is
        'The scopes that the principals of a database role hold a role on, and the tenants these are of. Internal.';
    comment on function inventory.readable_scopes() is
        'The scopes (tenants, groups, orgs) that the current role holds a role on; looked up once a statement. Policies use it.';
    comment on function inventory.readable_tenants() is
        'The tenants in which the current role may read something; looked up once a statement. Policies use it.';

    -- A table without a policy is the owner''s alone, whatever was granted on it.
    for target in
        select c.oid, c.relname, c.relrowsecurity, t.policy
        from (values ('asset', of_asset), ('asset_change', of_tenant), ('search', of_tenant), ('search_result', of_tenant),
                     ('facet', of_tenant), ('facet_delta', of_tenant), ('facet_block', of_tenant), ('idempotency_key', null)) t (name, policy)
        join pg_class c on c.relname = t.name and c.relnamespace = 'inventory'::regnamespace
    loop
        -- Both lock out readers, so only where it is missing.
        if target.policy is not null
           and not exists (select from pg_policy p where p.polrelid = target.oid and p.polname = 'readers') then
            execute format('create policy readers on inventory.%I for select using (%s)', target.relname, target.policy);
        end if;
        if not target.relrowsecurity then
            execute format('alter table inventory.%I enable row level security', target.relname);
        end if;
    end loop;
end
$install$;
comment on function inventory.install_row_security() is
    'Makes the policies of the tenant tables and the functions that they use; idempotent, part of migrate().';

-- ---- keys ----

create function inventory.noted_key_uses() returns table (fingerprint text, used_at timestamptz)
language c volatile parallel unsafe
as 'MODULE_PATHNAME', 'inventory_noted_key_uses';
comment on function inventory.noted_key_uses() is
    'When keys were used, by the first digits of their hash, since the server started; none unless the library is preloaded. Internal.';

create function inventory.record_key_uses() returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    recorded bigint;
begin
    -- By the minute: a key in constant use need not be written for every request. (The difference is immutable, as Citus wants it.)
    insert into inventory.api_key_use as u (key_id, used_at)
    select k.id, n.used_at
    from inventory.noted_key_uses() n join inventory.api_key k on left(encode(k.hash, 'hex'), 32) = n.fingerprint
    order by k.id
    on conflict on constraint api_key_use_pkey
    do update set used_at = excluded.used_at where excluded.used_at - u.used_at > interval '1 minute';
    get diagnostics recorded = row_count;
    return recorded;
end
$$;
comment on function inventory.record_key_uses() is
    'Writes down when keys were used, for inventory.api_keys after a restart; returns how many. The worker calls it; so may a scheduler.';

create function inventory.api_key_states() returns table (id uuid, principal text, state text, created_at timestamptz,
    expires_at timestamptz, revoked_at timestamptz, used_at timestamptz)
language plpgsql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
begin
    return query
    select k.id, p.name, case when k.revoked_at is not null then 'revoked' when k.expires_at <= now() then 'expired' else 'valid' end,
           k.created_at, k.expires_at, k.revoked_at, greatest(u.used_at, n.used_at)
    from inventory.api_key k join inventory.principal p on p.id = k.principal_id
    left join inventory.api_key_use u on u.key_id = k.id
    left join inventory.noted_key_uses() n on n.fingerprint = left(encode(k.hash, 'hex'), 32);
end
$$;
comment on function inventory.api_key_states() is 'The rows of the view inventory.api_keys.';

create view inventory.api_keys as select * from inventory.api_key_states();
comment on view inventory.api_keys is
    'The API keys and whose they are: valid, expired or revoked, and when used last (with the library preloaded). '
    'Nothing of it helps to guess a key.';

-- ---- shapes of requests ----

create function inventory.counted_request_shapes() returns table (shape text, calls bigint, failed bigint, mean_ms double precision,
    max_ms double precision, rows bigint, plain bigint, walk bigint, sieve bigint, fenced bigint)
language c volatile parallel unsafe
as 'MODULE_PATHNAME', 'inventory_request_shapes';
comment on function inventory.counted_request_shapes() is 'The rows of the view inventory.request_shapes.';

create view inventory.request_shapes as select * from inventory.counted_request_shapes();
comment on view inventory.request_shapes is
    'What the pages of lists and searches cost, by the shape of what was asked: calls, time, rows, and which phase answered. '
    'Of all sessions when the library is in shared_preload_libraries, else of this one. At most 1024 shapes, the least asked for give way.';

create function inventory.reset_request_shapes() returns void
language c volatile parallel unsafe
as 'MODULE_PATHNAME', 'inventory_reset_request_shapes';
comment on function inventory.reset_request_shapes() is 'Forgets the shapes of requests of this database.';

-- ---- retention ----

create function inventory.purge_asset_changes() returns int
language plpgsql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    most constant int := 5000; -- a call, so that its transaction is short
    retention interval;
    tenant uuid;
    purged int := 0;
    part int;
begin
    perform from inventory.error_codes(); -- loads the library, and so the settings
    retention := current_setting('asset_inventory.audit_retention')::interval;
    if retention = interval '0' then
        return 0;
    end if;
    loop
        select c.tenant_id into tenant from inventory.asset_change c
        where tenant is null or c.tenant_id > tenant order by c.tenant_id limit 1;
        exit when not found or purged >= most;
        delete from inventory.asset_change c
        where c.tenant_id = tenant and c.ctid = any (array(
            select o.ctid from inventory.asset_change o
            where o.tenant_id = tenant and o.changed_at < now() - retention order by o.changed_at limit most - purged));
        get diagnostics part = row_count;
        purged := purged + part;
    end loop;
    return purged;
end
$$;
comment on function inventory.purge_asset_changes() is
    'Deletes up to 5000 changes of assets that are older than asset_inventory.audit_retention (0 keeps all); returns how many. '
    'The search worker calls it; so may a scheduler.';

-- ---- health ----

create function inventory.health() returns table ("check" text, ok boolean, detail text, hint text)
language plpgsql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    most_delta constant int := 100000;     -- some tens of milliseconds of every count
    most_pending constant int := 1024;     -- pages of one index, twice the default of gin_pending_list_limit
    most_dead constant double precision := 0.2;
    waits constant interval := '1 minute'; -- for a search worker
    runs constant interval := '15 minutes';
    soon constant interval := '14 days';   -- for a key to expire
    names text[];
    n bigint;
    m bigint;
    installed text;
    target record;
begin
    perform from inventory.error_codes(); -- loads the library, and so the settings
    select e.extversion into installed from pg_extension e where e.extname = 'asset_inventory';
    "check" := 'tables';
    if to_regclass('inventory.migration') is null or to_regclass('inventory.asset') is null then
        ok := false; detail := 'The tables are not there.'; hint := 'select inventory.migrate();';
        return next;
        return;
    end if;
    select array_agg(p.proname::text order by p.proname) into names from pg_proc p
    where p.pronamespace = 'inventory'::regnamespace and p.proname ~ '^migration_\d+_'
      and not exists (select from inventory.migration g where g.step = substring(p.proname from '^migration_(\d+)_')::int);
    ok := names is null;
    detail := coalesce('Not applied: ' || array_to_string(names, ', '),
                       format('Step %s of release %s', (select max(g.step) from inventory.migration g), installed));
    hint := case when not ok then 'select inventory.migrate();' end;
    return next;

    "check" := 'release';
    select v.default_version into detail from pg_available_extensions v where v.name = 'asset_inventory';
    ok := detail = installed;
    hint := case when not ok then 'alter extension asset_inventory update; select inventory.migrate();' end;
    detail := case when ok then installed else format('%s is installed on the server, the database has %s', coalesce(detail, 'nothing'), installed) end;
    return next;

    -- Owners: the functions read as their owner, whom the policies must let pass.
    "check" := 'row security';
    select array_agg(distinct c.relname::text) into names
    from pg_class c cross join (select p.proowner from pg_proc p where p.oid = 'inventory.rest(text,text,text,bytea)'::regprocedure) f
    join pg_roles r on r.oid = f.proowner
    where c.relnamespace = 'inventory'::regnamespace and c.relkind in ('r', 'p')
      and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id') and c.relname <> 'scope'
      and (not c.relrowsecurity or c.relforcerowsecurity
           or not (r.rolsuper or r.rolbypassrls or pg_has_role(f.proowner, c.relowner, 'usage')));
    ok := names is null;
    detail := coalesce('Open to readers, or closed to the functions: ' || array_to_string(names, ', '), 'Readers of the tables see what is theirs');
    hint := case when not ok then 'select inventory.migrate(); and let one role own the tables and the functions' end;
    return next;

    -- Indexes: of each field that lists sort by, the one that answers filters, the unique ones.
    "check" := 'indexes';
    select array_agg(w.name order by w.name) into names
    from (select format('asset_%s_idx', f.name) as name from inventory.asset_field f where f.sort = 'list'
          union values ('asset_pkey'), ('asset_identity'), ('asset_keys_idx')) w
    where not exists (select from pg_index i where i.indrelid = 'inventory.asset'::regclass and i.indisvalid
                          and i.indexrelid = to_regclass('inventory.' || w.name));
    select names || array_agg(c.relname::text order by c.relname) into names from pg_index i join pg_class c on c.oid = i.indexrelid
    where c.relnamespace = 'inventory'::regnamespace and not i.indisvalid and not c.relname::text = any (coalesce(names, '{}'));
    ok := names is null;
    detail := coalesce('Missing or not valid: ' || array_to_string(names, ', '), 'All there and valid');
    hint := case when not ok then 'select inventory.restore_indexes(); or, of one that is not valid: reindex index concurrently inventory.…' end;
    return next;

    "check" := 'gin pending';
    select coalesce(max(inventory.gin_pending_pages(i.indexrelid::regclass)), 0) into n
    from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am a on a.oid = c.relam
    where a.amname = 'gin' and i.indrelid in ('inventory.asset'::regclass, to_regclass('inventory.facet')) and i.indisvalid;
    ok := n <= most_pending;
    detail := format('%s pages at most are not merged into a GIN index', n);
    hint := case when not ok then 'vacuum inventory.asset; autovacuum lags behind' end;
    return next;

    -- Facets
    "check" := 'facets';
    if inventory.is_distributed() or not current_setting('asset_inventory.facets')::boolean then
        ok := true; detail := 'Off: the assets are counted'; hint := null;
    elsif not inventory.facets_are_kept() then
        ok := false; detail := 'A trigger of inventory.asset is missing or disabled: the assets are counted';
        hint := 'select inventory.install_facets(); then inventory.rebuild_facets(tenant_id) of each tenant';
    else
        select count(*) into n from (select from inventory.facet_delta limit most_delta + 1) d;
        ok := n <= most_delta;
        detail := format('%s%s deltas wait for compaction', case when ok then '' else 'More than ' end, least(n, most_delta));
        hint := case when not ok then 'select inventory.compact_facets(); until it returns 0, and schedule it' end;
    end if;
    return next;

    -- Searches
    "check" := 'searches';
    select count(*) filter (where s.state = 'queued' and s.created_at < clock_timestamp() - waits),
           count(*) filter (where s.state = 'running' and s.started_at < clock_timestamp() - runs)
    into n, m from inventory.search s where s.state in ('queued', 'running') and s.expires_at > now();
    ok := n = 0 and m = 0;
    detail := format('%s wait for longer than %s, %s run for longer than %s', n, waits, m, runs);
    hint := case when n > 0 then 'A worker cannot start, or all are busy: see max_worker_processes, asset_inventory.search_workers'
                 when m > 0 then 'select inventory.cancel_search(scope, id) from inventory.search_queue where state = ''running'';' end;
    return next;

    "check" := 'worker slots';
    if current_setting('asset_inventory.search_workers')::int = 0 then
        ok := true; detail := 'No workers: a scheduler calls inventory.run_searches()'; hint := null;
    else
        -- Other than these, what the server runs takes a slot of max_worker_processes.
        select current_setting('max_worker_processes')::int - count(*) into n from pg_stat_activity a
        where a.backend_type not in ('client backend', 'autovacuum launcher', 'autovacuum worker', 'background writer', 'checkpointer',
                                     'walwriter', 'walsender', 'walreceiver', 'startup', 'archiver');
        select r.rolcanlogin or r.rolsuper into ok from pg_extension e join pg_roles r on r.oid = e.extowner where e.extname = 'asset_inventory';
        hint := case when not ok then 'The owner of the extension must be able to log in: a worker connects as it'
                     when n < 1 then 'Raise max_worker_processes; until then a reader runs its search itself' end;
        ok := ok and n > 0;
        detail := format('%s of max_worker_processes are free', n);
    end if;
    return next;

    -- Keys
    "check" := 'keys';
    select count(*) into n from inventory.api_key k
    where k.revoked_at is null and k.expires_at > now() and k.expires_at < now() + soon
      -- One that has a successor is being rotated.
      and not exists (select from inventory.api_key o where o.principal_id = k.principal_id and o.revoked_at is null
                          and coalesce(o.expires_at, 'infinity') >= now() + soon);
    ok := n = 0;
    detail := case when ok then format('None expires within %s without a successor', soon)
                   else format('%s expire within %s and have no successor', n, soon) end;
    hint := case when not ok then 'select * from inventory.api_keys where state = ''valid'' order by expires_at; then inventory.issue_api_key(principal)' end;
    return next;

    -- Upkeep of the server
    "check" := 'vacuum';
    if pg_is_in_recovery() then
        ok := true; detail := 'A standby: the primary vacuums'; hint := null;
    else
        select t.n_dead_tup, t.n_live_tup, greatest(t.last_vacuum, t.last_autovacuum) as vacuumed,
               greatest(t.last_analyze, t.last_autoanalyze) as analyzed, age(c.relfrozenxid) as xids
        into target from pg_class c left join pg_stat_all_tables t on t.relid = c.oid where c.oid = 'inventory.asset'::regclass;
        ok := target.n_dead_tup <= target.n_live_tup * most_dead + 10000
              and target.xids < 1.5 * current_setting('autovacuum_freeze_max_age')::bigint
              and (target.analyzed is not null or target.n_live_tup < 10000) and current_setting('autovacuum')::boolean;
        detail := format('Of the assets %s are dead and %s live; vacuumed %s, analyzed %s; %s transactions since the oldest',
                         target.n_dead_tup, target.n_live_tup, coalesce(target.vacuumed::text, 'never'),
                         coalesce(target.analyzed::text, 'never'), target.xids);
        hint := case when ok then null
                     when not current_setting('autovacuum')::boolean then 'autovacuum is off: alter system set autovacuum = on;'
                     else 'vacuum analyze inventory.asset; look for old transactions in pg_stat_activity' end;
    end if;
    return next;

    -- What is kept
    "check" := 'retention';
    if pg_is_in_recovery() then
        ok := true; detail := 'A standby: the primary purges'; hint := null;
    else
        select count(*) into n from inventory.search s where s.expires_at < now() - interval '1 day';
        select count(*) into m from inventory.idempotency_key i where i.expires_at < now() - interval '1 day';
        ok := n = 0 and m < 10000;
        detail := format('%s searches and %s idempotency keys expired a day ago or more; changes are kept %s', n, m,
                         case current_setting('asset_inventory.audit_retention') when '0' then 'for ever'
                              else current_setting('asset_inventory.audit_retention') end);
        hint := case when not ok then 'The worker purges beside searches; with few of them schedule inventory.purge_searches(), '
                    'purge_idempotency_keys() and purge_asset_changes()' end;
    end if;
    return next;
end
$$;
comment on function inventory.health() is
    'Checks for monitoring, one row each: alert where not ok; the hint says what to do. For members of pg_monitor.';
