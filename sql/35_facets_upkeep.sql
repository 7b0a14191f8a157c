-- What keeps the dictionary of facets (35_facets.sql) true and small: checking, mending, compaction.

-- ---- reading, checking, mending ----

create function inventory.facet_tenants() returns setof uuid
language sql stable
set search_path = pg_catalog, inventory, pg_temp
as $$
    -- One look-up a tenant.
    with recursive asset_tenant (id) as (
        (select a.tenant_id from inventory.asset a order by 1 limit 1)
        union all select (select a.tenant_id from inventory.asset a where a.tenant_id > t.id order by 1 limit 1)
        from asset_tenant t where t.id is not null
    ), facet_tenant (id) as (
        (select f.tenant_id from inventory.facet f order by 1 limit 1)
        union all select (select f.tenant_id from inventory.facet f where f.tenant_id > t.id order by 1 limit 1)
        from facet_tenant t where t.id is not null
    ), delta_tenant (id) as (
        (select d.tenant_id from inventory.facet_delta d order by 1 limit 1)
        union all select (select d.tenant_id from inventory.facet_delta d where d.tenant_id > t.id order by 1 limit 1)
        from delta_tenant t where t.id is not null
    )
    select id from (select id from asset_tenant union select id from facet_tenant union select id from delta_tenant) t
    where id is not null order by id
$$;
comment on function inventory.facet_tenants() is 'The tenants that have assets or facets.';

create function inventory.recorded_facets(of_tenant uuid, fields text[] default null)
returns table (scope_id uuid, field text, type text, key text, value text, n bigint)
language sql stable
set search_path = pg_catalog, inventory, pg_temp
as $$
    select r.scope_id, r.field, r.type, r.key, r.value, sum(r.n)::bigint
    from (
        select f.scope_id, f.field, f.type, f.key, f.value, f.n from inventory.facet f
        where f.tenant_id = of_tenant and f.field <> '#' and (fields is null or f.field = any(fields))
        union all
        select s.scope_id, d.field, d.type, e.key, e.value, e.n
        from inventory.facet_delta d
        cross join lateral unnest(d.keys, d.values, d.counts) e (key, value, n)
        cross join lateral (select d.tenant_id union select unnest(d.scope_ids)) s (scope_id)
        where d.tenant_id = of_tenant and (fields is null or d.field = any(fields))
    ) r
    group by 1, 2, 3, 4, 5 having sum(r.n) <> 0
$$;
comment on function inventory.recorded_facets(uuid, text[]) is 'The facets of a tenant as they are recorded: the dictionary and its deltas.';

create function inventory.facet_drift(of_tenant uuid, fields text[] default null)
returns table (scope_id uuid, field text, type text, key text, value text, recorded bigint, counted bigint)
language plpgsql stable
set search_path = pg_catalog, inventory, pg_temp
as $$
#variable_conflict use_column
begin
    return query
    select scope_id, field, type, key, value, coalesce(r.n, 0), coalesce(c.n, 0)
    from inventory.recorded_facets(of_tenant, fields) r
    full join inventory.count_facets(of_tenant, fields) c using (scope_id, field, type, key, value)
    where r.n is distinct from c.n
    order by 2, 1, 3, 4, 5;
end
$$;
comment on function inventory.facet_drift(uuid, text[]) is 'Where what is recorded of some fields (null: all) differs from the assets.';

create function inventory.correct_facets(of_tenant uuid, fields text[] default null) returns bigint
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    corrected bigint;
begin
    perform pg_advisory_xact_lock(inventory.facet_lock(of_tenant));
    -- Drift is found in one snapshot. A writer that it does not see has its change
    -- in deltas that it does not see either.
    insert into inventory.facet as f (tenant_id, scope_id, field, type, key, value, n)
    select of_tenant, d.scope_id, d.field, d.type, d.key, d.value, d.counted - d.recorded
    from inventory.facet_drift(of_tenant, fields) d
    on conflict on constraint facet_pkey do update set n = f.n + excluded.n;
    get diagnostics corrected = row_count;
    -- Whatever was missed changed the assets: the stamp must not say otherwise.
    insert into inventory.facet_delta (tenant_id, field, type, scope_ids, keys, values, counts)
    values (of_tenant, '', '', '{}', '{}', '{}', '{}');
    delete from inventory.facet f where f.tenant_id = of_tenant and f.n = 0;
    if corrected > 0 and to_regclass('inventory.facet_block') is not null then
        perform inventory.arrange_facets(of_tenant, fields);
    end if;
    return corrected;
end
$$;
comment on function inventory.correct_facets(uuid, text[]) is 'Adds the drift of some fields (null: all) to the dictionary; returns its rows.';

create function inventory.facet_lock(of_tenant uuid) returns bigint
language sql immutable parallel safe
set search_path = pg_catalog, inventory, pg_temp
as $$
    select hashtextextended('inventory.facet ' || of_tenant, 0)
$$;
comment on function inventory.facet_lock(uuid) is 'The advisory lock of whoever writes inventory.facet; one at a time a tenant.';

create function inventory.verify_facets(tenant_id uuid)
returns table (scope_id uuid, field text, type text, key text, value text, recorded bigint, counted bigint)
language sql stable security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
    select d.* from inventory.facet_drift(verify_facets.tenant_id) d where inventory.facets_are_kept()
$$;
comment on function inventory.verify_facets(uuid) is
    'The facets of a tenant that differ from its assets: none, unless triggers were off while assets changed. Counts all assets; safe under writers.';

create function inventory.rebuild_facets(tenant_id uuid) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
begin
    if not inventory.facets_are_kept() then
        raise exception 'The facets are not kept: a trigger of inventory.asset is missing or disabled.'
            using errcode = 'object_not_in_prerequisite_state', hint = 'Run: select inventory.install_facets();';
    end if;
    return inventory.correct_facets(rebuild_facets.tenant_id);
end
$$;
comment on function inventory.rebuild_facets(uuid) is
    'Mends the facets of a tenant after triggers were off (a data-only restore, session_replication_role); returns the rows that were wrong. Safe under writers.';

-- ---- compaction ----

create function inventory.compact_facets(tenant_id uuid default null, most int default 20000) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
set jit = off
-- Values find their blocks by look-ups: nothing tells the planner how few there are.
set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    -- A bulk load leaves few rows of many values: they bound the memory of one call too.
    most_values constant int := 200000;
    compacted bigint := 0;
    part bigint;
    tenant uuid;
    has_grown boolean;
    scopes uuid[];
    fields text[];
    types text[];
begin
    if to_regclass('inventory.facet_block') is null then
        return 0;
    end if;
    loop
        if compact_facets.tenant_id is null then
            select d.tenant_id into tenant from inventory.facet_delta d
            where tenant is null or d.tenant_id > tenant order by d.tenant_id limit 1;
            exit when not found;
        else
            tenant := compact_facets.tenant_id;
        end if;
        if pg_try_advisory_xact_lock(inventory.facet_lock(tenant)) then
            with gone as (
                delete from inventory.facet_delta d
                where d.tenant_id = tenant and d.ctid = any(array(
                    select b.ctid from (
                        select c.ctid, sum(cardinality(c.counts)) over (rows unbounded preceding) - cardinality(c.counts) as before
                        from (select c.ctid, c.counts from inventory.facet_delta c where c.tenant_id = tenant limit most - compacted) c) b
                    where b.before < most_values))
                returning d.*
            ), change as (
                select d.scope_id, d.field, d.type, d.key, d.value, sum(d.n) as n
                from (select s.scope_id, g.field, g.type, unnest(g.keys) as key, unnest(g.values) as value, unnest(g.counts) as n
                      from gone g
                      cross join lateral (select g.tenant_id union select unnest(g.scope_ids)) s (scope_id)) d
                group by 1, 2, 3, 4, 5 having sum(d.n) <> 0
                union all
                select tenant, '#', '', '', '', bit_xor(uuid_hash_extended(d.id, 0)) from gone d where d.field = '' having count(*) > 0
            ), added as (
                insert into inventory.facet as f (tenant_id, scope_id, field, type, key, value, n)
                select tenant, c.scope_id, c.field, c.type, c.key, c.value, c.n from change c
                order by c.scope_id, c.field, c.type, c.key, c.value
                on conflict on constraint facet_pkey
                do update set n = case f.field when '#' then f.n # excluded.n else f.n + excluded.n end
                returning f.scope_id, f.field, f.type, f.key, f.value, f.xmax = 0 as is_new
            ), home as (
                -- The block of each new value; none in a list of few values.
                select v.scope_id, v.field, v.type, b.key, b.value, count(*)::int as n, array_agg(lower(v.value collate "default")) as folded
                from added v
                left join lateral (
                    select b.key, b.value from inventory.facet_block b
                    where b.tenant_id = tenant and b.scope_id = v.scope_id and b.field = v.field and b.type = v.type
                      and (b.key, b.value) <= (v.key, v.value)
                    order by b.key desc, b.value desc limit 1) b on true
                where v.is_new and v.field not in ('', '#')
                group by 1, 2, 3, 4, 5
            ), grown as (
                update inventory.facet_block b set grams = inventory.gram_signature(h.folded, b.grams), n = b.n + h.n
                from home h
                where b.tenant_id = tenant and b.scope_id = h.scope_id and b.field = h.field and b.type = h.type
                  and b.key = h.key and b.value = h.value
                returning 1
            )
            select (select count(*) from gone), exists (select from grown), array_agg(h.scope_id), array_agg(h.field), array_agg(h.type)
            into part, has_grown, scopes, fields, types
            from home h where h.key is null;
            compacted := compacted + part;
            delete from inventory.facet f where f.tenant_id = tenant and f.n = 0;
            if has_grown then
                perform inventory.divide_full_blocks(tenant);
            end if;
            perform inventory.divide_facets(tenant, l.scope_id, l.field, l.type)
            from unnest(scopes, fields, types) l (scope_id, field, type)
            where inventory.is_long_list(tenant, l.scope_id, l.field, l.type);
        end if;
        exit when compact_facets.tenant_id is not null or compacted >= most;
    end loop;
    return compacted;
end
$$;
comment on function inventory.compact_facets(uuid, int) is
    'Adds at most so many rows of deltas to the facets, of one tenant or all; returns how many. Call it again until it returns 0. '
    'Never waits for a writer, nor a writer for it; a tenant that another session compacts is left to it.';

create function inventory.has_facet_backlog() returns boolean
language sql stable security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
    -- What a load leaves, or more rows than one call compacts.
    select count(*) = 20000 or coalesce(sum(cardinality(d.counts)), 0) > 100000
    from (select d.counts from inventory.facet_delta d limit 20000) d
$$;
comment on function inventory.has_facet_backlog() is
    'Whether so many deltas of facets wait that the worker compacts on without a rest. Internal.';

create function inventory.change_stamp(tenant_id uuid) returns bigint
language sql stable
set search_path = pg_catalog, inventory, pg_temp
as $$
    select coalesce((select f.n from inventory.facet f
                     where f.tenant_id = change_stamp.tenant_id and f.scope_id = change_stamp.tenant_id
                       and f.field = '#' and f.type = '' and f.key = '' and f.value = ''), 0)
         # coalesce((select bit_xor(uuid_hash_extended(d.id, 0)) from inventory.facet_delta d
                     where d.tenant_id = change_stamp.tenant_id and d.field = ''), 0)
$$;
comment on function inventory.change_stamp(uuid) is
    'Differs between two snapshots in which assets of the tenant differ: the exclusive or of a random number for every statement that changed them, '
    'so no order of commits, compaction or failover can repeat it (but for chance, 2^-64).';
