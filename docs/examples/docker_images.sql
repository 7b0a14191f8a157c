-- Loads what `docker image inspect --format '{{json .}}'` prints, one image a line on standard
-- input, into the org (or group, or tenant) of the variable `scope`:
--
--   docker image inspect --format '{{json .}}' $(docker image ls -q) |
--       psql -X -v scope=orgs/<uuid> -f docs/examples/docker_images.sql "$DATABASE"

\set ON_ERROR_STOP on
create temp table image (doc jsonb not null);
-- No JSON text holds these two control characters: each line is one column.
\copy image from pstdin with (format csv, quote e'\x01', delimiter e'\x02')

-- An image is in each of the repositories that Docker has a tag or digest of it for. Docker's short
-- names are written out: nginx is docker.io/library/nginx.
create temp view placed as
select i.doc, case when has_host then head else 'docker.io' end as registry,
       case when has_host then rest when rest is null then 'library/' || head else head || '/' || rest end as repository, r.tag, r.digest
from image i
cross join lateral (
    select regexp_replace(t, ':[^:/]*$', '') as name, substring(t from ':([^:/]*)$') as tag, null as digest
    from jsonb_array_elements_text(case jsonb_typeof(i.doc -> 'RepoTags') when 'array' then i.doc -> 'RepoTags' else '[]' end) t
    union all
    select split_part(d, '@', 1), null, split_part(d, '@', 2)
    from jsonb_array_elements_text(case jsonb_typeof(i.doc -> 'RepoDigests') when 'array' then i.doc -> 'RepoDigests' else '[]' end) d) r
cross join lateral (select split_part(r.name, '/', 1) as head, substring(r.name from '/(.*)$') as rest) p
cross join lateral (select rest is not null and (head ~ '[.:]' or head = 'localhost') as has_host) h
where r.name <> '<none>';

select u.action, count(*) as images
from inventory.upsert_assets(:'scope', (
    select coalesce(jsonb_agg(a.asset), '[]')
    from (
        select jsonb_strip_nulls(jsonb_build_object(
            'registry', p.registry, 'repository', p.repository, 'config_digest', p.doc -> 'Id',
            'image_tags', jsonb_agg(p.tag order by p.tag) filter (where p.tag <> '<none>'),
            'distribution_digests', jsonb_agg(p.digest) filter (where p.digest <> '<none>'),
            'built_at', nullif(p.doc ->> 'Created', '0001-01-01T00:00:00Z'), 'size_bytes', p.doc -> 'Size', 'author', nullif(p.doc ->> 'Author', ''),
            'architecture', p.doc -> 'Architecture', 'os', p.doc -> 'Os', 'variant', nullif(p.doc ->> 'Variant', ''),
            'config', jsonb_build_object(
                'cmd', p.doc #> '{Config,Cmd}', 'entry_point', p.doc #> '{Config,Entrypoint}', 'env', p.doc #> '{Config,Env}',
                'labels', p.doc #> '{Config,Labels}', 'user', p.doc #> '{Config,User}', 'working_dir', p.doc #> '{Config,WorkingDir}',
                'stop_signal', p.doc #> '{Config,StopSignal}',
                'exposed_ports', (select jsonb_agg(k) from jsonb_object_keys(nullif(p.doc #> '{Config,ExposedPorts}', 'null')) k),
                'volumes', (select jsonb_agg(k) from jsonb_object_keys(nullif(p.doc #> '{Config,Volumes}', 'null')) k)),
            'root_fs', jsonb_build_object('type', p.doc #> '{RootFS,Type}', 'diff_ids', p.doc #> '{RootFS,Layers}'))) as asset
        from placed p group by p.doc, p.registry, p.repository) a)) u
group by u.action order by u.action;
