-- list_assets: pages in both directions, sorts, counts, fieldsets, scopes, and what it refuses.
\getenv source PG_ABS_SRCDIR
\set fresh :source '/fixtures/fresh.sql'
\set inventory :source '/fixtures/inventory.sql'
\i :fresh
\i :inventory

-- The first page: by created_at, ten, ties by id; nothing precedes it.
select inventory.list_assets(:'tenant_1') as page \gset
select pg_temp.numbers(:'page'), pg_temp.links(:'page'), :'page'::jsonb ? 'meta' as has_meta;
select :'page'::json #>> '{links,self}' as self, :'page'::json #>> '{links,first}' as first;

-- The next, and back: the page before a cursor is in sort order too.
select inventory.list_assets(:'tenant_1', starting_after => pg_temp.cursor_of(:'page', 'next')) as second \gset
select pg_temp.numbers(:'second'), pg_temp.links(:'second');
select inventory.list_assets(:'tenant_1', ending_before => pg_temp.cursor_of(:'second', 'prev')) as back \gset
select pg_temp.numbers(:'back'), pg_temp.links(:'back');

-- The resource object.
select jsonb_pretty(inventory.get_asset(:'tenant_1', pg_temp.id('asset', 6))::jsonb);

-- Walks by next and by prev under any sort meet each asset once, in the same order: through the
-- 40 equal created_at, past missing classes and scores, in every scope and under a filter.
create function pg_temp.page(scope text, filter text, sort text, direction text, cursor text) returns json language sql
return case direction when 'next' then inventory.list_assets(scope, filter, sort, starting_after => cursor)
                      else inventory.list_assets(scope, filter, sort, ending_before => cursor) end;

create function pg_temp.walk(scope text, filter text, sort text, direction text) returns int[] language plpgsql as $$
declare
    page json := inventory.list_assets(scope, filter, sort);
    seen int[];
begin
    -- By prev one starts at the last page.
    while direction = 'prev' and pg_temp.cursor_of(page, 'next') is not null loop
        page := pg_temp.page(scope, filter, sort, 'next', pg_temp.cursor_of(page, 'next'));
    end loop;
    seen := pg_temp.numbers(page);
    while pg_temp.cursor_of(page, direction) is not null loop
        page := pg_temp.page(scope, filter, sort, direction, pg_temp.cursor_of(page, direction));
        seen := case direction when 'next' then seen || pg_temp.numbers(page) else pg_temp.numbers(page) || seen end;
    end loop;
    return seen;
end
$$;

create table pg_temp.sorting (sort text, by text);
insert into pg_temp.sorting values
    (null, 'created_at, id'), ('created_at', 'created_at, id'), ('-created_at', 'created_at desc, id desc'),
    ('class', 'class_rank, id'), ('-class', 'class_rank desc, id desc'), ('asset_class', 'class_rank, id'),
    ('class,-created_at', 'class_rank, created_at desc, id desc'), ('-class,created_at', 'class_rank desc, created_at, id'),
    ('registry,-class,name', 'registry, class_rank desc, name, id'), ('-registry,class,-name', 'registry desc, class_rank, name desc, id desc'),
    ('risk_score', 'risk_score, id'), ('-risk_score', 'risk_score desc, id desc'), ('type,name', 'type, name, id'),
    ('updated_at', 'updated_at, id'), ('-name,-registry', 'name desc, registry desc, id desc'),
    ('built_at', 'built_at, id'), ('-last_scan', 'last_scan desc, id desc');

create function pg_temp.expected(scope uuid, condition text, by text) returns int[] language plpgsql as $$
declare
    numbers int[];
begin
    execute format($q$select array_agg(right(id::text, 12)::int order by %s) from inventory.asset
                      where tenant_id = pg_temp.id('tenant', 1) and (scope_ids @> array[$1] or $1 = tenant_id) and %s$q$, by, condition)
    into numbers using scope;
    return numbers;
end
$$;

prepare walks as
select coalesce(s.sort, '(default)') as sort,
       bool_and(pg_temp.walk(c.scope, c.filter, s.sort, 'next') = pg_temp.expected(c.id, c.condition, s.by)) as by_next,
       bool_and(pg_temp.walk(c.scope, c.filter, s.sort, 'prev') = pg_temp.expected(c.id, c.condition, s.by)) as by_prev
from pg_temp.sorting s,
     (values (:'tenant_1', null::text, 'true', pg_temp.id('tenant', 1)),
             (:'group_1', null, 'true', pg_temp.id('group', 1)),
             (:'org_1', null, 'true', pg_temp.id('org', 1)),
             (:'tenant_1', 'labels==prod', 'labels @> ''{prod}''', pg_temp.id('tenant', 1)),
             (:'tenant_1', 'q==APP;class!=B', 'class_rank is distinct from 2', pg_temp.id('tenant', 1))) as c (scope, filter, condition, id)
group by s.sort, s.by order by s.sort nulls first;
execute walks;
-- By every path: past the first phase of a page, and out of it in the middle.
set asset_inventory.walk_rows = 0;
execute walks;
set asset_inventory.walk_rows = 7;
execute walks;
reset asset_inventory.walk_rows;

-- A row that is removed or added during a walk moves no other.
begin;
delete from inventory.asset where id in (pg_temp.id('asset', 10), pg_temp.id('asset', 15));
select pg_temp.numbers(inventory.list_assets(:'tenant_1', starting_after => pg_temp.cursor_of(:'page', 'next'))) as after_a_removed_row;
rollback;

-- Behind the last row a page is empty and leads back to it; before the first, on to it.
begin;
delete from inventory.asset where tenant_id = pg_temp.id('tenant', 1) and id > pg_temp.id('asset', 10);
select inventory.list_assets(:'tenant_1', starting_after => pg_temp.cursor_of(:'page', 'next')) as empty \gset
select pg_temp.numbers(:'empty'), pg_temp.links(:'empty'),
       pg_temp.numbers(inventory.list_assets(:'tenant_1', ending_before => pg_temp.cursor_of(:'empty', 'prev'))) as back;
rollback;
begin;
delete from inventory.asset where tenant_id = pg_temp.id('tenant', 1) and id < pg_temp.id('asset', 11);
select inventory.list_assets(:'tenant_1', ending_before => pg_temp.cursor_of(:'second', 'prev')) as empty \gset
select pg_temp.numbers(:'empty'), pg_temp.links(:'empty'),
       pg_temp.numbers(inventory.list_assets(:'tenant_1', starting_after => pg_temp.cursor_of(:'empty', 'next'))) as forward;
rollback;

-- limit 10..100.
select "limit", json_array_length(inventory.list_assets(:'tenant_1', "limit" => "limit") -> 'data') as rows
from unnest(array[10, 11, 59, 60, 100]) as "limit";

-- meta_count: with the page, or only the count.
select inventory.list_assets(:'tenant_1', 'class==A', meta_count => 'with') -> 'meta' as with_page;
select inventory.list_assets(:'org_1', 'class==A', meta_count => 'only');

-- Sparse fieldsets; an empty one asks for none.
select inventory.list_assets(:'org_1', 'name==app-6', fields => 'class,labels') -> 'data' -> 0 -> 'attributes' as attributes;
select inventory.list_assets(:'org_1', 'name==app-6', fields => '') -> 'data' -> 0 -> 'attributes' as attributes;

-- A filter keeps its own text in the links, percent-encoded.
select inventory.list_assets(:'org_1', ' class==''A'' , labels==100% ') #>> '{links,self}' as self;

-- Nothing matches: an empty page, no prev, no next.
select inventory.list_assets(:'org_1', 'name==nothing', meta_count => 'with');

-- What is refused: null scope, unknown and malformed scopes, and every parameter.
select e.* from pg_temp.error_of('select inventory.list_assets(null)') e;
select left(scope, 40) as scope, e.* from unnest(array['', 'tenants', 'tenants/', 'tenant/10000000-0000-4000-8000-000000000001', 'tenants/nobody',
    'groups/10000000-0000-4000-8000-000000000001', 'tenants/10000000-0000-4000-8000-00000000000f', '/tenants/10000000-0000-4000-8000-000000000001']) as scope,
    pg_temp.error_of(format('select inventory.list_assets(%L)', scope)) e;
select arguments, e.* from unnest(array['"limit" => 9', '"limit" => 101', '"limit" => -1', 'sort => ''''', 'sort => ''size_bytes''', 'sort => ''class,,name''',
    'sort => ''class,-class''', 'sort => ''class,asset_class''', 'sort => ''clas''', 'filter => ''''', 'filter => ''colour==red''', 'filter => ''labels=gt=a''',
    'filter => ''created_at==now''', 'filter => ''risk_score==high''', 'filter => ''risk_score==1*''', 'filter => ''id==7''', 'filter => ''type==repository''',
    'filter => ''q!=a''', 'filter => ''q==""''', 'filter => ''class==A'', meta_count => ''all''', 'fields => ''clas''', 'starting_after => ''v1.e30''',
    'starting_after => ''v2.e30''', 'starting_after => ''v1.e30'', ending_before => ''v1.e30''']) as arguments,
    pg_temp.error_of(format('select inventory.list_assets(%L, %s)', :'tenant_1', arguments)) e;

-- A cursor is bound to its sort.
select e.* from pg_temp.error_of(format('select inventory.list_assets(%L, sort => %L, starting_after => %L)', :'tenant_1', '-class', pg_temp.cursor_of(:'page', 'next'))) e;

-- One asset: not there, not in the scope, another tenant's.
select e.* from unnest(array[pg_temp.id('asset', 99), pg_temp.id('asset', 101), pg_temp.id('asset', 1), null]) as asset,
    pg_temp.error_of(format('select inventory.get_asset(%L, %L)', :'org_1', asset)) e;
select inventory.get_asset(:'org_1', pg_temp.id('asset', 2), 'name,class');

-- Tags are rendered as they lie in the column: none, a hundred, and what must be escaped, were it there.
update inventory.asset set tags = (select jsonb_object_agg('key-' || n, 'value:' || repeat('x', n % 30)) from generate_series(1, 100) n) where id = pg_temp.id('asset', 2);
alter table inventory.asset drop constraint asset_tags;
update inventory.asset set tags = '{"a\"b": "c\\d\n\u0001é", "": ""}' where id = pg_temp.id('asset', 3);
update inventory.asset set tags = '{"n": 1, "o": {"p": [true, null]}}' where id = pg_temp.id('asset', 4);
update inventory.asset set tags = '{}' where id = pg_temp.id('asset', 5);
select a.id, length(a.tags::text) as length, inventory.get_asset('tenants/' || a.tenant_id, a.id)::jsonb #> '{data,attributes,tags}' = a.tags as is_same,
       position('"tags":' || a.tags::text || ',' in inventory.get_asset('tenants/' || a.tenant_id, a.id)::text) > 0 as in_the_same_form
from inventory.asset a where a.id in (pg_temp.id('asset', 2), pg_temp.id('asset', 3), pg_temp.id('asset', 4), pg_temp.id('asset', 5)) order by a.id;
