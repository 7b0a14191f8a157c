#!/bin/bash
# How fast import_assets_in_chunks loads, in two sessions: with all indexes kept, and with the
# indexes suspended and restored behind it, as the DBA's guide has it. Prints assets a second of
# both and what building took; the facets are compared with the assets: drift must be 0.
#
#   test/bench/load.sh 'CONNINFO of a superuser'      ASSETS=540000 SESSIONS=2 IMAGES=…/container_images.jsonl.gz
#
# The assets are the sample images, or made-up ones where these are not at hand, as often as needed,
# each time with digests of its own. Makes and drops a database of its own.
set -euo pipefail
cd "$(dirname "$0")/../.."

server=${1:?conninfo of a superuser}
assets=${ASSETS:-540000}
sessions=${SESSIONS:-2}
images=${IMAGES:-../shared/data/container_images.jsonl.gz}
database=load_$$
tenant=77777777-0000-4000-8000-000000000001

sql() { PGOPTIONS='-c client_min_messages=warning' psql -X -q -t -A -v ON_ERROR_STOP=1 "$server dbname=$database" "$@"; }
trap 'psql -X -q "$server dbname=postgres" -c "drop database if exists $database with (force)"' EXIT

# Runs a statement in all sessions at once; prints the seconds.
timed() {
    local begin pids=() pid
    begin=$(date +%s%N)
    for _ in $(seq "$sessions"); do
        sql -c "set maintenance_work_mem = '1GB'" -c "$1" >/dev/null &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do wait "$pid"; done
    awk "BEGIN { print ($(date +%s%N) - $begin) / 1e9 }"
}

stage() {
    sql -c "drop table if exists staging" -c "create unlogged table staging (asset jsonb not null)" -c "
        insert into staging
        select jsonb_strip_nulls(jsonb_build_object(
            'registry', image -> 'registry', 'repository', image -> 'repository', 'name', image -> 'name',
            'image_tags', image -> 'tags', 'architecture', image #> '{architectures,0}', 'os', image -> 'os',
            'config_digest', 'sha256:' || encode(sha256(convert_to(image::text || turn, 'UTF8')), 'hex'),
            'distribution_digests', jsonb_build_array('sha256:' || encode(sha256(convert_to(turn || image::text, 'UTF8')), 'hex')),
            'size_bytes', image -> 'size_bytes', 'config', jsonb_build_object('labels', image -> 'annotations'),
            'created_at', image -> 'created_at', 'labels', jsonb_build_array('turn:' || turn, 'common'),
            'tags', jsonb_build_object('env', (array['prod', 'test', 'dev'])[1 + n % 3], 'cost', 'c' || n % 997),
            'class', jsonb_build_object('rank', 1 + n % 4), 'risk_score', n % 1000))
        from (select image, row_number() over () as n from demo.image) i
        cross join generate_series(0, ($assets - 1) / (select count(*) from demo.image)) turn
        limit $assets" -c "analyze staging" -c checkpoint
}

load() { timed "call inventory.import_assets_in_chunks('tenants/$tenant', 'staging')"; }
rate() { awk "BEGIN { printf \"%.0f\", $assets / ($1) }"; }

check() {
    [ "$(sql -c "select count(*) from inventory.asset")" = "$assets" ] || { echo "assets were lost" >&2 && exit 1; }
    sql -c "do \$\$ begin while inventory.compact_facets() > 0 loop commit; end loop; end \$\$"
    drift=$(sql -c "select count(*) from inventory.verify_facets('$tenant')")
    [ "$drift" = 0 ] || { echo "drift of the facets: $drift" >&2 && exit 1; }
}

psql -X -q -v ON_ERROR_STOP=1 "$server dbname=postgres" -c "create database $database template template0 encoding 'UTF8'"
sql -c "create extension asset_inventory cascade" -c "select inventory.migrate()" \
    -c "select inventory.create_tenant('bench', '$tenant')" \
    -c "create schema demo" -c "create table demo.image (image jsonb not null)" >/dev/null
if [ -f "$images" ]; then
    zcat "$images" | sql -c "copy demo.image from stdin with (format csv, quote e'\\x01', delimiter e'\\x02')"
else
    sql -f tools/generate.sql
fi

stage
kept=$(load)
check
echo "$assets assets in $sessions sessions, all indexes kept: $(rate "$kept") a second ($kept s)"
sql -c "truncate inventory.asset" -c "vacuum full inventory.asset" >/dev/null

stage
sql -c "select inventory.suspend_indexes()" >/dev/null
loaded=$(load)
built=$(timed "select inventory.restore_indexes()")
check
echo "$assets assets in $sessions sessions, indexes suspended: $(rate "$loaded") a second ($loaded s); with building them" \
    "$(rate "$loaded + $built") ($built s more); facets exact"
