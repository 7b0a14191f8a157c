"""Counts the assets of an org by the values of a field: python3 groups.py class."""
import os
import sys

from inventory import call, walk

fields = call("GET", f"/orgs/{os.environ['ORG']}/inventory/assets/groups")["data"]
by_name = {field["attributes"]["name"]: field for field in fields}
if sys.argv[1] not in by_name:
    sys.exit(f"{sys.argv[1]} is not one of {', '.join(by_name)}")
values = by_name[sys.argv[1]]["relationships"]["values"]["links"]["related"]
for group in walk(values):
    print(group["meta"]["count"], group["attributes"]["value"])
