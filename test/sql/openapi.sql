-- The OpenAPI document follows the routing table, the catalogue and the error table.
\set VERBOSITY terse
set client_min_messages = warning;
-- Nothing of an earlier file.
drop extension if exists asset_inventory;
drop schema if exists inventory cascade;
create extension if not exists asset_inventory cascade;
select count(*) >= 0 as migrated from inventory.migrate();

create temp view document as select inventory.openapi()::jsonb as api;
create temp view operation as
select p.key as path, m.key as method, m.value as body
from document, jsonb_each(api -> 'paths') p, jsonb_each(p.value) m where m.key <> 'parameters';

-- Thirty routes and the two of the document itself.
select api ->> 'openapi' as openapi, api #>> '{info,version}' as version, api -> 'servers' -> 1 ->> 'url' as rest from document;
select count(*) as operations, count(distinct body ->> 'operationId') as ids, count(distinct path) as paths from operation;
select r.method, r.template from inventory.routes() r
where not exists (select from operation o where upper(o.method) = r.method and o.path = r.template);
select path, method from operation where body -> 'security' = '[]' order by path;

-- Every reference leads somewhere.
with recursive node (value) as (
    select api from document
    union all
    select c.value from node n, lateral (
        select e.value from jsonb_each(case jsonb_typeof(n.value) when 'object' then n.value else '{}' end) e
        union all
        select a from jsonb_array_elements(case jsonb_typeof(n.value) when 'array' then n.value else '[]' end) a) c
)
select distinct n.value ->> '$ref' as dangling
from node n, document
where jsonb_typeof(n.value) = 'object' and n.value ? '$ref'
  and api #> string_to_array(substr(n.value ->> '$ref', 3), '/') is null;

-- Descriptions are Markdown: what looks like a tag outside of code would not be shown.
select d.description
from document, jsonb_path_query(api, 'strict $.**.description') t (value), lateral (select t.value #>> '{}') d (description)
where jsonb_typeof(t.value) = 'string' and regexp_replace(d.description, '`[^`]*`', '', 'g') ~ '<';

-- Every code is the example of one response, and in the schema of its status.
select e.code from inventory.error_codes() e, document
where (select count(*) from jsonb_each(api #> '{components,responses}') r
       where r.value #> '{content,application/vnd.api+json,examples}' ? e.code) <> 1
   or not api #> '{components,schemas,Errors,properties,errors,items,properties,code,enum}' ? e.code;
select count(*) = count(distinct code) as distinct_codes, bool_and(status between 400 and 599) as are_failures,
       bool_and(sqlstate ~ '^[0-9A-Z]{5}$') as have_sqlstate, bool_and(title <> '' and help <> '') as have_text
from inventory.error_codes();

-- Every attribute has a schema that says more than "anything".
select a.key from document, jsonb_each(api #> '{components,schemas,ContainerImages,properties,attributes,properties}') a
where not a.value ?| array['type', '$ref'];
select f.name from inventory.asset_field f, document
where f.is_attribute and (f.asset_types is null or 'container_images' = any(f.asset_types))
  and not api #> '{components,schemas,ContainerImages,properties,attributes,properties}' ? f.name;

-- Registering a type and a field makes them appear, without a new release.
begin;
select inventory.register_field('language', 'text', '{}', 'Main programming language') is not null as registered;
select inventory.register_asset_type('repositories', '{url,scm,language}', 'Repositories');
select api #> '{components,schemas,AssetType,enum}' as types,
       (select array_agg(k order by k) from jsonb_object_keys(api #> '{components,schemas,Repositories,properties,attributes,properties}') k
        where k in ('url', 'scm', 'language', 'registry', 'name')) as attributes,
       api #> '{components,schemas,Asset,discriminator,mapping}' ? 'repositories' as is_asset,
       api #>> '{components,parameters,fields_repositories,name}' as fieldset,
       api #>> '{components,parameters,filter,description}' like '%* `language` (string) Main programming language%' as filters,
       api #>> '{components,schemas,SearchSort,pattern}' like '%|url|%' as sorts_searches,
       api #>> '{components,parameters,list_sort,schema,pattern}' like '%|url|%' as sorts_lists
from document;
rollback;
select api #> '{components,schemas,AssetType,enum}' ? 'repositories' as is_still_there from document;

-- Versions, from SQL and over HTTP.
select inventory.openapi('2024-10-16')::text = inventory.openapi()::text as same;
select inventory.openapi('2024-10-14');
\echo :LAST_ERROR_SQLSTATE
select inventory.openapi('2024-10-15~ga');
\echo :LAST_ERROR_SQLSTATE
select inventory.openapi('latest');
\echo :LAST_ERROR_SQLSTATE

select r.status, substring(r.headers from 'content-type: (.*?)\n') as type, r.body from inventory.rest('GET', '/openapi') r;
select r.status, substring(r.headers from 'content-type: (.*?)\n') as type, r.body::json ->> 'openapi' as openapi,
       r.headers ~ 'etag: "' as has_tag, r.headers ~ 'x-inventory-route: /openapi/\{version\}\n' as names_route
from inventory.rest('GET', '/rest/openapi/2024-10-15~beta') r;
select h.status, h.body from inventory.rest('GET', '/openapi') r,
     inventory.rest('GET', '/openapi', 'if-none-match: ' || substring(r.headers from 'etag: (.*?)\n')) h;
select r.method, r.target, a.status, case when a.body <> '' then a.body::json #>> '{errors,0,code}' end as code
from (values ('HEAD', '/openapi/2024-10-15'), ('GET', '/openapi/2020-01-01'), ('GET', '/openapi/x'), ('GET', '/openapi?a=b'),
             ('POST', '/openapi'), ('GET', '/openapi/2024-10-15/x')) r (method, target),
     inventory.rest(r.method, r.target) a;

select name, default_value, unit from inventory.settings() where name ~ 'search_(ttl|limit)$';
