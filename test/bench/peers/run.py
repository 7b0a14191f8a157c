#!/usr/bin/env python3
"""Peers measured in one run against the proxy, on the demo's table.

    python3 test/bench/peers/run.py            the table, some four minutes
    python3 test/bench/peers/run.py --help     rounds, seconds and connections

Reads build/demo.env (make up). What npm cannot install is left out, with a message. All listens on
loopback and is stopped at the end. make bench-scale has the same table of a generated tenant.
"""

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from measure import demo_environment  # noqa: E402
from peers.compare import measure, print_table  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=2, help="of one measurement (2)")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 16, 64])
    arguments = parser.parse_args()
    before = os.getloadavg()
    results = measure(demo_environment(), arguments.rounds, arguments.seconds, arguments.connections)
    print_table(results)
    after = os.getloadavg()
    print(f"\nMedians of {arguments.rounds} interleaved rounds of {arguments.seconds} s; {os.cpu_count()} cores; "
          f"load average {before[0]:.1f} before, {after[0]:.1f} after.")


if __name__ == "__main__":
    main()
