-- Writing assets that may be wrong: every one is written or reported with its reason,
-- and one that is wrong never costs another. Each member is checked first, for a reason
-- that names it; what only the table itself refuses is found by halving.

create type inventory.mapped_asset as (n int, asset jsonb, rejected text);
comment on type inventory.mapped_asset is 'The asset that the n-th item of an import means, or why it means none.';

create type inventory.asset_report as (n int, id uuid, action text, rejected text);
comment on type inventory.asset_report is
    'What became of the n-th item of an import: the asset and inserted, updated or unchanged; or rejected, with every member at fault.';

create function inventory.shown(given jsonb) returns text
language sql immutable parallel safe
as $$
    select case when length(given::text) > 60 then left(given::text, 59) || '…' else given::text end
$$;
comment on function inventory.shown(jsonb) is 'A value for a message, clipped.';

create function inventory.member_fault(path text, given jsonb, kind text, most int default null) returns text
language plpgsql stable parallel safe
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    content text := given #>> '{}';
    shape text := jsonb_typeof(given);
    bits int := case kind when 'size' then 64 else 32 end;
    fault text;
    instant timestamptz;
begin
    -- Lists and objects are first looked at as a whole, for nearly all of them are fine.
    case kind
    when 'text' then
        if shape not in ('string', 'number', 'boolean') then
            return format('%s: %s is no text', path, inventory.shown(given));
        elsif octet_length(content) > most then
            return format('%s: %s bytes, at most %s are taken', path, octet_length(content), most);
        end if;
    when 'label' then
        if shape = 'null' or not inventory.are_labels(array[content]) then
            return format('%s: %s is no label: 1 to 40 of [a-zA-Z0-9_/:?#@&=+%%~-]', path, inventory.shown(given));
        end if;
    when 'tag value' then
        if shape <> 'string' or not inventory.are_labels(array[content]) then
            return format('%s: %s is no value of a tag: a string, 1 to 40 of [a-zA-Z0-9_/:?#@&=+%%~-]', path, inventory.shown(given));
        end if;
    when 'class' then
        if shape = 'object' then
            if not (case when given -> 'rank' <> 'null' then given ->> 'rank' ~ '^[1-4]$' else coalesce(given ->> 'display_name', '') ~ '^[A-D]$' end)
               or coalesce(jsonb_typeof(given -> 'locked'), 'null') not in ('boolean', 'null') then
                return format('%s: %s is no class: rank 1 to 4 or display_name A to D, and locked true or false', path, inventory.shown(given));
            end if;
        elsif shape <> 'string' or content !~ '^[A-D]$' then
            return format('%s: %s is no class: A to D', path, inventory.shown(given));
        end if;
    when 'labels', 'texts', 'orgs', 'digests' then
        if shape <> 'array' then
            return format('%s: %s is no list', path, inventory.shown(given));
        elsif jsonb_array_length(given) > most then
            return format('%s: %s items, at most %s are taken', path, jsonb_array_length(given), most);
        elsif (kind = 'labels' and not given @> '[null]' and inventory.are_labels(array(select jsonb_array_elements_text(given))))
              or (kind = 'digests' and given::text ~ '^\[({?("(manifest|index)_digest": )?"sha256:[0-9a-f]+"}?(, )?)*\]$'
                  and inventory.are_digests(array(select m[1] from regexp_matches(given::text, 'sha256:\w*', 'g') m))) then
            return null;
        end if;
        select f.fault into fault
        from jsonb_array_elements(given) with ordinality e (item, n)
        cross join lateral inventory.member_fault(path || '/' || e.n - 1, e.item, case kind
            when 'labels' then 'label' when 'texts' then 'text' when 'orgs' then 'uuid' else 'digest entry' end) f (fault)
        where f.fault is not null order by e.n limit 1;
        return fault;
    when 'tags' then
        if shape <> 'object' then
            return format('%s: %s is no object', path, inventory.shown(given));
        elsif not inventory.are_tags(given) then
            select coalesce(case when m.key !~ '^[a-zA-Z0-9_-]{1,30}$'
                                 then format('%s: %s is no key of a tag: 1 to 30 of [a-zA-Z0-9_-]', path, to_json(left(m.key, 60))) end,
                            inventory.member_fault(path || '/' || m.key, m.value, 'tag value'))
            into fault
            from jsonb_each(given) m
            where m.key !~ '^[a-zA-Z0-9_-]{1,30}$' or inventory.member_fault(path, m.value, 'tag value') is not null
            order by m.key limit 1;
            return coalesce(fault, format('%s: more than the 100 that are taken', path));
        end if;
    when 'issues' then
        if shape <> 'object' then
            return format('%s: %s is no object', path, inventory.shown(given));
        elsif given::text ~ '^{("(critical|high|medium|low)": \d{1,9}(, )?)*}$' then
            return null;
        end if;
        select f.fault into fault
        from jsonb_each(given) m cross join lateral inventory.member_fault(path || '/' || m.key, m.value, 'count') f (fault)
        where m.key in ('critical', 'high', 'medium', 'low') and m.value <> 'null' and f.fault is not null order by m.key limit 1;
        return fault;
    when 'digest', 'digest entry' then
        if kind = 'digest entry' and shape = 'object' then
            select f.fault into fault
            from jsonb_each(given) m cross join lateral inventory.member_fault(path || '/' || m.key, m.value, 'digest') f (fault)
            where m.key in ('manifest_digest', 'index_digest') and m.value <> 'null' and f.fault is not null order by m.key limit 1;
            return fault;
        elsif shape <> 'string' or not inventory.are_digests(array[content]) then
            return format('%s: %s is no digest: sha256 or sha512, a colon, lower-case hex', path, inventory.shown(given));
        end if;
    when 'time' then
        begin
            instant := content::timestamptz;
        exception when data_exception then
            return format('%s: %s is no time: RFC 3339, as 2024-05-01T10:00:00Z', path, inventory.shown(given));
        end;
        if instant not between '0001-01-01Z' and '9999-12-31 23:59:59.999999Z' then
            return format('%s: %s is not of the years 1 to 9999', path, inventory.shown(given));
        end if;
    when 'uuid' then
        if content is null or content !~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
            return format('%s: %s is no uuid', path, inventory.shown(given));
        end if;
    when 'integer', 'count', 'size' then
        if content is null or content !~ '^\s*[+-]?\d+\s*$'
           or content::numeric not between - (2::numeric ^ (bits - 1)) and 2::numeric ^ (bits - 1) - 1 then
            return format('%s: %s is no integer of %s bits', path, inventory.shown(given), bits);
        elsif kind <> 'integer' and content::numeric < 0 then
            return format('%s: %s is negative', path, inventory.shown(given));
        end if;
    else
        null;
    end case;
    return null;
end
$$;
comment on function inventory.member_fault(text, jsonb, text, int) is
    'What is wrong with a member of an asset, with the path of it; null when nothing is.';

create function inventory.check_mapped(mapped inventory.mapped_asset[], tenant uuid) returns setof inventory.mapped_asset
language sql stable
set search_path = pg_catalog, inventory, pg_temp
set timezone = 'UTC'
set datestyle = 'ISO, YMD'
as $$
    with rule as materialized (
        select f.ordinal, f.name as member, f.asset_types,
               case when f.name in ('labels', 'tags') then f.name
                    when f.name = 'config_digest' then 'digest'
                    when f.name = 'distribution_digests' then 'digests'
                    when f.kind = 'array' then 'texts'
                    when f.source like '%a.properties ->> %' then f.kind
                    when f.kind = 'integer' then 'count'
                    when f.kind = 'bigint' then 'size'
                    else f.kind end as kind,
               case f.name when 'registry' then 500 when 'repository' then 500 when 'name' then 500 when 'url' then 2000
                           when 'scm' then 100 when 'labels' then 50 end as most
        from inventory.asset_field f where f.is_attribute
        union all values (0, 'orgs', null::text[], 'orgs', null::int)
    ), given as materialized (
        select m.ordinality as at, m.n,
               case when jsonb_typeof(m.asset -> 'attributes') = 'object' then (m.asset - 'attributes') || (m.asset -> 'attributes')
                    when jsonb_typeof(m.asset) = 'object' then m.asset else '{}' end as asset,
               coalesce(m.rejected, case when jsonb_typeof(m.asset) is distinct from 'object'
                                         then 'an asset is a JSON object, not ' || coalesce(jsonb_typeof(m.asset), 'nothing') end) as rejected
        from unnest(mapped) with ordinality m
    ), typed as materialized (
        select g.*, coalesce(g.asset ->> 'type', 'container_images') as type from given g where g.rejected is null
    ), fault as (
        select t.at, r.ordinal, inventory.member_fault(e.key, e.value, r.kind, r.most) as text
        from typed t
        cross join lateral jsonb_each(t.asset) e
        join rule r on r.member = e.key
        -- Most members are text, and short: no call for them.
        where e.value <> 'null' and (r.asset_types is null or t.type = any(r.asset_types)) and r.kind <> 'json'
          and not (r.kind = 'text' and jsonb_typeof(e.value) = 'string' and octet_length(e.value::text) <= 100)
        union all
        select t.at, -1, format('type: %s is not registered, there is %s', to_json(left(t.type, 60)),
                                (select string_agg(y.name, ', ' order by y.name) from inventory.asset_type y))
        from typed t where not exists (select from inventory.asset_type y where y.name = t.type)
        union all
        select t.at, 0, format('orgs: %s is no org of the tenant', o.org)
        from typed t
        cross join lateral jsonb_array_elements_text(case jsonb_typeof(t.asset -> 'orgs') when 'array' then t.asset -> 'orgs' else '[]' end) o (org)
        cross join lateral (select case when o.org ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then o.org::uuid end) u (id)
        where u.id is not null
          and not exists (select from inventory.scope s where s.id = u.id and s.kind = 'org' and s.tenant_id = check_mapped.tenant)
        union all
        select t.at, r.ordinal, r.member || ': a container image has one'
        from typed t cross join rule r
        where t.type = 'container_images' and r.member in ('registry', 'repository') and coalesce(t.asset ->> r.member, '') = ''
        union all
        select t.at, 1000, 'config_digest: a container image has one, or a manifest_digest in distribution_digests'
        from typed t
        where t.type = 'container_images' and t.asset ->> 'config_digest' is null and not exists (
            select from jsonb_array_elements(case jsonb_typeof(t.asset -> 'distribution_digests') when 'array'
                                             then t.asset -> 'distribution_digests' else '[]' end) d
            where jsonb_typeof(d) = 'string' or d ->> 'manifest_digest' is not null)
    )
    select g.n, g.asset, coalesce(g.rejected, f.text)
    from given g
    left join (select f.at, string_agg(f.text, '; ' order by f.ordinal, f.text) as text from fault f group by f.at) f on f.at = g.at
    order by g.at
$$;
comment on function inventory.check_mapped(inventory.mapped_asset[], uuid) is
    'The same assets, flat, and the wrong ones with every member that is at fault. The kinds of the members are those of the catalogue.';

create function inventory.write_accepted(tenant uuid, seen_in uuid[], accepted inventory.mapped_asset[])
returns setof inventory.asset_report
language plpgsql volatile strict
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    incoming inventory.asset_input[];
    report inventory.asset_report[];
    half int := cardinality(accepted) / 2;
    reason text;
begin
    if cardinality(accepted) = 0 then
        return;
    end if;
    begin
        incoming := inventory.read_assets('select value, ordinality from jsonb_array_elements($5) with ordinality', tenant, seen_in,
                                          to_jsonb(array(select a.asset from unnest(accepted) a)));
        -- write_assets answers an identity once, in the order of its first asset.
        select array_agg(row(g.n, w.id, w.action, null)::inventory.asset_report order by g.at) into report
        from (select i.n, i.at, dense_rank() over (order by i.first) as k
              from (select a.n, u.ordinality as at, min(u.ordinality) over (partition by u.identity) as first
                    from unnest(incoming) with ordinality u join unnest(accepted) with ordinality a on a.ordinality = u.ordinality) i) g
        join inventory.write_assets(tenant, incoming) with ordinality w (id, action, k) on w.k = g.k;
    exception when data_exception or integrity_constraint_violation or program_limit_exceeded then
        reason := sqlerrm;
    end;
    if reason is null then
        return query select r.* from unnest(report) r;
    elsif half = 0 then
        return query select accepted[1].n, null::uuid, 'rejected', reason;
    else
        return query select w.* from inventory.write_accepted(tenant, seen_in, accepted[:half]) w;
        return query select w.* from inventory.write_accepted(tenant, seen_in, accepted[half + 1:]) w;
    end if;
end
$$;
comment on function inventory.write_accepted(uuid, uuid[], inventory.mapped_asset[]) is
    'Writes assets that were checked, set-based; halves what the table refuses until the one at fault is alone.';

create function inventory.write_reported(scope text, mapped inventory.mapped_asset[]) returns setof inventory.asset_report
language plpgsql volatile
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    target record := inventory.resolve_scope(scope, true);
    checked inventory.mapped_asset[] := array(select c from inventory.check_mapped(mapped, target.tenant_id) c);
begin
    return query
    select r.* from (
        select w.* from inventory.write_accepted(target.tenant_id, inventory.scopes_above(target.id),
                                                 array(select c from unnest(checked) c where c.rejected is null)) w
        union all
        select c.n, null, 'rejected', c.rejected from unnest(checked) c where c.rejected is not null) r
    order by r.n;
end
$$;
comment on function inventory.write_reported(text, inventory.mapped_asset[]) is
    'Writes the assets that are right and reports on all, in the order of n.';

create function inventory.check_assets(scope text, assets jsonb) returns table (n int, rejected text)
language plpgsql stable security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    target record := inventory.resolve_scope(scope);
begin
    return query select c.n, c.rejected from inventory.check_mapped(inventory.plain_assets(assets), target.tenant_id) c;
end
$$;
comment on function inventory.check_assets(text, jsonb) is
    'Why upsert_assets would refuse each asset, with the members at fault, and null for those it would write; writes nothing.';

create function inventory.upsert_assets_reporting(scope text, assets jsonb) returns setof inventory.asset_report
language sql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
    select r.* from inventory.write_reported(scope, inventory.plain_assets(assets)) r
$$;
comment on function inventory.upsert_assets_reporting(text, jsonb) is
    'upsert_assets that writes the assets that are right and reports the others: a row for each, n is its place in the array.';

create function inventory.plain_assets(assets jsonb) returns inventory.mapped_asset[]
language plpgsql immutable
set search_path = pg_catalog, inventory, pg_temp
as $$
begin
    if jsonb_typeof(assets) is distinct from 'array' then
        raise exception 'assets is a JSON array of assets, not %.', coalesce(jsonb_typeof(assets), 'null')
            using errcode = 'invalid_parameter_value', hint = 'Wrap a single asset: [ {…} ].';
    end if;
    return array(select row(a.n, a.asset, null)::inventory.mapped_asset
                 from jsonb_array_elements(assets) with ordinality a (asset, n) order by a.n);
end
$$;
comment on function inventory.plain_assets(jsonb) is 'An array of assets with their places in it.';
