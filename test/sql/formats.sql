-- Import from what people have: what each format becomes, which rows are rejected and why, and
-- that a bad row never loses another.
\getenv source PG_ABS_SRCDIR
\set fresh :source '/fixtures/fresh.sql'
\set formats :source '/fixtures/formats/'
\i :fresh

select inventory.create_tenant('One', '10000000-0000-4000-8000-000000000001') as tenant,
       inventory.create_group('10000000-0000-4000-8000-000000000001', 'Group', '20000000-0000-4000-8000-000000000001') as group,
       inventory.create_org('20000000-0000-4000-8000-000000000001', 'Org 1', '30000000-0000-4000-8000-000000000001') as org,
       inventory.create_tenant('Two', '10000000-0000-4000-8000-000000000002') as other_tenant,
       inventory.create_group('10000000-0000-4000-8000-000000000002', 'Group', '20000000-0000-4000-8000-000000000002') as other_group,
       inventory.create_org('20000000-0000-4000-8000-000000000002', 'Org 9', '30000000-0000-4000-8000-000000000009') as other_org \gset
\set scope orgs/ :org
create function pg_temp.fixture(name text) returns text language sql as
$$ select pg_read_file(current_setting('formats.dir') || name) $$;
select set_config('formats.dir', :'formats', false) is not null as is_set;
-- The report with the asset's place instead of its random id.
create function pg_temp.show(report inventory.asset_report[]) returns table (n int, place text, action text, rejected text)
language sql as $$
    select r.n, a.registry || '/' || a.repository, r.action, r.rejected
    from unnest(report) r left join inventory.asset a on a.id = r.id order by r.n, a.registry, a.repository collate "C"
$$;

-- How the name of an image is read.
select reference, p.* from unnest(array['nginx', 'nginx:1.27', 'acme/web', 'index.docker.io/library/nginx', 'docker.io/nginx', 'ghcr.io/acme/web:7@sha256:abc',
    'localhost/app', 'localhost:5000/a/b__c:dev', 'registry.acme.example:8443/team/api', '<none>:<none>', 'Upper/case', '', 'a b', './file.tar']) reference
cross join lateral inventory.parse_image_reference(reference) p;

-- docker image inspect.
select * from pg_temp.show(array(select r from inventory.import_docker_inspect(:'scope', pg_temp.fixture('docker.json')::jsonb) r));
select jsonb_pretty((inventory.list_assets(:'scope', 'repository==library/nginx') -> 'data' -> 0 -> 'attributes')::jsonb - '{created_at,updated_at}'::text[]) as nginx;
select repository, config_digest is null as is_known_by_manifest, index_digests = manifest_digests as is_index, built_at from inventory.asset where repository in ('team/api', 'app') order by 1;
-- Again: nothing changes.
select * from pg_temp.show(array(select r from inventory.import_docker_inspect(:'scope', pg_temp.fixture('docker.json')::jsonb) r));
-- One object, and podman's.
select * from pg_temp.show(array(select r from inventory.import_docker_inspect(:'scope', pg_temp.fixture('docker.json')::jsonb -> 1) r));
select * from pg_temp.show(array(select r from inventory.import_docker_inspect(:'scope', pg_temp.fixture('podman.json')::jsonb) r));
select history from inventory.asset where repository = 'podman/hello';
select rejected from inventory.import_docker_inspect(:'scope', '["nginx", {}, {"RepoTags": ["a"]}, {"Id": "sha256:1", "RepoTags": "a"}, null]');

-- skopeo inspect: RepoTags are the repository's, not the image's.
select * from pg_temp.show(array(select r from inventory.import_skopeo_inspect(:'scope', pg_temp.fixture('skopeo.json')::jsonb) r));
select image_tags, size_bytes, architecture, os, built_at, config, cardinality(manifest_digests) as digests from inventory.asset where name = 'prometheus';
select * from pg_temp.show(array(select r from inventory.import_skopeo_inspect(:'scope', jsonb_build_array(pg_temp.fixture('skopeo.json')::jsonb,
    pg_temp.fixture('skopeo.json')::jsonb - 'Name', pg_temp.fixture('skopeo.json')::jsonb || '{"Name": "./dir"}', pg_temp.fixture('skopeo.json')::jsonb - 'Digest', '7'::jsonb)) r));

-- Neither a name nor tags of others, nor a size that one layer does not tell.
select * from pg_temp.show(array(select r from inventory.import_skopeo_inspect(:'scope', pg_temp.fixture('skopeo.json')::jsonb || '{"Name": "quay.io/acme/old", "Tag": "1", "RepoTags": [], "Labels": null,
    "Env": null, "LayersData": [{"MIMEType": "", "Digest": "sha256:00", "Size": -1, "Annotations": null}, {"Size": 5}]}') r));
select image_tags, size_bytes from inventory.asset where repository = 'acme/old';

-- Syft and Trivy.
select * from pg_temp.show(array(select r from inventory.import_syft(:'scope', jsonb_build_array(pg_temp.fixture('syft.json')::jsonb, pg_temp.fixture('syft_directory.json')::jsonb,
    '{"source": {"type": "image", "metadata": {"config": "?"}}}'::jsonb, '{"source": {"type": "image", "metadata": {"userInput": "docker-archive:a.tar"}}}'::jsonb, '{}'::jsonb, jsonb_set(pg_temp.fixture('syft.json')::jsonb, '{source,metadata}',
        (pg_temp.fixture('syft.json')::jsonb #> '{source,metadata}') - 'tags' - 'repoDigests' - 'config' || '{"userInput": "registry:quay.io/acme/base"}'))) r));
-- From a registry: the tag is only in what was scanned. The schema before 9 says target. An image's id is no name.
select * from pg_temp.show(array(select r from inventory.import_syft(:'scope', jsonb_build_array(pg_temp.fixture('syft_registry.json')::jsonb,
    jsonb_build_object('source', jsonb_build_object('type', 'image', 'target', pg_temp.fixture('syft_registry.json')::jsonb #> '{source,metadata}'
        || '{"userInput": "ghcr.io/acme/other:v3", "repoDigests": ["quay.io/acme/target@sha256:5b0bcabd1ed22e9fb1310cf6c2dec7cdef19f0ad69efa1f392e94a4333501270"], "config": null}')),
    '{"source": {"type": "image", "metadata": {"userInput": "27692ec25d22", "tags": [], "repoDigests": []}}}'::jsonb)) r));
select repository, image_tags, architecture, os, detail -> 'variant' as variant, built_at from inventory.asset where repository in ('acme/edge', 'acme/target') order by 1;
select jsonb_pretty((inventory.list_assets(:'scope', 'repository==library/alpine') -> 'data' -> 0 -> 'attributes')::jsonb - '{created_at,updated_at}'::text[]) as alpine;
select * from pg_temp.show(array(select r from inventory.import_trivy(:'scope', jsonb_build_array(pg_temp.fixture('trivy.json')::jsonb, pg_temp.fixture('trivy_filesystem.json')::jsonb,
    '{"ArtifactType": "container_image", "ArtifactName": "./image.tar"}'::jsonb, '{}'::jsonb, '[]'::jsonb)) r));
select issues_critical, issues_high, issues_medium, issues_low, last_scan, os, detail -> 'os_version' as os_version, detail -> 'scan_engines' as scan_engines, size_bytes
from inventory.asset where name = 'python';
-- The header alone says nothing of issues: they stay.
select * from pg_temp.show(array(select r from inventory.import_trivy(:'scope', pg_temp.fixture('trivy.json')::jsonb - 'Results' - 'CreatedAt') r));
select issues_critical, last_scan from inventory.asset where name = 'python';

-- Pulled by digest under a tag; secrets and misconfigurations are no vulnerabilities.
select * from pg_temp.show(array(select r from inventory.import_trivy(:'scope', jsonb_set(pg_temp.fixture('trivy.json')::jsonb, '{Metadata}',
    (pg_temp.fixture('trivy.json')::jsonb -> 'Metadata') - 'RepoTags' || '{"RepoDigests": ["ghcr.io/acme/scanned@sha256:088fdc484675948007ea1383ccaabe8d5f8e299b0ced0ea1c7fa1ee9f46481c5"]}')
    || '{"ArtifactName": "ghcr.io/acme/scanned:9@sha256:088fdc484675948007ea1383ccaabe8d5f8e299b0ced0ea1c7fa1ee9f46481c5"}') r));
select image_tags, issues_critical, issues_high from inventory.asset where repository = 'acme/scanned';

-- OCI: a layout on disk, its documents in any order.
select string_agg(name, ' ' order by name) as blobs from pg_ls_dir(:'formats' || 'oci/blobs/sha256') name;
create function pg_temp.layout() returns text[] language sql as $$
    select array(select pg_temp.fixture('oci/blobs/sha256/' || name) from pg_ls_dir(current_setting('formats.dir') || 'oci/blobs/sha256') name order by name)
           || pg_temp.fixture('oci/index.json') $$;
select * from pg_temp.show(array(select r from inventory.import_oci(:'scope', null, variadic pg_temp.layout()) r));
select architecture, os, detail -> 'variant' as variant, image_tags, size_bytes, config_digest is not null as has_config, cardinality(index_digests) as indexes, distribution_digests
from inventory.asset where repository = 'library/nginx' and architecture <> 'amd64' or config_digest is null and repository = 'library/nginx' order by architecture;
select jsonb_pretty(history::jsonb) as history, jsonb_pretty(config::jsonb) as config, root_fs from inventory.asset where repository = 'library/nginx' and architecture = 'arm64';
select * from pg_temp.show(array(select r from inventory.import_oci(:'scope', null, variadic pg_temp.layout()) r));
-- An index that has more than images, as the specification's example: an artifact, and what no manifest is. An image's own type is none.
select * from pg_temp.show(array(select r from inventory.import_oci(:'scope', 'quay.io/acme/multi:1', pg_temp.fixture('oci_index.json')) r));
select architecture, os, detail -> 'os_version' as os_version, detail -> 'os_features' as os_features, image_tags from inventory.asset where repository = 'acme/multi' order by architecture, os;
-- Under another name; without a name; a configuration whose bytes were changed; what is no image.
select * from pg_temp.show(array(select r from inventory.import_oci(:'scope', 'quay.io/mirror/nginx', variadic pg_temp.layout()) r));
select * from pg_temp.show(array(select r from inventory.import_oci(:'scope', null, variadic (pg_temp.layout())[:3]) r));
select n, regexp_replace(rejected, 'sha256:\w+', '…') as rejected from inventory.import_oci(:'scope', 'nginx', '{"rootfs": {}}', '{}', 'no json', '[1]', pg_temp.fixture('oci_chart.json'));

-- CSV.
select * from inventory.csv_columns() order by name;
select * from pg_temp.show(array(select r from inventory.import_csv(:'scope', pg_temp.fixture('images.csv')) r));
select repository, class_rank, labels, tags, image_tags, risk_score, issues_critical, image_labels, detail from inventory.asset
where config_digest in (select c[1] from regexp_matches(pg_temp.fixture('images.csv'), 'sha256:\w+', 'g') c) order by repository;
select * from pg_temp.show(array(select r from inventory.import_csv(:'scope', pg_temp.fixture('images.csv')) r));
select e.* from unnest(array['colour,image' || E'\n', 'image,image' || E'\n']) csv, pg_temp.error_of(format('select * from inventory.import_csv(%L, %L)', :'scope', csv)) e;
select * from inventory.import_csv(:'scope', 'image');
select inventory.csv_to_json(csv) from unnest(array['', 'a', E'a,b\n1,2', E'a,b\r\n"1\r\n2","x""y"\r\n\r\n3,4\r\n', E'a\n"', E'a,b\n1\n1,2,3\n', E'\uFEFFa\nü', E'a,b\n,\n', E'a\n1"2\n']) csv;

-- Plain assets: all that upsert_assets refuses is reported, the others are written.
select 'sha256:' || repeat('a', 64) as digest \gset
create function pg_temp.image(more jsonb) returns jsonb language sql immutable
return jsonb_build_object('registry', 'docker.io', 'repository', 'plain/' || md5(more::text), 'config_digest', 'sha256:' || repeat('a', 64)) || more;
select inventory.register_field('lines', 'integer', null, 'Lines of code') is not null, inventory.register_field('pushed', 'time', null, 'Last push') is not null;
select inventory.register_asset_type('repositories', array['url', 'scm'], 'Repositories');
create table pg_temp.bad as
select row_number() over () as n, b.asset from unnest(array[
    pg_temp.image('{"labels": ["a b"]}'), pg_temp.image('{"labels": "prod"}'), pg_temp.image('{"labels": [null]}'),
    pg_temp.image(jsonb_build_object('labels', (select array_agg('l' || n) from generate_series(1, 51) n))),
    pg_temp.image('{"tags": {"a.b": "c"}}'), pg_temp.image('{"tags": {"k": 1}}'), pg_temp.image('{"tags": {"k": ""}}'), pg_temp.image('{"tags": ["k"]}'), pg_temp.image('{"tags": {"k": null}}'),
    pg_temp.image(jsonb_build_object('tags', (select jsonb_object_agg('k' || n, 'v') from generate_series(1, 101) n))),
    pg_temp.image('{"class": {"display_name": "E"}}'), pg_temp.image('{"class": {"rank": 5}}'), pg_temp.image('{"class": "AB"}'), pg_temp.image('{"class": 1}'),
    pg_temp.image('{"class": {"rank": 1, "locked": "x"}}'),
    pg_temp.image('{"config_digest": "sha256:abc"}'), pg_temp.image('{"config_digest": "md5:00"}'), pg_temp.image('{"config_digest": null}'),
    pg_temp.image('{"distribution_digests": ["x"]}'), pg_temp.image('{"distribution_digests": [{"manifest_digest": "sha256:0", "index_digest": 1}]}'),
    pg_temp.image('{"config_digest": null, "distribution_digests": [{}]}'), pg_temp.image('{"distribution_digests": "x"}'),
    pg_temp.image('{"registry": ""}'), pg_temp.image('{"repository": null}'), pg_temp.image(jsonb_build_object('registry', repeat('r', 501))), pg_temp.image('{"registry": {}}'),
    pg_temp.image('{"size_bytes": -1}'), pg_temp.image('{"size_bytes": 1.5}'), pg_temp.image('{"size_bytes": "big"}'), pg_temp.image('{"risk_score": 3000000000}'),
    pg_temp.image('{"issues": {"high": -1}}'), pg_temp.image('{"issues": [1]}'), pg_temp.image('{"created_at": "infinity"}'), pg_temp.image('{"created_at": "0001-01-01 BC"}'),
    pg_temp.image('{"built_at": "2024-02-30T00:00:00Z"}'), pg_temp.image('{"last_scan": "yesterday-ish", "risk_score": "high", "labels": ["fine", ""]}'),
    pg_temp.image('{"type": "spaceship"}'), pg_temp.image('{"orgs": ["30000000-0000-4000-8000-000000000009"]}'), pg_temp.image('{"orgs": ["x"]}'),
    pg_temp.image('{"lines": "many"}'), pg_temp.image('{"pushed": "soon"}'), pg_temp.image('{"lines": 99999999999}'), pg_temp.image('{"image_tags": "latest"}'),
    '7', 'null', '[]', '{}']::jsonb[]) b (asset);
select n, c.rejected from inventory.check_assets(:'scope', (select jsonb_agg(asset order by n) from pg_temp.bad)) c;
-- The two agree: check_assets rejects all that upsert_assets refuses, and these four that it takes for something else.
create function pg_temp.is_refused(asset jsonb) returns boolean language plpgsql as $$
begin
    perform inventory.upsert_assets('orgs/30000000-0000-4000-8000-000000000001', jsonb_build_array(asset));
    raise sqlstate 'ZZ000';
exception when sqlstate 'ZZ000' then return false; when others then return true;
end
$$;
select asset from pg_temp.bad where not pg_temp.is_refused(asset) order by n;
create table pg_temp.good as
select row_number() over () as n, g.asset from unnest(array[
    pg_temp.image('{}'), pg_temp.image('{"class": {"rank": 4, "display_name": "?"}}'), pg_temp.image('{"class": null, "labels": null, "risk_score": null, "issues": null}'),
    pg_temp.image('{"lines": -5, "pushed": "2024-01-01", "risk_score": "5", "size_bytes": 9007199254740993, "issues": {"high": null}}'),
    pg_temp.image('{"distribution_digests": []}'), pg_temp.image('{"unknown": [1]}'), pg_temp.image('{"url": {"ignored": true}}'), pg_temp.image('{"labels": [], "tags": {}}'),
    pg_temp.image('{"name": 7, "orgs": ["30000000-0000-4000-8000-000000000001"]}'),
    '{"type": "repositories", "attributes": {"name": "shop", "url": "https://git.example/shop", "registry": 7}}']::jsonb[]) g (asset);
select g.asset, c.rejected
from pg_temp.good g join inventory.check_assets(:'scope', (select jsonb_agg(asset order by n) from pg_temp.good)) c on c.n = g.n
where c.rejected is not null or pg_temp.is_refused(g.asset);

-- One bad row among many, and one that only the table refuses (by a constraint of its own).
select action, count(*), min(n), max(n) from inventory.upsert_assets_reporting(:'scope', (
    select jsonb_agg(case when n % 100 = 50 then pg_temp.image('{"labels": ["a b"]}') else pg_temp.image(jsonb_build_object('name', 'many-' || n)) end order by n)
    from generate_series(1, 1000) n)) group by action order by action;
alter table inventory.asset add constraint no_long_names check (name not in ('long-3', 'long-700'));
select action, count(*), string_agg(n || ' ' || rejected, '; ') from inventory.upsert_assets_reporting(:'scope', (
    select jsonb_agg(pg_temp.image(jsonb_build_object('name', 'long-' || n)) order by n)
    from generate_series(1, 1000) n)) group by action order by action;
alter table inventory.asset drop constraint no_long_names;

-- Twice the same in one call: one asset, two rows.
select n, action, count(*) over (partition by id) as rows_of_asset from inventory.upsert_assets_reporting(:'scope', jsonb_build_array(
    pg_temp.image('{"name": "twice"}'), pg_temp.image('{"name": "other"}'), pg_temp.image('{"name": "twice"}'))) order by n;

-- Documents as texts, as the loader sends them.
select * from pg_temp.show(array(select r from inventory.import_documents(:'scope', 'jsonl', array['{', '[]', '', pg_temp.image('{"name": "twice"}')::text, '{"a": "\u0000"}']) r));
select * from pg_temp.show(array(select r from inventory.import_documents(:'scope', 'csv', array['{"image": "busybox:1", "config_digest": "' || :'digest' || '"}', '"the row has 1 fields, the header has 2"']) r));
select e.code, e.message, e.hint from pg_temp.error_of(format('select inventory.import_documents(%L, %L, %L)', :'scope', 'xml', '{7}')) e;

-- The argument and the scope are the caller's fault, not a row's.
select e.code, e.message, e.hint from unnest(array['{}', 'null', '1']) a, pg_temp.error_of(format('select inventory.upsert_assets_reporting(%L, %L)', :'scope', a)) e;
select e.code, e.message from pg_temp.error_of($$select inventory.import_docker_inspect('orgs/30000000-0000-4000-8000-00000000000f', '[]')$$) e;
select count(*) from inventory.import_docker_inspect(:'scope', '[]');

-- An editor may, in their scope; a reader may not.
set client_min_messages = warning;
drop role if exists formats_editor, formats_reader;
create role formats_editor in role inventory_editor;
create role formats_reader in role inventory_reader;
select inventory.grant_role(inventory.create_principal('formats editor', 'formats_editor'), :'scope', 'editor');
set role formats_editor;
select action from inventory.import_skopeo_inspect(:'scope', '{"Name": "quay.io/a/b", "Digest": "sha256:0000000000000000000000000000000000000000000000000000000000000000"}');
select e.code, e.message from pg_temp.error_of(format('select inventory.import_csv(%L, %L)', 'orgs/' || :'other_org', 'image')) e;
select action from inventory.import_csv(:'scope', E'image,config_digest\nbusybox,' || :'digest');
select count(*) > 30 as may_see_the_columns from inventory.csv_columns();
select rejected from inventory.check_assets(:'scope', '[{}]');
select e.code from pg_temp.error_of('select inventory.write_reported(null, null)') e;
set role formats_reader;
select e.code from pg_temp.error_of(format('select inventory.import_csv(%L, %L)', :'scope', 'image')) e;
reset role;
drop role formats_editor, formats_reader;
