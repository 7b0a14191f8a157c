-- Every text argument of every function that clients reach, and every part of a request, attacked
-- with what SQL could take for more than a value. Nothing may change, leak or break the session.
\getenv source PG_ABS_SRCDIR
\set fresh :source '/fixtures/fresh.sql'
\set inventory :source '/fixtures/inventory.sql'
\i :fresh
\i :inventory

insert into inventory.principal (id, name) values ('c0000000-0000-4000-8000-000000000001', 'editor');
insert into inventory.api_key (principal_id, hash) values ('c0000000-0000-4000-8000-000000000001', sha256('ai_key'));
do $$ begin perform inventory.grant_role('c0000000-0000-4000-8000-000000000001', 'orgs/30000000-0000-4000-8000-000000000001', 'editor'); end $$;

create table pg_temp.attack (n int generated always as identity, text text);
insert into pg_temp.attack (text) values
    (''''), ('"'), (''';'), (''' or ''1''=''1'), (''' or true --'), ('") or true --'), (''' union select hash::text from inventory.api_key --'),
    ('''; drop table inventory.asset; --'), ('1; delete from inventory.asset'), (''') returning (select 1/0) --'), ('\'' or 1=1 --'), ('\\'), (E'\\''; select pg_sleep(60); --'),
    ('$1'), ('$$'), ('$q$'), ('%'), ('%s%I%L'), ('/* */'), ('--'), (E'a\nb'), (E'a\tb'), (E'\u001f'), (E'\U0010FFFF'), ('{"a"'), ('{prod,"x'), ('(,,)'), ('NULL'), ('null'), ('tags.env'' or true'),
    ('a.tenant_id'), ('pg_sleep(1)'), ('‘’“”＇'), (repeat('''', 500)), (repeat('\', 501)), (repeat('(', 200)), (repeat('a', 100000));

-- What there is, to compare afterwards.
create function pg_temp.fingerprint() returns text language sql stable
return md5((select string_agg(md5(a::text), '' order by a.tenant_id, a.id) from inventory.asset a) || (select string_agg(md5(k::text), '' order by k.id) from inventory.api_key k)
           || (select string_agg(md5(b::text), '' order by b.principal_id, b.scope_id, b.role) from inventory.role_binding b)
           || (select string_agg(md5(s::text), '' order by s.id) from inventory.scope s) || (select count(*) from pg_class where relnamespace = 'inventory'::regnamespace));
select pg_temp.fingerprint() as before \gset

-- One SQLSTATE a call, so that an answer, a refusal and a syntax error in our own SQL differ.
create function pg_temp.outcome(statement text, argument text) returns text language plpgsql as $$
begin
    execute statement using argument;
    return 'answered';
exception when others then
    return sqlstate;
end
$$;

-- Functions. 22023 is a refusal, P0002 nothing there, 54000 too large; 42601 or XX000 would be a hole.
select place, string_agg(distinct pg_temp.outcome(statement, a.text), ' ' order by pg_temp.outcome(statement, a.text)) as outcomes
from pg_temp.attack a, (values
    ('list_assets scope', 'select inventory.list_assets($1)'),
    ('list_assets scope id', 'select inventory.list_assets(''orgs/'' || $1)'),
    ('list_assets filter', 'select inventory.list_assets(''orgs/30000000-0000-4000-8000-000000000001'', $1)'),
    ('list_assets sort', 'select inventory.list_assets(''orgs/30000000-0000-4000-8000-000000000001'', sort => $1)'),
    ('list_assets starting_after', 'select inventory.list_assets(''orgs/30000000-0000-4000-8000-000000000001'', starting_after => $1)'),
    ('list_assets ending_before', 'select inventory.list_assets(''orgs/30000000-0000-4000-8000-000000000001'', ending_before => $1)'),
    ('list_assets meta_count', 'select inventory.list_assets(''orgs/30000000-0000-4000-8000-000000000001'', meta_count => $1)'),
    ('list_assets fields', 'select inventory.list_assets(''orgs/30000000-0000-4000-8000-000000000001'', fields => $1)'),
    ('get_asset fields', 'select inventory.get_asset(''orgs/30000000-0000-4000-8000-000000000001'', ''a0000000-0000-4000-8000-000000000002'', $1)'),
    ('find_assets filter', 'select * from inventory.find_assets(''orgs/30000000-0000-4000-8000-000000000001'', $1)'),
    ('find_assets sort', 'select * from inventory.find_assets(''orgs/30000000-0000-4000-8000-000000000001'', null, $1)'),
    ('rsql_parse', 'select inventory.rsql_parse($1)'),
    ('rsql_to_sql', 'select inventory.rsql_to_sql($1, ''inventory.asset'')'),
    ('cursor_decode', 'select inventory.cursor_decode($1)'),
    ('forged cursor', 'select inventory.list_assets(''orgs/30000000-0000-4000-8000-000000000001'', sort => ''name'', starting_after => inventory.cursor_encode(jsonb_build_object(''s'', ''name'', ''k'', jsonb_build_array($1), ''i'', ''a0000000-0000-4000-8000-000000000002'')))'),
    ('forged cursor sort', 'select inventory.list_assets(''orgs/30000000-0000-4000-8000-000000000001'', starting_after => inventory.cursor_encode(jsonb_build_object(''s'', $1, ''k'', ''[0]''::jsonb, ''i'', ''a0000000-0000-4000-8000-000000000002'')))'),
    ('upsert_assets scope', 'select inventory.upsert_assets($1, ''[]'')'),
    ('import_assets scope', 'select inventory.import_assets($1, ''pg_class'')'),
    ('grant_role scope', 'select inventory.grant_role(''c0000000-0000-4000-8000-000000000001'', $1, ''viewer'')'),
    ('grant_role role', 'select inventory.grant_role(''c0000000-0000-4000-8000-000000000001'', ''orgs/30000000-0000-4000-8000-000000000001'', $1)'),
    ('find_api_key', 'select inventory.find_api_key($1)'),
    ('create_principal db_role', 'select inventory.create_principal(''x'', left($1, 60)::name)')) as c (place, statement)
group by place order by place;

-- Values of a filter: as a quoted and as an unquoted token, in lists and patterns, of each kind of field; they are found or not, no more.
select field, string_agg(distinct pg_temp.outcome(format('select * from inventory.find_assets(''orgs/30000000-0000-4000-8000-000000000001'', %L || %s)', field || operator,
        case quoting when 'quoted' then '''"'' || replace(replace($1, ''\'', ''\\''), ''"'', ''\"'') || ''"''' else '$1' end), a.text), ' ') as outcomes
from pg_temp.attack a, unnest(array['name', 'labels', 'tags', 'tags.env', 'class', 'q', 'image_tag', 'registry']) as field, unnest(array['==', '==*', '!=', '=in=']) as operator,
    unnest(array['quoted', 'unquoted']) as quoting
where not (field = 'q' and operator <> '==')
group by field order by field;
select count(*) as found_by_attack from pg_temp.attack a cross join lateral inventory.find_assets('orgs/30000000-0000-4000-8000-000000000001',
    'name=="' || replace(replace(a.text, '\', '\\'), '"', '\"') || '"') f where length(a.text) < 60000;

-- Requests: each parameter, path segments, headers, the body. Never a 500, always one document.
create function pg_temp.percent(value text) returns text language sql immutable
return (select coalesce(string_agg('%' || upper(lpad(to_hex(get_byte(bytes, i)), 2, '0')), '' order by i), '')
        from (select convert_to(value, 'UTF8') as bytes) b, generate_series(0, octet_length(bytes) - 1) i);
select place, string_agg(distinct r.status::text, ' ' order by r.status::text) as statuses, bool_and(r.status = 200 or json_array_length(r.body::json -> 'errors') = 1) as has_document
from pg_temp.attack a, (values ('filter', '/orgs/30000000-0000-4000-8000-000000000001/inventory/assets?filter=', ''), ('filter value', '/orgs/30000000-0000-4000-8000-000000000001/inventory/assets?filter=name==', ''),
    ('sort', '/orgs/30000000-0000-4000-8000-000000000001/inventory/assets?sort=', ''), ('limit', '/orgs/30000000-0000-4000-8000-000000000001/inventory/assets?limit=', ''),
    ('starting_after', '/orgs/30000000-0000-4000-8000-000000000001/inventory/assets?starting_after=', ''), ('meta_count', '/orgs/30000000-0000-4000-8000-000000000001/inventory/assets?meta_count=', ''),
    ('fields', '/orgs/30000000-0000-4000-8000-000000000001/inventory/assets?fields[container_images]=', ''), ('version', '/orgs/30000000-0000-4000-8000-000000000001/inventory/assets?version=', ''),
    ('parameter name', '/orgs/30000000-0000-4000-8000-000000000001/inventory/assets?', ''), ('scope', '/orgs/', '/inventory/assets'), ('asset', '/orgs/30000000-0000-4000-8000-000000000001/inventory/assets/', ''),
    ('path', '/', '')) as c (place, before, after),
    lateral inventory.rest('GET', before || pg_temp.percent(a.text) || after, 'authorization: Token ai_key') r
where length(a.text) < 60000
group by place order by place;
select place, string_agg(distinct r.status::text, ' ' order by r.status::text) as statuses
from pg_temp.attack a, (values ('authorization', 'authorization: Token '), ('accept', E'authorization: Token ai_key\naccept: '), ('request id', E'authorization: Token ai_key\nsnyk-request-id: '),
    ('if-none-match', E'authorization: Token ai_key\nif-none-match: '), ('key hash', 'x-inventory-key-sha256: ')) as c (place, header),
    lateral inventory.rest('GET', '/orgs/30000000-0000-4000-8000-000000000001/inventory/assets', header || replace(a.text, E'\n', ' ')) r
group by place order by place;

-- A header of the client's cannot add one to the answer.
select count(*) as injected from inventory.rest('GET', '/nowhere', E'snyk-request-id: 11111111-1111-4111-8111-111111111111\rset-cookie: a=b') r, string_to_table(r.headers, E'\n') line
where line ~* '^set-cookie' or line ~ E'\r';

-- An attack in stored data comes back as the text that it is.
insert into inventory.asset (tenant_id, id, scope_ids, registry, repository, name, config_digest)
values (pg_temp.id('tenant', 1), pg_temp.id('asset', 99), array[pg_temp.id('org', 1)], '"},{"x":"', E'</script>\\u0000''', E'"\\\n', pg_temp.digest(99));
select inventory.get_asset('orgs/30000000-0000-4000-8000-000000000001', pg_temp.id('asset', 99), 'registry,repository,name') -> 'data' -> 'attributes' as attributes;
delete from inventory.asset where id = pg_temp.id('asset', 99);

select pg_temp.fingerprint() = :'before' as nothing_has_changed;
select count(*) as still_answers from inventory.find_assets('orgs/30000000-0000-4000-8000-000000000001');
