"""Adds a label to the assets that a filter finds, or removes it:

    python3 bulk_update.py add reviewed 'class==A;registry==docker.io'
"""
import itertools
import os
import sys

from inventory import call, walk

action, label, rsql = sys.argv[1:]
assets = f"/orgs/{os.environ['ORG']}/inventory/assets"
# All are known before the first changes: the label may be part of the filter.
found = list(walk(assets, {"filter": rsql, "limit": 100, "fields[container_images]": "labels"}))
left = iter(found)
# A request takes up to a hundred assets, and changes all of them or none.
while some := list(itertools.islice(left, 100)):
    call("PATCH", assets, document={
        "data": [{
            "type": asset["type"],
            "id": asset["id"],
            "attributes": {"labels": {action: [label]}},
        } for asset in some]
    })
print(len(found))
