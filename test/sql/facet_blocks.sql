-- Blocks of facets: a long list is divided, follows its values, and autocomplete through it answers as the assets do.
\getenv source PG_ABS_SRCDIR
\set no_worker :source '/fixtures/no_worker.sql'
\set fresh :source '/fixtures/fresh.sql'
\i :no_worker
\i :fresh
reset client_min_messages;
\o /dev/null
\set tenant 'fb000000-0000-4000-8000-000000000001'
\set org 'fb000000-0000-4000-8000-000000000003'
select inventory.create_tenant('blocks', :'tenant'), inventory.create_group(:'tenant', 'g', 'fb000000-0000-4000-8000-000000000002');
select inventory.create_org('fb000000-0000-4000-8000-000000000002', 'o', :'org');
\o

-- ---- signatures ----

select term, inventory.may_hold(inventory.gram_signature(array['docker.io/nginx', 'a', 'größe', '']), inventory.term_grams(term)) as may
from unnest(array['', 'n', 'z', 'io', 'oi', 'nginx', 'nginy', 'öß', 'ößx', 'docker.io/nginx', 'ker.io']) term;
select inventory.gram_signature('{b}', inventory.gram_signature('{a}')) = inventory.gram_signature('{a,b}') as is_added,
       inventory.may_hold(inventory.gram_signature('{}'), inventory.term_grams('a')) as in_nothing;
-- What is no list, no signature or no gram says nothing, and reads nothing beyond its bytes.
select inventory.gram_signature(null) = inventory.gram_signature('{}') as of_null, inventory.may_hold('\x00', inventory.term_grams('a')) as by_no_signature,
       inventory.may_hold(inventory.gram_signature('{}'), '\xffffffff') as by_no_gram, inventory.may_hold(inventory.gram_signature('{}'), '\x01') as by_half_a_gram;
-- Whether a value holds a term, as LIKE says of what lower() makes of it.
select count(*) as compared, count(*) filter (where inventory.holds_term(v, t)) as hold,
       count(*) filter (where inventory.holds_term(v, t) is distinct from lower(v collate "default") like '%' || replace(replace(replace(t, '\', '\\'), '%', '\%'), '_', '\_') || '%') as wrong
from unnest(array['', 'Docker.IO/Nginx', 'GRÖSSE', 'größe', 'İstanbul', 'a%b_c\d', repeat('A', 511) || 'B', repeat('A', 512) || 'B', repeat('Ä', 400) || 'z', 'ǅ', '日本'])  v,
     unnest(array['nginx', 'io/n', 'größe', 'stanbul', '%', '_', '\', 'ab', 'a', 'ä', 'äz', 'ǆ', '本', 'NGINX']) t;

-- ---- a list is divided when it is long, and again when it grows ----

create function pg_temp.fill(first int, last int) returns bigint language sql as $$
    with written as (
        insert into inventory.asset (tenant_id, registry, repository, name, labels, tags, config_digest, scope_ids)
        select 'fb000000-0000-4000-8000-000000000001', 'docker.io', (array['acme/', 'Team/', 'zoo/'])[1 + i % 3] || md5(i::text), md5((i / 2)::text),
               array['l' || i % 5], jsonb_build_object('k' || i % 4, 'v' || substr(md5(i::text), 1, 12)), 'sha256:' || encode(sha256(int4send(i)), 'hex'),
               case when i % 3 > 0 then array['fb000000-0000-4000-8000-000000000003'::uuid] else '{}' end
        from generate_series(first, last) i returning 1)
    select count(*) from written
$$;
-- Of each long list: whether its blocks begin at the beginning, lie in order without a gap, know all values, and are not too large.
create view pg_temp.state as
select b.scope_id = b.tenant_id as is_tenant, b.field, count(*) > 1 as is_divided, bool_or(b.key = '' and b.value = '') as from_start,
       bool_and(b.n <= 512) as fits, bool_and(f.n <= b.n) as counts_all, sum(f.n) as values, bool_and(f.may) as knows_all
from (select b.*, lead(b.key, 1, ';') over w as next_key, lead(b.value, 1, '') over w as next_value
      from inventory.facet_block b window w as (partition by b.tenant_id, b.scope_id, b.field, b.type order by b.key, b.value)) b
cross join lateral (
    select count(*) as n, bool_and(inventory.may_hold(b.grams, inventory.term_grams(lower(f.value collate "default")))) as may from inventory.facet f
    where f.tenant_id = b.tenant_id and f.scope_id = b.scope_id and f.field = b.field and f.type = b.type
      and (f.key, f.value) >= (b.key, b.value) and (f.key, f.value) < (b.next_key, b.next_value)) f
group by 1, 2;

select pg_temp.fill(1, 1000), inventory.compact_facets(:'tenant') > 0 as compacted;
select * from pg_temp.state order by 1, 2;
select pg_temp.fill(1001, 1700), inventory.compact_facets(:'tenant') > 0 as compacted;
select * from pg_temp.state order by 1, 2;
select pg_temp.fill(1701, 3200), inventory.compact_facets(:'tenant') > 0 as compacted;
select * from pg_temp.state order by 1, 2;
select inventory.compact_facets(:'tenant') as then;

-- ---- the answers are those of the assets ----

create function pg_temp.differ(scope text, field text, q text, extra text default '') returns setof text language plpgsql as $$
declare
    call text := format('select inventory.filter_values(%L, inventory.field_id(%L), q => %L, starting_after => $1, ending_before => $2%s)', scope, field, q, extra);
    after text; before text; facets json; assets json;
begin
    for i in 1 .. 4 loop
        set local asset_inventory.facets = on;
        execute call using after, before into facets;
        set local asset_inventory.facets = off;
        execute call using after, before into assets;
        if facets::text <> assets::text then
            return next format('page %s of %s: %s instead of %s', i, call, facets, assets);
            return;
        end if;
        if i < 3 and assets -> 'links' ->> 'next' is not null then
            after := substring(assets -> 'links' ->> 'next' from 'starting_after=([^&]*)');
            before := null;
        else
            before := substring(assets -> 'links' ->> 'prev' from 'ending_before=([^&]*)');
            after := null;
            exit when before is null;
        end if;
    end loop;
end $$;
create function pg_temp.differences() returns setof text language sql as $$
    select left(d, 600) from unnest(array['tenants/fb000000-0000-4000-8000-000000000001', 'orgs/fb000000-0000-4000-8000-000000000003']) s
    cross join unnest(array['a', 'TEAM', 'zoo/f', 'abc', 'zz', 'o/0-1', 'late']) q
    cross join lateral (
        select pg_temp.differ(s, 'repository', q) union all select pg_temp.differ(s, 'tags', q)
        union all select pg_temp.differ(s, 'tags', q, ', key => ''k2''') union all select pg_temp.differ(s, 'tags', q, ', keys_only => true')
        ) d (d)
$$;
select * from pg_temp.differences();
-- Beside deltas, with values gone and others come.
delete from inventory.asset a where a.tenant_id = :'tenant' and a.repository like 'Team/%' and a.repository > 'Team/3';
update inventory.asset a set repository = 'late/' || a.name, tags = '{"k2": "late"}' where a.tenant_id = :'tenant' and a.repository like 'acme/1%';
select * from pg_temp.differences();
select inventory.compact_facets(:'tenant') > 0 as compacted;
select * from pg_temp.differences();
select is_tenant, field, from_start, counts_all, knows_all from pg_temp.state where not (from_start and counts_all and knows_all);

-- ---- mended, removed, truncated ----

set session_replication_role = replica;
update inventory.asset a set repository = 'unseen/' || a.name where a.tenant_id = :'tenant' and a.repository like 'zoo/%';
reset session_replication_role;
select inventory.rebuild_facets(:'tenant') > 0 as mended;
select * from pg_temp.differ('tenants/' || :'tenant', 'repository', 'unseen');
select is_tenant, field, from_start, counts_all, knows_all from pg_temp.state where not (from_start and counts_all and knows_all);
select inventory.remove_facets();
select count(*) from inventory.facet_block;
select inventory.install_facets();
select * from pg_temp.differ('tenants/' || :'tenant', 'repository', 'unseen');
select count(*) > 0 as has_blocks from inventory.facet_block;
truncate inventory.asset;
select count(*) from inventory.facet_block;

-- ---- however few values the planner expects ----

-- Groups read the top of their index, and a term that many blocks may hold is looked for by its trigrams.
select pg_temp.fill(1, 16000), inventory.compact_facets(:'tenant') > 0 as compacted;
analyze inventory.facet;
begin;
delete from pg_statistic where starelid = 'inventory.facet'::regclass and staattnum = (select attnum from pg_attribute where attrelid = starelid and attname = 'key');
update pg_class set reltuples = 40000 where oid = 'inventory.facet'::regclass;
create function pg_temp.entries(index regclass) returns bigint language sql as $$ select pg_stat_get_xact_tuples_returned(index) $$;
select json_array_length(inventory.group_values('tenants/' || :'tenant', inventory.field_id('repository')) -> 'data') as groups;
select pg_temp.entries('inventory.facet_pkey') < 100 as reads_no_list, pg_temp.entries('inventory.facet_frequency_idx') < 100 as reads_the_top;
select json_array_length(inventory.filter_values('tenants/' || :'tenant', inventory.field_id('repository'), q => 'abc', "limit" => 100) -> 'data') as found;
select pg_temp.entries('inventory.facet_pkey') < 6000 as reads_few_blocks, pg_temp.entries('inventory.facet_text_idx') > 10 as reads_trigrams;
select * from pg_temp.differ('tenants/' || :'tenant', 'repository', 'abc', ', "limit" => 100');
select * from pg_temp.differ('tenants/' || :'tenant', 'tags', 'abc', ', "limit" => 100');
rollback;
