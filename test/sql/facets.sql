-- The dictionary of facets: every kind of change is counted, and its answers are those of the assets.
\getenv source PG_ABS_SRCDIR
\set no_worker :source '/fixtures/no_worker.sql'
\set fresh :source '/fixtures/fresh.sql'
\i :no_worker
\i :fresh
reset client_min_messages;

\set tenant 'fa000000-0000-4000-8000-000000000001'
\set group 'fa000000-0000-4000-8000-000000000002'
\set org 'fa000000-0000-4000-8000-000000000003'
\set org2 'fa000000-0000-4000-8000-000000000004'
\set other 'fa000000-0000-4000-8000-000000000009'
\o /dev/null
select inventory.create_tenant('facets', :'tenant'), inventory.create_tenant('facets, other', :'other');
select inventory.create_group(:'tenant', 'g', :'group');
select inventory.create_org(:'group', 'o', :'org'), inventory.create_org(:'group', 'o2', :'org2');
-- A type that another test may have registered too; it makes lists of several types.
select inventory.register_asset_type('facet_things');
\o

-- Drift of both tenants, and the counts of a tenant, its group and its orgs.
create function pg_temp.state(out drift bigint, out counts text) language sql as $$
    select (select count(*) from inventory.verify_facets('fa000000-0000-4000-8000-000000000001'))
           + (select count(*) from inventory.verify_facets('fa000000-0000-4000-8000-000000000009')),
           (select string_agg(inventory.list_assets(s, meta_count => 'only') -> 'meta' ->> 'count', ' ' order by n)
            from unnest(array['tenants/fa000000-0000-4000-8000-000000000001', 'groups/fa000000-0000-4000-8000-000000000002',
                              'orgs/fa000000-0000-4000-8000-000000000003', 'orgs/fa000000-0000-4000-8000-000000000004',
                              'tenants/fa000000-0000-4000-8000-000000000009']) with ordinality u (s, n))
$$;

-- ---- every kind of change ----

select inventory.facets_are_kept();
\o /dev/null
select inventory.upsert_assets('tenants/' || :'tenant', jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
    'registry', case when i % 4 = 0 then 'quay.io' else 'docker.io' end,
    'repository', 'library/' || (array['nginx', 'Redis', 'caddy', 'ge%ar'])[1 + i % 4] || i % 15,
    'config_digest', 'sha256:' || lpad(to_hex(i), 64, '0'),
    'image_tags', jsonb_build_array('latest', '1.' || i, 'latest', ''),
    'class', case when i % 5 > 0 then jsonb_build_object('rank', 1 + i % 4) end,
    'labels', case when i % 2 = 0 then jsonb_build_array('even', 'n' || i % 23, 'even') else '[]'::jsonb end,
    'tags', case when i % 3 = 0 then '{"env": "prod"}'::jsonb when i % 3 = 1 then jsonb_build_object('env', 'dev', 'en-v', 'a', 'team', 'prod' || i % 13) else '{}' end,
    'config', jsonb_build_object('labels', jsonb_build_object('a', case when i = 3 then repeat('x', 2000) else 'v' || i % 12 end, '', 'nameless',
                                                              'n', i % 2, 'none', null, 'empty', '')),
    'architecture', case when i > 10 then '' else 'amd64' end,
    'orgs', case i % 3 when 0 then jsonb_build_array(:'org') when 1 then jsonb_build_array(:'org2', :'org') else '[]'::jsonb end))))
from generate_series(1, 60) i;
select inventory.upsert_assets('tenants/' || :'other', '[{"registry": "docker.io", "repository": "library/nginx",
    "config_digest": "sha256:00000000000000000000000000000000000000000000000000000000000000aa", "class": "A", "labels": ["even"]}]');
\o
select 'upsert', * from pg_temp.state();

insert into inventory.asset (tenant_id, type, name, labels, tags, scope_ids)
select :'tenant', 'facet_things', case when n = 4 then 'caddy4' else 'thing' || n end, array['even', 'thing'], '{"env": "prod", "thing": "x"}',
       -- Neither the tenant nor a scope said twice counts twice.
       array[:'org', :'tenant', :'org']::uuid[]
from generate_series(1, 5) n;
select 'a second type, odd scopes', * from pg_temp.state();

copy inventory.asset (tenant_id, type, name, labels, scope_ids) from stdin;
fa000000-0000-4000-8000-000000000001	facet_things	copied	{a,b,a}	{}
fa000000-0000-4000-8000-000000000009	facet_things	copied	{}	{}
\.
select 'copy', * from pg_temp.state();

insert into inventory.asset (tenant_id, type, name, labels) values (:'tenant', 'facet_things', 'copied', '{c}')
on conflict on constraint asset_identity do update set labels = excluded.labels;
select 'insert on conflict', * from pg_temp.state();

merge into inventory.asset a using (values ('copied', 'c2'), ('merged', 'm')) v (name, label)
on a.tenant_id = 'fa000000-0000-4000-8000-000000000001' and a.name = v.name
when matched then update set labels = array[v.label]
when not matched then insert (tenant_id, type, name, labels) values ('fa000000-0000-4000-8000-000000000001', 'facet_things', v.name, array[v.label]);
select 'merge', * from pg_temp.state();

update inventory.asset a set labels = array_append(a.labels, 'new'), tags = a.tags || '{"k": "v"}', class_rank = 1
where a.tenant_id = :'tenant' and a.repository like 'library/nginx%';
select 'update', * from pg_temp.state();
update inventory.asset a set scope_ids = array[:'org2', :'group']::uuid[] where a.tenant_id = :'tenant' and :'org' = any(a.scope_ids) and a.class_rank = 2;
select 'move between orgs', * from pg_temp.state();
update inventory.asset a set type = 'facet_things' where a.tenant_id = :'tenant' and a.registry = 'quay.io';
select 'change of type', * from pg_temp.state();
update inventory.asset a set tenant_id = :'other', scope_ids = '{}' where a.tenant_id = :'tenant' and a.name = 'thing1';
select 'move between tenants', * from pg_temp.state();
update inventory.asset a set id = gen_random_uuid() where a.tenant_id = :'tenant' and a.name like 'thing%';
select 'new ids', * from pg_temp.state();

-- An update that changes nothing counted leaves one mark, for the stamp.
select count(*) as deltas from inventory.facet_delta where tenant_id = :'tenant' \gset
update inventory.asset a set risk_score = 7 where a.tenant_id = :'tenant';
update inventory.asset a set risk_score = 8 where false;
select count(*) - :deltas as marks from inventory.facet_delta where tenant_id = :'tenant';

delete from inventory.asset a where a.tenant_id = :'tenant' and a.repository like '%caddy%';
select 'delete', * from pg_temp.state();
begin;
delete from inventory.asset a where a.tenant_id = :'tenant';
select 'inside of a transaction', * from pg_temp.state();
rollback;
select 'rolled back', * from pg_temp.state();

-- ---- the answers are those of the assets: deltas alone, both, the dictionary alone ----

-- Runs one call with the facets on and off, from page to page and back.
create function pg_temp.call(call text, after text, before text) returns json language plpgsql as $$
declare
    document json;
begin
    execute call using after, before into document;
    return document;
end $$;

create function pg_temp.compare(call text, pages int) returns setof text language plpgsql as $$
declare
    after text; before text; facets json; assets json;
begin
    for i in 1 .. 2 * pages loop
        set local asset_inventory.facets = on;
        facets := pg_temp.call(call, after, before);
        set local asset_inventory.facets = off;
        assets := pg_temp.call(call, after, before);
        if facets::text <> assets::text then
            return next format('page %s of %s: %s instead of %s', i, call, facets, assets);
            return;
        end if;
        if i < pages and assets -> 'links' ->> 'next' is not null then
            after := substring(assets -> 'links' ->> 'next' from 'starting_after=([^&]*)');
            before := null;
        else
            before := substring(assets -> 'links' ->> 'prev' from 'ending_before=([^&]*)');
            after := null;
            exit when before is null;
        end if;
    end loop;
end $$;

-- Every list of values, in several orders, forms, types and with searches, of one scope.
create function pg_temp.compare_all(scope text, pages int, terms text[], types text[] default array[null]) returns setof text language plpgsql as $$
declare
    f record; sort text; term text; type text; form text;
begin
    foreach type in array types loop
        for f in select * from inventory.asset_field where is_group and asset_types is distinct from '{}' order by ordinal loop
            foreach sort in array array['-count', 'count', 'value', '-value', 'count,-value', '-count,-value', '-value,count', 'value,-count'] loop
                return query select pg_temp.compare(format('select inventory.group_values(%L, %L, sort => %L, asset_types => %L, starting_after => $1, ending_before => $2)',
                    scope, f.id, sort, type), pages);
            end loop;
        end loop;
        for f in select * from inventory.asset_field where has_values and asset_types is distinct from '{}' order by ordinal loop
            foreach term in array array[null] || terms loop
                foreach form in array case f.kind when 'object' then array['', ', keys_only => true', ', key => ''env''', ', key => ''env'', keys_only => true'] else array[''] end loop
                    return query select pg_temp.compare(format('select inventory.filter_values(%L, %L, q => %L, asset_types => %L%s, starting_after => $1, ending_before => $2)',
                        scope, f.id, term, type, form), pages);
                end loop;
            end loop;
        end loop;
    end loop;
    return query select pg_temp.compare(format('select inventory.list_assets(%L, meta_count => ''only'')', scope), 1);
end $$;

create function pg_temp.compare_scopes() returns setof text language sql as $$
    select pg_temp.compare_all(s, 3, '{NGIN,x_,"e%a"}', '{NULL,container_images,"facet_things,container_images"}')
    from unnest(array['tenants/fa000000-0000-4000-8000-000000000001', 'orgs/fa000000-0000-4000-8000-000000000003']) s
$$;
select left(difference, 1000) as differs from pg_temp.compare_scopes() difference;

select inventory.compact_facets(:'tenant', 40) as compacted;
select 'compacted in part', * from pg_temp.state();
select left(difference, 1000) as differs from pg_temp.compare_scopes() difference;

select inventory.compact_facets() > 0 as compacted, inventory.compact_facets() as then;
select 'compacted', * from pg_temp.state();
select count(*) as rows_of_nothing from inventory.facet where n <= 0 and field <> '#';
select left(difference, 1000) as differs from pg_temp.compare_scopes() difference;

-- ---- the stamp tells whether anything changed ----

select inventory.change_stamp(:'tenant') as stamp, inventory.change_stamp(:'other') as other_stamp \gset
select inventory.change_stamp(:'tenant') = :stamp as same;
update inventory.asset a set risk_score = 9 where a.tenant_id = :'tenant' and a.name = 'thing2';
select inventory.change_stamp(:'tenant') = :stamp as same, inventory.change_stamp(:'other') = :other_stamp as other_is_same;
select inventory.change_stamp(:'tenant') as stamp \gset
select inventory.compact_facets(:'tenant') as compacted;
select inventory.change_stamp(:'tenant') = :stamp as same_after_compaction;
begin;
update inventory.asset a set risk_score = 10 where a.tenant_id = :'tenant' and a.name = 'thing2';
select inventory.change_stamp(:'tenant') = :stamp as same;
rollback;
select inventory.change_stamp(:'tenant') = :stamp as same_after_rollback;

-- ---- drift, and how it is mended ----

alter table inventory.asset disable trigger facets_update;
select inventory.facets_are_kept();
update inventory.asset a set labels = '{drift}', scope_ids = '{}' where a.tenant_id = :'tenant' and a.name = 'thing2';
-- Without the triggers the assets answer.
select inventory.group_values('tenants/' || :'tenant', inventory.field_id('labels'))::text like '%drift%' as from_assets;
select inventory.rebuild_facets(:'tenant');
alter table inventory.asset enable trigger facets_update;
select scope_id, field, type, key, value, recorded, counted from inventory.verify_facets(:'tenant') where field = 'labels';
select inventory.change_stamp(:'tenant') as stamp \gset
select inventory.rebuild_facets(:'tenant') > 0 as mended, inventory.change_stamp(:'tenant') = :stamp as same;
select 'rebuilt', * from pg_temp.state();

-- ---- the triggers follow the catalogue, and can go and come ----

update inventory.asset a set properties = '{"facet_color": "red"}' where a.tenant_id = :'tenant' and a.type = 'facet_things';
\o /dev/null
select inventory.register_field('facet_color', 'text', '{facet_things}', is_group => true);
\o
select 'a new field', * from pg_temp.state();
select inventory.group_values('tenants/' || :'tenant', inventory.field_id('facet_color')) -> 'data' -> 0 ->> 'attributes' as color;
update inventory.asset a set properties = '{"facet_color": "blue"}' where a.tenant_id = :'tenant' and a.name = 'thing2';
select key, value, n from inventory.recorded_facets(:'tenant') where field = 'facet_color' and scope_id = :'tenant' order by value;
select inventory.remove_facets();
select inventory.facets_are_kept(), (select count(*) from inventory.facet) as facets, (pg_temp.state()).counts;
update inventory.asset a set labels = '{unseen}' where a.tenant_id = :'tenant' and a.name = 'thing2';
select inventory.install_facets();
select inventory.facets_are_kept(), (select count(*) > 0 from inventory.facet) as facets;
select 'installed again', * from pg_temp.state();
select from inventory.migrate();
select 'migrated', * from pg_temp.state();

-- ---- what the worker goes on with at once ----

begin;
delete from inventory.facet_delta;
insert into inventory.facet_delta (tenant_id, field, type, scope_ids, keys, values, counts)
select :'tenant', 'labels', 'facet_things', '{}', array_fill(''::text, array[4000]),
       array(select 'v' || v from generate_series(1, 4000) v), array_fill(1, array[4000]) from generate_series(1, 25);
select inventory.has_facet_backlog();
insert into inventory.facet_delta (tenant_id, field, type, scope_ids, keys, values, counts)
values (:'tenant', 'labels', 'facet_things', '{}', '{""}', '{v1}', '{1}');
select inventory.has_facet_backlog();
delete from inventory.facet_delta;
insert into inventory.facet_delta (tenant_id, field, type, scope_ids, keys, values, counts)
select :'tenant', 'labels', 'facet_things', '{}', '{""}', '{v1}', '{1}' from generate_series(1, 19999);
select inventory.has_facet_backlog();
insert into inventory.facet_delta (tenant_id, field, type, scope_ids, keys, values, counts)
values (:'tenant', 'labels', 'facet_things', '{}', '{""}', '{v1}', '{1}');
select inventory.has_facet_backlog();
rollback;

-- ---- truncate, and without the extension ----

begin;
truncate inventory.asset;
select 'truncate', * from pg_temp.state();
rollback;
select 'rolled back', * from pg_temp.state();

begin;
set local client_min_messages = warning;
drop extension asset_inventory cascade;
insert into inventory.asset (tenant_id, type, name) values (:'tenant', 'facet_things', 'late');
select type, counts from inventory.facet_delta where tenant_id = :'tenant' and field = '' order by type;
rollback;

-- What other tests see is as before.
delete from inventory.asset a where a.tenant_id in (:'tenant', :'other');
select 'emptied', * from pg_temp.state();
select inventory.compact_facets(:'tenant') > 0 as compacted;
select count(*) from inventory.facet where tenant_id = :'tenant' and field <> '#';
delete from inventory.asset_field where name = 'facet_color';
delete from inventory.asset_type where name = 'facet_things';
select inventory.install_facets(), inventory.catalogue_changed();
