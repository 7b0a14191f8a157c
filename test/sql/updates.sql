-- Operations 1 and 3 (contract.md §6), from SQL and through rest: every form, all or
-- nothing, audit, If-Match, Idempotency-Key.
\set VERBOSITY terse
set client_min_messages = warning;
create extension if not exists asset_inventory cascade;
select count(*) >= 0 as migrated from inventory.migrate();

\set tenant c0000000-0000-4000-8000-000000000001
\set org c0000000-0000-4000-8000-000000000003
\set one c0000000-0000-4000-8000-00000000000a
\set two c0000000-0000-4000-8000-00000000000b
\set outside c0000000-0000-4000-8000-00000000000c
\set absent c0000000-0000-4000-8000-00000000000f
select inventory.create_tenant('updates', :'tenant') is null as x,
       inventory.create_group(:'tenant', 'updates', 'c0000000-0000-4000-8000-000000000002') is null as x,
       inventory.create_org('c0000000-0000-4000-8000-000000000002', 'updates', :'org') is null as x;
insert into inventory.asset (tenant_id, id, registry, repository, name, config_digest, scope_ids, created_at, updated_at)
select :'tenant', id::uuid, 'docker.io', 'library/' || right(id, 1), right(id, 1), 'sha256:' || repeat(right(id, 1), 64),
       case when id <> :'outside' then array[:'org', 'c0000000-0000-4000-8000-000000000002']::uuid[] else '{}' end,
       '2024-01-01Z', '2024-01-01Z'
from unnest(array[:'one', :'two', :'outside']) id;

-- What an asset has of what updates change; moved: since the last look.
create temp table seen as select id, updated_at from inventory.asset where tenant_id = :'tenant';
create function pg_temp.look(asset uuid, out class text, out labels text, out tags text, out moved boolean)
language plpgsql as $$
begin
    select a.class_rank || case when a.class_locked then ' locked' else '' end, a.labels, a.tags, a.updated_at > s.updated_at
    into class, labels, tags, moved
    from inventory.asset a join pg_temp.seen s using (id) where a.id = asset;
    update pg_temp.seen s set updated_at = a.updated_at from inventory.asset a where a.id = s.id and a.id = asset;
end
$$;
create function pg_temp.document(attributes text, asset text default 'c0000000-0000-4000-8000-00000000000a',
                                 type text default 'container_images') returns json
language sql as $$
    select format('{"data":{"type":"%s","id":"%s","attributes":%s}}', type, asset, attributes)::json
$$;
create function pg_temp.change(attributes text, out class text, out labels text, out tags text, out moved boolean)
language plpgsql as $$
begin
    perform inventory.update_asset('orgs/c0000000-0000-4000-8000-000000000003', 'c0000000-0000-4000-8000-00000000000a',
                                   pg_temp.document(attributes));
    select l.* into class, labels, tags, moved from pg_temp.look('c0000000-0000-4000-8000-00000000000a') l;
end
$$;

-- Every form, one after another.
select * from pg_temp.change('{"class":{"rank":1}}');
select * from pg_temp.change('{"class":{"display_name":"C","locked":true}}');
select * from pg_temp.change('{"class":{"display_name":"A","rank":2}}');
select * from pg_temp.change('{"class":{"display_name":"B"}}');
select * from pg_temp.change('{"labels":["b","a","b"]}');
select * from pg_temp.change('{"labels":{"add":["c","a"]}}');
select * from pg_temp.change('{"labels":{"add":["d"],"remove":["a","z"]}}');
select * from pg_temp.change('{"labels":{"add":["d"],"remove":["z"]}}');
select * from pg_temp.change('{"tags":{"k":"1","m":"2"}}');
select * from pg_temp.change('{"tags":{"add":{"n":"3","k":"9"},"remove":["m"]}}');
select * from pg_temp.change('{"tags":{"add":{"n":"3"}}}');
select * from pg_temp.change('{"tags":{},"labels":[],"class":{"rank":4,"locked":false}}');

-- The audit holds the real changes, and only what changed.
select principal_id, before, after from inventory.asset_audit where tenant_id = :'tenant' order by changed_at;

-- The document that SQL callers get.
select d #>> '{data,id}' as id, d #> '{data,attributes,labels}' as labels, d -> 'jsonapi' as jsonapi, d -> 'links' as links
from inventory.update_asset('tenants/' || :'tenant', :'one', pg_temp.document('{"labels":["x"]}')) d;

-- What is wrong, and where.
select inventory.update_asset('orgs/' || :'org', :'one', pg_temp.document('{"labels":["a b"]}'));
\echo :LAST_ERROR_SQLSTATE
select inventory.update_asset('orgs/' || :'org', :'one', null);
\echo :LAST_ERROR_SQLSTATE
select inventory.update_asset('orgs/' || :'org', :'absent', pg_temp.document('{"labels":[]}'));
\echo :LAST_ERROR_SQLSTATE
select inventory.update_asset('orgs/' || :'org', :'outside', pg_temp.document('{"labels":[]}', :'outside'));
\echo :LAST_ERROR_SQLSTATE
select inventory.update_asset('orgs/' || :'org', :'one', pg_temp.document('{"labels":[]}', :'two'));
\echo :LAST_ERROR_SQLSTATE

-- Many: all or nothing.
create function pg_temp.documents(variadic assets text[]) returns json
language sql as $$
    select json_build_object('data', json_agg(pg_temp.document('{"labels":{"add":["bulk"]}}', a) -> 'data' order by n))
    from unnest(assets) with ordinality as u (a, n)
$$;
select inventory.update_assets('tenants/' || :'tenant', pg_temp.documents(:'two', :'one'));
select * from pg_temp.look(:'one');
select * from pg_temp.look(:'two');
select inventory.update_assets('orgs/' || :'org', json_build_object('data', json_build_array(
    pg_temp.document('{"labels":["never"]}', :'two') -> 'data', pg_temp.document('{"labels":["never"]}', :'outside') -> 'data')));
\echo :LAST_ERROR_SQLSTATE
select * from pg_temp.look(:'two');

-- Through rest.
select inventory.create_principal('updates') as principal \gset
select inventory.grant_role(:'principal', 'tenants/' || :'tenant', 'editor') is null as x;
select inventory.issue_api_key(:'principal') as key \gset
create temp table credentials as select :'key' as key;
create function pg_temp.ask(method text, path text, body text, headers text default '')
returns table (status int, etag text, document json)
language sql as $$
    select r.status, substring(r.headers from 'etag: (\S+)'), nullif(r.body, '')::json
    from inventory.rest(method, '/orgs/c0000000-0000-4000-8000-000000000003/inventory/assets' || path,
        'authorization: Token ' || (select key from pg_temp.credentials)
        || E'\ncontent-type: application/vnd.api+json\nsnyk-request-id: c0000000-0000-4000-8000-0000000000ff\n' || headers,
        convert_to(body, 'UTF8')) r
$$;
create function pg_temp.verdict(path text, body text, headers text default '')
returns table (status int, code text, source text)
language sql as $$
    select a.status, a.document #>> '{errors,0,code}', a.document #>> '{errors,0,source}'
    from pg_temp.ask('PATCH', path, body, headers) a
$$;

select * from pg_temp.verdict('/' || :'one', pg_temp.document('{"labels":["rest"]}')::text);
select * from pg_temp.verdict('', pg_temp.documents(:'one', :'two')::text);
select * from pg_temp.verdict('', '');
select * from pg_temp.verdict('', '{"data":[]}');
select * from pg_temp.verdict('', pg_temp.documents(:'one', upper(:'one'))::text);
select * from pg_temp.verdict('', pg_temp.documents(:'one', :'absent')::text);
select * from pg_temp.verdict('', pg_temp.documents(:'one', 'x')::text);
select * from pg_temp.verdict('', json_build_object('data', json_build_array(pg_temp.document('{"labels":[]}', :'one', 'x') -> 'data'))::text);
select * from pg_temp.verdict('/x', pg_temp.document('{"labels":[]}')::text);
select * from pg_temp.verdict('/' || :'absent', pg_temp.document('{"labels":[]}')::text);
select * from pg_temp.verdict('/' || :'absent', pg_temp.document('{"labels":1}')::text);
select * from pg_temp.verdict('/' || :'two', pg_temp.document('{"labels":[]}')::text);
select * from pg_temp.verdict('/' || :'one', pg_temp.document('{"labels":[]}', upper(:'one'))::text);
select * from pg_temp.verdict('/' || :'one', pg_temp.document('{"labels":[]}', :'one', 'repositories')::text);
select principal, asset_id, request_id, before, after from inventory.asset_audit
where tenant_id = :'tenant' and request_id = 'c0000000-0000-4000-8000-0000000000ff' order by changed_at, asset_id;

-- 50 labels, and one more.
select * from pg_temp.verdict('/' || :'one', pg_temp.document(
    json_build_object('labels', (select json_agg('l' || n) from generate_series(1, 50) n))::text)::text);
select * from pg_temp.verdict('', pg_temp.documents(:'two', :'one')::text);
select * from pg_temp.verdict('/' || :'one', pg_temp.document('{"labels":{"add":["x"],"remove":["l1"]}}')::text);

-- If-Match: the tag of GET on the same URL; an update answers with the next one.
select etag as tag from pg_temp.ask('GET', '/' || :'one' || '?version=2024-10-15', null) \gset
select * from pg_temp.verdict('/' || :'one' || '?version=2024-10-15', pg_temp.document('{"labels":["m"]}')::text, 'if-match: "stale"');
select * from pg_temp.verdict('/' || :'one' || '?version=2024-10-15', pg_temp.document('{"labels":["m"]}')::text, 'if-match: W/' || :'tag');
select status, etag as next from pg_temp.ask('PATCH', '/' || :'one' || '?version=2024-10-15', pg_temp.document('{"labels":["m"]}')::text,
                                             'if-match: "x", ' || :'tag') \gset
\echo :status
select * from pg_temp.verdict('/' || :'one' || '?version=2024-10-15', pg_temp.document('{"labels":["n"]}')::text, 'if-match: ' || :'tag');
select etag = :'next' as is_next from pg_temp.ask('GET', '/' || :'one' || '?version=2024-10-15', null);
select * from pg_temp.verdict('/' || :'one' || '?version=2024-10-15', pg_temp.document('{"labels":["n"]}')::text, 'if-match: ' || :'next');
select * from pg_temp.verdict('/' || :'one', pg_temp.document('{"labels":["o"]}')::text, 'if-match: *');
select * from pg_temp.verdict('/' || :'absent', pg_temp.document('{"labels":["o"]}', :'absent')::text, 'if-match: *');

-- Idempotency-Key: a repeat answers as the first did; what failed is not remembered.
select a.document::text as first, a.etag from pg_temp.ask('PATCH', '/' || :'one', pg_temp.document('{"labels":["first"]}')::text, 'idempotency-key: k') a \gset
select inventory.update_assets('orgs/' || :'org', pg_temp.documents(:'one'));
select a.status, a.document::text = :'first' as same, a.etag = :'etag' as same_tag
from pg_temp.ask('PATCH', '/' || :'one', pg_temp.document('{"labels":["first"]}')::text, 'idempotency-key: k') a;
select labels from pg_temp.look(:'one');
select * from pg_temp.verdict('/' || :'one', pg_temp.document('{"labels":["other"]}')::text, 'idempotency-key: k');
select * from pg_temp.verdict('/' || :'two', pg_temp.document('{"labels":["other"]}', :'two')::text, 'idempotency-key: k');
select * from pg_temp.verdict('', pg_temp.documents(:'one')::text, 'idempotency-key: k');
select * from pg_temp.verdict('', pg_temp.documents(:'one')::text, 'idempotency-key: k');
select * from pg_temp.verdict('', pg_temp.documents(:'absent')::text, 'idempotency-key: failed');
select * from pg_temp.verdict('', pg_temp.documents(:'one')::text, 'idempotency-key: failed');
select * from pg_temp.verdict('', pg_temp.documents(:'one')::text, 'idempotency-key: ');
select * from pg_temp.verdict('', pg_temp.documents(:'one')::text, 'idempotency-key: a b');
select * from pg_temp.verdict('', pg_temp.documents(:'one')::text, 'idempotency-key: ' || repeat('k', 255));
select * from pg_temp.verdict('', pg_temp.documents(:'one')::text, 'idempotency-key: ' || repeat('k', 256));
select left(key, 6) as key, replace(route, :'org', 'ORG') as route, status, expires_at - created_at as life
from inventory.idempotency_key where tenant_id = :'tenant' order by 1, 2;

-- When its time is over, a key is new again, and can be forgotten.
update inventory.idempotency_key set expires_at = now() - interval '1 s' where tenant_id = :'tenant';
select * from pg_temp.verdict('/' || :'one', pg_temp.document('{"labels":["other"]}')::text, 'idempotency-key: k');
select inventory.purge_idempotency_keys();
select count(*) from inventory.idempotency_key where tenant_id = :'tenant';

-- A viewer reads, and does not edit.
select inventory.revoke_role(:'principal', 'tenants/' || :'tenant', 'editor'), inventory.grant_role(:'principal', 'tenants/' || :'tenant', 'viewer');
select * from pg_temp.verdict('/' || :'one', pg_temp.document('{"labels":["viewer"]}')::text);
