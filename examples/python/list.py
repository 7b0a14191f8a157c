"""Prints the ten newest assets of an org."""
import os

from inventory import call

page = call("GET", f"/orgs/{os.environ['ORG']}/inventory/assets", {
    "sort": "-created_at",
    "fields[container_images]": "registry,repository",
})
for asset in page["data"]:
    attributes = asset["attributes"]
    print(asset["id"], f"{attributes['registry']}/{attributes['repository']}")
