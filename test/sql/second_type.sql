-- A second asset type, registered by SQL alone, is in lists, filters, groups, sorts
-- and fieldsets. Everything is rolled back, for the catalogue is of the whole database.
\getenv source PG_ABS_SRCDIR
\set fresh :source '/fixtures/fresh.sql'
\i :fresh
reset client_min_messages;
\set SHOW_CONTEXT never

begin;
\set tenant 'a0000000-0000-4000-8000-000000000001'
\set scope 'tenants/a0000000-0000-4000-8000-000000000001'
\o /dev/null
select inventory.create_tenant('second type', :'tenant');
\o

-- Before, nothing knows it.
savepoint before;
select inventory.upsert_assets(:'scope', '[{"type": "repositories", "url": "https://git.example/a"}]');
rollback to before;
select inventory.list_assets(:'scope', 'url==x');
rollback to before;

\o /dev/null
select inventory.register_asset_type('repositories', '{url,scm}', 'Source code repositories');
select inventory.register_field('stars', 'integer', '{repositories}', 'How many people follow it');
select inventory.register_field('language', 'text', '{repositories}', 'Main language', is_group => true);
select inventory.register_field('pushed_at', 'time', '{repositories}', 'When it was pushed to last');
\o

select action from inventory.upsert_assets(:'scope', '[
    {"type": "repositories", "url": "https://git.example/payments", "scm": "github", "name": "payments", "class": "A", "labels": ["prod"],
     "stars": 12, "language": "C++", "pushed_at": "2024-05-01T12:00:00+02:00", "created_at": "2024-01-02T00:00:00Z", "updated_at": "2024-01-02T00:00:00Z"},
    {"type": "repositories", "url": "https://git.example/site", "scm": "gitlab", "stars": 3, "language": "Go",
     "created_at": "2024-01-03T00:00:00Z", "updated_at": "2024-01-03T00:00:00Z"},
    {"type": "repositories", "name": "bare", "created_at": "2024-01-04T00:00:00Z", "updated_at": "2024-01-04T00:00:00Z"},
    {"registry": "docker.io", "repository": "library/nginx", "config_digest": "sha256:00000000000000000000000000000000000000000000000000000000000000cc",
     "class": "A", "labels": ["prod"], "url": "ignored.example", "stars": 99, "created_at": "2024-01-01T00:00:00Z", "updated_at": "2024-01-01T00:00:00Z"}]');
-- Identity is the address, or the name where there is none: the same again changes nothing.
select action from inventory.upsert_assets(:'scope', '[
    {"type": "repositories", "url": "https://git.example/payments", "scm": "github", "stars": 12, "updated_at": "2024-01-02T00:00:00Z"},
    {"type": "repositories", "url": "https://git.example/site", "stars": 4, "updated_at": "2024-01-03T00:00:00Z"},
    {"type": "repositories", "name": "bare", "updated_at": "2024-01-04T00:00:00Z"}]');

-- Documents show what their type has; what an image has no field for was ignored.
select d -> 'type' as type, d -> 'attributes' as attributes from json_array_elements(inventory.list_assets(:'scope') -> 'data') d;
select inventory.get_asset(:'scope', id) -> 'data' -> 'attributes' ->> 'url' as url
from inventory.find_assets(:'scope', 'type==repositories;scm==github');
-- Fieldsets are by type.
select d -> 'attributes' as attributes from json_array_elements(inventory.list_assets(:'scope', fields => 'url,scm,registry') -> 'data') d;

-- Filters, sorts, counts.
select f as filter, inventory.list_assets(:'scope', f, meta_count => 'only') -> 'meta' ->> 'count' as count from unnest(array[
    'type==repositories', 'type==*', 'url==*payments', 'scm=in=(github,gitlab)', 'scm!=github', 'stars>3', 'stars<=4', 'language==C*',
    'pushed_at==2024-05-01T10:00:00Z', 'registry==docker.io']) f;
select s as sort, (select string_agg(coalesce(r.url, r.name), ' ' order by n) from inventory.find_assets(:'scope', sort => s) with ordinality r (
    tenant_id, id, type, class, class_locked, labels, tags, registry, repository, name, url, scm, config_digest, manifest_digests, index_digests, image_tags,
    image_labels, architecture, os, built_at, size_bytes, risk_score, issues_critical, issues_high, issues_medium, issues_low, last_scan, last_seen_at,
    created_at, updated_at, scope_ids, n)) as assets
from unnest(array['type,name', 'url,name', '-scm,url,name']) s;
select count(*) from inventory.find_assets(:'scope', 'stars==99,url==ignored.example');

-- Groups: the fields of the new type, and counts across types.
select coalesce(t, 'all') as asset_types, string_agg(f -> 'attributes' ->> 'name', ' ' order by n) as group_fields
from unnest(array[null, 'repositories', 'container_images']) t,
     json_array_elements(inventory.group_fields(:'scope', t) -> 'data') with ordinality x (f, n) group by t order by 1;
select f as field, t as asset_types, (select string_agg((d -> 'attributes' ->> 'value') || '=' || (d -> 'meta' ->> 'count'), ' ')
    from json_array_elements(inventory.group_values(:'scope', inventory.field_id(f), asset_types => t) -> 'data') d) as values
from (values ('type', null), ('scm', null), ('language', null), ('class', null), ('class', 'repositories'), ('registry', 'repositories'),
             ('labels', 'container_images,repositories')) v (f, t);
-- Filters: the same, and autocomplete.
select f -> 'attributes' as field, f ? 'relationships' as has_values
from jsonb_array_elements(inventory.filter_fields(:'scope', 'repositories')::jsonb -> 'data') f
where f -> 'attributes' -> 'asset_types' = '["repositories"]';
select f -> 'attributes' as both from json_array_elements(inventory.filter_fields(:'scope') -> 'data') f where f -> 'attributes' ->> 'name' = 'class';
select f as field, (select string_agg(d -> 'attributes' ->> 'value', ' ') from json_array_elements(
    inventory.filter_values(:'scope', inventory.field_id(f)) -> 'data') d) as values
from unnest(array['type', 'scm', 'language', 'name']) f;
-- A filter may name only fields of the types that are asked for.
savepoint wrong;
select inventory.group_values(:'scope', inventory.field_id('type'), 'registry==docker.io', asset_types => 'repositories');
rollback to wrong;
-- What cannot be read as the kind of its field does not get in.
select inventory.upsert_assets(:'scope', '[{"type": "repositories", "url": "https://git.example/c", "stars": "many"}]');
rollback to wrong;
select inventory.upsert_assets(:'scope', '[{"type": "repositories", "url": "https://git.example/c", "pushed_at": "infinity"}]');
rollback to wrong;
select inventory.register_asset_type('repositories', '{nope}');
rollback;

-- And gone again, in this session too.
begin;
\o /dev/null
select inventory.create_tenant('second type', :'tenant');
\o
select count(*) from json_array_elements(inventory.filter_fields(:'scope') -> 'data') f where f -> 'attributes' ->> 'name' in ('stars', 'url');
rollback;
