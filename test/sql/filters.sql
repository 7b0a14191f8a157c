-- Filter fields and the values of a field (contract.md section 9).
\getenv source PG_ABS_SRCDIR
\set fresh :source '/fixtures/fresh.sql'
\i :fresh
reset client_min_messages;

\set tenant '90000000-0000-4000-8000-000000000001'
\set group '90000000-0000-4000-8000-000000000002'
\set org '90000000-0000-4000-8000-000000000003'
\set whole '90000000-0000-4000-8000-000000000004'
\set other '90000000-0000-4000-8000-000000000009'
\o /dev/null
select inventory.create_tenant('filters', :'tenant'), inventory.create_tenant('filters, other', :'other');
select inventory.create_group(:'tenant', 'g', :'group');
select inventory.create_org(:'group', 'o', :'org'), inventory.create_org(:'group', 'sees all', :'whole');
select inventory.upsert_assets('tenants/' || :'tenant', jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
    'registry', (array['docker.io', 'ghcr.io', 'Quay.io', 'r_c', 'r%c', 'r\c', 'registry.äöü.example'])[1 + i % 7],
    'repository', 'team/app' || lpad(i::text, 2, '0'),
    'config_digest', 'sha256:' || lpad(to_hex(i), 64, '0'),
    'image_tags', jsonb_build_array('latest', 'v' || i % 3),
    'class', case when i % 4 > 0 then jsonb_build_object('rank', i % 4) end,
    'labels', case when i % 2 = 0 then jsonb_build_array('team:' || i % 5, 'a_b') else '["x%"]'::jsonb end,
    'tags', jsonb_build_object('env', (array['prod', 'dev', 'Production'])[1 + i % 3], 'cost-center', 'c' || i % 2),
    'config', jsonb_build_object('labels', jsonb_build_object('maintainer', 'M' || i % 2, 'empty', '', 'long', repeat('x', 2000))),
    'architecture', case when i > 1 then 'amd64' end,
    'orgs', case when i % 5 = 0 then jsonb_build_array(:'org', :'whole') else jsonb_build_array(:'whole') end))))
from generate_series(1, 25) i;
select inventory.upsert_assets('tenants/' || :'other', '[{"registry": "secret.example", "repository": "other/secret",
    "config_digest": "sha256:00000000000000000000000000000000000000000000000000000000000000bb", "class": "D", "labels": ["secret"], "tags": {"secret": "1"}}]');
\o

create function pg_temp.shown(document json) returns text language sql as $$
    select coalesce(string_agg(concat_ws('=', d -> 'attributes' ->> 'key', d -> 'attributes' ->> 'value'), ' '), '-')
           || ' |' || (select string_agg(' ' || k, '' order by k) from json_object_keys(document -> 'links') k)
    from json_array_elements(document -> 'data') d
$$;
create function pg_temp.cursor_of(document json, link text) returns text language sql as $$
    select substring(document -> 'links' ->> link from '(?:starting_after|ending_before)=([^&]*)')
$$;
create function pg_temp.listed(field text, q text default null, keys_only boolean default null, key text default null,
    scope text default 'tenants/90000000-0000-4000-8000-000000000001') returns text language sql as $$
    select pg_temp.shown(inventory.filter_values(scope, inventory.field_id(field), q, keys_only, key, 100))
$$;

-- The fields in one page; values are linked where they can be listed.
select f -> 'attributes' ->> 'name' as name, f -> 'attributes' ->> 'type' as type,
       f ->> 'id' = inventory.field_id(f -> 'attributes' ->> 'name')::text as id,
       f -> 'relationships' -> 'values' -> 'links' ->> 'related'
           = '/orgs/' || :'org' || '/inventory/assets/filters/' || (f ->> 'id') || '/values' as has_values
from json_array_elements(inventory.filter_fields('orgs/' || :'org', 'container_images') -> 'data') f;

-- Distinct, in code-point order, at the tenant (by an index, where there is one) and below it.
select f as field, pg_temp.listed(f) as tenant, pg_temp.listed(f, scope => 'orgs/' || :'org') as org
from unnest(array['type', 'class', 'registry', 'name', 'labels', 'image_tag', 'architecture', 'os', 'tags', 'image_labels']) f;
-- The index and the aggregate list the same.
select bool_and(pg_temp.listed(f, q) = pg_temp.listed(f, q, scope => 'orgs/' || :'whole')) as is_same
from unnest(array['type', 'class', 'registry', 'repository', 'name']) f, unnest(array[null, 'a', '1']) q;
select pg_temp.shown(inventory.filter_values('tenants/' || :'tenant', inventory.field_id('registry'), asset_types => 'container_images', "limit" => 100));

-- q: any case, all of it literal; of an object its values.
select f as field, q, pg_temp.listed(f, q) from (values
    ('registry', 'QUAY'), ('registry', '_'), ('registry', '%'), ('registry', '\'), ('registry', 'äö'), ('registry', 'io'), ('registry', 'nothing'),
    ('class', 'b'), ('labels', 'a_'), ('labels', '%'), ('image_tag', 'LATE'), ('tags', 'PROD'), ('tags', 'env'), ('type', 'IMAGE')) v (f, q);
-- Keys only, one key, and both with q.
select pg_temp.listed('tags', keys_only => true) as keys, pg_temp.listed('tags', 'OS', true) as keys_with_os,
       pg_temp.listed('tags', key => 'env') as env, pg_temp.listed('tags', 'pr', key => 'env') as env_with_pr,
       pg_temp.listed('tags', key => 'nope') as nope, pg_temp.listed('tags', keys_only => false, key => 'cost-center') as false_is_absent;
-- An empty value is none, but its key is a key; a value too long for a cursor is left out.
select pg_temp.listed('image_labels', keys_only => true);

-- A walk forth and back, by the index and by the aggregate.
create function pg_temp.walk(field text, scope text, q text default null) returns table (page text) language plpgsql as $$
declare
    id uuid := inventory.field_id(field);
    first json := inventory.filter_values(scope, id, q);
    second json := inventory.filter_values(scope, id, q, starting_after => pg_temp.cursor_of(first, 'next'));
    third json := inventory.filter_values(scope, id, q, starting_after => pg_temp.cursor_of(second, 'next'));
    back json := inventory.filter_values(scope, id, q, ending_before => pg_temp.cursor_of(third, 'prev'));
begin
    return query select pg_temp.shown(d) from unnest(array[first, second, third, back,
        inventory.filter_values(scope, id, q, ending_before => pg_temp.cursor_of(back, 'prev'))]) d;
end
$$;
select page from pg_temp.walk('name', 'tenants/' || :'tenant');
select bool_and(a.page = b.page and a.page = c.page) as is_same
from pg_temp.walk('name', 'tenants/' || :'tenant') with ordinality a (page, n)
join pg_temp.walk('name', 'tenants/' || :'tenant', 'APP') with ordinality b (page, n) using (n)
join pg_temp.walk('name', 'orgs/' || :'whole') with ordinality c (page, n) using (n);
-- Empty pages lead back.
select c.cursor, pg_temp.shown(page) as page,
       pg_temp.shown(inventory.filter_values('tenants/' || :'tenant', inventory.field_id(c.field), starting_after => pg_temp.cursor_of(page, 'next'),
                                             ending_before => pg_temp.cursor_of(page, 'prev'))) as back
from (values ('after', 'class', '["C"]', 'v'), ('before', 'class', '["A"]', 'v'), ('after', 'labels', '["x%"]', 'v'), ('before', 'labels', '["a_b"]', 'v'),
             ('after', 'tags', '["env", "prod"]', 'k,v'), ('before', 'tags', '["cost-center", "c0"]', 'k,v')) c (cursor, field, keys, sort)
cross join lateral (select inventory.cursor_encode(jsonb_build_object('l', 'filters/' || inventory.field_id(c.field), 's', c.sort, 'k', c.keys::jsonb)) as text) m
cross join lateral inventory.filter_values('tenants/' || :'tenant', inventory.field_id(c.field),
    starting_after => case when c.cursor = 'after' then m.text end, ending_before => case when c.cursor = 'before' then m.text end) page;

-- The same id for the same value, whatever the scope.
select d ->> 'id' as id, d -> 'attributes' as attributes
from json_array_elements(inventory.filter_values('orgs/' || :'org', inventory.field_id('tags'), key => 'env') -> 'data') d;

-- Errors.
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
select f as field, call, pg_temp.attempt(format('select inventory.filter_values(%L, %L, %s)', 'tenants/' || :'tenant', inventory.field_id(f), call))
from (values
    ('class', 'q => '''''), ('class', 'q => repeat(''é'', 100)'), ('class', 'q => repeat(''é'', 101)'),
    ('class', 'keys_only => true'), ('labels', 'key => ''env'''), ('class', 'keys_only => false'),
    ('class', '"limit" => 101'), ('class', 'asset_types => '''''), ('class', 'ending_before => ''nope'''),
    ('tags', 'starting_after => inventory.cursor_encode(jsonb_build_object(''l'', ''filters/'' || inventory.field_id(''tags''), ''s'', ''k,v'', ''k'', ''["a"]''::jsonb))'),
    ('tags', 'keys_only => true, starting_after => inventory.cursor_encode(jsonb_build_object(''l'', ''filters/'' || inventory.field_id(''tags''), ''s'', ''k,v'', ''k'', ''["a", "b"]''::jsonb))'),
    ('class', 'starting_after => inventory.cursor_encode(jsonb_build_object(''l'', ''groups/'' || inventory.field_id(''class''), ''s'', ''v'', ''k'', ''["A"]''::jsonb))'),
    ('q', 'null'), ('created_at', 'null'), ('url', 'null'), ('nope', 'null')) c (f, call);

-- Over HTTP: limit and cursors of the list of fields are checked, then ignored.
select inventory.create_principal('filters test') as principal \gset
\o /dev/null
select inventory.grant_role(:'principal', 'orgs/' || :'org', 'viewer');
\o
select 'authorization: Token ' || inventory.issue_api_key(:'principal') as key \gset
select query, r.status, r.body::json -> 'errors' -> 0 ->> 'code' as code, json_array_length(r.body::json -> 'data') > 10 as has_all
from unnest(array['', '?limit=10', '?limit=9', '?starting_after=nope', '?starting_after=' || inventory.cursor_encode('{}'), '?q=x', '?asset_types=nope']) query,
     inventory.rest('GET', '/orgs/' || :'org' || '/inventory/assets/filters' || query, :'key') r;
select query, r.status, coalesce(r.body::json -> 'errors' -> 0 -> 'source', r.body::json -> 'links') as source_or_links
from unnest(array['?keys_only=true&version=2024-10-15', '?keys_only=yes', '?keys_only=', '?q=', '?q=%25&key=env', '?filter=class==A']) query,
     inventory.rest('GET', '/orgs/' || :'org' || '/inventory/assets/filters/' || inventory.field_id('tags') || '/values' || query, :'key') r;
