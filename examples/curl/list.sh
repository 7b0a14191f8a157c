#!/bin/sh
# Prints the ten newest assets of an org, as the server answers them.
set -eu

curl -sS --fail-with-body --get -H "Authorization: Token $TOKEN" \
    "$URL/orgs/$ORG/inventory/assets" \
    -d sort=-created_at --data-urlencode 'fields[container_images]=registry,name'
