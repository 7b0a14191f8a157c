-- Searches by the keys of assets: what a text holds is found, and no other tenant's.
\getenv source PG_ABS_SRCDIR
\set fresh :source '/fixtures/fresh.sql'
\i :fresh
\set no_worker :source '/fixtures/no_worker.sql'
\i :no_worker
\set inventory :source '/fixtures/inventory.sql'
\i :inventory
update inventory.asset set labels = labels || '{Feed:BEAD,K8s}', tags = tags || '{"team": "a#b", "Zone": "eu+1"}'
where tenant_id = pg_temp.id('tenant', 1) and risk_score % 2 = 0;
update inventory.asset set repository = 'größe/日本/' || repository where tenant_id = pg_temp.id('tenant', 1) and risk_score % 3 = 0;

-- Every part of every text, of many lengths: by the keys as by the text.
select count(*) > 3000 as many, count(*) filter (where not
           case when part ~ '^[0-9a-f]{3}$' or octet_length(part) = 2 and part !~ '^[0-9a-f]{2}$' then keys && inventory.find_alternative_keys(tenant_id, part)
                else keys @> inventory.find_keys(tenant_id, null, part) end) as missed
from (select distinct a.tenant_id, inventory.asset_keys(a.tenant_id, a.scope_ids, a.search, a.labels, a.tags, a.image_tags, a.manifest_digests, a.index_digests, a.image_labels) as keys, substr(word, begin, size) as part
      from inventory.asset a cross join lateral regexp_split_to_table(a.search, E'\x1f') word
      cross join lateral generate_series(1, length(word)) begin cross join unnest('{1,2,3,4,5,8,33,71}'::int[]) size
      where begin + size - 1 <= length(word)) p;
-- A scope's, and nothing of another tenant's or scope's.
select count(*) filter (where keys @> inventory.find_keys(pg_temp.id('tenant', 1), null, null)) as of_tenant,
       count(*) filter (where keys @> inventory.find_keys(pg_temp.id('tenant', 1), pg_temp.id('org', 1), null)) as of_org,
       count(*) filter (where a.scope_ids @> array[pg_temp.id('org', 1)]) as seen_in_org,
       count(*) filter (where keys @> inventory.find_keys(pg_temp.id('tenant', 2), pg_temp.id('org', 1), null)) as of_neither
from inventory.asset a cross join lateral inventory.asset_keys(a.tenant_id, a.scope_ids, a.search, a.labels, a.tags, a.image_tags, a.manifest_digests, a.index_digests, a.image_labels) keys;
-- Nothing to look for is the whole tenant, never all of them.
select inventory.find_keys(pg_temp.id('tenant', 1), null, '') = inventory.find_keys(pg_temp.id('tenant', 1), null, 'ab') as same,
       inventory.find_keys(pg_temp.id('tenant', 1), null, 'abc') = inventory.find_keys(pg_temp.id('tenant', 1), null, null) as not_all_of_three,
       inventory.find_alternative_keys(pg_temp.id('tenant', 1), 'xyz') = inventory.find_keys(pg_temp.id('tenant', 1), null, null) as not_alternative,
       inventory.find_keys(null, null, 'abc') is null as of_none, inventory.asset_keys(pg_temp.id('tenant', 1), null, 'abc', '{}', '{}', '{}', '{}', '{}', '{}') is null as of_nothing;

-- Lists: each with the walk and without it, as a plain LIKE answers.
create function pg_temp.found(scope text, filter text) returns bigint language sql as $$
    select (inventory.list_assets(scope, filter => filter, meta_count => 'only') #>> '{meta,count}')::bigint $$;
create function pg_temp.listed(scope text, filter text) returns bigint language sql as $$
    select jsonb_array_length(inventory.list_assets(scope, filter => filter, "limit" => 100)::jsonb -> 'data') $$;
create table public.regress_term as
select term, 0::bigint as expected, 0::bigint as in_org
from (values ('nginx'), ('NGINX'), ('k8s'), ('feed'), ('FEE'), ('bea'), ('sha256:'), ('a1'), ('é'), ('größe'), ('日'), ('日本'), ('absent-term'), ('eu+1'),
             ('ffff'), ('zzz'), ('qz'), ('eu'), ('o/'), ('K8'), ('a'), ('ab'), ('+'), ('br'), ('É')) t (term)
union select unnest(array[substr(d, 8, 3), substr(d, 20, 4), upper(substr(d, 30, 9)), d, right(d, 3)]), 1, 1 from (
    select manifest_digests[1] as d from inventory.asset where cardinality(manifest_digests) > 0 order by id limit 1) a;
update public.regress_term t
set expected = (select count(*) from inventory.asset a where a.tenant_id = pg_temp.id('tenant', 1) and a.search like '%' || lower(term) || '%'),
    in_org = (select count(*) from inventory.asset a where a.scope_ids @> array[pg_temp.id('org', 1)] and a.search like '%' || lower(term) || '%');
select term, expected, in_org from public.regress_term where expected = 0 order by term collate "C";
set asset_inventory.walk_rows = 0;
select count(*) as terms, count(*) filter (where pg_temp.listed('tenants/' || pg_temp.id('tenant', 1), 'q==''' || term || '''') <> expected) as wrong_lists,
       count(*) filter (where pg_temp.found('tenants/' || pg_temp.id('tenant', 1), 'q==''' || term || '''') <> expected) as wrong_counts,
       count(*) filter (where pg_temp.listed('orgs/' || pg_temp.id('org', 1), 'q==''' || term || '''') <> in_org) as wrong_in_org
from public.regress_term;
set asset_inventory.sieve = off;
select count(*) filter (where pg_temp.listed('tenants/' || pg_temp.id('tenant', 1), 'q==''' || term || '''') <> expected) as wrong_lists,
       count(*) filter (where pg_temp.listed('orgs/' || pg_temp.id('org', 1), 'q==''' || term || '''') <> in_org) as wrong_in_org
from public.regress_term;
reset asset_inventory.sieve;
reset asset_inventory.walk_rows;
select count(*) filter (where pg_temp.listed('tenants/' || pg_temp.id('tenant', 1), 'q==''' || term || '''') <> expected) as wrong_lists,
       count(*) filter (where pg_temp.listed('orgs/' || pg_temp.id('org', 1), '(q==''' || term || ''',class==A);(q==''' || term || ''',class==B)') <
                        pg_temp.listed('orgs/' || pg_temp.id('org', 1), 'q==''' || term || '''')) as wrong_of_two
from public.regress_term;

-- The statistics drop what all assets have, never what is rare.
analyze inventory.asset;
select cardinality(inventory.find_keys(pg_temp.id('tenant', 1), null, 'sha256:')) as of_all,
       count(*) filter (where pg_temp.found('tenants/' || pg_temp.id('tenant', 1), 'q==''' || term || '''') <> expected) as wrong_counts
from public.regress_term;

-- Members: as without the index.
create function pg_temp.ids(filter text) returns uuid[] language sql as $$
    select array(select a.id from inventory.find_assets('tenants/' || pg_temp.id('tenant', 1), filter) a order by 1) $$;
create function pg_temp.ids_where(condition text) returns uuid[] language plpgsql as $$
declare ids uuid[];
begin
    execute format('select array(select a.id from inventory.asset a where a.tenant_id = %L and %s order by 1)', pg_temp.id('tenant', 1), condition) into ids;
    return ids;
end $$;
update inventory.asset set image_labels = '{"maintainer": "me", "n": 5, "deep": {"a": "b"}, "": "x"}', index_digests = array[pg_temp.digest(1)]
where id in (pg_temp.id('asset', 3), pg_temp.id('asset', 8));
select filter, cardinality(pg_temp.ids(filter)) as found, pg_temp.ids(filter) = pg_temp.ids_where(inventory.rsql_to_sql(regexp_replace(filter, '(digest|image_tag)==', '\1s=='), 'inventory.asset')) as as_without
from unnest(array['labels==Feed:BEAD', 'labels=in=(K8s,none)', 'labels!=K8s', 'labels=out=(K8s)', 'labels==K*', 'labels==none',
                  'tags==team', 'tags=in=(team,Zone)', 'tags!=team', 'tags.team==a#b', 'tags.team==A#b', 'tags.team=in=(a#b,c)',
                  'tags.team==a*', 'tags.team!=a#b', 'tags.team=gt=a', 'tags.team==''''', 'tags.none==a', 'image_labels.maintainer==me',
                  'image_labels.n==5', 'image_labels.n=in=(5,6)', 'image_labels.n=in=(6)', 'image_labels.n=gt=4', 'image_labels.n==*5', 'image_labels.a==b', 'index_digest==' || pg_temp.digest(1), 'manifest_digest==' || pg_temp.digest(1),
                  'image_tag==latest', 'labels==K8s;tags.team==a#b', 'labels==none,tags.Zone==eu+1', 'labels==K8s,name==none', 'labels!=K8s,tags.team==a#b', '(labels==K8s,tags==none);labels!=none', 'labels==Feed:BEAD;image_labels.maintainer==me,tags==none']) filter;

-- The keys are for the index: no row computes its own, whatever stands under an or.
create function pg_temp.plan_of(filter text) returns text language sql as $$
    select substring(inventory.explain_filter('tenants/' || pg_temp.id('tenant', 1), filter) from E'\nPlan\n(.*)\n\nIndexes') $$;
set asset_inventory.walk_rows = 0;
set asset_inventory.sieve = off;
select filter, p like '%asset_keys_idx%' as by_keys, p ~ 'Filter:[^\n]*asset_keys\(' as computed
from unnest(array['q==feed', 'q==feed,labels==none', 'q==feed;labels==K8s,labels!=none;tags.team==x', 'tags.team==x', 'labels=in=(x,y)']) filter
cross join lateral pg_temp.plan_of(filter) p;
-- Whatever the session has set for statements of its own.
set enable_bitmapscan = off;
select p like '%asset_keys_idx%' as by_keys from pg_temp.plan_of('q==feed;labels==K8s') p;
reset enable_bitmapscan;
reset asset_inventory.sieve;
reset asset_inventory.walk_rows;

-- What waits to be merged is merged, and found before and after.
set gin_pending_list_limit = '4MB';
insert into inventory.asset (tenant_id, registry, repository, name, config_digest, risk_score, created_at)
select pg_temp.id('tenant', 2), 'pending.example', 'team/app-' || n, 'app-' || n, pg_temp.digest(n), n % 2, now() + n * interval '1 s' from generate_series(1, 500) n;
select inventory.gin_pending_pages('inventory.asset_keys_idx') > 16 as waits, pg_temp.found('tenants/' || pg_temp.id('tenant', 2), 'q==pending.example') as found;
select inventory.merge_pending_entries() > 16 as merged, inventory.merge_pending_entries() as again,
       inventory.gin_pending_pages('inventory.asset_keys_idx') as waits, pg_temp.found('tenants/' || pg_temp.id('tenant', 2), 'q==pending.example') as found;

-- A walk that fills the page; one that finds some of it and goes on; one that finds none, or so few that all that match are nearer.
analyze inventory.asset;
set asset_inventory.walk_rows = 10;
select filter, split_part(inventory.explain_filter('tenants/' || pg_temp.id('tenant', 2), filter, '-created_at'), ':', 1) as path
from unnest(array['risk_score==1', 'risk_score=in=(0,1)', 'name==app-490', 'name==app-500', 'name==app-49*,name==app-500']) filter;
-- Without the list of a name's assets.
set asset_inventory.sieve = off;
select filter, split_part(inventory.explain_filter('tenants/' || pg_temp.id('tenant', 2), filter, '-created_at'), ':', 1) as path
from unnest(array['risk_score==1', 'risk_score=in=(0,1)', 'name==app-490', 'name==app-500', 'name==app-49*,name==app-500']) filter;
reset asset_inventory.sieve;
set asset_inventory.walk_rows = 100;
select split_part(inventory.explain_filter('tenants/' || pg_temp.id('tenant', 2), 'risk_score==1', '-created_at'), ':', 1) as path;
reset asset_inventory.walk_rows;
-- An index of a DBA's has what its expression says, which need not be the values.
select inventory.register_asset_type('repositories', array['url', 'scm'], 'Repositories');
create index asset_url_idx on inventory.asset (tenant_id, lower(url), id);
select inventory.catalogue_changed();
update inventory.asset set type = 'repositories', url = 'https://Example.com/' || name where registry = 'pending.example';
select pg_temp.listed('tenants/' || pg_temp.id('tenant', 2), 'url==https://Example.com/app-7') as found;
drop index inventory.asset_url_idx;
delete from inventory.asset where registry = 'pending.example';
update inventory.asset_field set asset_types = array_remove(asset_types, 'repositories');
delete from inventory.asset_type where name = 'repositories';
select inventory.catalogue_changed();
reset gin_pending_list_limit;

-- Without an index of its order a page is limited as ever.
select inventory.suspend_indexes();
select jsonb_array_length(inventory.list_assets('tenants/' || pg_temp.id('tenant', 1), sort => 'name')::jsonb -> 'data') as listed;
select inventory.explain_filter('tenants/' || pg_temp.id('tenant', 1), null, 'name') ~ 'limit 11' as is_limited;
select inventory.restore_indexes();
select inventory.explain_filter('tenants/' || pg_temp.id('tenant', 1), null, 'name') ~ 'limit 11' as is_limited;

-- The index is set aside for a load and built again; the step of migrate() does both for an older inventory.
select inventory.suspend_indexes();
select count(*) from inventory.suspended_index where name = 'asset_keys_idx';
update inventory.suspended_index set name = 'asset_search_idx', definition = 'create index asset_search_idx on inventory.asset (search)' where name = 'asset_keys_idx';
delete from inventory.migration where step = 7;
select inventory.migrate();
set client_min_messages = warning;
select inventory.restore_indexes();
drop index inventory.asset_keys_idx;
create index asset_search_idx on inventory.asset (tenant_id, search);
create index asset_members_idx on inventory.asset using gin (labels);
delete from inventory.migration where step = 7;
select inventory.migrate();
select indexname from pg_indexes where schemaname = 'inventory' and tablename = 'asset' and indexdef ~ 'search|labels' order by 1;
drop table public.regress_term;
