-- A stand-in for the extension, with which the proxy is tested alone: the same
-- signature, and a behaviour that the request's query decides.
--   ?sleep=S      waits first            ?size=N     answers with N bytes of body
--   ?status=N     answers with it        ?raise=X    raises SQLSTATE X
--   ?header=TEXT  adds a header line     ?row=ID     inserts a row (not for GET)
--   ?commit=fail  fails at the commit
-- Anything else is echoed: method, target, headers, body.
create schema inventory;

create table inventory.written (id text, at timestamptz not null default clock_timestamp());
create table inventory.doomed (id int);

create function inventory.fail_at_commit() returns trigger language plpgsql as $$
begin
    raise exception 'refused at the commit' using errcode = '23514';
end $$;
create constraint trigger doomed after insert on inventory.doomed
    deferrable initially deferred for each row execute function inventory.fail_at_commit();

create function inventory.parameter(target text, name text) returns text
language sql immutable as $$
    select substring(target from '[?&]' || name || '=([^&]*)')
$$;

create type inventory.answer as (status int, headers text, body text);

create function inventory.rest(method text, target text, headers text default '', body bytea default null)
returns inventory.answer language plpgsql as $$
declare
    p_method text := $1;
    p_target text := $2;
    p_headers text := $3;
    p_body bytea := $4;
    id text := substring(p_headers from 'snyk-request-id: ([^\n]*)');
    wait double precision := inventory.parameter(p_target, 'sleep')::double precision;
    size int := inventory.parameter(p_target, 'size')::int;
    code int := coalesce(inventory.parameter(p_target, 'status')::int, 200);
    raised text := inventory.parameter(p_target, 'raise');
    line text := replace(replace(inventory.parameter(p_target, 'header'), '%0A', E'\n'), '%0D', E'\r');
    row_id text := inventory.parameter(p_target, 'row');
begin
    if wait is not null then
        perform pg_sleep(wait);
    end if;
    if raised is not null then
        raise exception 'raised for %', p_target using errcode = raised;
    end if;
    if row_id is not null then
        insert into inventory.written (id) values (row_id);
    end if;
    if inventory.parameter(p_target, 'commit') = 'fail' then
        insert into inventory.doomed values (1);
    end if;
    return (code,
        'content-type: application/vnd.api+json' || E'\n' || 'vary: accept' || E'\n' ||
        'snyk-request-id: ' || id || E'\n' || 'etag: "' || md5(p_target) || '"' || E'\n' ||
        'x-inventory-route: ' || regexp_replace(p_target, '\?.*', '') ||
        coalesce(E'\n' || line, ''),
        case when size is not null then
            '{"id":"' || id || '","fill":"' || repeat('x', size) || '"}'
        else
            json_build_object('id', id, 'method', p_method, 'target', p_target,
                'headers', p_headers, 'body', encode(p_body, 'escape'), 'null_body', p_body is null,
                'links', json_build_object('self', p_target))::text
        end)::inventory.answer;
end $$;

create function inventory.routes() returns table (method text, template text, lane text)
language sql as $$
    values ('GET', '/slow/{id}', 'slow'), ('POST', '/read', 'read'), ('GET', '/fast', 'heavy:sleep read')
$$;
