#!/bin/bash
# The cost of the facets to concurrent writers: one-row upsert_assets by 8 clients,
# with the triggers and without, in turns; prints the rates and their ratio. With the
# triggers the worker compacts beside the writers, and afterwards the facets are compared
# with the assets: drift must be 0. A last turn mixes inserts, updates, moves, deletes
# and rollbacks with compaction, rebuild_facets and a new field.
#
#   test/bench/facet_writers.sh 'CONNINFO of a superuser'      SECONDS_A_TURN=5 TURNS=3 CLIENTS=8
#
# Makes and drops a database of its own. The goal is a ratio of 0.7 or better.
set -euo pipefail

server=${1:-}
seconds=${SECONDS_A_TURN:-5}
turns=${TURNS:-3}
clients=${CLIENTS:-8}
database=facet_writers_$$
tenant=77777777-0000-4000-8000-000000000001
group=77777777-0000-4000-8000-000000000002
org=77777777-0000-4000-8000-000000000003
work=$(mktemp -d)

sql() { psql -X -q -t -A -v ON_ERROR_STOP=1 "$server dbname=$database" "$@"; }

finish() {
    psql -X -q "$server dbname=postgres" -c "drop database if exists $database" >/dev/null
    rm -rf "$work"
}

psql -X -q -v ON_ERROR_STOP=1 "$server dbname=postgres" -c "create database $database template template0 encoding 'UTF8'"
trap finish EXIT
sql -c "set client_min_messages = warning" -c "create extension asset_inventory cascade" \
    -c "select inventory.migrate()" -c "select inventory.create_tenant('bench', '$tenant')" \
    -c "select inventory.create_group('$tenant', 'g', '$group')" \
    -c "select inventory.create_org('$group', 'o', '$org')" >/dev/null

cat >"$work/upsert.sql" <<SQL
\set n random(1, 20000)
\set h random(1, 1000000)
select count(*) from inventory.upsert_assets('orgs/$org', jsonb_build_array(jsonb_build_object(
    'registry', 'docker.io', 'repository', 'library/r' || :n % 500,
    'config_digest', 'sha256:' || encode(sha256(int4send(:n)), 'hex'),
    'labels', jsonb_build_array('l' || :h % 7, 'team:' || :h % 31),
    'tags', jsonb_build_object('env', 'e' || :h % 3, 'k' || :h % 11, 'v' || :h % 101),
    'image_tags', jsonb_build_array('1.' || :h % 50, 'latest'), 'architecture', 'amd64', 'os', 'linux',
    'class', jsonb_build_object('rank', :h % 4 + 1), 'risk_score', :h % 1000)));
SQL

cat >"$work/mixed.sql" <<SQL
\set n random(1, 300)
\set h random(1, 9)
\set change random(1, 5)
\if :change = 1
insert into inventory.asset (tenant_id, scope_ids, registry, repository, name, labels, tags, config_digest)
values ('$tenant', array['$org', '$group']::uuid[], 'docker.io', 'mixed/x:n', 'x:n', array['l:h', 'a'], '{"env": "prod"}',
        'sha256:' || encode(sha256(int4send(:n)), 'hex')) on conflict do nothing;
\elif :change = 2
delete from inventory.asset where tenant_id = '$tenant' and repository = 'mixed/x:n';
\elif :change = 3
update inventory.asset set labels = array['m:h'], scope_ids = array['$group']::uuid[]
where tenant_id = '$tenant' and repository = 'mixed/x:n';
\elif :change = 4
begin;
update inventory.asset set class_rank = 1 + :h % 4 where tenant_id = '$tenant' and repository = 'mixed/x:n';
delete from inventory.asset where tenant_id = '$tenant' and repository = 'mixed/x:n';
rollback;
\else
update inventory.asset set risk_score = :h where tenant_id = '$tenant' and repository = 'mixed/x:n';
\endif
SQL

rate() {
    sql -c "delete from inventory.asset" -c "vacuum inventory.asset" -c "checkpoint" >/dev/null
    pgbench -n -c "$clients" -j 2 -T "$seconds" -f "$work/upsert.sql" "$server dbname=$database" 2>/dev/null |
        sed -n 's/^tps = \([0-9.]*\).*/\1/p'
}

for turn in $(seq "$turns"); do
    sql -c "select inventory.remove_facets()" >/dev/null
    without=$(rate)
    sql -c "truncate inventory.asset" -c "select inventory.install_facets()" >/dev/null
    with=$(rate)
    drift=$(sql -c "select count(*) from inventory.verify_facets('$tenant')")
    deltas=$(sql -c "select count(*) from inventory.facet_delta")
    echo "$without $with" >>"$work/rates"
    [ "$drift" = 0 ] || failed=1
    printf 'turn %s: without %s/s, with %s/s, %s rows of deltas, drift %s\n' "$turn" "$without" "$with" "$deltas" "$drift"
done
pgbench -n -c "$clients" -j 2 -T "$seconds" -f "$work/mixed.sql" "$server dbname=$database" >"$work/mixed.log" 2>&1 &
writers=$!
sql -c "select pg_sleep(1)" -c "select inventory.compact_facets()" \
    -c "select inventory.register_field('mixed', 'text', is_group => true)" \
    -c "select inventory.rebuild_facets('$tenant')" -c "select inventory.compact_facets()" >/dev/null
while kill -0 "$writers" 2>/dev/null; do
    sql -c "select inventory.compact_facets()" -c "select inventory.rebuild_facets('$tenant')" >/dev/null
done
wait "$writers"
grep -q 'failed transactions: 0 ' "$work/mixed.log" || failed=1
drift=$(sql -c "select count(*) from inventory.verify_facets('$tenant')")
[ "$drift" = 0 ] || failed=1
echo "mixed changes beside compaction, rebuild and a new field: drift $drift"
awk '{ a += $1; b += $2 } END { printf "ratio %.2f (goal 0.70)\n", b / a }' "$work/rates"
[ -z "${failed:-}" ]
