"""Writers, lists and searches on one org at the same time: nothing deadlocks, nothing is lost, and
counts, facets and audit agree with the assets in the end.

STRESS_SECONDS sets how long (10). Its searches stay alive: a minute needs a
asset_inventory.search_quota above the default of 1,000 (alter system set), or the quota's 429 ends it.
"""
import collections
import os
import random
import sys
import threading
import time
import uuid

from common import (ORG, SEED, Client, audit_table, check, env, equal, expect, main, sql, viewer,
                    walk)

SECONDS = float(os.environ.get("STRESS_SECONDS", "10"))
LABELS = 4


class Writer:
    """Adds and removes labels that nobody else touches, in bulk, and knows what must be there."""
    def __init__(self, name, assets):
        self.client = Client(env.TOKEN)
        self.random = random.Random(f"{SEED} {name}")
        self.labels = [f"{name}-{n}" for n in range(LABELS)]
        self.assets = assets
        self.kept = collections.defaultdict(set)
        self.changes = {}

    def step(self):
        chosen = self.random.sample(self.assets, self.random.randint(1, 30))
        items, changed = [], 0
        for asset in chosen:
            add = set(self.random.sample(self.labels, self.random.randint(1, 2)))
            remove = set(self.labels) - add if self.random.random() < 0.5 else set()
            after = (self.kept[asset] | add) - remove
            changed += after != self.kept[asset]
            self.kept[asset] = after
            wanted = {"add": sorted(add), **({"remove": sorted(remove)} if remove else {})}
            items.append(
                {"type": "container_images", "id": asset, "attributes": {"labels": wanted}})
        request = str(uuid.uuid4())
        expect(self.client.patch(ORG, {"data": items}, headers={"snyk-request-id": request}), 204)
        self.changes[request] = changed

    def clean(self):
        for start in range(0, len(self.assets), 100):
            items = [{
                "type": "container_images", "id": asset,
                "attributes": {"labels": {"remove": self.labels}}
            } for asset in self.assets[start:start + 100]]
            expect(self.client.patch(ORG, {"data": items}), 204)


class Reader:
    """Lists and searches for a writer's labels; every page must be sound, whatever it holds."""
    def __init__(self, labels):
        self.client = Client(env.READER_TOKEN)
        self.labels = labels
        self.random = random.Random(f"{SEED} {labels}")

    def step(self):
        text = f"labels=={self.random.choice(self.labels)}"
        page = expect(self.client.get(ORG, {"filter": text, "meta_count": "with", "limit": 100}),
                      200)
        check(page.json["meta"]["count"] >= len(page.data), "the count covers the page")
        check("next" in page.links or page.json["meta"]["count"] == len(page.data),
              "page, link and count are of one moment")
        body = {"data": {"type": "searches", "attributes": {"filter": text, "limit": 10}}}
        location = expect(self.client.post(f"{ORG}/searches", body), 302).headers["location"]
        expect(self.client.get(location), 200)


def run_for(seconds, workers):
    """Every worker steps in a thread of its own until the time is over."""
    failures = []
    end = time.monotonic() + seconds

    def work(worker):
        try:
            while time.monotonic() < end and not failures:
                worker.step()
        except Exception as failure:  # pylint: disable=broad-except
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(worker, )) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check(not failures, f"seed {SEED}: {failures[:1]}")


def group_counts(name):
    [field] = [
        item["id"] for item in viewer.get(f"{ORG}/groups").data
        if item["attributes"]["name"] == name
    ]
    return {
        item["attributes"]["value"]: item["meta"]["count"]
        for page in walk(viewer, f"{ORG}/groups/{field}/values", {"limit": 100})
        for item in page.data
    }


def check_audit(changes):
    rows = sql(f"select request_id, count(*) from {audit_table()} "
               f"where request_id::text = any('{{{','.join(changes)}}}') group by 1")
    recorded = dict(row.split("|") for row in rows)
    for request, changed in changes.items():
        equal(int(recorded.get(request, 0)), changed, f"assets that {request} changed")


def test_6_counts_facets_and_audit_agree_after_concurrent_work():
    assets = viewer.get(ORG, {"limit": 100}).ids
    run = uuid.uuid4().hex[:6]
    writers = [
        Writer(f"c{run}-{name}", order)
        for name, order in (("up", assets), ("down", assets[::-1]), ("mix", assets))
    ]
    labels = [label for writer in writers for label in writer.labels]
    try:
        run_for(SECONDS, [*writers, Reader(labels), Reader(labels[::-1])])
        facets = group_counts("labels")
        shown = {
            item["id"]: set(item["attributes"].get("labels", []))
            for item in viewer.get(ORG, {"limit": 100}).data
        }
        for writer in writers:
            for asset in assets:
                equal(shown[asset] & set(writer.labels), writer.kept[asset], f"labels of {asset}")
            for label in writer.labels:
                wanted = sum(label in kept for kept in writer.kept.values())
                counted = viewer.get(
                    ORG, {"filter": f"labels=={label}", "meta_count": "only"}).json["meta"]["count"]
                equal((counted, facets.get(label, 0)), (wanted, wanted),
                      f"count and facet of {label}")
            check_audit(writer.changes)
    finally:
        for writer in writers:
            writer.clean()


if __name__ == "__main__":
    sys.exit(main(globals()))
