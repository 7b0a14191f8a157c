-- inventory.rest: routing, headers, and the document of every failure before an operation runs.
\getenv source PG_ABS_SRCDIR
\set fresh :source '/fixtures/fresh.sql'
\set inventory :source '/fixtures/inventory.sql'
\i :fresh
\i :inventory

\set key ai_editor_of_tenant_1
\set viewer_key ai_viewer_of_org_1
insert into inventory.principal (id, name) values ('c0000000-0000-4000-8000-000000000001', 'editor'), ('c0000000-0000-4000-8000-000000000002', 'viewer');
insert into inventory.api_key (principal_id, hash)
values ('c0000000-0000-4000-8000-000000000001', sha256(:'key')), ('c0000000-0000-4000-8000-000000000002', sha256(:'viewer_key'));
select inventory.grant_role('c0000000-0000-4000-8000-000000000001', :'tenant_1', 'editor');
select inventory.grant_role('c0000000-0000-4000-8000-000000000002', :'org_1', 'viewer');
select E'authorization: Token ai_editor_of_tenant_1\nsnyk-request-id: 11111111-1111-4111-8111-111111111111' as auth \gset
select format('/%s/inventory/assets', :'tenant_1') as tenant, format('/%s/inventory/assets', :'org_1') as org, format('/%s/inventory/assets', :'tenant_2') as other \gset

-- An answer in full: status, headers, body. What the proxy strips begins with x-inventory-.
create function pg_temp.client_headers(headers text) returns text language sql immutable
return (select string_agg(regexp_replace(line, '^(etag: ").{10,}"$', '\1…"'), e'\n' order by n) from string_to_table(headers, E'\n') with ordinality t (line, n)
        where line <> '' and line not like 'x-inventory-%');
select status, pg_temp.client_headers(headers) as headers
from inventory.rest('GET', :'org', :'auth');
select jsonb_pretty(body::jsonb) as body from inventory.rest('GET', :'org' || '?limit=10&fields%5Bcontainer_images%5D=name&filter=name==app-6;class==A', :'auth');
select status, body from inventory.rest('GET', :'org' || '?meta_count=only', :'auth');

-- One header, or null.
create function pg_temp.header(headers text, name text) returns text language sql immutable
return (select substring(line from '^[^:]*: (.*)') from string_to_table(headers, E'\n') line where line like name || ': %' limit 1);

-- What a failure says: everything of its document but the request id.
create function pg_temp.failure(method text, target text, headers text, body bytea default null)
returns table (status int, code text, source text, detail text) language sql as $$
    select r.status, e.value ->> 'code', e.value ->> 'source', e.value ->> 'detail'
    from inventory.rest(method, target, headers, body) r
    left join lateral json_array_elements(r.body::json -> 'errors') e on true
$$;

-- The whole document of a failure.
select status, pg_temp.client_headers(headers) as headers, body from inventory.rest('GET', '/nowhere', :'auth');
select pg_temp.header(headers, 'x-inventory-route') as route from inventory.rest('GET', :'org', :'auth');

-- The request id is the client's when it is a UUID, else a new one, and the same in the document.
select pg_temp.header(headers, 'snyk-request-id') ~ '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$' as is_new,
       pg_temp.header(headers, 'snyk-request-id') = body::json #>> '{errors,0,id}' as is_same
from inventory.rest('GET', '/nowhere', 'snyk-request-id: my own');

-- Paths: unknown ones, and a leading /rest, which links repeat.
select target, f.* from unnest(array['', '/', '/tenants', :'tenant' || '/searches/x/results/y', '/rest', '//' || :'tenant',
    '/users/1/inventory/assets', '/tenants/10000000-0000-4000-8000-000000000001/inventory']) as target, pg_temp.failure('GET', target, :'auth') f;
select status, body::json -> 'links' ->> 'self' as self from inventory.rest('GET', '/rest' || :'org' || '?filter=name==none', :'auth');

-- Methods: another on a known path is a 405 that lists what there is.
select method, f.*, pg_temp.header(r.headers, 'allow') as allow
from (values ('DELETE', :'tenant'), ('POST', :'tenant'), ('PUT', :'tenant' || '/a0000000-0000-4000-8000-000000000001'), ('get', :'tenant'),
             ('GET', :'tenant' || '/searches'), ('PATCH', :'tenant' || '/groups'), ('POST', '/openapi'), ('', :'tenant')) as c (method, target),
     pg_temp.failure(method, target, :'auth') f, inventory.rest(method, target, :'auth') r;

-- Keys: both schemes in any case; whatever is no valid key is the same 401.
select credentials, f.status, f.code, pg_temp.header(r.headers, 'www-authenticate') as www_authenticate
from unnest(array['Token ' || :'key', 'token ' || :'key', 'BEARER ' || :'key', 'Token   ' || :'key', null, '', 'Token', 'Token ', :'key', 'Basic ' || :'key',
    'Token ' || :'key' || 'x', 'Token ' || :'key' || ' x', 'Token a,b', 'Token ''; drop table inventory.asset; --']) as credentials,
    pg_temp.failure('GET', :'org', coalesce('authorization: ' || credentials, '')) f,
    inventory.rest('GET', :'org', coalesce('authorization: ' || credentials, '')) r;
select detail from pg_temp.failure('GET', :'org', '');

-- Scopes: one that is not there and one that is not the key's are told apart by nothing.
select count(distinct body) as documents, min(status) as status
from unnest(array[:'other', '/tenants/10000000-0000-4000-8000-00000000000f/inventory/assets', '/tenants/nobody/inventory/assets',
                  '/groups/10000000-0000-4000-8000-000000000001/inventory/assets']) as target, inventory.rest('GET', target, :'auth');
select f.* from pg_temp.failure('GET', :'other', :'auth') f;
select f.* from pg_temp.failure('GET', :'tenant', 'authorization: Token ' || :'viewer_key') f;
select f.* from pg_temp.failure('PATCH', :'org', 'authorization: Token ' || :'viewer_key') f;

-- Media types.
select accept, f.status, f.code, f.source from unnest(array['*/*', 'application/*', 'application/vnd.api+json', 'application/json', 'text/html, */*;q=0.1', 'text/html',
    'application/vnd.api+json;ext="x"', 'image/*', 'application/json;q=0', '']) as accept,
    pg_temp.failure('GET', :'org' || '?meta_count=only', :'auth' || E'\naccept: ' || accept) f;
select type, f.status, f.code, f.source from unnest(array['text/plain', 'application/vnd.api+json; ext="x"', 'application/vnd.api+json; charset=utf-8', 'json']) as type,
    pg_temp.failure('PATCH', :'org', :'auth' || E'\ncontent-type: ' || type, '{}') f;
select f.* from pg_temp.failure('PATCH', :'org', :'auth', '{}') f;

-- Versions.
select version, r.status, pg_temp.header(r.headers, 'snyk-version-requested') as requested, pg_temp.header(r.headers, 'snyk-version-served') as served,
       pg_temp.header(r.headers, 'snyk-version-lifecycle-stage') as stage, f.code, f.source
from unnest(array['2024-10-15', '2024-10-16', '2024-10-14', '9999-12-31', '2024-02-30', '2024-1-1', '2024-10-15~beta', 'beta', '']) as version,
     inventory.rest('GET', :'org' || '?meta_count=only&version=' || version, :'auth') r, pg_temp.failure('GET', :'org' || '?meta_count=only&version=' || version, :'auth') f;
set asset_inventory.require_version = on;
select f.* from pg_temp.failure('GET', :'org', :'auth') f;
reset asset_inventory.require_version;

-- Parameters: unknown, repeated, of wrong form; the detail says what would be right.
select query, f.* from unnest(array['colour=red', 'limit=10&limit=10', 'limit=9', 'limit=101', 'limit=+10', 'limit=1e1', 'limit=', 'sort=colour', 'sort=',
    'filter=', 'filter=class', 'filter=class==A%20class==B', 'filter=clas==A', 'meta_count=yes', 'meta_count=', 'fields[repositories]=name', 'fields[container_images]=nme',
    'starting_after=x', 'starting_after=v1.e30&ending_before=v1.e30', 'fields=name', 'Filter=class==A', '=x']) as query,
    pg_temp.failure('GET', :'org' || '?' || query, :'auth') f;

-- The target: broken escapes, invalid UTF-8, U+0000. A `+` is a blank, raw filter characters are taken as they are.
select target, f.status, f.code from unnest(array['?filter=name==%', '?filter=name==%4', '?filter=name==%zz', '?filter=name==%ff', '?filter=name==a%00b', '/%', '?%80=1',
    '?filter=name==app-6+and+class==C', '?filter=(name=="app-6";class!=''A'')', '?filter=risk_score<100', '?', '?&&', '?filter=name==%2B']) as target,
    pg_temp.failure('GET', :'org' || target, :'auth') f;
select f.status, f.code from pg_temp.failure('GET', :'org' || '?filter=' || repeat('(', 10000), :'auth') f;

-- HEAD answers as GET without the body.
select h.status = g.status and h.headers = g.headers || format(E'x-inventory-length: %s\n', octet_length(g.body)) as is_same, h.body = '' as is_empty, g.body <> '' as has_body
from inventory.rest('HEAD', :'org', :'auth') h, inventory.rest('GET', :'org', :'auth') g;
select status, body = '' as is_empty from inventory.rest('HEAD', '/nowhere', :'auth');

-- ETag and If-None-Match: any of a list, weak or strong, or a star; another is the full answer.
select pg_temp.header(headers, 'etag') as etag from inventory.rest('GET', :'org', :'auth') \gset
select if_none_match, r.status, r.body = '' as is_empty, pg_temp.header(r.headers, 'etag') = :'etag' as has_etag
from unnest(array['<etag>', 'W/<etag>', '"other", <etag>', '*', '"other"', 'other']) as if_none_match,
     inventory.rest('GET', :'org', :'auth' || E'\nif-none-match: ' || replace(if_none_match, '<etag>', :'etag')) r;
select count(distinct pg_temp.header(headers, 'etag')) as etags
from unnest(array['', '?filter=class==A', '?limit=11']) as query, inventory.rest('GET', :'org' || query, :'auth');

-- Headers come in any case and with blanks; what is no header line is passed over.
select r.status from inventory.rest('GET', :'org' || '?meta_count=only', E'garbage\n: x\nAUTHORIZATION:\tToken ' || :'key' || E'  \r\naccept:*/*') r;

-- One row always, whatever the arguments are.
select f.status, f.code from pg_temp.failure(null, null, null) f;
select f.status, f.code from pg_temp.failure('GET', null, :'auth') f;

-- The order of the checks: path, method, key, media types, scope, parameters.
select f.status, f.code from (values ('GET', '/nowhere?limit=1', ''), ('DELETE', :'tenant' || '?limit=1', ''), ('GET', :'other' || '?limit=1', 'accept: text/html'),
    ('GET', :'other' || '?limit=1', :'auth' || E'\naccept: text/html'), ('GET', :'other' || '?limit=1', :'auth'), ('GET', :'tenant' || '?limit=1', :'auth')) as c (method, target, headers),
    pg_temp.failure(method, target, headers) f;

-- The routes, as the proxy asks for them.
select method, count(*) from inventory.routes() where template like '/%/inventory/assets%' group by method order by method;
select template, lane from inventory.routes() where method = 'GET' and template ~ '^/orgs/.*/assets(/\{asset_id\})?$' order by template;
set asset_inventory.nice = 20;
set asset_inventory.nice = -1;
