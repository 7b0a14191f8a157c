-- Fills the demo's database: demo.image holds one JSON document of an image in each row (columns
-- as in the sample data: registry, repository, tags, distribution_digests, …). What such data
-- lacks (class, labels, tags, issues, who sees the image) follows from the digest, so that
-- every load makes the same inventory.

\set tenant       10000000-0000-4000-8000-000000000001
\set other_tenant 10000000-0000-4000-8000-000000000002

select inventory.create_tenant('Example', :'tenant'), inventory.create_tenant('Other', :'other_tenant');

select inventory.create_group(tenant, name, id)
from (values
    (:'tenant'::uuid, 'Payments', '20000000-0000-4000-8000-000000000001'::uuid),
    (:'tenant', 'Platform', '20000000-0000-4000-8000-000000000002'),
    (:'tenant', 'Research', '20000000-0000-4000-8000-000000000003'),
    (:'other_tenant', 'Everything', '20000000-0000-4000-8000-000000000004')
) as g (tenant, name, id);

-- Five orgs a group.
create function demo.org(n int) returns uuid immutable parallel safe
return ('30000000-0000-4000-8000-' || to_char(n, 'FM000000000000'))::uuid;

select inventory.create_org(('20000000-0000-4000-8000-' || to_char((n + 4) / 5, 'FM000000000000'))::uuid,
                            'Org ' || n, demo.org(n))
from generate_series(1, 20) as n;

-- A number below n from 28 bits of the digest; each of the parts 0 to 8 is another number.
create function demo.pick(digest text, part int, n int) returns int immutable parallel safe
return ('x' || substr(digest, 8 + 7 * part, 7))::bit(28)::int % n;

-- Assets as inventory.import_assets takes them.
create function demo.asset(image jsonb, orgs uuid[]) returns jsonb immutable parallel safe
begin atomic
    select jsonb_strip_nulls(jsonb_build_object(
        'type', 'container_images',
        'registry', image -> 'registry',
        'repository', image -> 'repository',
        'name', image -> 'name',
        'distribution_digests', (
            select jsonb_agg(jsonb_build_object('manifest_digest', digest, 'index_digest', index))
            from (select nullif(value, digest) as index, position, count(*) over () as n
                  from jsonb_array_elements_text(image -> 'distribution_digests')
                      with ordinality as d (value, position)) as d
            where position > 1 or n = 1),
        'image_tags', image -> 'tags',
        'built_at', case image ->> 'created_at_basis' when 'image_created' then image -> 'created_at' end,
        'size_bytes', image -> 'size_bytes',
        'architecture', image -> 'architectures' -> 0,
        'os', image -> 'os',
        'variant', image -> 'variant',
        'os_version', image -> 'os_version',
        'config', case when image -> 'annotations' <> '{}'
                       then jsonb_build_object('labels', image -> 'annotations') end,
        'class', (array[null, 'A', 'B', 'B', 'C', 'C', 'C', 'D', 'D', 'D'])[1 + demo.pick(digest, 0, 10)],
        'labels', (
            select jsonb_agg(label order by n)
            from unnest(array['prod', 'staging', 'team:payments', 'team:search', 'internet-facing',
                              'pci', 'eol', 'base-image', 'a_b', '100%']) with ordinality as l (label, n)
            where demo.pick(digest, 1, 1024) >> (n::int - 1) & 1 = 1
              and demo.pick(digest, 2, 1024) >> (n::int - 1) & 1 = 1),
        'tags', jsonb_build_object(
            'env', (array['prod', 'prod', 'staging', 'dev', null])[1 + demo.pick(digest, 3, 5)],
            'cost-center', case when demo.pick(digest, 4, 3) = 0 then 'cc-' || demo.pick(digest, 5, 40) end,
            'owner', (array['ana', 'bo', 'chen', null])[1 + demo.pick(digest, 5, 4)]),
        'risk_score', case when scanned then demo.pick(digest, 6, 1001) end,
        'issues', case when scanned then jsonb_build_object(
            'critical', demo.pick(digest, 7, 4), 'high', demo.pick(digest, 7, 19),
            'medium', demo.pick(digest, 8, 31), 'low', demo.pick(digest, 8, 53)) end,
        'last_scan', case when scanned then image -> 'updated_at' end,
        'last_seen_at', image -> 'updated_at',
        'created_at', image -> 'created_at',
        'updated_at', coalesce(image -> 'updated_at', image -> 'created_at'),
        'orgs', to_jsonb(orgs)))
    from (select image -> 'distribution_digests' ->> 0 as digest,
                 demo.pick(image -> 'distribution_digests' ->> 0, 7, 8) > 0 as scanned) as d;
end;

-- The smaller tenant has an eleventh of the images. One in fifty is seen in no org, one in ten in
-- two. The first org sees every image of the commonest creation time too: a page ends somewhere
-- among more than 2,000 equal keys.
create table demo.placed as
with common as (
    select mode() within group (order by image ->> 'created_at') as created_at from demo.image
)
select is_other,
       demo.asset(image, case
           when is_common then array(select distinct unnest(array[demo.org(1), demo.org(n)]))
           when demo.pick(digest, 8, 50) = 0 then '{}'
           when demo.pick(digest, 8, 50) <= 5 and not is_other then array[demo.org(n), demo.org(1 + n % 15)]
           else array[demo.org(n)]
       end) as asset
from demo.image cross join common
cross join lateral (select image -> 'distribution_digests' ->> 0 as digest,
                           image ->> 'created_at' = created_at as is_common) as d
cross join lateral (select not is_common and demo.pick(digest, 4, 11) = 0 as is_other) as t
cross join lateral (select case when is_other then 16 + demo.pick(digest, 6, 5)
                                else 1 + demo.pick(digest, 6, 15) end as n) as o;

create table demo.tenant_assets as select asset from demo.placed where not is_other;
create table demo.other_assets as select asset from demo.placed where is_other;

select inventory.import_assets('tenants/' || :'tenant', 'demo.tenant_assets'),
       inventory.import_assets('tenants/' || :'other_tenant', 'demo.other_assets');

drop schema demo cascade;
vacuum analyze;
