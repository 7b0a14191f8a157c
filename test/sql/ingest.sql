-- upsert_assets and import_assets: what is written, how often, and what the constraints refuse.
\getenv source PG_ABS_SRCDIR
\set fresh :source '/fixtures/fresh.sql'
\i :fresh

select inventory.create_tenant('One', '10000000-0000-4000-8000-000000000001') as tenant,
       inventory.create_group('10000000-0000-4000-8000-000000000001', 'Group', '20000000-0000-4000-8000-000000000001') as group,
       inventory.create_org('20000000-0000-4000-8000-000000000001', 'Org 1', '30000000-0000-4000-8000-000000000001') as org,
       inventory.create_org('20000000-0000-4000-8000-000000000001', 'Org 2', '30000000-0000-4000-8000-000000000002') as org_2 \gset
select inventory.create_tenant('Two', '10000000-0000-4000-8000-000000000002') as other_tenant,
       inventory.create_group('10000000-0000-4000-8000-000000000002', 'Group', '20000000-0000-4000-8000-000000000002') as other_group,
       inventory.create_org('20000000-0000-4000-8000-000000000002', 'Org 9', '30000000-0000-4000-8000-000000000009') as other_org \gset
select 'sha256:' || repeat('a', 64) as a, 'sha256:' || repeat('b', 64) as b, 'sha256:' || repeat('c', 64) as c \gset

-- An image with everything that an image has.
select format($$[{"registry": "docker.io", "repository": "library/nginx", "config_digest": %s,
    "distribution_digests": [{"manifest_digest": %s, "index_digest": %s}], "image_tags": ["1.25", "latest"],
    "built_at": "2024-05-01T10:00:00Z", "size_bytes": 70542381, "architecture": "amd64", "os": "linux", "variant": "v8", "os_features": ["x"],
    "author": "somebody", "class": {"display_name": "B", "locked": true}, "labels": ["prod", "team:payments"], "tags": {"env": "prod"},
    "config": {"cmd": ["nginx"], "labels": {"maintainer": "somebody"}}, "root_fs": {"type": "layers", "diff_ids": []}, "history": [{"created_by": "sh"}],
    "inferred_base_images": ["debian:12-slim"], "teams": ["platform"], "test_surfaces": ["cli"], "risk_score": 720,
    "issues": {"critical": 1, "high": 2, "medium": 3, "low": 4}, "scan_engines": [{"type": "container"}],
    "last_scan": "2024-05-02T00:00:00.000001Z", "created_at": "2024-05-01T10:00:00Z", "updated_at": "2024-05-02T10:00:00Z"}]$$,
    to_json(:'a'::text), to_json(:'b'::text), to_json(:'c'::text)) as nginx \gset
select action from inventory.upsert_assets('orgs/' || :'org', :'nginx');
select jsonb_pretty((inventory.list_assets('orgs/' || :'org') -> 'data' -> 0 -> 'attributes')::jsonb) as attributes;
select scope_ids = array[:'group', :'org']::uuid[] or scope_ids = array[:'org', :'group']::uuid[] as seen_in_org_and_group, image_labels, name from inventory.asset;

-- Idempotent: the same again changes nothing, not even updated_at.
select xmin as xmin_before from inventory.asset \gset
select action from inventory.upsert_assets('orgs/' || :'org', :'nginx');
select xmin = :'xmin_before'::xid as is_untouched, count(*) over () as assets from inventory.asset;

-- What is stated changes, what is not stays.
select action from inventory.upsert_assets('orgs/' || :'org', jsonb_set(:'nginx'::jsonb - 0, '{0}', (:'nginx'::jsonb -> 0) - 'labels' || '{"risk_score": 1}'));
select class_rank, class_locked, labels, risk_score from inventory.asset;

-- Seen in another org as well: memberships are added, never lost.
select action from inventory.upsert_assets('orgs/' || :'org_2', :'nginx');
select cardinality(scope_ids) as scopes from inventory.asset;
select action from inventory.upsert_assets('tenants/' || :'tenant', jsonb_build_array((:'nginx'::jsonb -> 0) || jsonb_build_object('orgs', jsonb_build_array(:'org'))));

-- Another tenant's asset of the same image is another asset.
select action from inventory.upsert_assets('orgs/' || :'other_org', :'nginx');
select tenant_id, count(*) from inventory.asset group by tenant_id order by tenant_id;

-- Several at once: one row each, in order; the last of several with one identity wins.
create function pg_temp.image(n int, more jsonb default '{}') returns jsonb language sql immutable
return jsonb_build_object('registry', 'quay.io', 'repository', 'team/app-' || n, 'config_digest', 'sha256:' || encode(sha256(n::text::bytea), 'hex')) || more;
select n, u.action
from inventory.upsert_assets('orgs/' || :'org', jsonb_build_array(pg_temp.image(1), pg_temp.image(2), pg_temp.image(1, '{"risk_score": 7}'), :'nginx'::jsonb -> 0))
    with ordinality u (id, action, n);
select risk_score from inventory.asset where name = 'app-1';

-- Identity: registry, repository, digest of the config or else of the first manifest.
create function pg_temp.act(more jsonb) returns text language sql
return (select action from inventory.upsert_assets('tenants/10000000-0000-4000-8000-000000000001', jsonb_build_array(pg_temp.image(3, more))));
select pg_temp.act('{}') as first, pg_temp.act('{"image_tags": ["2"]}') as tags, pg_temp.act('{"registry": "ghcr.io"}') as registry,
       pg_temp.act('{"repository": "team/other"}') as repository,
       pg_temp.act(jsonb_build_object('config_digest', null, 'distribution_digests', jsonb_build_array(:'b'))) as manifest_alone,
       pg_temp.act(jsonb_build_object('config_digest', null, 'distribution_digests', jsonb_build_array(jsonb_build_object('manifest_digest', :'b')))) as same_manifest;

-- What the constraints refuse; the whole call is undone.
select count(*) as before from inventory.asset \gset
create function pg_temp.refused(more jsonb) returns text language plpgsql as $$
declare
    failed text;
begin
    perform inventory.upsert_assets('tenants/10000000-0000-4000-8000-000000000001', jsonb_build_array(pg_temp.image(77), pg_temp.image(88, more)));
    return 'accepted';
exception when others then
    get stacked diagnostics failed = constraint_name;
    return sqlstate || ' ' || coalesce(nullif(failed, ''), sqlerrm);
end
$$;
select what, pg_temp.refused(more) from (values
    ('label with a blank', '{"labels": ["a b"]}'::jsonb), ('label of 41', jsonb_build_object('labels', array[repeat('l', 41)])), ('empty label', '{"labels": [""]}'),
    ('null label', '{"labels": [null]}'), ('51 labels', jsonb_build_object('labels', (select array_agg('l' || n) from generate_series(1, 51) n))),
    ('tag key with a dot', '{"tags": {"a.b": "c"}}'), ('tag key of 31', jsonb_build_object('tags', jsonb_build_object(repeat('k', 31), 'v'))),
    ('tag value of 41', jsonb_build_object('tags', jsonb_build_object('k', repeat('v', 41)))), ('number as tag', '{"tags": {"k": 1}}'), ('empty tag value', '{"tags": {"k": ""}}'),
    ('101 tags', jsonb_build_object('tags', (select jsonb_object_agg('k' || n, 'v') from generate_series(1, 101) n))), ('tags as array', '{"tags": ["k"]}'),
    ('class E', '{"class": {"display_name": "E"}}'), ('class rank 5', '{"class": {"rank": 5}}'), ('class as text AB', '{"class": "AB"}'),
    ('upper-case digest', jsonb_build_object('config_digest', 'sha256:' || repeat('A', 64))), ('short digest', '{"config_digest": "sha256:abc"}'), ('md5 digest', '{"config_digest": "md5:00"}'),
    ('no digest', '{"config_digest": null}'), ('no registry', '{"registry": ""}'), ('no repository', '{"repository": null}'),
    ('negative size', '{"size_bytes": -1}'), ('negative score', '{"risk_score": -1}'), ('negative issues', '{"issues": {"high": -1}}'), ('infinite time', '{"created_at": "infinity"}'),
    ('time before year 1', '{"created_at": "0001-01-01 BC"}'), ('unknown type', '{"type": "spaceship"}'), ('org of another tenant', '{"orgs": ["30000000-0000-4000-8000-000000000009"]}'),
    ('unknown org', '{"orgs": ["30000000-0000-4000-8000-00000000000f"]}'), ('score as text', '{"risk_score": "high"}'), ('labels as text', '{"labels": "prod"}')) as c (what, more);
select count(*) = :before as nothing_written from inventory.asset;
-- Both sides: the longest and the most that is taken.
select pg_temp.refused(jsonb_build_object('labels', (select array_agg(rpad('l' || n, 40, 'x')) from generate_series(1, 50) n),
    'tags', (select jsonb_object_agg(rpad('k' || n, 30, 'x'), repeat('v', 40)) from generate_series(1, 100) n)));

-- The shape of the argument, the scope.
select e.* from unnest(array['{}', 'null', '[1]', '"x"']) as assets,
    pg_temp.error_of(format('select inventory.upsert_assets(%L, %L)', 'tenants/' || :'tenant', assets)) e;
select code, message from pg_temp.error_of(format('select inventory.upsert_assets(%L, null)', 'tenants/' || :'tenant'));
select code, message, detail from pg_temp.error_of($$select inventory.upsert_assets('tenants/10000000-0000-4000-8000-00000000000f', '[]')$$);
select count(*) as rows_for_nothing from inventory.upsert_assets('tenants/' || :'tenant', '[]');

-- The form that the API shows is taken too: {"type", "attributes"}.
select action from inventory.upsert_assets('orgs/' || :'org', jsonb_build_array(jsonb_build_object('type', 'container_images', 'attributes', pg_temp.image(4))));

-- import_assets: the same from a staging table, jsonb or json; again it writes nothing new.
create table pg_temp.staging (asset jsonb);
insert into pg_temp.staging select pg_temp.image(n) from generate_series(100, 1099) n;
select inventory.import_assets('orgs/' || :'org', 'pg_temp.staging') as written;
select count(*) from inventory.asset where name ~ '^app-\d{3,4}$';
select inventory.import_assets('orgs/' || :'org', 'pg_temp.staging') as written_again;
create table pg_temp.staging_json (asset json);
insert into pg_temp.staging_json select pg_temp.image(n)::json from generate_series(2000, 2001) n;
select inventory.import_assets('tenants/' || :'tenant', 'pg_temp.staging_json') as written;
create table pg_temp.empty (asset jsonb);
select inventory.import_assets('tenants/' || :'tenant', 'pg_temp.empty') as written;
create table pg_temp.other_column (document jsonb);
select e.* from pg_temp.error_of(format('select inventory.import_assets(%L, %L)', 'tenants/' || :'tenant', 'pg_temp.other_column')) e;

-- A new type of asset is data, not a release.
select inventory.register_field('language', 'text', null, 'Language of the repository', true) is not null as has_id;
select inventory.register_asset_type('repositories', array['url', 'scm'], 'Repositories');
select action from inventory.upsert_assets('orgs/' || :'org', '[{"type": "repositories", "name": "shop", "url": "https://git.example/shop", "scm": "git", "language": "go",
    "created_at": "2024-05-01T10:00:00Z"}]');
select inventory.list_assets('orgs/' || :'org', 'type==repositories;language==go;scm==git', fields => null) -> 'data' -> 0 -> 'attributes' ->> 'language' as language;
select e.code, e.message, e.hint from pg_temp.error_of($$select inventory.register_asset_type('things', array['colour'])$$) e;
select e.code, e.message, e.hint from pg_temp.error_of($$select inventory.register_field('colour', 'json')$$) e;
