#!/usr/bin/env python3
"""Peers measured in one run against the proxy, on the demo's table.

    python3 test/bench/peers/run.py            the table, some four minutes
    python3 test/bench/peers/run.py --help     rounds, seconds and connections

Reads build/demo.env (make up). What npm cannot install is left out, with a message. All listens on
loopback and is stopped at the end. `measure` and `report` are there for other benchmarks.
"""

import argparse
import os
import statistics
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from contenders import JsonApi, open_contenders  # noqa: E402
from measure import demo_environment  # noqa: E402
from shapes import make_shapes  # noqa: E402


def check_answers(contenders, shapes):
    """Every contender gives the same assets in the same order, and who speaks JSON:API the same
    attributes."""
    ours = contenders[0]
    for shape in shapes:
        want = ours.ids(shape)
        for it in contenders[1:]:
            got = it.ids(shape)
            if got != want:
                raise SystemExit(f"{it.name} answers {shape.name} differently:\n{got}\ninstead of\n{want}")
            if isinstance(it, JsonApi) and it.data(shape) != ours.data(shape):
                raise SystemExit(f"{it.name} answers {shape.name} with other attributes or links")
        print(f"The same {len(want)} assets in the same order from all: {shape.name}")


def measure(env, rounds=3, seconds=2, connections=(1, 16, 64)):
    """Returns {(shape, connections): {contender: (good answers a second, p50 ms, p99 ms, percent
    of failures)}}, medians of rounds in which the contenders take turns, so that a noisy minute meets all of them."""
    results = {}
    with open_contenders(env) as contenders:
        shapes = make_shapes(env)
        check_answers(contenders, shapes)
        for shape in shapes:
            for count in connections:
                seen = {it.name: [] for it in contenders}
                for it in contenders:
                    it.run(shape, count, 1)
                for i in range(rounds):
                    # Who comes first changes, so that nobody always follows the same neighbour.
                    for it in contenders[i % len(contenders):] + contenders[:i % len(contenders)]:
                        seen[it.name].append(it.run(shape, count, seconds))
                results[shape.name, count] = {
                    name: tuple(statistics.median(column) for column in zip(*runs))
                    for name, runs in seen.items()}
    return results


def report(results):
    """Prints the results as a Markdown table; a ratio is of the first contender's rate to this."""
    print("| page of 10 | connections | who | answers/s | p50 ms | p99 ms | failed | ours is |")
    print("|---|--:|---|--:|--:|--:|--:|--:|")
    for (page, count), row in results.items():
        ours = next(iter(row.values()))[0]
        for name, (rate, p50, p99, failed) in row.items():
            ratio = f"{ours / rate:.2f} x" if rate else "–"
            print(f"| {page} | {count} | {name} | {rate:,.0f} | {p50:.2f} | {p99:.2f} | {failed:.1f} % | {ratio} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=2, help="of one measurement (2)")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 16, 64])
    arguments = parser.parse_args()
    before = os.getloadavg()
    results = measure(demo_environment(), arguments.rounds, arguments.seconds, arguments.connections)
    report(results)
    after = os.getloadavg()
    print(f"\nMedians of {arguments.rounds} interleaved rounds of {arguments.seconds} s; {os.cpu_count()} cores; "
          f"load average {before[0]:.1f} before, {after[0]:.1f} after.")


if __name__ == "__main__":
    main()
