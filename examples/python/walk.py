"""Prints the id of every asset that a filter finds: python3 walk.py 'class==A'."""
import os
import sys

from inventory import walk

for asset in walk(f"/orgs/{os.environ['ORG']}/inventory/assets", {
        "filter": sys.argv[1],
        "limit": 100,
        "fields[container_images]": "name",
}):
    print(asset["id"])
