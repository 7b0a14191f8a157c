-- Writing assets: upsert_assets for programs, import_assets for bulk loads (54_import.sql). Both
-- read JSON objects with the attribute names of the API, and both are one INSERT
-- for what is new and one UPDATE for what is known and differs.

create type inventory.asset_input as (
    type text, orgs uuid[], scope_ids uuid[], class_rank int, class_locked boolean, labels text[], tags jsonb,
    registry text, repository text, name text, url text, scm text, config_digest text,
    distribution_digests json, manifest_digests text[], index_digests text[], image_tags text[], image_labels jsonb,
    architecture text, os text, built_at timestamptz, size_bytes bigint, risk_score int,
    issues_critical int, issues_high int, issues_medium int, issues_low int,
    last_scan timestamptz, last_seen_at timestamptz, created_at timestamptz, updated_at timestamptz,
    config json, root_fs json, history json, detail json, properties jsonb, identity uuid
);
comment on type inventory.asset_input is 'An asset on its way in; null is "not stated".';

create function inventory.read_assets(source text, tenant uuid, seen_in uuid[], assets jsonb default null, places tid[] default null)
returns inventory.asset_input[]
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
set timezone = 'UTC'
set datestyle = 'ISO, YMD'
as $$
declare
    details text[] := (select array_agg(f.name) from inventory.asset_field f where f.source like 'a.detail -> %');
    extras text[] := coalesce((select array_agg(f.name) from inventory.asset_field f
                               where f.source like '%a.properties ->> %'), '{}');
    -- By type, the attributes that only other types have.
    foreign_names jsonb := (
        select jsonb_object_agg(t.name, (select string_agg(f.name, ',') from inventory.asset_field f
                                         where f.is_attribute and not t.name = any(f.asset_types)))
        from inventory.asset_type t);
    found inventory.asset_input[];
    field record;
    is_fine boolean;
    wrong text;
begin
    execute format($sql$
        select array_agg(row(
            coalesce(x.type, 'container_images'), x.orgs,
            case when x.orgs is null then $2 else array(
                select distinct u from (
                    select unnest(array[s.id, s.group_id]) from inventory.scope s
                    where s.id = any(x.orgs) and s.tenant_id = $1 and s.kind = 'org'
                    union all select unnest($2)) m (u)) end,
            case jsonb_typeof(x.class)
                when 'object' then coalesce((x.class ->> 'rank')::int, coalesce(strpos('ABCD', x.class ->> 'display_name'), 0))
                when 'string' then case when length(x.class #>> '{}') = 1 then strpos('ABCD', x.class #>> '{}') else 0 end
                when 'null' then null
            end,
            case when jsonb_typeof(x.class) = 'object' then (x.class ->> 'locked')::boolean end,
            x.labels, x.tags, nullif(x.registry, ''), nullif(x.repository, ''),
            n.name,
            nullif(x.url, ''), nullif(x.scm, ''), x.config_digest,
            d.shown, d.manifests, d.indexes, x.image_tags,
            case when jsonb_typeof(x.config -> 'labels') = 'object' then x.config -> 'labels' end,
            nullif(x.architecture, ''), nullif(x.os, ''), x.built_at, x.size_bytes, x.risk_score,
            (x.issues ->> 'critical')::int, (x.issues ->> 'high')::int, (x.issues ->> 'medium')::int, (x.issues ->> 'low')::int,
            x.last_scan, x.last_seen_at, x.created_at, x.updated_at,
            x.config::json, x.root_fs::json, x.history::json,
            case when o.j ?| $3 then (select json_object_agg(k, o.j -> k) from unnest($3) k where o.j ? k and o.j -> k <> 'null') end,
            case when o.j ?| $4 then (select jsonb_object_agg(k, o.j -> k) from unnest($4) k where o.j ? k and o.j -> k <> 'null') end,
            inventory.asset_identity(coalesce(x.type, 'container_images'), nullif(x.registry, ''), nullif(x.repository, ''),
                                     x.config_digest, d.manifests, nullif(x.url, ''), n.name)
        )::inventory.asset_input order by s.n)
        from (%s) s (asset, n)
        cross join lateral (select case when jsonb_typeof(s.asset -> 'attributes') = 'object'
            then (s.asset - 'attributes') || (s.asset -> 'attributes') else s.asset end) given (j)
        -- OFFSET 0: computed once an asset, not once a reference.
        cross join lateral (select given.j - coalesce(string_to_array(
            $6 ->> coalesce(given.j ->> 'type', 'container_images'), ','), '{}') offset 0) o (j)
        cross join lateral jsonb_to_record(o.j) x (
            type text, orgs uuid[], class jsonb, labels text[], tags jsonb, registry text, repository text, name text,
            url text, scm text, config_digest text, image_tags text[], architecture text, os text, built_at timestamptz,
            size_bytes bigint, risk_score int, issues jsonb, last_scan timestamptz, last_seen_at timestamptz,
            created_at timestamptz, updated_at timestamptz, config jsonb, root_fs jsonb, history jsonb)
        cross join lateral (
            select coalesce(nullif(x.name, ''), nullif(regexp_replace(x.repository, '^.*/', ''), ''))) n (name)
        left join lateral (
            -- A bare string is the digest of a manifest.
            select json_agg(case jsonb_typeof(e.d) when 'string' then jsonb_build_object('manifest_digest', e.d) else e.d end order by e.n),
                   coalesce(array_agg(distinct m.d) filter (where m.d is not null), '{}'),
                   coalesce(array_agg(distinct e.d ->> 'index_digest') filter (where e.d ->> 'index_digest' is not null), '{}')
            from jsonb_array_elements(case jsonb_typeof(o.j -> 'distribution_digests') when 'array'
                                      then o.j -> 'distribution_digests' else '[]' end) with ordinality e (d, n)
            cross join lateral (select case jsonb_typeof(e.d) when 'string' then e.d #>> '{}' else e.d ->> 'manifest_digest' end) m (d)
        ) d (shown, manifests, indexes) on jsonb_typeof(o.j -> 'distribution_digests') = 'array'
        $sql$, source)
    into found using tenant, seen_in, details, extras, assets, foreign_names, places;

    -- What cannot be read as the kind of its field must not get in: every list would fail on it.
    for field in
        select f.name, f.kind, f.source, f.kind = 'time' as is_time from inventory.asset_field f
        where f.name = any(extras) and f.kind <> 'text'
    loop
        begin
            execute format('select bool_and(%s between %s) from unnest($1) a', field.source,
                           case when field.is_time then '''0001-01-01Z'' and ''9999-12-31 23:59:59.999999Z'''
                                else '-2147483648 and 2147483647' end)
            into is_fine using found;
        exception when data_exception then
            is_fine := false;
        end;
        if not is_fine then
            raise exception 'An asset has a % that is no %.', quote_literal(field.name), field.kind
                using errcode = 'invalid_parameter_value',
                      hint = case when field.is_time then 'Times are RFC 3339, of years 1 to 9999.'
                                  else 'Integers are of 32 bits.' end;
        end if;
    end loop;

    select i.type into wrong from unnest(found) i
    where not exists (select from inventory.asset_type t where t.name = i.type) limit 1;
    if wrong is not null then
        raise exception 'The asset type % is not registered.', quote_literal(left(wrong, 60))
            using errcode = 'invalid_parameter_value', hint = 'Register it with inventory.register_asset_type(name, fields).';
    end if;
    select o into wrong from unnest(found) i, unnest(i.orgs) o where not o = any(i.scope_ids) limit 1;
    if wrong is not null then
        raise exception 'The org % is not one of the tenant.', wrong
            using errcode = 'invalid_parameter_value', hint = 'orgs are ids that inventory.create_org returned.';
    end if;
    return found;
end
$$;
comment on function inventory.read_assets(text, uuid, uuid[], jsonb, tid[]) is
    'Reads JSON assets, rows (asset jsonb, n) of a query, into columns. The query is the caller''s own text, never a client''s; $5 in it are the assets, $7 the places.';

create function inventory.update_known(tenant uuid, incoming inventory.asset_input[])
returns table (id uuid, identity uuid, action text)
language plpgsql volatile strict
set search_path = pg_catalog, inventory, pg_temp
-- The plans are kept from the first call on, which may see an empty table, the next millions.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
    stamp timestamptz := now(); -- a variable, for a distributed table takes no now() in an update
    known uuid[] := array(
        select a.id from unnest(incoming) i
        cross join lateral (
            select a.id from inventory.asset a where a.tenant_id = tenant and a.identity = i.identity offset 0) a
        order by a.id);
begin
    -- Locks in one order, so that two loads of the same assets cannot deadlock.
    perform from unnest(known) k (id)
    cross join lateral (select from inventory.asset a where a.tenant_id = tenant and a.id = k.id for update) a;
    return query
    with next as (
        select a.id, i.identity, i.updated_at,
               case when i.scope_ids <@ a.scope_ids or i.scope_ids is null then a.scope_ids
                    else array(select distinct u from unnest(a.scope_ids || i.scope_ids) u) end as scope_ids,
               coalesce(i.class_rank, a.class_rank) as class_rank, coalesce(i.class_locked, a.class_locked) as class_locked,
               coalesce(i.labels, a.labels) as labels, coalesce(i.tags, a.tags) as tags, coalesce(i.name, a.name) as name,
               coalesce(i.scm, a.scm) as scm, coalesce(i.distribution_digests, a.distribution_digests) as distribution_digests,
               coalesce(i.manifest_digests, a.manifest_digests) as manifest_digests,
               coalesce(i.index_digests, a.index_digests) as index_digests,
               coalesce(i.image_tags, a.image_tags) as image_tags, coalesce(i.image_labels, a.image_labels) as image_labels,
               coalesce(i.architecture, a.architecture) as architecture, coalesce(i.os, a.os) as os,
               coalesce(i.built_at, a.built_at) as built_at, coalesce(i.size_bytes, a.size_bytes) as size_bytes,
               coalesce(i.risk_score, a.risk_score) as risk_score,
               coalesce(i.issues_critical, a.issues_critical) as issues_critical,
               coalesce(i.issues_high, a.issues_high) as issues_high,
               coalesce(i.issues_medium, a.issues_medium) as issues_medium,
               coalesce(i.issues_low, a.issues_low) as issues_low, coalesce(i.last_scan, a.last_scan) as last_scan,
               coalesce(i.last_seen_at, a.last_seen_at) as last_seen_at, coalesce(i.config, a.config) as config,
               coalesce(i.root_fs, a.root_fs) as root_fs, coalesce(i.history, a.history) as history,
               case when i.detail is null then a.detail
                    else ((coalesce(a.detail, '{}')::jsonb || i.detail::jsonb)::json) end as detail,
               a.properties || coalesce(i.properties, '{}') as properties
        from unnest(incoming) i
        cross join lateral (
            select * from inventory.asset a where a.tenant_id = tenant and a.identity = i.identity offset 0) a
    ), made as (
        update inventory.asset a
        set scope_ids = n.scope_ids, class_rank = n.class_rank, class_locked = n.class_locked, labels = n.labels, tags = n.tags,
            name = n.name, scm = n.scm, distribution_digests = n.distribution_digests, manifest_digests = n.manifest_digests,
            index_digests = n.index_digests, image_tags = n.image_tags, image_labels = n.image_labels,
            architecture = n.architecture, os = n.os, built_at = n.built_at, size_bytes = n.size_bytes,
            risk_score = n.risk_score, issues_critical = n.issues_critical, issues_high = n.issues_high,
            issues_medium = n.issues_medium, issues_low = n.issues_low, last_scan = n.last_scan,
            last_seen_at = n.last_seen_at, config = n.config, root_fs = n.root_fs, history = n.history, detail = n.detail,
            properties = n.properties, updated_at = coalesce(n.updated_at, stamp)
        from next n
        where a.tenant_id = tenant and a.id = n.id
          and (a.scope_ids, a.class_rank, a.class_locked, a.labels, a.tags, a.name, a.scm, a.distribution_digests::text,
               a.manifest_digests, a.index_digests, a.image_tags, a.image_labels, a.architecture, a.os, a.built_at,
               a.size_bytes, a.risk_score, a.issues_critical, a.issues_high, a.issues_medium, a.issues_low, a.last_scan,
               a.last_seen_at, a.config::jsonb, a.root_fs::jsonb, a.history::jsonb, a.detail::jsonb, a.properties)
              is distinct from
              (n.scope_ids, n.class_rank, n.class_locked, n.labels, n.tags, n.name, n.scm, n.distribution_digests::text,
               n.manifest_digests, n.index_digests, n.image_tags, n.image_labels, n.architecture, n.os, n.built_at,
               n.size_bytes, n.risk_score, n.issues_critical, n.issues_high, n.issues_medium, n.issues_low, n.last_scan,
               n.last_seen_at, n.config::jsonb, n.root_fs::jsonb, n.history::jsonb, n.detail::jsonb, n.properties)
        returning a.id
    )
    select n.id, n.identity, case when n.id in (select m.id from made m) then 'updated' else 'unchanged' end
    from next n;
end
$$;
comment on function inventory.update_known(uuid, inventory.asset_input[]) is
    'Updates the assets that differ from what is stated; every identity is known, and given once. Locks them in id order.';

create function inventory.place_assets(tenant uuid, incoming inventory.asset_input[],
    out ids uuid[], out identities uuid[], out actions text[])
language plpgsql volatile strict
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    known inventory.asset_input[];
begin
    -- The last of several with one identity wins.
    with made as (
        insert into inventory.asset (
            tenant_id, type, scope_ids, class_rank, class_locked, labels, tags, registry, repository, name, url, scm,
            config_digest, distribution_digests, manifest_digests, index_digests, image_tags, image_labels, architecture, os,
            built_at, size_bytes, risk_score, issues_critical, issues_high, issues_medium, issues_low, last_scan,
            last_seen_at, created_at, updated_at, config, root_fs, history, detail, properties)
        select distinct on (i.identity) tenant, i.type, coalesce(i.scope_ids, '{}'), i.class_rank, coalesce(i.class_locked, false),
               coalesce(i.labels, '{}'), coalesce(i.tags, '{}'), i.registry, i.repository, i.name, i.url, i.scm,
               i.config_digest, i.distribution_digests, coalesce(i.manifest_digests, '{}'), coalesce(i.index_digests, '{}'),
               coalesce(i.image_tags, '{}'), coalesce(i.image_labels, '{}'), i.architecture, i.os,
               i.built_at, i.size_bytes, i.risk_score, i.issues_critical, i.issues_high, i.issues_medium, i.issues_low,
               i.last_scan, i.last_seen_at, coalesce(i.created_at, now()), coalesce(i.updated_at, i.created_at, now()),
               i.config, i.root_fs, i.history, i.detail, coalesce(i.properties, '{}')
        from unnest(incoming) with ordinality i
        order by i.identity, i.ordinality desc
        on conflict on constraint asset_identity do nothing
        returning asset.id, asset.identity
    )
    select array_agg(m.id), array_agg(m.identity), array_fill('inserted'::text, array[count(*)::int])
    into ids, identities, actions from made m;

    if coalesce(cardinality(ids), 0) < cardinality(incoming) then
        -- By sorting, which is as good for a hundred thousand as for ten.
        select array_agg(l.item) into known
        from (
            select distinct on (u.identity) u.item, u.is_added
            from (
                select (i).identity, i as item, row_number() over () as n, false as is_added from unnest(incoming) i
                union all select a.identity, null, null, true from unnest(identities) a (identity)) u
            order by u.identity, u.n desc nulls first) l
        where not l.is_added;
        select ids || array_agg(k.id), identities || array_agg(k.identity), actions || array_agg(k.action)
        into ids, identities, actions from inventory.update_known(tenant, known) k;
    end if;
    perform inventory.want_upkeep();
end
$$;
comment on function inventory.place_assets(uuid, inventory.asset_input[]) is
    'Inserts what is new and updates what differs; says of each identity, in no order, which asset it is and what became of it.';

create function inventory.write_assets(tenant uuid, incoming inventory.asset_input[])
returns table (id uuid, action text)
language plpgsql volatile strict
set search_path = pg_catalog, inventory, pg_temp
as $$
#variable_conflict use_column
begin
    -- Grouped, not joined: no plan of it is slow.
    return query
    select (array_agg(u.id) filter (where u.id is not null))[1], max(u.action)
    from (
        select w.id, w.identity, w.action, null::bigint as n
        from inventory.place_assets(tenant, incoming) p cross join lateral unnest(p.ids, p.identities, p.actions) w (id, identity, action)
        union all select null, i.identity, null, i.ordinality from unnest(incoming) with ordinality i) u
    group by u.identity
    order by min(u.n);
end
$$;
comment on function inventory.write_assets(uuid, inventory.asset_input[]) is
    'place_assets with a row for each identity, in the order of its first asset.';

create function inventory.upsert_assets(scope text, assets jsonb) returns table (id uuid, action text)
language plpgsql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    target record := inventory.resolve_scope(scope, true);
begin
    if jsonb_typeof(assets) is distinct from 'array' then
        raise exception 'assets is a JSON array of assets, not %.', coalesce(jsonb_typeof(assets), 'null')
            using errcode = 'invalid_parameter_value', hint = 'Wrap a single asset: [ {…} ].';
    end if;
    if exists (select from jsonb_array_elements(assets) a where jsonb_typeof(a) <> 'object') then
        raise exception 'Every asset is a JSON object.' using errcode = 'invalid_parameter_value';
    end if;
    return query select w.id, w.action from inventory.write_assets(target.tenant_id, coalesce(inventory.read_assets(
        'select value, ordinality from jsonb_array_elements($5) with ordinality', target.tenant_id,
        inventory.scopes_above(target.id), assets), '{}')) w;
end
$$;
comment on function inventory.upsert_assets(text, jsonb) is
    'Writes assets, JSON objects with the attribute names of the API, seen in the scope (and in `orgs`); idempotent. '
    'An attribute that is not stated keeps its value; one that only other types have is ignored. Identity is tenant, registry, repository and config or manifest digest.';

create function inventory.scopes_above(id uuid) returns uuid[]
language sql stable
set search_path = pg_catalog, inventory, pg_temp
as $$
    select case s.kind when 'tenant' then '{}' when 'group' then array[s.id] else array[s.id, s.group_id] end
    from inventory.scope s where s.id = scopes_above.id
$$;
comment on function inventory.scopes_above(uuid) is 'What an asset seen in the scope is marked with: the org and its group, the group, or nothing.';
