-- Pages whose rows the keys of the filter find: the same as without, whatever was written before.
\getenv source PG_ABS_SRCDIR
\set fresh :source '/fixtures/fresh.sql'
\i :fresh
\set no_worker :source '/fixtures/no_worker.sql'
\i :no_worker
\set inventory :source '/fixtures/inventory.sql'
\i :inventory
-- 3,050 more: the names of a team lie together, a label is on those at the end only.
insert into inventory.asset (tenant_id, scope_ids, class_rank, labels, tags, registry, repository, name, config_digest, manifest_digests, risk_score, created_at)
select pg_temp.id('tenant', 1), array[pg_temp.id('org', 1 + n % 2)], 1 + n % 4, array_remove(array['all', case when n > 2900 then 'late' end, 'lot:' || chr(97 + n % 23)], null),
       jsonb_build_object('cost', 'c' || n % 97), 'sieve.example', (array['alpha', 'beta', 'gamma', 'omega'])[1 + n / 1000] || '/app', (array['alpha', 'beta', 'gamma', 'omega'])[1 + n / 1000] || '-' || n % 50,
       pg_temp.digest(10000 + n), array[pg_temp.digest(20000 + n)], n % 300, '2025-01-01Z'::timestamptz + n % 700 * interval '1 minute'
from generate_series(1, 3050) n;
analyze inventory.asset;
alter table inventory.asset set (autovacuum_enabled = off); -- it would merge what waits

-- All ids of a list, page by page; backward from its end with `to_end`.
create function pg_temp.walked(scope text, filter text, sort text, rows int, to_end boolean default false) returns text[] language plpgsql as $$
declare page jsonb; ids text[] := '{}'; here text[]; cursor text; way text;
begin
    if to_end then -- behind all rows
        cursor := (select inventory.cursor_encode(jsonb_build_object('s', sort, 'i', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 'k', jsonb_build_array(
            case ltrim(sort, '-') when 'name' then case when sort ~ '^-' then to_jsonb(''::text) end when 'created_at' then to_jsonb(case when sort ~ '^-' then 0 else 9223372036854775807 end)
                 else to_jsonb(case when sort ~ '^-' then -1 else 2147483647 end) end))));
        if sort ~ '^-' then cursor := inventory.cursor_encode(jsonb_set(inventory.cursor_decode(cursor), '{i}', '"00000000-0000-0000-0000-000000000000"')); end if;
    end if;
    way := case when to_end then 'ending_before' else 'starting_after' end;
    loop
        page := case when to_end then inventory.list_assets(scope, filter => filter, sort => sort, "limit" => rows, ending_before => cursor)
                     else inventory.list_assets(scope, filter => filter, sort => sort, "limit" => rows, starting_after => cursor) end;
        here := array(select d ->> 'id' from jsonb_array_elements(page -> 'data') d);
        ids := case when to_end then here || ids else ids || here end;
        cursor := substring(page #>> array['links', case when to_end then 'prev' else 'next' end] from way || '=([^&]+)');
        exit when cursor is null or cardinality(here) = 0;
    end loop;
    return ids;
end $$;
-- The same by the order of the table.
create table public.regress_filter (filter text, condition text);
insert into public.regress_filter values
    ('q==omega', 'search like ''%omega%'''), ('q==gamma', 'search like ''%gamma%'''), ('q==sieve.example', 'search like ''%sieve.example%'''),
    ('q==absent-term', 'false'), ('q==late;q==alpha', 'search like ''%late%'' and search like ''%alpha%'''), ('q==lot:c;q==beta', 'search like ''%lot:c%'' and search like ''%beta%'''),
    ('q==lot:c,q==omega', 'search like ''%lot:c%'' or search like ''%omega%'''), ('labels==late', 'labels @> ''{late}'''),
    ('labels=in=(late,lot:d);q==app', '(labels && ''{late,lot:d}'') and search like ''%app%'''), ('tags.cost==c13', 'tags ->> ''cost'' = ''c13'''),
    ('q==gamma;class==A', 'search like ''%gamma%'' and class_rank = 1'), ('q==app;class!=A', 'search like ''%app%'' and class_rank is distinct from 1'), ('(q==omega;class=in=(B,C)),labels==late', '(search like ''%omega%'' and class_rank in (2, 3)) or labels @> ''{late}'''),
    ('q==gamma;risk_score=lt=50', 'search like ''%gamma%'' and risk_score < 50'),
    ('(q==alpha;labels==lot:a),(tags.cost==c7;q==gamma)', '(search like ''%alpha%'' and labels @> ''{lot:a}'') or (tags ->> ''cost'' = ''c7'' and search like ''%gamma%'')'),
    -- What the index of a sort by a text finds.
    ('repository==gamma/app', 'repository = ''gamma/app'''), ('repository==beta/app;labels==lot:b', 'repository = ''beta/app'' and labels @> ''{lot:b}'''),
    ('repository=in=(alpha/app,omega/app,absent/app);q==lot:c', 'repository in (''alpha/app'', ''omega/app'') and search like ''%lot:c%'''),
    ('name==gamma-7,q==omega', 'name = ''gamma-7'' or search like ''%omega%'''), ('registry==sieve.example;name=in=(alpha-1,beta-2)', 'registry = ''sieve.example'' and name in (''alpha-1'', ''beta-2'')'),
    ('q==zz', 'search like ''%zz%'''), ('q==ff0', 'search like ''%ff0%'''), ('q==OMEGA-1', 'search like ''%omega-1%''');
create function pg_temp.expected(condition text, sort text, scope uuid) returns text[] language plpgsql as $$
declare ids text[]; key text := case ltrim(sort, '-') when 'name' then 'coalesce(name, U&''\+10FFFF\+10FFFF'')' when 'class' then 'coalesce(class_rank, 5)'
                                     when 'risk_score' then 'coalesce(risk_score, 2147483647)' else 'created_at' end; direction text := case when sort ~ '^-' then 'desc' else '' end;
begin
    execute format('select array(select id::text from inventory.asset where (%s) and tenant_id = %L and %L = any (scope_ids || tenant_id) order by %s %s, id %s)', condition, pg_temp.id('tenant', 1), scope, key, direction, direction) into ids;
    return ids;
end $$;
create function pg_temp.wrong(rows int, sorts text[] default '{name,-risk_score}') returns table (scope text, walks bigint, found bigint, wrong text) language sql as $$
    select s.scope, count(*), sum(cardinality(e.ids)), string_agg(f.filter || ' ' || o.sort, ', ') filter (where pg_temp.walked(s.scope, f.filter, o.sort, rows) is distinct from e.ids or pg_temp.walked(s.scope, f.filter, o.sort, rows, true) is distinct from e.ids)
    from public.regress_filter f cross join unnest(sorts) o (sort)
    cross join (values ('tenants/' || pg_temp.id('tenant', 1), pg_temp.id('tenant', 1)), ('orgs/' || pg_temp.id('org', 1), pg_temp.id('org', 1))) s (scope, id)
    cross join lateral (select pg_temp.expected(f.condition, o.sort, s.id) as ids) e
    group by s.scope order by s.scope desc $$;

-- Without a walk before it, and as it comes.
set asset_inventory.walk_rows = 0;
select * from pg_temp.wrong(83, '{name,-name,-risk_score,created_at,class,-class}');
reset asset_inventory.walk_rows;
select * from pg_temp.wrong(100, '{name,-name,-risk_score,created_at,class,-class}');
-- In a tenant that is taken for a large one the walk ends when to read all would be as dear.
update pg_class set reltuples = 3e6 where oid = 'inventory.asset'::regclass;
set asset_inventory.walk_rows = 0;
select * from pg_temp.wrong(83);
-- And where walking is dear, only where the places lie together, with a sample that says where that is: whatever else was found is read.
set cpu_index_tuple_cost = 0.1;
create function pg_temp.in_clusters(filter text, sort text) returns boolean language sql as $$
    select inventory.explain_filter('tenants/' || pg_temp.id('tenant', 1), filter, sort) ~ 'where a sample of the places lies together' $$;
select filter, sort, pg_temp.in_clusters(filter, sort) from (values ('q==gamma', 'name'), ('q==alpha', '-name'), ('q==beta', 'name'), ('q==gamma', '-risk_score')) f (filter, sort);
select * from pg_temp.wrong(83, '{name,-name,-risk_score,created_at,class,-class}');
select * from pg_temp.wrong(10, '{name,-name}');
reset cpu_index_tuple_cost;
analyze inventory.asset;
-- It is this way that answers: by all places when they are few, in order when they are many; and not when it is off.
set asset_inventory.walk_rows = 0;
select filter, split_part(e, ':', 1) as path, e ~ 'Tid Scan' as by_place
from unnest('{q==omega,q==gamma,q==absent-term,labels==late,repository==gamma/app}'::text[]) filter cross join lateral inventory.explain_filter('tenants/' || pg_temp.id('tenant', 1), filter, 'name') e;
-- Of another tenant it reads nothing, not even to leave it out.
select e ~ 'Tid Scan[^\n]*actual rows=1 ' as reads_its_own, e ~ 'Rows Removed' as reads_more
from inventory.explain_filter('tenants/' || pg_temp.id('tenant', 2), 'q==app', 'name') e;
set asset_inventory.sieve = off;
select split_part(inventory.explain_filter('tenants/' || pg_temp.id('tenant', 1), 'q==gamma', 'name'), ':', 1) as path;
select * from pg_temp.wrong(83);
reset asset_inventory.sieve;
begin isolation level serializable;
select split_part(inventory.explain_filter('tenants/' || pg_temp.id('tenant', 1), 'q==gamma', 'name'), ':', 1) as path;
rollback;

-- What was written just now, what was taken back, and what waits to be merged into the index.
set gin_pending_list_limit = '4MB';
begin;
update inventory.asset set labels = labels || '{late}' where tenant_id = pg_temp.id('tenant', 1) and risk_score % 40 = 3;
savepoint s;
update inventory.asset set labels = labels || '{late}', name = 'zeta' where tenant_id = pg_temp.id('tenant', 1) and risk_score % 40 = 4;
rollback to savepoint s;
update inventory.asset set os = 'other' where tenant_id = pg_temp.id('tenant', 1) and risk_score % 40 in (3, 7); -- a version that no index knows
select * from pg_temp.wrong(91);
commit;
select inventory.gin_pending_pages('inventory.asset_keys_idx') > 0 as waits;
select * from pg_temp.wrong(91);
update pg_class set reltuples = 3e6 where oid = 'inventory.asset'::regclass;
set cpu_index_tuple_cost = 0.1;
select * from pg_temp.wrong(91, '{name,-name,-risk_score}');
reset cpu_index_tuple_cost;
analyze inventory.asset;
-- Rows at offsets of 32 and more, and others of their blocks whose places have the same bits.
alter table inventory.asset set (fillfactor = 25);
insert into inventory.asset (tenant_id, scope_ids, labels, registry, repository, name, config_digest, risk_score)
select pg_temp.id('tenant', 1), array[pg_temp.id('org', 1)], '{all}', 'sieve.example', 'kappa/app', 'kappa-' || 9000 - n, pg_temp.digest(30000 + n), n % 300 from generate_series(1, 2000) n;
do $$ begin
    for n in 1..6 loop -- each leaves the place of a version behind
        update inventory.asset set risk_score = (risk_score + 7) % 300 where tenant_id = pg_temp.id('tenant', 1) and name ~ '^kappa';
        commit;
    end loop;
end $$;
vacuum inventory.asset; -- those are free again
alter table inventory.asset reset (fillfactor);
update inventory.asset set labels = '{all,fresh}' where tenant_id = pg_temp.id('tenant', 1) and name ~ '^kappa' and risk_score % 2 = 0;
select count(*) > 100 as share_bits from inventory.asset one join inventory.asset other
    on (one.ctid::text::point)[0] = (other.ctid::text::point)[0] and ((other.ctid::text::point)[1] - (one.ctid::text::point)[1])::int % 32 = 0 where one.ctid <> other.ctid and one.labels @> '{fresh}' and not other.labels @> '{fresh}';
insert into public.regress_filter values ('labels==fresh', 'labels @> ''{fresh}''');
analyze inventory.asset;
update pg_class set reltuples = 3e6 where oid = 'inventory.asset'::regclass;
set cpu_index_tuple_cost = 0.05;
select filter, sort, pg_temp.in_clusters(filter, sort) from (values ('labels==fresh', 'name')) f (filter, sort);
select * from pg_temp.wrong(91, '{name,-name,-risk_score}');
reset cpu_index_tuple_cost;
delete from inventory.asset where tenant_id = pg_temp.id('tenant', 1) and name ~ '^kappa';
delete from public.regress_filter where filter = 'labels==fresh';
analyze inventory.asset;
delete from inventory.asset where tenant_id = pg_temp.id('tenant', 1) and (name ~ '^beta' or risk_score % 7 = 1);
select * from pg_temp.wrong(91);
-- VACUUM leaves empty pages in the lists of keys, and takes others out.
delete from inventory.asset where tenant_id = pg_temp.id('tenant', 1) and name ~ '^gamma' and risk_score % 50 <> 2;
vacuum inventory.asset;
select * from pg_temp.wrong(91);
delete from inventory.asset where tenant_id = pg_temp.id('tenant', 1) and name ~ '^alpha';
vacuum inventory.asset;
select * from pg_temp.wrong(91);
reset gin_pending_list_limit;

-- Without the index of the order, or that of the keys.
alter index inventory.asset_name_idx rename to other_name_idx;
select inventory.catalogue_changed();
select split_part(inventory.explain_filter('tenants/' || pg_temp.id('tenant', 1), 'q==app', 'name'), ':', 1) as path;
select * from pg_temp.wrong(91);
alter index inventory.other_name_idx rename to asset_name_idx;
drop index inventory.asset_keys_idx;
select split_part(inventory.explain_filter('tenants/' || pg_temp.id('tenant', 1), 'q==app', 'name'), ':', 1) as path;
select * from pg_temp.wrong(91);
drop table public.regress_filter;
