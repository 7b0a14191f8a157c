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
