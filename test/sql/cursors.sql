-- cursor_encode and cursor_decode: `v1.` and base64url without padding.
\getenv source PG_ABS_SRCDIR
\set fresh :source '/fixtures/fresh.sql'
\i :fresh

select inventory.cursor_encode('{"a": 1}');
select inventory.cursor_decode(inventory.cursor_encode('{"a": 1}'));

-- Whatever goes in comes out, of every length modulo three and with every bit pattern.
select payload, inventory.cursor_encode(payload) as cursor, inventory.cursor_decode(inventory.cursor_encode(payload)) = payload as is_same
from unnest(array['{}', '[]', 'null', '0', '"x"', '"xy"', '"xyz"', '"ÿ?>~"', '"😀"', '[1, [2, {"k": ["v"]}]]']::jsonb[]) as payload;
select bool_and(inventory.cursor_decode(inventory.cursor_encode(to_jsonb(repeat(chr(33 + n), n)))) = to_jsonb(repeat(chr(33 + n), n))) as all_same
from generate_series(1, 90) n;
select bool_and(inventory.cursor_encode(to_jsonb(n)) ~ '^v1\.[A-Za-z0-9_-]+$') as needs_no_escape_in_a_link from generate_series(1, 200) n;

-- What was not given out is refused, and says what a cursor is.
select input, e.*
from unnest(array['', 'v1', 'v1.', 'v2.e30', 'V1.e30', 'e30', 'v1.e3', 'v1.e30=', 'v1.e30 ', 'v1.e3+', 'v1.e3/', 'v1.e31', 'v1.a', 'v1.YQ',
                  'v1._w', 'v1.AA', 'v1.' || repeat('x', 70)]) as input,
     pg_temp.error_of(format('select inventory.cursor_decode(%L)', input)) e;
select code, detail from pg_temp.error_of(format('select inventory.cursor_decode(%L)', 'v1.' || repeat('QUFB', 2731)));
select inventory.cursor_encode(null) is null as encode_is_strict, inventory.cursor_decode(null) is null as decode_is_strict;
