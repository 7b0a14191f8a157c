"""Starts a search and prints the id of each of its results: python3 search.py 'q==nginx'.

A search runs outside of the request, and what it found stays as it was for a day.
"""
import os
import sys

from inventory import call

page = call("POST", f"/orgs/{os.environ['ORG']}/inventory/assets/searches", document={
    "data": {
        "type": "searches",
        "attributes": {"filter": sys.argv[1], "sort": "-risk_score", "limit": 100},
    }
})
while True:
    for asset in page["data"]:
        print(asset["id"])
    if "next" not in page["links"]:
        break
    page = call("GET", page["links"]["next"])
