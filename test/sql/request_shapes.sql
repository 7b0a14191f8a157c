-- request_shapes: what pages cost by the shape of what was asked, without its values.
\getenv source PG_ABS_SRCDIR
\set fresh :source '/fixtures/fresh.sql'
\set inventory :source '/fixtures/inventory.sql'
\i :fresh
\i :inventory
\set ECHO none
create function pg_temp.lists(scope text, filter text default null, sort text default null, times int default 1) returns void language plpgsql as $$
begin
    for i in 1..times loop
        perform inventory.list_assets(scope, filter, sort);
    end loop;
end
$$;
\o /dev/null
select inventory.reset_request_shapes();
\o
\set ECHO all

do $$ begin
    perform pg_temp.lists('tenants/10000000-0000-4000-8000-000000000001', times => 3);
    perform pg_temp.lists('tenants/10000000-0000-4000-8000-000000000001', 'class==A');
    perform pg_temp.lists('tenants/10000000-0000-4000-8000-000000000001', 'class==B');
    perform pg_temp.lists('orgs/30000000-0000-4000-8000-000000000001', 'q==secret,tags.env==prod;(registry=in=(docker.io,quay.io),name==*x*)', '-name,type');
end $$;
select shape, calls, failed, rows, plain, walk, sieve, fenced, mean_ms > 0 and mean_ms <= max_ms as has_times from inventory.request_shapes order by shape collate "C";

-- One that could not be answered has failed.
begin;
alter table inventory.asset rename column architecture to was_architecture;
select code from pg_temp.error_of($$select inventory.list_assets('tenants/10000000-0000-4000-8000-000000000001', 'architecture==x')$$);
rollback;
select shape, calls, failed, mean_ms, rows from inventory.request_shapes where failed > 0;

-- However many shapes are asked for, a bounded number is kept; those asked for most stay.
do $$
declare
    fields text[] := array['class', 'registry', 'repository', 'name', 'architecture', 'os', 'labels', 'image_tag', 'q'];
begin
    perform pg_temp.lists('tenants/10000000-0000-4000-8000-000000000001', 'os==linux', times => 40);
    for a in 1..9 loop
        for b in 1..9 loop
            for c in 1..9 loop
                perform pg_temp.lists('tenants/10000000-0000-4000-8000-000000000001', format('%s==A,%s==B;%s==C', fields[a], fields[b], fields[c]));
            end loop;
        end loop;
    end loop;
end $$;
select count(*) <= 1024 as is_bounded, max(calls) filter (where shape = 'tenant filter=os==? sort=created_at') as kept from inventory.request_shapes;
-- A long one is cut.
do $$ begin perform pg_temp.lists('tenants/10000000-0000-4000-8000-000000000001', rtrim(repeat('repository==x,', 60), ',')); end $$;
select max(octet_length(shape)) from inventory.request_shapes;

\o /dev/null
select inventory.reset_request_shapes();
\o
select count(*) from inventory.request_shapes;
