-- Tenants of any size for benchmarks, multiplied from real images with realistic
-- skew: a few huge repositories and thousands of small ones, time-ordered arrival,
-- orgs from ten assets to half of the tenant.
--
--   psql -f test/bench/generate.sql
--   select inventory_demo.generate(tenant_id, 1000000, seed => 7);
--
-- Terms for every class of luck: the label `common` on six in ten, `medium` on one in a
-- hundred, `rare` on five, `late` on the last hundredth only, `even` and `odd` never on
-- one asset; `absent` on none.

create schema if not exists inventory_demo;

create table if not exists inventory_demo.image as
select row_number() over (order by a.id) - 1 as n, a.registry, a.repository, a.name, a.image_tags, a.architecture, a.os,
       a.config, a.image_labels, a.detail, a.size_bytes
from inventory.asset a
where a.type = 'container_images' and a.scope_ids is not null
limit 54000;
create unique index if not exists image_n on inventory_demo.image (n);
analyze inventory_demo.image;

create or replace function inventory_demo.hash(n bigint, seed int, use text) returns double precision
language sql immutable parallel safe
as $$ select (hashtextextended(use || n, seed) & 1048575) / 1048576.0 $$;

create or replace function inventory_demo.generate(tenant uuid, assets bigint, seed int default 1) returns bigint
language plpgsql volatile
as $$
declare
    images bigint := (select count(*) from inventory_demo.image);
    team uuid;
    orgs uuid[];
    written bigint;
begin
    if not exists (select from inventory.scope s where s.id = tenant) then
        perform inventory.create_tenant('generated ' || assets, tenant);
        team := inventory.create_group(tenant, 'all teams');
        perform inventory.create_org(team, 'org ' || i) from generate_series(1, 8) i;
    end if;
    select s.id into team from inventory.scope s where s.tenant_id = tenant and s.kind = 'group' limit 1;
    orgs := array(select s.id from inventory.scope s where s.tenant_id = tenant and s.kind = 'org' order by s.name);
    insert into inventory.asset (
        tenant_id, type, scope_ids, class_rank, labels, tags, registry, repository, name, manifest_digests, image_tags,
        image_labels, architecture, os, size_bytes, risk_score, issues_critical, issues_high, issues_medium, issues_low,
        last_seen_at, created_at, updated_at, distribution_digests, config, detail)
    select tenant, 'container_images',
           -- Half of the tenant, a quarter, …, and ten assets.
           array_remove(array[
               case when h.org < 0.5 then orgs[1] end, case when h.org >= 0.5 and h.org < 0.75 then orgs[2] end,
               case when h.org >= 0.75 and h.org < 0.85 then orgs[3] end, case when h.org >= 0.85 and h.org < 0.9 then orgs[4] end,
               case when h.org >= 0.9 and h.org < 0.91 then orgs[5] end, case when h.org >= 0.91 and h.org < 0.911 then orgs[6] end,
               case when i % greatest(assets / 100, 1) = 0 then orgs[7] end, case when i % greatest(assets / 10, 1) = 0 then orgs[8] end,
               case when h.org < 0.911 or i % greatest(assets / 100, 1) = 0 then team end], null),
           case when h.class < 0.1 then null else 1 + floor(h.class * 4)::int % 4 end,
           array_remove(array[case when h.label < 0.6 then 'common' end, case when h.label between 0.6 and 0.61 then 'medium' end,
               case when i % greatest(assets / 5, 1) = 0 then 'rare' end, case when i >= assets * 0.99 then 'late' end,
               case i % 2 when 0 then 'even' else 'odd' end, 'team:' || floor(h.class * 40)], null),
           jsonb_build_object('env', (array['prod', 'test', 'dev'])[1 + i % 3], 'cost', 'c' || i % 997),
           m.registry, m.repository, m.name, array['sha256:' || encode(sha256(convert_to(seed || ':' || i, 'UTF8')), 'hex')],
           m.image_tags, m.image_labels, m.architecture, m.os, m.size_bytes, floor(h.label * 1000)::int,
           (i % 3)::int, (i % 7)::int, (i % 11)::int, (i % 31)::int,
           t.at, t.at, t.at + interval '1 minute' * (i % 1000),
           json_build_array(json_build_object('manifest_digest', 'sha256:' || encode(sha256(convert_to(seed || ':' || i, 'UTF8')), 'hex'))),
           m.config, m.detail
    from generate_series(0, assets - 1) i
    cross join lateral (select inventory_demo.hash(i, seed, 'image') as image, inventory_demo.hash(i, seed, 'org') as org,
                               inventory_demo.hash(i, seed, 'class') as class, inventory_demo.hash(i, seed, 'label') as label) h
    cross join lateral (select timestamptz '2020-01-01Z' + interval '1 second' * (i * (150000000.0 / assets)) as at) t
    join inventory_demo.image m on m.n = floor(power(h.image, 3) * images)::bigint;
    get diagnostics written = row_count;
    return written;
end
$$;
comment on function inventory_demo.generate(uuid, bigint, int) is 'Fills a tenant with this many assets; returns how many.';
