-- The dictionary of facets: how many assets have each value, kept exact by
-- statement-level triggers. They append signed deltas, so that writers never wait
-- for each other; compaction adds the deltas to the dictionary. A read sums both
-- in its snapshot.
--
-- The bodies of the triggers are written from the catalogue. The functions are not
-- members of the extension: DROP EXTENSION leaves the tables working.

create function inventory.is_distributed() returns boolean
language plpgsql stable
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    found boolean := false;
begin
    if to_regclass('pg_catalog.pg_dist_partition') is not null then
        execute 'select exists (select from pg_catalog.pg_dist_partition p where p.logicalrelid = ''inventory.asset''::regclass)' into found;
    end if;
    return found;
end
$$;
comment on function inventory.is_distributed() is 'Whether Citus distributes the assets.';

create function inventory.facets_are_kept() returns boolean
language sql stable
set search_path = pg_catalog, inventory, pg_temp
as $$
    select count(*) = 4 from pg_trigger t
    where t.tgrelid = to_regclass('inventory.asset') and t.tgenabled in ('O', 'A')
      and t.tgname in ('facets_insert', 'facets_update', 'facets_delete', 'facets_truncate')
$$;
comment on function inventory.facets_are_kept() is
    'Whether the triggers that keep the facets are there and enabled; without them counts, groups and values come from the assets.';

-- ---- what is counted ----

create function inventory.facet_sources() returns table (name text, kind text, source text, ordinal int)
language sql stable
set search_path = pg_catalog, inventory, pg_temp
as $$
    select f.name, f.kind, f.source, f.ordinal from inventory.asset_field f
    where (f.is_group or f.has_values) and f.kind in ('text', 'type', 'class', 'array', 'object')
$$;
comment on function inventory.facet_sources() is 'The fields of the catalogue whose values the facets count.';

create function inventory.facet_entries(only_changed boolean default false) returns text
language plpgsql stable
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    -- Longer ones are listed by no operation (core/value_query.hpp), and no index could hold them.
    fits constant text := '<= 1000';
    -- What did not change is not read: a null has no entries.
    reader constant text := case when only_changed then '(case when a.changed_%1$s then %2$s end)' else '%2$s' end;
    counted constant text := case when only_changed then 'case when a.changed_type then '''' end' else '''''' end;
    branches text[];
begin
    -- One scan for all fields of one value each; the empty field counts the asset.
    select array[format($sql$select v.field, '' as key, v.value from (values (%s, '')%s) v (field, value)
               where v.field = '' or (v.value <> '' and octet_length(v.value) %s)$sql$,
           counted, coalesce(string_agg(format(', (%L, %s)', s.name, format(reader, s.name,
               case s.kind when 'class' then format('(array[''A'', ''B'', ''C'', ''D''])[%s]', s.source) else s.source end)),
               '' order by s.ordinal), ''), fits)]
    into branches
    from inventory.facet_sources() s where s.kind not in ('array', 'object');
    branches := branches || array(
        select case s.kind
            when 'array' then format(
                'select distinct %1$L, '''', u.value from unnest(%2$s) u (value) where u.value <> '''' and octet_length(u.value) %3$s',
                s.name, format(reader, s.name, s.source), fits)
            else format(
                'select v.field, v.key, v.value from jsonb_each_text(%2$s) u '
                'cross join lateral (values (%1$L, '':'' || u.key, u.value), (%1$L || ''#keys'', '''', u.key)) v (field, key, value) '
                'where octet_length(u.key) %3$s and (v.key = '''' or (u.value <> '''' and octet_length(u.key) + octet_length(u.value) %3$s))',
                s.name, format(reader, s.name, s.source), fits)
            end
        from inventory.facet_sources() s where s.kind in ('array', 'object') order by s.ordinal);
    return array_to_string(branches, E'\n            union all ');
end
$$;
comment on function inventory.facet_entries(boolean) is
    'SQL that lists, each once, the (field, key, value) of an asset `a`; of those fields only whose column changed_<field> is true.';

-- ---- the triggers ----

create function inventory.facet_trigger_body(source text, only_changed boolean) returns text
language sql stable
set search_path = pg_catalog, inventory, pg_temp
as $$
    -- A row of deltas holds at most 4096 values, whatever the statement wrote.
    select format($body$
begin
    insert into inventory.facet_delta (tenant_id, field, type, scope_ids, keys, values, counts)
    select g.tenant_id, g.field, g.type, g.scope_ids, array_agg(g.key), array_agg(g.value), array_agg(g.n)
    from (
        select a.tenant_id, e.field, a.type, a.scope_ids, e.key, e.value, sum(a.n)::int as n, row_number() over () / 4096 as part
        from %s a
        cross join lateral (
            %s) e
        group by 1, 2, 3, 4, 5, 6 having sum(a.n) <> 0
    ) g
    group by 1, 2, 3, 4, g.part;
    return null;
end
$body$, source, inventory.facet_entries(only_changed))
$$;
comment on function inventory.facet_trigger_body(text, boolean) is 'The body of a trigger that appends the deltas of signed rows, SQL for a relation with the columns of an asset and n.';

create function inventory.install_facets() returns void
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
set client_min_messages = warning
as $install$
declare
    columns text := (select string_agg(quote_ident(t.attname), ', ') from pg_attribute t
                     where t.attrelid = 'inventory.asset'::regclass and t.attnum > 0 and not t.attisdropped
                       and (t.attname in ('tenant_id', 'id', 'type', 'scope_ids')
                            or exists (select from inventory.facet_sources() s where s.source ~ ('\ma[.]' || t.attname || '\M'))));
    changes text := (select string_agg(format('is_moved or %s is distinct from %s as changed_%s',
                                              regexp_replace(s.source, '\ma[.]', 'o.', 'g'), regexp_replace(s.source, '\ma[.]', 'w.', 'g'), s.name),
                                       ', ' order by s.ordinal)
                     from inventory.facet_sources() s where s.name <> 'type');
    body record;
    is_fresh boolean := not inventory.facets_are_kept();
    stale text[];
    tenant uuid;
begin
    if inventory.is_distributed() then
        raise exception 'Citus cannot have triggers on distributed tables.'
            using errcode = 'feature_not_supported', hint = 'Counts, groups and values come from the assets there; nothing is to be done.';
    end if;
    -- No writer may be between the old triggers and the new ones.
    lock table inventory.asset in share row exclusive mode;

    for body in
        select b.event, b.event = 'update' as is_update, inventory.facet_trigger_body(b.source, b.event = 'update') as text from (values
            ('insert', '(select facet_new.*, 1 as n from facet_new)'),
            ('delete', '(select facet_old.*, -1 as n from facet_old)'),
            ('update', format($pairs$(
            select %1$s, -1 as n, is_moved as changed_type, %3$s
            from facet_old o left join facet_new w on w.tenant_id = o.tenant_id and w.id = o.id
            cross join lateral (select w.id is null or o.type <> w.type or o.scope_ids <> w.scope_ids) m (is_moved)
            union all
            select %2$s, 1, is_moved, %3$s
            from facet_new w left join facet_old o on w.tenant_id = o.tenant_id and w.id = o.id
            cross join lateral (select o.id is null or o.type <> w.type or o.scope_ids <> w.scope_ids) m (is_moved))$pairs$,
                regexp_replace(columns, '(^|, )', '\1o.', 'g'), regexp_replace(columns, '(^|, )', '\1w.', 'g'), changes))) b (event, source)
    loop
        if body.is_update then
            -- The assets counted by no delta still changed: the stamp must say so.
            body.text := replace(body.text, E'\nbegin\n', $touch$
begin
    insert into inventory.facet_delta (tenant_id, field, type, scope_ids, keys, values, counts)
    select distinct a.tenant_id, '', '', '{}'::uuid[], '{}'::text[], '{}'::text[], '{}'::int[] from facet_new a;
$touch$);
        end if;
        execute format('create or replace function inventory.facets_%s() returns trigger language plpgsql volatile security definer '
                       'set search_path = pg_catalog, inventory, pg_temp set jit = off %s as %L', body.event,
                       -- The plan is kept from the first statement on, which may have one row, the next a million.
                       case when body.is_update then 'set enable_nestloop = off set enable_mergejoin = off' end, body.text);
        execute format('comment on function inventory.facets_%s() is %L', body.event,
                       'Appends what a statement changed to inventory.facet_delta. Made by inventory.install_facets().');
    end loop;
    execute format('create or replace function inventory.facets_truncate() returns trigger language plpgsql volatile security definer '
                   'set search_path = pg_catalog, inventory, pg_temp as %L',
                   format('begin truncate inventory.facet, inventory.facet_delta%s; return null; end',
                          ', ' || to_regclass('inventory.facet_block')::text));
    comment on function inventory.facets_truncate() is 'Empties the facets with the assets. Made by inventory.install_facets().';
    execute format($count$
        create or replace function inventory.count_facets(of_tenant uuid, fields text[] default null)
        returns table (scope_id uuid, field text, type text, key text, value text, n bigint)
        language sql stable set search_path = pg_catalog, inventory, pg_temp set jit = off as %L $count$, format($sql$
        select s.scope_id, e.field, a.type, e.key, e.value, count(*)
        from inventory.asset a
        cross join lateral (
            %s) e
        cross join lateral (select a.tenant_id union select unnest(a.scope_ids)) s (scope_id)
        where a.tenant_id = of_tenant and (fields is null or e.field = any(fields))
        group by 1, 2, 3, 4, 5 $sql$, inventory.facet_entries()));
    comment on function inventory.count_facets(uuid, text[]) is 'The facets of a tenant, counted from its assets. Made by inventory.install_facets().';

    -- Whoever may execute them could hang them on a table of their own.
    revoke all on function inventory.facets_insert(), inventory.facets_update(), inventory.facets_delete(),
        inventory.facets_truncate(), inventory.count_facets(uuid, text[]) from public;

    if is_fresh then
        create or replace trigger facets_insert after insert on inventory.asset
            referencing new table as facet_new for each statement execute function inventory.facets_insert();
        create or replace trigger facets_update after update on inventory.asset
            referencing old table as facet_old new table as facet_new for each statement execute function inventory.facets_update();
        create or replace trigger facets_delete after delete on inventory.asset
            referencing old table as facet_old for each statement execute function inventory.facets_delete();
        create or replace trigger facets_truncate after truncate on inventory.asset
            for each statement execute function inventory.facets_truncate();
        perform inventory.empty_facets();
    end if;

    -- What is new, or read differently, or gone is counted again.
    with current as (
        select s.name, s.kind, s.source from inventory.facet_sources() s
    ), gone as (
        delete from inventory.facet_field f where not exists (select from current c where c.name = f.name) returning f.name
    ), made as (
        insert into inventory.facet_field as f (name, kind, source) select c.name, c.kind, c.source from current c
        on conflict (name) do update set kind = excluded.kind, source = excluded.source
        where (f.kind, f.source) is distinct from (excluded.kind, excluded.source) returning f.name
    )
    select array_agg(n || suffix) into stale
    from (select name from gone union all select name from made) x (n), unnest(array['', '#keys']) suffix;
    if is_fresh then
        stale := array_append(stale, '');
    end if;
    if stale is not null then
        for tenant in select inventory.facet_tenants() loop
            perform inventory.correct_facets(tenant, stale);
        end loop;
    end if;
end
$install$;
comment on function inventory.install_facets() is
    'Makes the triggers that keep the facets, for the fields that the catalogue has now, and counts what they did not yet count. '
    'Waits for writers of assets. migrate() and register_field() call it.';

create function inventory.empty_facets() returns void
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
as $$
begin
    truncate inventory.facet, inventory.facet_delta, inventory.facet_field;
    if to_regclass('inventory.facet_block') is not null then
        truncate inventory.facet_block;
    end if;
end
$$;
comment on function inventory.empty_facets() is 'Forgets all facets. Internal.';

create function inventory.remove_facets() returns void
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
set client_min_messages = warning
as $$
begin
    drop function if exists inventory.facets_insert(), inventory.facets_update(), inventory.facets_delete(),
        inventory.facets_truncate() cascade;
    perform inventory.empty_facets();
end
$$;
comment on function inventory.remove_facets() is
    'Takes the triggers that keep the facets away, before create_distributed_table() or for good; install_facets() makes them again.';

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
                select s.scope_id, d.field, d.type, e.key, e.value, sum(e.n) as n
                from gone d
                cross join lateral unnest(d.keys, d.values, d.counts) e (key, value, n)
                cross join lateral (select d.tenant_id union select unnest(d.scope_ids)) s (scope_id)
                group by 1, 2, 3, 4, 5 having sum(e.n) <> 0
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
