-- rsql_to_sql: a filter over any table, as a condition with literals for EXECUTE.
\getenv source PG_ABS_SRCDIR
\set fresh :source '/fixtures/fresh.sql'
\i :fresh

create type pg_temp.mood as enum ('calm', 'cross');
create domain pg_temp.short as varchar(10);
create table pg_temp.thing (
    n int primary key, small smallint, big bigint, exact numeric, single real, double float8, flag boolean, key uuid,
    at timestamptz, local timestamp, day date, word text not null, varied varchar(20), feeling pg_temp.mood, brief pg_temp.short,
    words text[], varieds varchar[], doc jsonb, "select" text, raw bytea, spot point);
insert into pg_temp.thing values
    (1, 1, 10000000000, 1.50, 0.5, 0.25, true, 'aaaaaaaa-0000-4000-8000-000000000001', '2024-01-01T00:00:00Z', '2024-01-01', '2024-01-01', 'nginx', 'Web', 'calm', 'x',
     '{prod,eu}', '{a}', '{"env": "prod", "n": 1}', 'kept', '\x00', '(0,0)'),
    (2, -1, -1, -2, -0.5, 1e300, false, 'aaaaaaaa-0000-4000-8000-000000000002', '2024-06-01T12:00:00+02:00', '2024-06-01 12:00', '2024-06-01', '100%_\', 'it''s', 'cross', 'y',
     '{dev,NULL}', '{}', '{"env": "dev", "deep": {"k": "v"}}', '', null, null),
    (3, null, null, null, null, null, null, null, null, null, null, '', null, null, null, null, null, null, null, null, null);

-- The condition is ordinary SQL.
select inventory.rsql_to_sql('word==nginx;small=in=(1,2)', 'pg_temp.thing');

-- The rows that a filter finds, or its error.
create function pg_temp.find(filter text) returns text language plpgsql as $$
declare
    found int[];
    reason text;
begin
    execute 'select array_agg(n order by n) from pg_temp.thing where ' || inventory.rsql_to_sql(filter, 'pg_temp.thing') into found;
    return coalesce(found, '{}');
exception when others then
    get stacked diagnostics reason = pg_exception_detail;
    return '!! ' || sqlstate || ' ' || sqlerrm || ': ' || reason;
end
$$;

-- Every type of column.
select filter, pg_temp.find(filter) from unnest(array[
    'n==1', 'n>1', 'small==-1', 'small<=0', 'big==10000000000', 'big>5000000000', 'exact==1.5', 'exact<0', 'single==0.5', 'double>1', 'double==0.25',
    'flag==true', 'flag==false', 'flag!=true', 'key==aaaaaaaa-0000-4000-8000-000000000002', 'at==2024-01-01', 'at>2024-01-01T00:00', 'at<=2024-06-01T10:00:00Z',
    'local==2024-06-01T12:00', 'day==2024-06-01', 'day<2024-06-01', 'word==nginx', 'word>a', 'word==''''', 'varied==Web', 'varied==we*', 'feeling==calm', 'feeling==c*',
    'brief=in=(x,z)', 'words==prod', 'words==p*', 'words!=prod', 'words=in=(eu,dev)', 'words=out=(eu,dev)', 'varieds==a', 'doc.env==prod', 'doc==deep', 'doc.env==*', 'doc.none==x',
    'doc.env!=prod', 'select==kept', 'word==n*x,n==3']) as filter;

-- Literal characters of LIKE and of SQL are literal; a live star is a wildcard.
select filter, pg_temp.find(filter) from unnest(array['word==100%_\', 'word==''100%_\\''', 'word==*%*', 'word==*_*', 'word==*\*', 'word==''n\*''', 'word==n*', 'word=in=(n*)',
    'varied=="it''s"', 'varied==''*\''*''']) as filter;

-- Nothing that a value or a selector holds becomes SQL.
select filter, pg_temp.find(filter) from unnest(array[
    'word=="'' or true --"', 'word==''\'' or true --''', 'word=="''; drop table pg_temp.thing; --"', 'word=="\\'' or 1=1 --"', 'word==$1', 'word=="$$ or true"', 'word=in=("'') or true --",x)',
    'doc.x''y==z', 'doc.env''or''==z', '"word"==x', 'word;drop==x', 'n==1;words=="{prod}"', 'doc=="\"}"']) as filter;
select 'word=="\\'' or true --"' as attack, 'word==''100%_\\''' as slashed \gset
set standard_conforming_strings = off;
select pg_temp.find(:'attack') as attack, pg_temp.find(:'slashed') as still_found;
reset standard_conforming_strings;

-- Exactly one of F==v and F!=v, F=in=v and F=out=v holds for every row: missing values, NULLs inside of arrays and all.
select f.field, bool_and(e.is_equal <> e.is_unequal) as complement
from (values ('n', '1'), ('small', '1'), ('big', '-1'), ('exact', '1.5'), ('single', '0.5'), ('double', '0.25'), ('flag', 'true'), ('key', 'aaaaaaaa-0000-4000-8000-000000000001'),
             ('at', '2024-01-01'), ('local', '2024-01-01'), ('day', '2024-01-01'), ('word', 'nginx'), ('word', 'n*'), ('word', ''''''), ('varied', 'Web'), ('varied', '*'), ('feeling', 'calm'),
             ('brief', 'x'), ('words', 'prod'), ('words', 'd*'), ('varieds', 'a'), ('doc', 'env'), ('doc.env', 'prod'), ('doc.env', 'p*'), ('doc.n', '1'), ('select', 'kept')) as f (field, value),
     lateral (select t.n, pg_temp.find(format('%s==%s', f.field, f.value))::int[] @> array[t.n] as is_equal,
                     pg_temp.find(format('%s!=%s', f.field, f.value))::int[] @> array[t.n] as is_unequal from pg_temp.thing t
              union all
              select t.n, pg_temp.find(format('%s=in=(%s)', f.field, f.value))::int[] @> array[t.n],
                     pg_temp.find(format('%s=out=(%s)', f.field, f.value))::int[] @> array[t.n] from pg_temp.thing t) e
group by f.field, f.value order by f.field, f.value;

-- What does not apply is refused.
select filter, pg_temp.find(filter) from unnest(array['none==1', 'wor==x', 'Word==x', 'raw==x', 'n==x', 'n==1.5', 'n==99999999999', 'exact==x', 'flag==yes', 'key==1',
    'at==yesterday', 'at==2024-02-30', 'words>a', 'doc>a', 'n==1*', 'at==2024*', 'n==']) as filter;
select e.* from pg_temp.error_of($$select inventory.rsql_to_sql('wor==x', 'pg_temp.thing')$$) e;
select code, message from pg_temp.error_of($$select inventory.rsql_to_sql('n==1', 'no_such_table')$$);
select inventory.rsql_to_sql(null, 'pg_temp.thing') is null as strict_filter, inventory.rsql_to_sql('n==1', null) is null as strict_relation;

-- Views and the catalogue are relations as well; the session's time zone changes nothing.
create view pg_temp.seen as select n, word from pg_temp.thing;
select inventory.rsql_to_sql('word==nginx', 'pg_temp.seen') is not null as view;
select inventory.rsql_to_sql('relname==pg_class', 'pg_class') as condition \gset
select relname from pg_class where :condition and relnamespace = 'pg_catalog'::regnamespace;
set timezone = 'Pacific/Auckland';
select pg_temp.find('local==2024-06-01T12:00') as local, pg_temp.find('day==2024-06-01') as day, pg_temp.find('at==2024-06-01T10:00') as at;
