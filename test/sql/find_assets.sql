-- find_assets: the assets of a filter as typed rows, to join and aggregate.
\getenv source PG_ABS_SRCDIR
\set fresh :source '/fixtures/fresh.sql'
\set inventory :source '/fixtures/inventory.sql'
\i :fresh
\i :inventory

\x
select * from inventory.find_assets(:'tenant_1', 'id==a0000000-0000-4000-8000-000000000006');
\x
select count(*) from inventory.find_assets(:'tenant_1');
select name, class, risk_score from inventory.find_assets(:'org_2', 'class==A', '-risk_score', 3);
select class, count(*), max(risk_score) from inventory.find_assets(:'tenant_1', 'labels==prod') group by class order by class;
select count(*) from inventory.find_assets(:'org_1', null, null, 0);

-- A page and the rows are the same selection.
select sort, array(select right(id::text, 12)::int from inventory.find_assets(:'group_1', 'q==app;class!=C', sort, 20))
             = pg_temp.numbers(inventory.list_assets(:'group_1', 'q==app;class!=C', sort, 20)) as is_same
from unnest(array['class,-created_at', '-risk_score', 'name', '-registry,name']) as sort;

-- For every field and value exactly one of F==v and F!=v holds, also where the value is missing.
select field, (select count(*) from inventory.find_assets(:'tenant_1', field || '==' || value)) as equal,
       (select count(*) from inventory.find_assets(:'tenant_1', field || '!=' || value)) as unequal,
       (select count(*) from inventory.find_assets(:'tenant_1', format('%1$s==%2$s;%1$s!=%2$s', field, value))) as both,
       (select count(*) from inventory.find_assets(:'tenant_1', format('%1$s==%2$s,%1$s!=%2$s', field, value))) as either
from (values ('class', 'A'), ('class', '*'), ('labels', 'prod'), ('labels', 'team:*'), ('tags.env', 'prod'), ('tags', 'env'), ('registry', 'docker.io'),
             ('registry', '''*.io'''), ('registry', ''''''), ('repository', 'team/app-1'), ('name', '*1*'), ('image_tag', 'latest'), ('image_tag', '1.1*'),
             ('architecture', 'arm64'), ('os', 'windows'), ('risk_score', '80'), ('size_bytes', '6000'), ('built_at', '2023-06-01T06:00'),
             ('last_scan', '2024-01-01'), ('created_at', '2024-01-01'), ('updated_at', '2024-02-01T00:00:00Z'), ('type', 'container_images'),
             ('config_digest', '*'), ('id', 'a0000000-0000-4000-8000-000000000007')) as f (field, value);

-- Missing values: not ordered, not equal to anything.
select (select count(*) from inventory.find_assets(:'tenant_1', 'risk_score>=0')) as scored,
       (select count(*) from inventory.find_assets(:'tenant_1', 'risk_score<0')) as below,
       (select count(*) from inventory.find_assets(:'tenant_1', 'risk_score=out=(-1)')) as not_in_list,
       (select count(*) from inventory.find_assets(:'tenant_1', 'class==null')) as text_null;

-- A filter cannot reach out of its scope.
select filter, count(*) filter (where not a.scope_ids @> array[pg_temp.id('org', 1)]) as outside, count(*) as inside
from unnest(array['class!=Z', 'name==*,name!=*', '(class==A),(class!=A)', 'id!=a0000000-0000-4000-8000-000000000001', 'q==a,q==p,name!=x']) as filter
cross join lateral inventory.find_assets(:'org_1', filter) a group by filter order by filter;

select e.* from pg_temp.error_of(format('select * from inventory.find_assets(%L, null, null, -1)', :'org_1')) e;
select e.* from pg_temp.error_of(format('select * from inventory.find_assets(%L, %L)', :'org_1', 'nam==x')) e;
select e.code, e.message from pg_temp.error_of('select * from inventory.find_assets(null)') e;
