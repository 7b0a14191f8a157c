#!/bin/sh
# Starts a search and prints the first page of its results: sh search.sh 'q==nginx'
#
# A search runs outside of the request, and what it found stays as it was for a day.
set -eu

# The filter goes into JSON: as it is when it has no quote and no backslash.
results=$(curl -sS --fail-with-body -o /dev/null -w '%{redirect_url}' \
    -H "Authorization: Token $TOKEN" -H 'Content-Type: application/vnd.api+json' \
    "$URL/orgs/$ORG/inventory/assets/searches" \
    -d '{"data": {"type": "searches", "attributes": {"filter": "'"$1"'", "sort": "-risk_score", "limit": 100}}}')
# The answer to POST is a 302 with the address. Reading waits for the search; one that takes longer is
# answered 503 with retry-after, which curl obeys. `curl -L` does both steps in one.
curl -sS --fail-with-body --retry 5 -H "Authorization: Token $TOKEN" "$results"
