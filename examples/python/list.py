"""Prints the ten newest assets of an org."""
import os

from inventory import call

page = call("GET", f"/orgs/{os.environ['ORG']}/inventory/assets", {
    "sort": "-created_at",
    "fields[container_images]": "registry,name",
})
for asset in page["data"]:
    # An attribute without a value is absent.
    attributes = asset["attributes"]
    print(asset["id"], attributes.get("registry", "-"), attributes.get("name", "-"))
