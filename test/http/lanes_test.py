#!/usr/bin/env python3
"""Requests that compute have sessions of their own, which give way to the others."""
import sys
from pathlib import Path

from common import TENANT, check, env, expect, main, sql, viewer

COUNT = {"filter": "name==*a*", "meta_count": "only"}


def niceness(process):
    return int(Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[16])


def postmaster():
    return int(sql("select pg_read_file('postmaster.pid', 0, 20)")[0])


def sessions():
    return [int(pid) for pid in sql("select pid from pg_stat_activity where application_name = 'asset-inventory-proxy'")]


def lowered():
    return {pid for pid in sessions() if niceness(pid) > niceness(postmaster())}


def test_a_count_of_a_filter_runs_apart():
    if not Path("/proc/self/stat").exists() or niceness(postmaster()) >= 5:
        return  # nothing to see: the default is 5
    for _ in range(20):
        expect(viewer.get(TENANT), 200)
        expect(viewer.get(TENANT, {"filter": "class==A"}), 200)
        expect(viewer.get(TENANT, {"meta_count": "with"}), 200)
    before = lowered()
    for _ in range(8):
        expect(viewer.get(TENANT, COUNT), 200)
    after = lowered()
    check(after, "no session gives way")
    check(len(after) < len(sessions()) / 2, f"{len(after)} sessions give way")
    for _ in range(20):
        expect(viewer.get(TENANT), 200)
    check(lowered() == after, f"before {before}, after {after}, now {lowered()}")


if __name__ == "__main__":
    sys.exit(main(globals()))
