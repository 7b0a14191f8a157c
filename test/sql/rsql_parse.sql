-- rsql_parse: what a filter means, and where it goes wrong. Syntax only: fields are any.
\getenv source PG_ABS_SRCDIR
\set fresh :source '/fixtures/fresh.sql'
\i :fresh

-- The tree, as one line: (a and b), (a or b), field cmp {values}.
create function pg_temp.show(tree jsonb) returns text language plpgsql immutable as $$
begin
    if tree ? 'op' then
        return '(' || (select string_agg(pg_temp.show(arg), ' ' || (tree ->> 'op') || ' ') from jsonb_array_elements(tree -> 'args') arg) || ')';
    end if;
    return (tree ->> 'field') || ' ' || (tree ->> 'cmp') || ' '
           || (select string_agg('[' || value || ']', '') from jsonb_array_elements_text(tree -> 'values') value);
end
$$;

-- The tree, or where the parser stood when it gave up.
create function pg_temp.parse(filter text) returns text language plpgsql as $$
declare
    reason text;
begin
    return pg_temp.show(inventory.rsql_parse(filter));
exception when others then
    get stacked diagnostics reason = pg_exception_detail;
    return '!! ' || sqlstate || ' ' || coalesce(substring(reason from 'code point \d+'), reason);
end
$$;

-- The shape of the answer itself.
select inventory.rsql_parse('class==A');
select jsonb_pretty(inventory.rsql_parse('a==1;b=in=(x,"y z")'));
select inventory.rsql_parse(null) is null as strict;

-- Every operator, in every spelling; the signs are normalised.
select input, pg_temp.parse(input) as tree
from unnest(array['f==v', 'f!=v', 'f<v', 'f=lt=v', 'f<=v', 'f=le=v', 'f>v', 'f=gt=v', 'f>=v', 'f=ge=v',
                  'f=in=(v)', 'f=in=v', 'f=out=(v,w)', 'f==(v)', 'f!=("v")']) as input;

-- Operators are lower case, a closed set, one value for all but the lists.
select input, pg_temp.parse(input) as tree
from unnest(array['f=IN=(v)', 'f=like=v', 'f=null=v', 'f=v', 'f===v', 'f=!v', 'f~v', 'f=<v', 'f= =v', 'f=lt v',
                  'f==(v,w)', 'f<(v,w)', 'f=in=()', 'f=in=(,)', 'f=in=(v,)', 'f=in=(,v)', 'f=in=(v w)', 'f=in=(v']) as input;

-- Precedence, parentheses and flatness.
select input, pg_temp.parse(input) as tree
from unnest(array['a==1;b==2', 'a==1,b==2', 'a==1;b==2;c==3', 'a==1,b==2,c==3', 'a==1,b==2;c==3', 'a==1;b==2,c==3',
                  '(a==1,b==2);c==3', '(a==1;b==2);c==3', 'a==1;(b==2;c==3)', '((a==1))', '(((a==1,b==2)))', '( a==1 )',
                  'b==2;a==1;b==2', '(a==1);(b==2)']) as input;

-- Words are operators only after a complete constraint and between blanks.
select input, pg_temp.parse(input) as tree
from unnest(array['a==1 and b==2', 'a==1 or b==2', 'a==1 AND b==2', 'a==1 Or b==2', 'a==1 and b==2 or c==3', 'a==and', 'a==or',
                  'and==1', 'or==1 and and==2', 'a==and and b==or', '(a==1) and (b==2)', '(a==1)and(b==2)', '(a==1) and(b==2)',
                  'a==1 and', 'and a==1', 'a==1 and and b==2', 'a==1 xor b==2', 'f=in=(a or b)', 'f=in=(a OR b,c)', 'f=in=(a and b)',
                  'f=in=(or or or)', E'a==1\tand\nb==2']) as input;

-- White space.
select input, pg_temp.parse(input) as tree
from unnest(array[' a==1 ', 'a == 1', 'a==1 ; b==2', E'a\n==\r\n1', 'f =in= ( v , w )', 'f=in =v', 'a==v w', 'a==v\ w',
                  E'a==v\u00a0w', E'\u3000a==v']) as input;

-- Quotes and escapes.
select input, pg_temp.parse(input) as tree
from unnest(array['f=="v"', 'f==''v''', 'f==""', 'f==''''', 'f=="a b"', 'f=="a;b,c(d)"', 'f=="it''s"', 'f==''say "hi"''', 'f=="a\"b"',
                  'f==''a\''b''', 'f=="a\\b"', 'f=="a\nb"', 'f=="\*"', 'f==\*', 'f==a\b', E'f=="a\nb"', 'f=="a""b"', 'f=="a"b', 'f==a"b"',
                  'f=="a', 'f==''a', 'f=="a\', '"f"==v', 'f=="naïve"', 'f==naïve', 'f=="😀"', 'f==😀!']) as input;

-- Separators and parentheses that do not fit, empty input.
select input, pg_temp.parse(input) as tree
from unnest(array['', ' ', '()', '(', ')', ';', ',', 'a==1;', ';a==1', 'a==1;;b==2', 'a==1,;b==2', 'a==1 b==2', '(a==1', 'a==1)', '((a==1)',
                  '(a==1))', 'a==1()', '()a==1', '(a==1)(b==2)', 'a', 'a==', '==v', 'a=', 'a!', 'a==1;b', '(;a==1)', 'a==(b', 'a==b)']) as input;

-- Wildcards are text here; what they mean is the field's matter.
select input, pg_temp.parse(input) as tree
from unnest(array['f==*', 'f==a*b', 'f!=*a', 'f==''\*''', 'f=in=(a*b)', 'f==**', 'f=="*"']) as input;

-- Reserved characters in selectors and unquoted values.
select input, pg_temp.parse(input) as tree
from unnest(array['tags.env==prod', 'a-b==c-d', 'a_b==c:d/e@f#g', 'f==a&b', 'f==1+1', 'f==100%', 'f==$1', 'f==[x]', 'f=={x}', 'f==a?b', 'f==a=b',
                  'f==a!b', 'f==a<b', 'f==a~b', 'f~=a', 'f g==a']) as input;

-- The error in full: what is wrong, where, what could stand there, what to do.
select e.* from unnest(array['class==A class==B', 'name==it''s', 'class=in=()', 'class=like=A', '(class==A', 'class==']) as input,
    pg_temp.error_of(format('select inventory.rsql_parse(%L)', input)) e;

-- Both sides of every limit: bytes, nesting, comparisons, values.
select 'bytes' as limit_of, pg_temp.parse('f==' || repeat('v', 65533)) = 'f == [' || repeat('v', 65533) || ']' as at,
       pg_temp.parse('f==' || repeat('v', 65534)) as above
union all
select 'nesting', pg_temp.parse(repeat('(', 100) || 'f==v' || repeat(')', 100)) = 'f == [v]',
       pg_temp.parse(repeat('(', 101) || 'f==v' || repeat(')', 101))
union all
select 'comparisons', jsonb_array_length(inventory.rsql_parse(repeat('f==v;', 999) || 'f==v') -> 'args') = 1000,
       pg_temp.parse(repeat('f==v;', 1000) || 'f==v')
union all
select 'values', jsonb_array_length(inventory.rsql_parse('f=in=(' || repeat('v,', 9999) || 'v)') -> 'values') = 10000,
       pg_temp.parse('f=in=(' || repeat('v,', 10000) || 'v)');
select pg_temp.parse(repeat('(', 10000));
