#!/bin/sh
# Adds a label to assets, or removes it: sh bulk_update.sh add reviewed ID...
#
# At most a hundred in one request: all of them change, or none.
set -eu

action=$1 label=$2
shift 2

data=
for id; do
    data="$data${data:+,}"'{"type": "container_images", "id": "'"$id"'",
        "attributes": {"labels": {"'"$action"'": ["'"$label"'"]}}}'
done
# 204 has no body: nothing printed is success.
curl -sS --fail-with-body -X PATCH -H "Authorization: Token $TOKEN" \
    -H 'Content-Type: application/vnd.api+json' \
    "$URL/orgs/$ORG/inventory/assets" -d '{"data": ['"$data"']}'
