-- Import from what people have: Docker, skopeo, OCI documents, Syft, Trivy, CSV. Each
-- format is one function from a document to the assets it means, (asset, rejected);
-- import_… writes and reports them (52_asset_reports.sql).

create function inventory.parse_image_reference(reference text, out registry text, out repository text, out tag text, out digest text)
language sql immutable strict parallel safe
as $$
    select case when m[1] is null or m[1] in ('index.docker.io', 'registry-1.docker.io') then 'docker.io' else m[1] end,
           case when coalesce(m[1], 'docker.io') like '%docker.io' and m[2] !~ '/' then 'library/' || m[2] else m[2] end, m[3], m[4]
    from regexp_match(reference, '^(?:([a-zA-Z0-9-]+[.:][a-zA-Z0-9.:-]+|localhost)/)?([a-z0-9]+(?:[._/-]+[a-z0-9]+)*)'
                                 '(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@([a-z0-9]+:[0-9a-f]+))?$') m
    where m is not null
$$;
comment on function inventory.parse_image_reference(text) is
    'The parts of an image''s name as Docker reads it: nginx:1 is docker.io, library/nginx, 1. All null when it is none.';

create function inventory.image_places(tags jsonb, digests jsonb)
returns table (registry text, repository text, image_tags jsonb, manifests jsonb)
language sql immutable parallel safe
as $$
    select p.registry, p.repository, jsonb_agg(distinct p.tag) filter (where p.tag is not null),
           jsonb_agg(distinct p.digest) filter (where p.digest is not null)
    from (select tags as names union all select digests) l
    cross join lateral jsonb_array_elements_text(case jsonb_typeof(l.names) when 'array' then l.names else '[]' end) r (reference)
    cross join lateral inventory.parse_image_reference(r.reference) p
    where p.repository is not null
    group by p.registry, p.repository
$$;
comment on function inventory.image_places(jsonb, jsonb) is
    'The repositories among lists of references (RepoTags, RepoDigests), with the tags and digests that the image has in each.';

create function inventory.scanned_name(given text) returns jsonb
language sql immutable parallel safe
as $$
    select case when given !~ '^([a-z]+-(archive|dir)|dir|file|singularity):|\.(tar|tgz|tar\.gz)$|^([0-9a-f]{12}|(sha256:)?[0-9a-f]{64})$'
                then jsonb_build_array(regexp_replace(given, '^(docker|podman|registry|containerd):', '')) end
$$;
comment on function inventory.scanned_name(text) is
    'What a scanner was told to scan, as a list of one reference; null when it was a file, a directory or the id of an image.';

create function inventory.scanned_tags(tags jsonb, digests jsonb, given text) returns jsonb
language sql immutable parallel safe
as $$
    select case when exists (select from inventory.image_places(tags, null)) then tags
                when not exists (select from inventory.image_places(null, digests))
                     or exists (select from inventory.image_places(inventory.scanned_name(given), null) s
                                join inventory.image_places(null, digests) d on (d.registry, d.repository) = (s.registry, s.repository))
                then inventory.scanned_name(given) end
$$;
comment on function inventory.scanned_tags(jsonb, jsonb, text) is
    'The tags of a scanned image: those that the report lists, else the name that was scanned, unless the digests are of other repositories.';

create function inventory.keys_of(given jsonb) returns jsonb
language sql immutable parallel safe
as $$
    select jsonb_agg(k order by k) from jsonb_object_keys(case jsonb_typeof(given) when 'object' then given else '{}' end) k
$$;
comment on function inventory.keys_of(jsonb) is 'The keys of an object as a list, as exposed ports and volumes are shown.';

create function inventory.image_config(given jsonb) returns jsonb
language sql immutable parallel safe
as $$
    select case jsonb_typeof(given) when 'object' then jsonb_strip_nulls(jsonb_build_object(
        'cmd', given -> 'Cmd', 'entry_point', given -> 'Entrypoint', 'env', given -> 'Env',
        'exposed_ports', inventory.keys_of(given -> 'ExposedPorts'), 'volumes', inventory.keys_of(given -> 'Volumes'),
        'labels', given -> 'Labels', 'user', nullif(given ->> 'User', ''), 'working_dir', nullif(given ->> 'WorkingDir', ''),
        'stop_signal', given -> 'StopSignal', 'args_escaped', given -> 'ArgsEscaped')) end
$$;
comment on function inventory.image_config(jsonb) is
    'The attribute config of the execution parameters that Docker and OCI configurations spell alike.';

create function inventory.image_attributes(given jsonb) returns jsonb
language sql immutable parallel safe
as $$
    select jsonb_strip_nulls(jsonb_build_object(
        'built_at', nullif(given ->> 'created', '0001-01-01T00:00:00Z'), 'author', nullif(given ->> 'author', ''),
        'architecture', given -> 'architecture', 'os', given -> 'os', 'variant', nullif(given ->> 'variant', ''),
        'os_version', given -> 'os.version', 'os_features', given -> 'os.features',
        'config', inventory.image_config(given -> 'config'),
        'root_fs', case when given -> 'rootfs' -> 'diff_ids' is not null
                        then jsonb_build_object('type', given -> 'rootfs' -> 'type', 'diff_ids', given -> 'rootfs' -> 'diff_ids') end,
        'history', (select jsonb_agg(jsonb_build_object('created_at', h.step -> 'created', 'created_by', h.step -> 'created_by', 'author', h.step -> 'author',
                                                        'comment', h.step -> 'comment', 'empty_layer', h.step -> 'empty_layer') order by h.n)
                    from jsonb_array_elements(case jsonb_typeof(given -> 'history') when 'array' then given -> 'history' else '[]' end)
                        with ordinality h (step, n))))
$$;
comment on function inventory.image_attributes(jsonb) is 'The attributes that an OCI image configuration states.';

create function inventory.docker_image(given jsonb) returns table (asset jsonb, rejected text)
language sql immutable parallel safe
as $$
    with image as (
        -- Docker's containerd store names an image by its manifest or index; podman leaves out the algorithm.
        select case when given ->> 'Id' ~ '^[0-9a-f]{64}$' then 'sha256:' || (given ->> 'Id') else given ->> 'Id' end as id,
               coalesce(given -> 'Descriptor' ->> 'digest' = given ->> 'Id', false) as is_manifest,
               given -> 'Descriptor' ->> 'mediaType' ~ '(index|list)' as is_index
    )
    select jsonb_strip_nulls(jsonb_build_object(
               'registry', p.registry, 'repository', p.repository, 'image_tags', p.image_tags,
               'config_digest', case when not i.is_manifest then i.id end,
               'distribution_digests', case when i.is_manifest then jsonb_build_array(jsonb_build_object(
                   'manifest_digest', i.id, 'index_digest', case when i.is_index then i.id end)) else p.manifests end,
               'size_bytes', given -> 'Size'))
           || inventory.image_attributes(jsonb_build_object(
               'created', given -> 'Created', 'author', given -> 'Author', 'architecture', given -> 'Architecture', 'os', given -> 'Os',
               'variant', given -> 'Variant', 'os.version', nullif(given ->> 'OsVersion', ''), 'config', given -> 'Config', 'history', given -> 'History',
               'rootfs', jsonb_build_object('type', given -> 'RootFS' -> 'Type', 'diff_ids', given -> 'RootFS' -> 'Layers'))),
           case when i.id is null then 'Id: an image of docker image inspect has one' end
    from image i cross join inventory.image_places(given -> 'RepoTags', given -> 'RepoDigests') p
    union all
    select null, case when jsonb_typeof(given) <> 'object' then 'an image of docker image inspect is an object, not ' || jsonb_typeof(given)
                      when i.id is null then 'Id: an image of docker image inspect has one'
                      else 'RepoTags, RepoDigests: the image is in no repository; tag it, or pull it by name' end
    from image i
    where not exists (select from inventory.image_places(given -> 'RepoTags', given -> 'RepoDigests'))
$$;
comment on function inventory.docker_image(jsonb) is
    'The assets of one image of `docker image inspect`: one in each repository that Docker has a tag or digest of it for.';

create function inventory.skopeo_image(given jsonb) returns table (asset jsonb, rejected text)
language sql immutable parallel safe
as $$
    -- RepoTags are all tags of the repository, not those of the image; Layers are compressed, so no diff_ids.
    select jsonb_strip_nulls(jsonb_build_object(
               'registry', p.registry, 'repository', p.repository,
               'image_tags', case when coalesce(nullif(given ->> 'Tag', ''), p.tag) is not null
                                  then jsonb_build_array(coalesce(nullif(given ->> 'Tag', ''), p.tag)) end,
               'distribution_digests', case when given -> 'Digest' <> 'null' then jsonb_build_array(given -> 'Digest') end,
               -- -1 is a layer whose size the manifest does not tell.
               'size_bytes', (select case when bool_and(l ->> 'Size' ~ '^\d{1,18}$') then sum((l ->> 'Size')::numeric) end
                              from jsonb_array_elements(case jsonb_typeof(given -> 'LayersData') when 'array' then given -> 'LayersData' else '[]' end) l)))
           || inventory.image_attributes(jsonb_build_object(
               'created', given -> 'Created', 'architecture', given -> 'Architecture', 'os', given -> 'Os', 'variant', given -> 'Variant',
               'config', jsonb_build_object('Labels', given -> 'Labels', 'Env', given -> 'Env'))),
           case when jsonb_typeof(given) <> 'object' then 'the output of skopeo inspect is an object, not ' || jsonb_typeof(given)
                when coalesce(given ->> 'Name', '') = '' then 'Name: skopeo inspect states it for images in a registry only (docker://…)'
                when p.repository is null then format('Name: %s is no name of an image', to_json(left(given ->> 'Name', 60))) end
    from (select 1) one left join inventory.parse_image_reference(given ->> 'Name') p on true
$$;
comment on function inventory.skopeo_image(jsonb) is 'The asset of the output of `skopeo inspect`, known by the digest of its manifest.';

create function inventory.syft_image(given jsonb) returns table (asset jsonb, rejected text)
language plpgsql immutable parallel safe
set search_path = pg_catalog, inventory, pg_temp
as $$
declare
    meta jsonb := coalesce(given -> 'source' -> 'metadata', given -> 'source' -> 'target');
    input text := coalesce(meta ->> 'userInput', given -> 'source' ->> 'name');
    places jsonb := inventory.scanned_tags(meta -> 'tags', meta -> 'repoDigests', input);
    config jsonb;
begin
    if given -> 'source' ->> 'type' is distinct from 'image' or jsonb_typeof(meta) <> 'object' then
        return query select null::jsonb, format('source.type: %s is no image', coalesce(given -> 'source' -> 'type', 'null'));
        return;
    end if;
    begin
        config := convert_from(decode(meta ->> 'config', 'base64'), 'UTF8')::jsonb;
    exception when data_exception then
        return query select null::jsonb, 'source.metadata.config: it is no JSON in base64';
        return;
    end;
    return query
    select inventory.image_attributes(coalesce(config, '{}'))
           || jsonb_strip_nulls(jsonb_build_object(
               'registry', p.registry, 'repository', p.repository, 'image_tags', p.image_tags, 'config_digest', meta -> 'imageID',
               'distribution_digests', coalesce(p.manifests, case when meta -> 'manifestDigest' <> 'null' then jsonb_build_array(meta -> 'manifestDigest') end),
               'architecture', coalesce(nullif(meta ->> 'architecture', ''), config ->> 'architecture'),
               'variant', coalesce(nullif(meta ->> 'architectureVariant', ''), nullif(config ->> 'variant', '')),
               'os', coalesce(nullif(meta ->> 'os', ''), config ->> 'os'), 'size_bytes', meta -> 'imageSize',
               'os_version', coalesce(nullif(given -> 'distro' ->> 'versionID', ''), config ->> 'os.version')))
           || case when config is null and jsonb_typeof(meta -> 'labels') = 'object'
                   then jsonb_build_object('config', jsonb_build_object('labels', meta -> 'labels')) else '{}' end,
           null::text
    from inventory.image_places(places, meta -> 'repoDigests') p;
    if not found then
        return query select null::jsonb, format('source.metadata.userInput: %s is no name of an image, and there are neither tags nor repoDigests',
                                                coalesce(to_json(left(input, 60))::text, 'null'));
    end if;
end
$$;
comment on function inventory.syft_image(jsonb) is 'The assets of the source of a Syft JSON document, which must be an image.';

create function inventory.trivy_image(given jsonb) returns table (asset jsonb, rejected text)
language sql immutable parallel safe
as $$
    with image as (
        select given -> 'Metadata' as meta,
               inventory.scanned_tags(given -> 'Metadata' -> 'RepoTags', given -> 'Metadata' -> 'RepoDigests', given ->> 'ArtifactName') as tags,
               case when jsonb_typeof(given -> 'Results') = 'array' then (
                   select jsonb_build_object(
                       'critical', count(*) filter (where v ->> 'Severity' = 'CRITICAL'), 'high', count(*) filter (where v ->> 'Severity' = 'HIGH'),
                       'medium', count(*) filter (where v ->> 'Severity' = 'MEDIUM'), 'low', count(*) filter (where v ->> 'Severity' = 'LOW'))
                   from jsonb_array_elements(given -> 'Results') r
                   cross join lateral jsonb_array_elements(case jsonb_typeof(r -> 'Vulnerabilities') when 'array' then r -> 'Vulnerabilities' else '[]' end) v)
               end as issues
    ), place as (
        select p.* from image i cross join inventory.image_places(i.tags, i.meta -> 'RepoDigests') p
        where given ->> 'ArtifactType' = 'container_image'
    )
    select inventory.image_attributes(case jsonb_typeof(i.meta -> 'ImageConfig') when 'object' then i.meta -> 'ImageConfig' else '{}' end)
           || jsonb_strip_nulls(jsonb_build_object(
               'registry', p.registry, 'repository', p.repository, 'image_tags', p.image_tags, 'config_digest', i.meta -> 'ImageID',
               'distribution_digests', p.manifests, 'size_bytes', i.meta -> 'Size', 'os_version', i.meta -> 'OS' -> 'Name', 'issues', i.issues,
               'last_scan', given -> 'CreatedAt',
               'scan_engines', case when i.issues is not null then jsonb_build_array(jsonb_build_object(
                   'type', 'container', 'name', 'trivy', 'last_seen', given -> 'CreatedAt', 'issues', i.issues)) end)),
           null
    from image i cross join place p
    union all
    select null, case when given ->> 'ArtifactType' is distinct from 'container_image'
                      then format('ArtifactType: %s is no container_image', coalesce(given -> 'ArtifactType', 'null'))
                      else format('ArtifactName: %s is no name of an image, and there are neither RepoTags nor RepoDigests',
                                  coalesce(given -> 'ArtifactName', 'null')) end
    where not exists (select from place)
$$;
comment on function inventory.trivy_image(jsonb) is
    'The assets of a Trivy JSON report of an image; its vulnerabilities, where it has Results, as issues by severity.';

create function inventory.oci_images(image text, documents text[]) returns setof inventory.mapped_asset
language sql stable
set search_path = pg_catalog, inventory, pg_temp
as $$
    with document as materialized (
        select d.n::int, 'sha256:' || encode(sha256(convert_to(d.body, 'UTF8')), 'hex') as digest, r.content as body, r.fault,
               case when r.content ? 'manifests' then 'index' when r.content ? 'layers' and r.content ? 'config' then 'manifest'
                    when r.content ? 'rootfs' then 'config' end as kind
        from unnest(documents) with ordinality d (body, n) cross join lateral inventory.read_json(d.body) r
    ), entry as materialized (
        -- The index.json of a layout on disk names its entries; it is none of the registry's.
        select i.n, e.value as descriptor, e.value ->> 'digest' as digest, e.ordinality as at,
               coalesce(e.value -> 'annotations' ->> 'io.containerd.image.name', e.value -> 'annotations' ->> 'org.opencontainers.image.ref.name') as name,
               case when not e.value -> 'annotations' ?| array['io.containerd.image.name', 'org.opencontainers.image.ref.name']
                         or e.value -> 'annotations' is null then i.digest end as index_digest,
               -- Provenance, signatures and files beside them are no images. The type of an image's manifest is that of its configuration.
               coalesce(e.value -> 'annotations' ->> 'vnd.docker.reference.type' = 'attestation-manifest', false)
               or coalesce(e.value ->> 'artifactType', '') !~ '^(application/vnd\.(oci|docker\.container)\.image\.(config\.)?v1\+json)?$'
               or coalesce(e.value ->> 'mediaType', '') !~ '^(application/vnd\.(oci\.image|docker\.distribution)\.(manifest(\.list)?|index)\.v[12]\+\w+)?$'
               as is_attachment
        from document i
        cross join lateral jsonb_array_elements(case jsonb_typeof(i.body -> 'manifests') when 'array' then i.body -> 'manifests' else '[]' end)
            with ordinality e (value, ordinality)
        where i.kind = 'index'
    ), named as materialized (
        -- A name for each digest: its own, or that of the index it is in.
        select coalesce(e.digest, d.digest) as digest, max(coalesce(e.name, above.name)) as name
        from document d full join entry e on e.digest = d.digest
        left join document own on own.n = e.n
        left join entry above on above.digest = own.digest
        group by 1
    ), found as materialized (
        select m.n, m.digest, m.body, e.index_digest, e.descriptor -> 'platform' as platform, c.body as config
        from document m
        left join lateral (select * from entry e where e.digest = m.digest order by e.index_digest is null, e.n limit 1) e on true
        left join document c on c.digest = m.body -> 'config' ->> 'digest' and c.kind = 'config'
        where m.kind = 'manifest' and not coalesce(e.is_attachment, false)
        union all
        (select distinct on (e.digest) e.n, e.digest, null::jsonb, e.index_digest, e.descriptor -> 'platform', null::jsonb
         from entry e
         where not e.is_attachment and coalesce(e.descriptor ->> 'mediaType', '') !~ '(index|list)'
           and not exists (select from document d where d.digest = e.digest)
         order by e.digest, e.n)
    ), placed as (
        select f.*, p.registry, p.repository,
               coalesce(p.tag, q.tag, case when names.name ~ '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$' then names.name end) as tag
        from found f
        left join named names on names.digest = f.digest
        left join inventory.parse_image_reference(case when names.name ~ '[/]' then names.name end) q on true
        left join inventory.parse_image_reference(coalesce(image, case when names.name ~ '/' then names.name end)) p on true
    )
    select a.n, a.asset, a.rejected
    from (
        select p.n, p.digest,
               jsonb_strip_nulls(inventory.image_attributes(coalesce(p.platform, '{}')) || inventory.image_attributes(coalesce(p.config, '{}'))
                   || jsonb_build_object(
                       'registry', p.registry, 'repository', p.repository,
                       'image_tags', case when p.tag is not null then jsonb_build_array(p.tag) end,
                       'config_digest', p.body -> 'config' -> 'digest',
                       'distribution_digests', jsonb_build_array(jsonb_build_object('manifest_digest', p.digest, 'index_digest', p.index_digest)),
                       'size_bytes', (select sum((l ->> 'size')::numeric)
                                      from jsonb_array_elements(case jsonb_typeof(p.body -> 'layers') when 'array' then p.body -> 'layers' else '[]' end) l
                                      where l ->> 'size' ~ '^\d{1,18}$'))) as asset,
               case when p.repository is null then 'image: the documents do not name the image; give its name, as docker.io/library/nginx:1'
                    when p.body -> 'config' ->> 'mediaType' !~ '^application/vnd\.(oci|docker\.container)\.image\.(config\.)?v1\+json$'
                    then format('config.mediaType: %s is no configuration of an image', p.body -> 'config' -> 'mediaType')
               end as rejected
        from placed p
        union all
        select d.n, d.digest, null, coalesce(d.fault, case
            when d.kind is null then 'the document is no OCI image index, manifest or configuration'
            when d.kind = 'config' then 'no manifest among the documents has this configuration (' || d.digest || '); the bytes must be those of the registry'
            end)
        from document d
        where d.kind is null
           or d.kind = 'config' and not exists (select from document m where m.kind = 'manifest' and m.body -> 'config' ->> 'digest' = d.digest)) a
    order by a.n, a.digest
$$;
comment on function inventory.oci_images(text, text[]) is
    'The assets of OCI (or Docker v2) image indexes, manifests and configurations, tied together by the digests of their bytes. '
    'A manifest that only an index tells of is known by its digest; attestations are left out.';

create function inventory.read_json(source text, out content jsonb, out fault text)
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, inventory, pg_temp
as $$
begin
    content := source::jsonb;
exception when data_exception or program_limit_exceeded then
    get stacked diagnostics fault = pg_exception_detail;
    fault := 'it is no JSON: ' || coalesce(nullif(fault, ''), sqlerrm);
end
$$;
comment on function inventory.read_json(text) is 'A JSON document, or why it is none.';

create function inventory.map_document(format text, document jsonb) returns table (asset jsonb, rejected text)
language plpgsql stable
set search_path = pg_catalog, inventory, pg_temp
as $$
begin
    case format
    when 'docker' then return query select * from inventory.docker_image(document);
    when 'skopeo' then return query select * from inventory.skopeo_image(document);
    when 'syft' then return query select * from inventory.syft_image(document);
    when 'trivy' then return query select * from inventory.trivy_image(document);
    when 'csv' then return query select * from inventory.csv_image(document);
    when 'jsonl' then return query select document, null::text;
    else
        raise exception 'There is no format %.', quote_literal(left(format, 60))
            using errcode = 'invalid_parameter_value', hint = 'The formats are docker, skopeo, oci, syft, trivy, csv and jsonl.';
    end case;
end
$$;
comment on function inventory.map_document(text, jsonb) is 'The assets that a document of the format means; jsonl is plain assets.';

create function inventory.map_items(format text, document jsonb) returns inventory.mapped_asset[]
language sql stable
set search_path = pg_catalog, inventory, pg_temp
as $$
    select array(
        select row(i.n, m.asset, m.rejected)::inventory.mapped_asset
        from jsonb_array_elements(case jsonb_typeof(document) when 'array' then document else jsonb_build_array(document) end) with ordinality i (item, n)
        cross join lateral inventory.map_document(format, i.item) m
        order by i.n)
$$;
comment on function inventory.map_items(text, jsonb) is 'The assets of a document, or of each of an array of them.';

create function inventory.import_docker_inspect(scope text, document jsonb) returns setof inventory.asset_report
language sql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$ select r.* from inventory.write_reported(scope, inventory.map_items('docker', document)) r $$;
comment on function inventory.import_docker_inspect(text, jsonb) is
    'Writes the images of `docker image inspect` (an object or an array) and reports on each; an image is in every repository it has a tag or digest for.';

create function inventory.import_skopeo_inspect(scope text, document jsonb) returns setof inventory.asset_report
language sql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$ select r.* from inventory.write_reported(scope, inventory.map_items('skopeo', document)) r $$;
comment on function inventory.import_skopeo_inspect(text, jsonb) is 'Writes the image of `skopeo inspect docker://…` (or an array of them) and reports on each.';

create function inventory.import_syft(scope text, document jsonb) returns setof inventory.asset_report
language sql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$ select r.* from inventory.write_reported(scope, inventory.map_items('syft', document)) r $$;
comment on function inventory.import_syft(text, jsonb) is 'Writes the image that a Syft JSON document is about (or an array of documents) and reports on each.';

create function inventory.import_trivy(scope text, document jsonb) returns setof inventory.asset_report
language sql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$ select r.* from inventory.write_reported(scope, inventory.map_items('trivy', document)) r $$;
comment on function inventory.import_trivy(text, jsonb) is
    'Writes the image that a Trivy JSON report is about, with its issues by severity (or an array of reports), and reports on each.';

create function inventory.import_oci(scope text, image text, variadic documents text[]) returns setof inventory.asset_report
language sql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$ select r.* from inventory.write_reported(scope, array(select o from inventory.oci_images(image, documents) o)) r $$;
comment on function inventory.import_oci(text, text, text[]) is
    'Writes the images of OCI indexes, manifests and configurations, the exact bytes of each, in any order; image names them where the documents do not.';

create function inventory.import_documents(scope text, format text, documents text[], image text default null)
returns setof inventory.asset_report
language sql volatile security definer
set search_path = pg_catalog, inventory, pg_temp
as $$
    select r.*
    from inventory.write_reported(scope, case format when 'oci' then array(select o from inventory.oci_images(image, documents) o)
        else array(
            select row(d.n, m.asset, coalesce(j.fault, m.rejected))::inventory.mapped_asset
            from unnest(documents) with ordinality d (body, n)
            cross join lateral inventory.read_json(d.body) j
            left join lateral inventory.map_document(format, j.content) m on j.fault is null
            order by d.n) end) r
$$;
comment on function inventory.import_documents(text, text, text[], text) is
    'Writes documents of a format, one JSON text each, and reports on each: docker, skopeo, oci, syft, trivy, csv (rows as objects), jsonl (plain assets). '
    'What is no JSON is rejected alone.';
