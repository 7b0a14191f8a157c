#!/bin/sh
# Prints every page of the assets that a filter finds, one a line: sh walk.sh 'class==A'
set -eu

get() { curl -sS --fail-with-body -H "Authorization: Token $TOKEN" "$@"; }
next_link() { python3 -c 'import json, sys; print(json.load(sys.stdin)["links"].get("next", ""))'; }

page=$(get --get "$URL/orgs/$ORG/inventory/assets" -d limit=100 \
    --data-urlencode "filter=$1" --data-urlencode 'fields[container_images]=name')
printf '%s\n' "$page"
# The link holds every parameter and the cursor: it is followed as it is.
while next=$(printf '%s' "$page" | next_link) && [ -n "$next" ]; do
    page=$(get "$URL$next")
    printf '%s\n' "$page"
done
