"""The contenders measured in turn, on the tables of a database that a proxy serves already.

An environment holds URL (of the proxy), DATABASE, TENANT and TOKEN, as build/demo.env does."""

import statistics

from .contenders import JsonApi, open_contenders
from .search_index import search_index
from .shapes import DEPTH, make_shapes


def check_answers(contenders, shapes, index):
    """Every contender gives the same assets in the same order, and who speaks JSON:API the same
    attributes."""
    ours = contenders[0]
    for shape in shapes:
        index.show(False)
        data = ours.data(shape)
        want = [it["id"] for it in data]
        index.show(True)
        for it in contenders[1:]:
            got = it.ids(shape)
            if got != want:
                raise SystemExit(f"{it.name} answers {shape.name} differently:\n{got}\ninstead of\n{want}")
            if isinstance(it, JsonApi) and it.data(shape) != data:
                raise SystemExit(f"{it.name} answers {shape.name} with other attributes or links")
        print(f"The same {len(want)} assets in the same order from all: {shape.name}")


def measure(env, rounds=3, seconds=2, connections=(1, 16, 64), depth=DEPTH):
    """Returns {(shape, connections): {contender: (good answers a second, p50 ms, p99 ms, percent
    of failures)}}, medians of rounds in which the contenders take turns, so that a noisy minute meets all of them."""
    results = {}
    with search_index(env) as index, open_contenders(env) as contenders:

        def run(contender, *given):
            index.show(contender is not contenders[0])
            return contender.run(*given)

        shapes = make_shapes(env, depth)
        check_answers(contenders, shapes, index)
        for shape in shapes:
            for count in connections:
                seen = {it.name: [] for it in contenders}
                for it in contenders:
                    run(it, shape, count, 1)
                for i in range(rounds):
                    # Who comes first changes, so that nobody always follows the same neighbour.
                    for it in contenders[i % len(contenders):] + contenders[:i % len(contenders)]:
                        seen[it.name].append(run(it, shape, count, seconds))
                results[shape.name, count] = {
                    name: tuple(statistics.median(column) for column in zip(*runs))
                    for name, runs in seen.items()}
    return results


def print_table(results):
    """Prints the results as a Markdown table; a ratio is of the first contender's rate to this."""
    print("| page of 10 | connections | who | answers/s | p50 ms | p99 ms | failed | ours is |")
    print("|---|--:|---|--:|--:|--:|--:|--:|")
    for (page, count), row in results.items():
        ours = next(iter(row.values()))[0]
        for name, (rate, p50, p99, failed) in row.items():
            ratio = f"{ours / rate:.2f} x" if rate else "–"
            print(f"| {page} | {count} | {name} | {rate:,.0f} | {p50:.2f} | {p99:.2f} | {failed:.1f} % | {ratio} |")
