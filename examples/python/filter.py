"""Counts the assets that a filter finds: python3 filter.py 'class==A;registry==docker.io'."""
import os
import sys

from inventory import ApiError, call

try:
    answer = call("GET", f"/orgs/{os.environ['ORG']}/inventory/assets", {
        "filter": sys.argv[1],
        "meta_count": "only",
    })
except ApiError as error:
    sys.exit(f"{error.status}: {error}")
print(answer["meta"]["count"])
