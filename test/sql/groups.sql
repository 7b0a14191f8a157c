-- Group fields and counts by value (contract.md section 8).
\getenv source PG_ABS_SRCDIR
\set fresh :source '/fixtures/fresh.sql'
\i :fresh
reset client_min_messages;

\set tenant '80000000-0000-4000-8000-000000000001'
\set group '80000000-0000-4000-8000-000000000002'
\set org '80000000-0000-4000-8000-000000000003'
\set other '80000000-0000-4000-8000-000000000009'
\o /dev/null
select inventory.create_tenant('groups', :'tenant'), inventory.create_tenant('groups, other', :'other');
select inventory.create_group(:'tenant', 'g', :'group');
select inventory.create_org(:'group', 'o', :'org');
-- Twelve images of two registries; every third is seen in the org.
select inventory.upsert_assets('tenants/' || :'tenant', jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
    'registry', case when i % 4 = 0 then 'quay.io' else 'docker.io' end,
    'repository', 'library/' || (array['nginx', 'redis', 'caddy'])[1 + i % 3],
    'config_digest', 'sha256:' || lpad(to_hex(i), 64, '0'),
    'image_tags', jsonb_build_array('latest', '1.' || i, 'latest'),
    'class', case when i % 5 > 0 then jsonb_build_object('rank', 1 + i % 4) end,
    'labels', case when i % 2 = 0 then jsonb_build_array('even', 'n' || i % 3, 'even') else '[]'::jsonb end,
    'tags', case when i % 3 = 0 then '{"env": "prod"}'::jsonb when i % 3 = 1 then '{"env": "dev", "team": "prod"}' else '{}' end,
    'architecture', case when i > 10 then '' else 'amd64' end,
    'risk_score', case when i % 4 > 0 then i * 10 end,
    'issues', case when i % 4 > 0 then jsonb_build_object('critical', i % 2, 'high', i) end,
    'last_seen_at', case when i < 6 then '2024-05-01T10:00:00Z'::timestamptz + i * interval '1 day' end,
    'created_at', '2024-01-01T00:00:00Z', 'updated_at', '2024-02-01T00:00:00Z'::timestamptz + i * interval '1 hour 1 microsecond',
    'orgs', case when i % 3 = 0 then jsonb_build_array(:'org') else '[]'::jsonb end))))
from generate_series(1, 12) i;
-- Another tenant's assets count nowhere.
select inventory.upsert_assets('tenants/' || :'other', '[{"registry": "docker.io", "repository": "library/nginx",
    "config_digest": "sha256:00000000000000000000000000000000000000000000000000000000000000aa", "class": "A", "labels": ["even"]}]');
\o

-- What a page shows, compact.
create function pg_temp.shown(document json) returns text language sql as $$
    select coalesce(string_agg((d -> 'attributes' ->> 'value') || '=' || (d -> 'meta' ->> 'count'), ' '), '-')
           || ' |' || (select string_agg(' ' || k, '' order by k) from json_object_keys(document -> 'links') k)
    from json_array_elements(document -> 'data') d
$$;
create function pg_temp.cursor_of(document json, link text) returns text language sql as $$
    select substring(document -> 'links' ->> link from '(?:starting_after|ending_before)=([^&]*)')
$$;
create function pg_temp.values_of(field text, filter text default null, sort text default null) returns text language sql as $$
    select pg_temp.shown(inventory.group_values('tenants/80000000-0000-4000-8000-000000000001', inventory.field_id(field), filter, sort => sort))
$$;

-- The fields, in the order of the catalogue; ids are fixed for ever.
select f -> 'type' as type, f ->> 'id' = inventory.field_id(f -> 'attributes' ->> 'name')::text as id,
       f -> 'attributes' ->> 'name' as name, f -> 'attributes' ->> 'type' as kind, f -> 'attributes' -> 'asset_types' ->> 0 as first_type
from json_array_elements(inventory.group_fields('tenants/' || :'tenant', 'container_images') -> 'data') f;
select inventory.field_id('class');
select inventory.group_fields('orgs/' || :'org') -> 'data' -> 0 -> 'relationships';
-- Paged as a list is, both ways.
select json_array_length(page -> 'data') = 10 as is_full,
       (select string_agg(k, ' ' order by k) from json_object_keys(page -> 'links') k) as links
from inventory.group_fields('tenants/' || :'tenant', 'container_images', 10) page;
with behind as (
    select inventory.group_fields('tenants/' || :'tenant', 'container_images', 10, inventory.cursor_encode(
        '{"l": "groups", "s": "field", "k": ["image_tag"]}')) as page
), before as (
    select inventory.group_fields('tenants/' || :'tenant', 'container_images', 10, ending_before => pg_temp.cursor_of(page, 'prev')) as page from behind
)
select json_array_length(behind.page -> 'data') as behind_the_last, behind.page -> 'links' ->> 'next' as next,
       before.page -> 'data' -> 9 -> 'attributes' ->> 'name' as last_before
from behind, before;

-- Counts of every field: most frequent first, ties by value. An element that an
-- array holds twice counts once; a missing or empty value does not count.
select f as field, pg_temp.values_of(f)
from unnest(array['type', 'class', 'registry', 'repository', 'name', 'labels', 'tags', 'architecture', 'os']) f;
select pg_temp.shown(inventory.group_values('tenants/' || :'tenant', inventory.field_id('image_tag')));

-- Scopes, filters and types narrow.
select pg_temp.shown(inventory.group_values('orgs/' || :'org', inventory.field_id('registry'))) as org,
       pg_temp.shown(inventory.group_values('groups/' || :'group', inventory.field_id('tags'))) as grp;
select pg_temp.values_of('class', 'registry==quay.io'), pg_temp.values_of('labels', 'q==caddy'),
       pg_temp.values_of('tags', 'tags.env==prod'), pg_temp.values_of('class', 'name==nothing');
select pg_temp.shown(inventory.group_values('tenants/' || :'tenant', inventory.field_id('class'), asset_types => 'container_images'));

-- Every sort, both ways; a missing measure is last, first when descending.
select s as sort, pg_temp.values_of('name', sort => s), pg_temp.values_of('name', sort => '-' || s) as descending
from unnest(array['value', 'count', 'risk_score', 'issues', 'updated_at', 'last_seen_at', 'count,-value']) s;
select pg_temp.values_of('registry', sort => 'risk_score'), pg_temp.values_of('registry', sort => '-risk_score');

-- meta_fields.
select d -> 'attributes' ->> 'value' as value, d -> 'meta' as meta
from json_array_elements(inventory.group_values('tenants/' || :'tenant', inventory.field_id('registry'), meta_fields => 'all') -> 'data') d;
select m as meta_fields, inventory.group_values('tenants/' || :'tenant', inventory.field_id('labels'), meta_fields => m) -> 'data' -> 0 -> 'meta' as meta
from unnest(array['labels', 'issues,max_risk_score', 'latest_updated_at', 'latest_last_seen_at']) m;

-- A walk forth and back over the image tags: 13 values, 10 a page, whatever the sort.
create function pg_temp.walk(sort text) returns table (page text) language plpgsql as $$
declare
    tenant text := 'tenants/80000000-0000-4000-8000-000000000001';
    field uuid := inventory.field_id('image_tag');
    first json := inventory.group_values(tenant, field, sort => sort);
    second json := inventory.group_values(tenant, field, sort => sort, starting_after => pg_temp.cursor_of(first, 'next'));
begin
    return query select pg_temp.shown(first)
        union all select pg_temp.shown(second)
        union all select pg_temp.shown(inventory.group_values(tenant, field, sort => sort, ending_before => pg_temp.cursor_of(second, 'prev')));
end
$$;
select s as sort, page from unnest(array['-count', 'value', '-value', 'issues,count', '-last_seen_at']) s, pg_temp.walk(s);
-- Behind the last value and before the first there is an empty page that leads back.
select cursor, pg_temp.shown(page) as page,
       pg_temp.shown(inventory.group_values('tenants/' || :'tenant', inventory.field_id('registry'), starting_after => pg_temp.cursor_of(page, 'next'),
                                            ending_before => pg_temp.cursor_of(page, 'prev'))) as back
from (
    select 'after the last' as cursor, inventory.group_values('tenants/' || :'tenant', inventory.field_id('registry'), starting_after => inventory.cursor_encode(
        jsonb_build_object('l', 'groups/' || inventory.field_id('registry'), 's', '-count', 'k', '[3, "quay.io"]'::jsonb))) as page
    union all
    select 'before the first', inventory.group_values('tenants/' || :'tenant', inventory.field_id('registry'), ending_before => inventory.cursor_encode(
        jsonb_build_object('l', 'groups/' || inventory.field_id('registry'), 's', '-count', 'k', '[9, "docker.io"]'::jsonb)))
) x;

-- Ids are stable, and of field and value: the same in every scope and on every server.
select d ->> 'id' as id from json_array_elements(inventory.group_values('orgs/' || :'org', inventory.field_id('class')) -> 'data') d;

-- Errors: what is wrong, where, and what would be right.
create function pg_temp.attempt(statement text) returns text language plpgsql as $$
declare
    detail text;
    hint text;
begin
    execute statement;
    return 'fine';
exception when others then
    get stacked diagnostics detail = pg_exception_detail, hint = pg_exception_hint;
    return sqlstate || ' ' || concat_ws(' / ', sqlerrm, nullif(detail, ''), nullif(hint, ''));
end
$$;
select call, pg_temp.attempt(format('select inventory.group_values(%L, %L, %s)', 'tenants/' || :'tenant', coalesce(inventory.field_id(f)::text, f), call))
from (values
    ('class', 'sort => ''name'''), ('class', 'sort => ''value,value'''), ('class', 'sort => ''count,'''),
    ('class', 'meta_fields => ''nope'''), ('class', 'meta_fields => '''''), ('class', 'meta_fields => ''all,issues'''), ('class', 'meta_fields => ''count'''),
    ('class', '"limit" => 9'), ('class', 'asset_types => ''nope'''), ('class', 'filter => ''nope==1'''), ('class', 'starting_after => ''v1.x'''),
    ('class', 'starting_after => inventory.cursor_encode(''{"l": "groups/27587cda-fbaf-52e3-8535-12f52a049e3c", "s": "value", "k": ["A"]}'')'),
    ('class', 'starting_after => inventory.cursor_encode(''{"l": "groups/00000000-fbaf-52e3-8535-12f52a049e3c", "s": "-count", "k": [1, "A"]}'')'),
    ('class', 'starting_after => inventory.cursor_encode(''{"l": "groups/27587cda-fbaf-52e3-8535-12f52a049e3c", "s": "-count", "k": ["A", 1]}'')'),
    ('class', 'starting_after => inventory.cursor_encode(''{}''), ending_before => inventory.cursor_encode(''{}'')'),
    ('created_at', 'null'), ('nope', 'null')) c (f, call);
select pg_temp.attempt('select inventory.group_values(''tenants/80000000-0000-4000-8000-000000000001'', null)');

-- Over HTTP: the links keep the path's spelling and every parameter.
select inventory.create_principal('groups test') as principal \gset
\o /dev/null
select inventory.grant_role(:'principal', 'tenants/' || :'tenant', 'viewer');
\o
select 'authorization: Token ' || inventory.issue_api_key(:'principal') as key \gset
select r.status, r.body::json -> 'links' as links, r.body::json -> 'data' -> 0 -> 'relationships' as relationships
from inventory.rest('GET', '/rest/tenants/' || :'tenant' || '/inventory/assets/groups?version=2024-10-16&asset_types=container_images&limit=100', :'key') r;
select r.status, r.body::json -> 'links' as links
from inventory.rest('GET', '/orgs/' || :'org' || '/inventory/assets/groups/' || inventory.field_id('class') || '/values?filter=class!=B%3Bname==*&sort=-value', :'key') r;
select path, r.status, r.body::json -> 'errors' -> 0 ->> 'code' as code
from unnest(array['groups/nope/values', 'groups/27587CDA-FBAF-52E3-8535-12F52A049E3C/values', 'groups/00000000-0000-0000-0000-000000000000/values',
                  'groups/00000000-0000-0000-0000-000000000000/values?limit=1', 'groups?filter=class==A']) path,
     inventory.rest('GET', '/tenants/' || :'tenant' || '/inventory/assets/' || path, :'key') r;
