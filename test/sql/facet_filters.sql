-- Filters that the dictionary of facets helps with: patterns that become lists of values, counts of one value. The same answers without it.
\getenv source PG_ABS_SRCDIR
\set no_worker :source '/fixtures/no_worker.sql'
\set fresh :source '/fixtures/fresh.sql'
\i :no_worker
\i :fresh
reset client_min_messages;
\o /dev/null
\set tenant 'fc000000-0000-4000-8000-000000000001'
\set org 'fc000000-0000-4000-8000-000000000003'
select inventory.create_tenant('filters', :'tenant'), inventory.create_group(:'tenant', 'g', 'fc000000-0000-4000-8000-000000000002');
select inventory.create_org('fc000000-0000-4000-8000-000000000002', 'o', :'org');
select inventory.register_asset_type('filter_things');
insert into inventory.asset (tenant_id, type, registry, repository, name, labels, tags, class_rank, architecture, os, config_digest, scope_ids)
select :'tenant', 'container_images', (array['docker.io', 'quay.io', 'ghcr.io', 'reg_1.io'])[1 + i % 4], 'team' || i % 7 || '/' || md5(i::text), 'Name' || i % 300,
       array['l' || i % 5, 'team:' || i % 3], jsonb_build_object('env', (array['prod', 'dev', 'test'])[1 + i % 3], 'en', 'v'), nullif(i % 5, 0),
       case i when 7 then repeat('a', 2000) when 8 then null when 9 then '' else 'amd64' end, 'linux', 'sha256:' || encode(sha256(int4send(i)), 'hex'),
       case when i % 3 > 0 then array[:'org'::uuid] else '{}' end
from generate_series(1, 2400) i;
insert into inventory.asset (tenant_id, type, name, labels, class_rank, scope_ids)
select :'tenant', 'filter_things', 'Name' || i, array['thing', 'l1'], 1, array[:'org'::uuid] from generate_series(1, 20) i;
\o

-- The same count and pages with the facets and without; returns the count.
create function pg_temp.same(scope text, filter text) returns text language plpgsql as $$
declare
    facets json; assets json;
begin
    set local asset_inventory.walk_rows = 256;
    set local asset_inventory.facets = on;
    facets := inventory.list_assets(scope, filter, sort => '-name', meta_count => 'with');
    set local asset_inventory.facets = off;
    assets := inventory.list_assets(scope, filter, sort => '-name', meta_count => 'with');
    return case when facets::text = assets::text then assets -> 'meta' ->> 'count'
                else format('%s instead of %s', left(facets::text, 300), left(assets::text, 300)) end;
end $$;
create function pg_temp.counts() returns table (filter text, tenant text, org text) language sql as $$
    select f, pg_temp.same('tenants/fc000000-0000-4000-8000-000000000001', f), pg_temp.same('orgs/fc000000-0000-4000-8000-000000000003', f)
    from unnest(array[
        'registry==*.io', 'registry==*uay*', 'registry!=*uay*', 'registry==absent*', 'registry!=absent*', 'registry==reg_*', 'registry==*_*', 'registry==QUAY*', 'registry==*',
        'repository==*/abc*', 'repository==team1*', 'repository==*zzz*', 'repository!=*/abc*', 'repository==*/a*b*c*d*', 'name==*99', 'name==Name1*;registry==d*', 'name==name*',
        'labels==team:*', 'labels!=team:*', 'labels==*2', 'labels==absent*', 'labels!=absent*', 'tags.env==pr*', 'tags==e*', 'architecture==a*', 'architecture!=a*',
        '(registry==*uay*,name==*99);class==A', 'registry==*late*', 'registry==*uay*,' || repeat('name==*zz*,', 12) || 'name==*99',
        'class==A', 'class!=A', 'class=in=(A,B)', 'class=gt=B', 'type==filter_things', 'type==*_images', 'type!=filter_things;class==A', 'type==*;class==A', 'class==A;class==B',
        'registry==quay.io', 'registry!=quay.io', 'registry=in=(quay.io,ghcr.io,quay.io)', 'registry==""', 'registry=in=(quay.io,"")', 'name==Name1', 'name==Name1;type==filter_things',
        'labels==l1', 'labels==l1;type==filter_things', 'labels=in=(l1)', 'labels=in=(l1,l2)', 'labels!=l1', 'tags.env==prod', 'tags.env==""', 'tags.env==prod;type==container_images',
        'architecture==amd64', 'architecture==' || repeat('a', 2000), 'architecture==""', 'os==linux;architecture==amd64', 'type==container_images;type==filter_things']) f
$$;
select left(filter, 60) as filter, tenant, org from pg_temp.counts();
create temp table first as select * from pg_temp.counts();
select inventory.compact_facets(:'tenant') > 0 as compacted;
select left(a.filter, 60) as filter, a.*, b.* from pg_temp.counts() a join first b using (filter) where a <> b;
-- Beside deltas.
update inventory.asset a set registry = 'late.io', labels = '{absent1}', class_rank = 2 where a.tenant_id = :'tenant' and a.registry = 'quay.io' and a.class_rank = 1;
delete from inventory.asset a where a.tenant_id = :'tenant' and a.registry = 'ghcr.io';
select left(filter, 60) as filter, tenant, org from pg_temp.counts() a where tenant <> (select b.tenant from first b where b.filter = a.filter);
-- Groups under a pattern.
select inventory.group_values('tenants/' || :'tenant', inventory.field_id('class'), 'registry==*late*') -> 'data' -> 0 -> 'meta' as late_classes;

-- A value that appears between two statements is not lost, nor one that the reader must not see found.
begin isolation level repeatable read;
select pg_temp.same('tenants/' || :'tenant', 'registry==new*') as before;
insert into inventory.asset (tenant_id, registry, repository, name, config_digest) values (:'tenant', 'new.io', 'r', 'n', 'sha256:' || repeat('f', 64));
select pg_temp.same('tenants/' || :'tenant', 'registry==new*') as after;
savepoint s;
delete from inventory.asset a where a.registry = 'new.io';
select pg_temp.same('tenants/' || :'tenant', 'registry==new*') as deleted;
rollback to s;
select pg_temp.same('tenants/' || :'tenant', 'registry==new*') as rolled_back;
commit;
delete from inventory.asset_type where name = 'filter_things';
select inventory.catalogue_changed();
