-- Tenants of any size for benchmarks, multiplied from real images with realistic
-- skew: a few huge repositories and thousands of small ones, time-ordered arrival,
-- orgs from ten assets to half of the tenant. The same arguments give the same assets,
-- ids and all.
--
--   psql -f test/bench/generate.sql
--   select inventory_demo.generate(tenant_id, 1000000, seed => 7);
--   select inventory_demo.make_scopes(…), then generate_part(…) by ranges from several sessions
--
-- Terms for every class of luck, among the labels: `common` on six in ten, `medium` on one
-- in a hundred, `rare:0` to `rare:499` on five each (of 2,500 assets and more), `late` on the
-- last hundredth only, `lot:a` to `lot:w` on one in 23 each and never two on one asset;
-- `absent` on none.

create schema if not exists inventory_demo;

create table if not exists inventory_demo.image as
select row_number() over (order by a.identity) - 1 as n, a.registry, a.repository, a.name, a.image_tags, a.architecture, a.os,
       a.config, a.image_labels, a.detail, a.size_bytes
from inventory.asset a
where a.type = 'container_images'
limit 54000;
create unique index if not exists image_n on inventory_demo.image (n);
analyze inventory_demo.image;

create or replace function inventory_demo.hash(n bigint, seed int, use text) returns double precision
language sql immutable parallel safe
as $$ select (hashtextextended(use || n, seed) & 1048575) / 1048576.0 $$;

create or replace function inventory_demo.scope_id(tenant uuid, name text) returns uuid
language sql immutable parallel safe
as $$ select md5(tenant || name)::uuid $$;

-- All but ten assets in a hundred are in the group `many`, some in the group `few`.
create or replace function inventory_demo.make_scopes(tenant uuid, assets bigint) returns void
language plpgsql volatile
as $$
begin
    if not exists (select from inventory.scope s where s.id = tenant) then
        perform inventory.create_tenant('generated ' || assets, tenant);
        perform inventory.create_group(tenant, 'many', inventory_demo.scope_id(tenant, 'many'));
        perform inventory.create_group(tenant, 'few', inventory_demo.scope_id(tenant, 'few'));
        perform inventory.create_org(inventory_demo.scope_id(tenant, case when i <= 6 then 'many' else 'few' end), 'org ' || i,
                                     inventory_demo.scope_id(tenant, 'org ' || i)) from generate_series(1, 8) i;
    end if;
end
$$;

-- Those from one number up to and without another, of a tenant of so many.
create or replace function inventory_demo.generate_part(tenant uuid, assets bigint, seed int, first bigint, beyond bigint) returns bigint
language plpgsql volatile
set jit = off
set work_mem = '256MB'
-- Deltas of facets are compacted once, at the end.
set asset_inventory.search_workers = 0
as $$
declare
    images bigint := (select count(*) from inventory_demo.image);
    orgs uuid[] := array(select inventory_demo.scope_id(tenant, 'org ' || i) from generate_series(1, 8) i);
    many uuid := inventory_demo.scope_id(tenant, 'many');
    few uuid := inventory_demo.scope_id(tenant, 'few');
    written bigint;
begin
    insert into inventory.asset (
        tenant_id, id, type, scope_ids, class_rank, labels, tags, registry, repository, name, manifest_digests, image_tags,
        image_labels, architecture, os, size_bytes, risk_score, issues_critical, issues_high, issues_medium, issues_low,
        last_seen_at, created_at, updated_at, distribution_digests, config, detail)
    select tenant, md5(tenant || ':' || seed || ':' || i)::uuid, 'container_images',
           -- Half of the tenant, a quarter, …, and ten assets.
           array_remove(array[
               case when h.org < 0.5 then orgs[1] when h.org < 0.75 then orgs[2] when h.org < 0.85 then orgs[3]
                    when h.org < 0.9 then orgs[4] when h.org < 0.91 then orgs[5] when h.org < 0.911 then orgs[6] end,
               case when h.org < 0.911 then many end,
               case when i % greatest(assets / 100, 1) = 0 then orgs[7] end,
               case when i % greatest(assets / 10, 1) = 0 then orgs[8] end,
               case when i % greatest(assets / 100, 1) = 0 or i % greatest(assets / 10, 1) = 0 then few end], null),
           case when h.class < 0.1 then null else 1 + floor(h.class * 4)::int % 4 end,
           array_remove(array[case when h.label < 0.6 then 'common' end, case when h.label between 0.6 and 0.61 then 'medium' end,
               case when i % greatest(assets / 2500, 1) = 0 then 'rare:' || i / greatest(assets / 2500, 1) % 500 end,
               case when i >= assets * 0.99 then 'late' end,
               'lot:' || chr(97 + (i % 23)::int), 'team:' || floor(h.class * 40)], null),
           jsonb_build_object('env', (array['prod', 'test', 'dev'])[1 + i % 3], 'cost', 'c' || i % 997),
           m.registry, m.repository, m.name, array[d.digest], m.image_tags, m.image_labels, m.architecture, m.os, m.size_bytes,
           floor(h.label * 1000)::int, (i % 3)::int, (i % 7)::int, (i % 11)::int, (i % 31)::int,
           t.at, t.at, t.at + interval '1 minute' * (i % 1000),
           json_build_array(json_build_object('manifest_digest', d.digest)), m.config, m.detail
    from generate_series(first, least(beyond, assets) - 1) i
    cross join lateral (select inventory_demo.hash(i, seed, 'image') as image, inventory_demo.hash(i, seed, 'org') as org,
                               inventory_demo.hash(i, seed, 'class') as class, inventory_demo.hash(i, seed, 'label') as label offset 0) h
    cross join lateral (select 'sha256:' || encode(sha256(convert_to(seed || ':' || i, 'UTF8')), 'hex') as digest offset 0) d
    cross join lateral (select timestamptz '2020-01-01Z' + interval '1 second' * (i * (150000000.0 / assets)) as at) t
    join inventory_demo.image m on m.n = floor(power(h.image, 3) * images)::bigint;
    get diagnostics written = row_count;
    return written;
end
$$;
comment on function inventory_demo.generate_part(uuid, bigint, int, bigint, bigint) is
    'Writes a range of the assets of a tenant of so many; returns how many.';

-- Some assets are seen in further orgs: twenty of a thousandth of the tenant and fifty of ten
-- assets, `org 6 (1)` and so on, all in the group `more`. The second call changes nothing.
create or replace function inventory_demo.more_orgs(tenant uuid, assets bigint) returns bigint
language plpgsql volatile
set work_mem = '256MB'
as $$
declare
    more uuid := inventory_demo.scope_id(tenant, 'more');
    seen bigint;
begin
    if exists (select from inventory.scope s where s.id = more) then
        return 0;
    end if;
    perform inventory.create_group(tenant, 'more', more);
    perform inventory.create_org(more, name, inventory_demo.scope_id(tenant, name))
    from (select format('org 6 (%s)', n) from generate_series(1, 20) n
          union all select format('org 8 (%s)', n) from generate_series(1, 50) n) o (name);
    update inventory.asset a
    set scope_ids = array(select distinct unnest(a.scope_ids || s.ids || more))
    from (select i, array_agg(inventory_demo.scope_id(tenant, name)) as ids
          from (select (k * 1000 + n * 37) % assets as i, format('org 6 (%s)', n) as name
                from generate_series(1, 20) n cross join generate_series(0, greatest(assets / 1000, 1) - 1) k
                union all
                select (k * greatest(assets / 10, 1) + n * 101) % assets, format('org 8 (%s)', n)
                from generate_series(1, 50) n cross join generate_series(0, 9) k) o
          group by i) s
    where a.tenant_id = tenant and a.id = md5(tenant || ':1:' || s.i)::uuid;
    get diagnostics seen = row_count;
    return seen;
end
$$;
comment on function inventory_demo.more_orgs(uuid, bigint) is
    'Shows assets of a generated tenant (seed 1) to seventy more small orgs; returns how many, 0 when that was done.';

create or replace function inventory_demo.generate(tenant uuid, assets bigint, seed int default 1) returns bigint
language plpgsql volatile
as $$
begin
    perform inventory_demo.make_scopes(tenant, assets);
    -- Small enough for sorting and hashing in memory.
    return (select sum(inventory_demo.generate_part(tenant, assets, seed, first, first + 50000))
            from generate_series(0, assets - 1, 50000) first);
end
$$;
comment on function inventory_demo.generate(uuid, bigint, int) is 'Fills a tenant with this many assets; returns how many.';
