-- Searches (contract.md section 7): the queue, the worker, who may read what.
\set ECHO none
\set QUIET 1
set client_min_messages = warning;
create extension if not exists asset_inventory cascade;
select count(*) as steps from inventory.migrate() \gset
select inventory.create_tenant('searches', '5ea00000-0000-4000-8000-000000000001') as id \gset
select inventory.create_group('5ea00000-0000-4000-8000-000000000001', 'g', '5ea00000-0000-4000-8000-000000000002') as id \gset
select inventory.create_org('5ea00000-0000-4000-8000-000000000002', 'o', '5ea00000-0000-4000-8000-000000000003') as id \gset
select count(*) as made from inventory.upsert_assets('orgs/5ea00000-0000-4000-8000-000000000003', (
    select jsonb_agg(jsonb_build_object('registry', 'docker.io', 'repository', 'library/image' || lpad(n::text, 2, '0'),
        'config_digest', 'sha256:' || encode(sha256(n::text::bytea), 'hex'), 'class', jsonb_build_object('rank', n % 4 + 1),
        'labels', jsonb_build_array('n' || n), 'created_at', '2024-01-01T00:00:00Z'::timestamptz + n * interval '1 hour'))
    from generate_series(1, 30) n)) \gset
select inventory.create_principal('searches viewer') as viewer \gset
select inventory.grant_role(:'viewer', 'orgs/5ea00000-0000-4000-8000-000000000003', 'viewer') as x \gset
select inventory.issue_api_key(:'viewer') as token \gset
\set scope orgs/5ea00000-0000-4000-8000-000000000003
\set tenant tenants/5ea00000-0000-4000-8000-000000000001

-- What the test shows of a page, and of an answer.
create function pg_temp.page(document json) returns text language sql as $$
    select coalesce((select string_agg(right(e -> 'attributes' ->> 'name', 2), ' ' order by n)
                     from json_array_elements(document -> 'data') with ordinality d (e, n)), 'no data')
           || coalesce(' ' || (document ->> 'meta'), '') || case when document -> 'links' ->> 'next' is null then '' else ' …' end
$$;
create function pg_temp.call(method text, path text, token text, body text default null) returns text language sql as $$
    select r.status || ' ' || coalesce(regexp_replace(substring(r.headers from '(?:location|retry-after): [^\n]*'),
               '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/results', '<id>/results'), '')
           || coalesce(' ' || (r.body::json -> 'errors' -> 0 ->> 'code'), '')
           || coalesce(' ' || (r.body::json -> 'errors' -> 0 ->> 'detail'), '')
           || coalesce(' ' || (r.body::json -> 'errors' -> 0 -> 'source' ->> 'pointer'), '')
    from inventory.rest(method, path, e'content-type: application/json\nauthorization: Token ' || token, convert_to(body, 'UTF8')) r
$$;
create function pg_temp.post(token text, attributes text, scope text default 'orgs/5ea00000-0000-4000-8000-000000000003')
returns text language sql as $$
    select pg_temp.call('POST', '/' || scope || '/inventory/assets/searches', token,
                        '{"data": {"type": "searches", "attributes": ' || attributes || '}}')
$$;
create function pg_temp.get(token text, search uuid, scope text default 'orgs/5ea00000-0000-4000-8000-000000000003')
returns text language sql as $$
    select pg_temp.call('GET', '/' || scope || '/inventory/assets/searches/' || search || '/results', token)
$$;
create function pg_temp.attributes(attributes json) returns json language sql as $$
    select json_build_object('data', json_build_object('type', 'searches', 'attributes', attributes))
$$;
-- Waits until the worker has ended, so that nobody but the test runs a search.
create procedure pg_temp.quiet() language plpgsql as $$
begin
    while exists (select from pg_stat_activity where backend_type = 'asset_inventory search worker' and datname = current_database()) loop
        perform pg_sleep(0.05), pg_stat_clear_snapshot();
    end loop;
end
$$;
\set ECHO all
\set QUIET 0

-- A worker runs it; the stored sort and limit hold until the query's override them.
select inventory.create_search(:'scope', pg_temp.attributes('{"filter": "class==A", "sort": "-name", "meta_count": "with"}')) as s \gset
select pg_temp.page(inventory.search_results(:'scope', :'s'));
select pg_temp.page(inventory.search_results(:'scope', :'s', sort => 'name'));
select inventory.create_search(:'scope', pg_temp.attributes('{"limit": 20}')) as s \gset
select pg_temp.page(inventory.search_results(:'scope', :'s'));
select pg_temp.page(inventory.search_results(:'scope', :'s', "limit" => 10, sort => '-repository'));
select state, filter, sort, found, attempts from inventory.search_queue where tenant_id = '5ea00000-0000-4000-8000-000000000001' order by created_at;

-- Both ways through the stored order and through another.
select inventory.create_search(:'scope') as s \gset
create function pg_temp.walk(search uuid, sort text) returns setof text language plpgsql as $$
declare
    document json;
    after text;
    before text;
begin
    for i in 1 .. 6 loop
        document := inventory.search_results('orgs/5ea00000-0000-4000-8000-000000000003', search, sort, 10, after, before);
        return next pg_temp.page(document);
        if i < 3 then
            after := substring(document -> 'links' ->> 'next' from 'starting_after=([^&]*)');
        else
            after := null;
            before := substring(document -> 'links' ->> 'prev' from 'ending_before=([^&]*)');
            exit when before is null;
        end if;
    end loop;
end
$$;
select * from pg_temp.walk(:'s', null);
select * from pg_temp.walk(:'s', '-class,name');
-- A cursor belongs to one order.
select substring(inventory.search_results(:'scope', :'s') -> 'links' ->> 'next' from 'starting_after=([^&]*)') as cursor \gset
select inventory.search_results(:'scope', :'s', sort => 'name', starting_after => :'cursor');
\echo :LAST_ERROR_SQLSTATE
select inventory.search_results(:'scope', :'s', sort => 'labels');
\echo :LAST_ERROR_SQLSTATE

-- Over HTTP, under a viewer's key.
select pg_temp.post(:'token', '{"filter": "class==A", "sort": "-name,class", "limit": 20}');
select pg_temp.call('POST', '/rest/orgs/5ea00000-0000-4000-8000-000000000003/inventory/assets/searches?version=2024-10-16', :'token');
select pg_temp.get(:'token', :'s');
select pg_temp.post(:'token', '{}', :'tenant');

-- Errors point into the body.
select pg_temp.post(:'token', '{"filter": "nope==1"}');
select pg_temp.post(:'token', '{"filter": ""}');
select pg_temp.post(:'token', '{"filter": null}');
select pg_temp.post(:'token', '{"sort": "tags"}');
select pg_temp.post(:'token', '{"limit": 9}');
select pg_temp.post(:'token', '{"limit": "10"}');
select pg_temp.post(:'token', '{"limit": 10.0}');
select pg_temp.post(:'token', '{"meta_count": "all"}');
select pg_temp.post(:'token', '{"no/pe": 1}');
select pg_temp.post(:'token', '[]');
select pg_temp.call('POST', '/' || :'scope' || '/inventory/assets/searches', :'token', b) from unnest(array['{', '{}', '[]', '{"data": null}',
    '{"data": {}}', '{"data": {"type": "assets"}}', '{"data": {"type": 1}}', '{"data": {"type": "searches", "id": "1"}}', '{"jsonapi": {}}']) b;

-- The set is fixed, attributes are live, deleted assets vanish.
select inventory.create_search(:'scope', pg_temp.attributes('{"filter": "labels=in=(n1,n2,n3)", "meta_count": "with"}')) as s \gset
select pg_temp.page(inventory.search_results(:'scope', :'s'));
update inventory.asset set labels = '{changed}', name = 'live-' || name where tenant_id = '5ea00000-0000-4000-8000-000000000001' and labels = '{n2}';
delete from inventory.asset where tenant_id = '5ea00000-0000-4000-8000-000000000001' and labels = '{n1}';
update inventory.asset set scope_ids = '{}' where tenant_id = '5ea00000-0000-4000-8000-000000000001' and labels = '{n3}';
select e -> 'attributes' ->> 'name', e -> 'attributes' ->> 'labels' from json_array_elements(inventory.search_results(:'scope', :'s') -> 'data') e;
select pg_temp.page(inventory.search_results(:'scope', :'s', sort => 'name'));

-- meta_count only, and a set that was cut.
select inventory.create_search(:'scope', pg_temp.attributes('{"meta_count": "only"}')) as s \gset
select inventory.search_results(:'scope', :'s') -> 'data' as data, inventory.search_results(:'scope', :'s') ->> 'meta' as meta;
set asset_inventory.search_limit = 5;
select inventory.create_search(:'scope', pg_temp.attributes('{"sort": "-created_at", "meta_count": "with"}')) as s \gset
reset asset_inventory.search_limit;
select pg_temp.page(inventory.search_results(:'scope', :'s'));

-- Only in the scope that made it, while it lives.
select pg_temp.get(:'token', gen_random_uuid());
select inventory.search_results(:'tenant', :'s');
\echo :LAST_ERROR_SQLSTATE
select pg_temp.call('GET', '/' || :'scope' || '/inventory/assets/searches/no-uuid/results', :'token');
update inventory.search set expires_at = now() where id = :'s';
select pg_temp.get(:'token', :'s');

-- Without workers a reader runs it; so does run_searches().
call pg_temp.quiet();
set asset_inventory.search_workers = 0;
select inventory.create_search(:'scope', pg_temp.attributes('{"filter": "class==B", "sort": "name"}')) as s \gset
select state from inventory.search where id = :'s';
select pg_temp.page(inventory.search_results(:'scope', :'s'));
select state, attempts from inventory.search where id = :'s';
select inventory.create_search(:'scope'), inventory.create_search(:'scope') \gset
select inventory.run_searches(), inventory.run_searches();
-- Nobody else can see a search before its transaction is through.
reset asset_inventory.search_workers;
begin isolation level repeatable read;
select inventory.create_search(:'scope', pg_temp.attributes('{"filter": "class==C", "sort": "name"}')) as s \gset
select pg_temp.page(inventory.search_results(:'scope', :'s'));
commit;

-- A search that cannot run fails, with a code.
begin;
select inventory.create_search(:'scope') as s \gset
update inventory.search set filter = 'gone==1' where id = :'s';
commit;
select pg_temp.get(:'token', :'s');
select state, error_code, error_sqlstate from inventory.search where id = :'s';

-- Not ready in time; a worker that waits for a lock can be cancelled.
call pg_temp.quiet();
set asset_inventory.search_workers = 0;
select inventory.create_search(:'scope', pg_temp.attributes('{"filter": "class==C"}')) as s \gset
reset asset_inventory.search_workers;
set asset_inventory.search_wait = '1500ms';
begin;
lock table inventory.asset in access exclusive mode;
select pg_temp.get(:'token', :'s');
select state from inventory.search where id = :'s';
select inventory.cancel_search(:'tenant', :'s') as elsewhere, inventory.cancel_search(:'scope', :'s') as here, inventory.cancel_search(:'scope', :'s') as again;
commit;
reset asset_inventory.search_wait;
select pg_temp.get(:'token', :'s');
-- The worker goes on with the next.
select inventory.create_search(:'scope', pg_temp.attributes('{"filter": "class==D", "sort": "name"}')) as s \gset
select pg_temp.page(inventory.search_results(:'scope', :'s'));

-- A search that took its worker down three times is given up.
begin;
select inventory.create_search(:'scope') as s \gset
update inventory.search set state = 'running', attempts = 3, worker_pid = 1 where id = :'s';
commit;
select pg_temp.get(:'token', :'s');

-- The quota of a tenant.
select count(*) as live from inventory.search where tenant_id = '5ea00000-0000-4000-8000-000000000001'
    and state in ('queued', 'running', 'done') and expires_at > now() \gset
set asset_inventory.search_quota = :live;
select regexp_replace(pg_temp.post(:'token', '{}'), '\d+ live', 'N live');
reset asset_inventory.search_quota;

-- What expired goes, with its results.
do $$ begin update inventory.search set expires_at = now() - interval '1 second' where tenant_id = '5ea00000-0000-4000-8000-000000000001'; end $$;
create procedure pg_temp.purge() language plpgsql as $$
begin
    while exists (select from inventory.search where tenant_id = '5ea00000-0000-4000-8000-000000000001') loop
        perform inventory.purge_searches();
    end loop;
end
$$;
call pg_temp.purge();
select count(*) from inventory.search_result where tenant_id = '5ea00000-0000-4000-8000-000000000001';

-- A database role sees the queue of its scopes and no other.
set client_min_messages = warning;
create role searches_reader in role inventory_reader;
create role searches_nobody in role inventory_reader;
update inventory.principal set db_role = 'searches_reader' where name = 'searches viewer';
select inventory.create_search(:'tenant', pg_temp.attributes('{"filter": "class==A"}')) as t \gset
set role searches_reader;
select inventory.create_search(:'scope', pg_temp.attributes('{"filter": "class==B"}')) as s \gset
select scope, filter from inventory.search_queue;
select inventory.cancel_search(:'tenant', :'t');
\echo :LAST_ERROR_SQLSTATE
select inventory.run_searches();
\echo :LAST_ERROR_SQLSTATE
set role searches_nobody;
select count(*) from inventory.search_queue;
select inventory.create_search(:'scope');
\echo :LAST_ERROR_SQLSTATE
reset role;
update inventory.principal set db_role = null where name = 'searches viewer';
drop role searches_reader, searches_nobody;
