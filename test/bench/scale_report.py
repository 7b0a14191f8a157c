"""What bench-scale prints of its figures: a table in Markdown, and whether each promise held."""

from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figure:
    """One case at one size."""

    promise: str | None
    times: tuple  # milliseconds, ascending
    different: int  # requests, of those that were measured
    late: int  # answers of 504
    slowest: str  # target

    @property
    def p50(self):
        return median(self.times)

    @property
    def p99(self):
        return self.times[int(len(self.times) * 0.99)]


def print_table(sizes, figures):
    """`figures` are {name: {size: Figure}}; ratios are to the smallest size."""
    least = sizes[0]
    print("\n| ms | " + " | ".join(f"{size:,}: p50 | p99" + (" | p50 ratio | p99 ratio" if size > least else "") for size in sizes)
          + " | different |")
    print("|---|" + "--:|" * (4 * len(sizes) - 1))
    for name, row in figures.items():
        cells = []
        for size in sizes:
            it = row[size]
            cells += [f"{it.p50:.2f}", f"{it.p99:.2f}"]
            cells += [f"{it.p50 / row[least].p50:.2f}", f"{it.p99 / row[least].p99:.2f}"] if size > least else []
        different = sorted({it.different for it in row.values()})
        cells.append("–".join(str(n) for n in dict.fromkeys((different[0], different[-1]))))
        print(f"| {name} | " + " | ".join(cells) + " |")


def held(is_so):
    return "held" if is_so else "**did not hold**"


def page_promise(sizes, figures):
    most = 1.2
    if not {"page 1", "deepest page"} <= set(figures) or len(sizes) < 2:
        return "not measured"
    base = figures["page 1"][sizes[0]]
    ratios = {name: figures[name][sizes[-1]].p50 / base.p50 for name in ("page 1", "deepest page")}
    return (f"{held(max(ratios.values()) <= most)}: " + ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items())
            + " by p50; " + ", ".join(f"{figures[name][sizes[-1]].p99 / base.p99:.2f}" for name in ratios) + " by p99")


def kept_to(figures, promise, most):
    """Whether p99 kept a limit at all sizes; what did not, with the slowest request."""
    found = [(it.p99, name, size) for name, row in figures.items() for size, it in row.items() if it.promise == promise]
    if not found:
        return "not measured"
    over = sorted((it for it in found if it[0] > most), reverse=True)
    if not over:
        p99, name, size = max(found)
        return f"held in all {len(found)} cases and sizes, the slowest {p99:.1f} ms: {name} at {size:,}"
    lines = [f"\n  * {p99:.1f} ms: {name} at {size:,}, at worst {(it := figures[name][size]).times[-1]:.1f} ms: `{it.slowest}`"
             for p99, name, size in over]
    return f"{held(False)} in {len(over)} of {len(found)} cases and sizes" + "".join(lines)


def deadline_promise(figures, deadline):
    found = [it for row in figures.values() for it in row.values() if it.promise == "short"]
    if not found:
        return "not measured"
    slowest = max(it.times[-1] for it in found)
    return f"{held(slowest <= deadline * 1.1)}: the slowest answer took {slowest:,.0f} ms, {sum(it.late for it in found)} were 504"


def print_promises(sizes, figures, deadline):
    """`deadline` is the request timeout in ms."""
    print("\nWhat was promised, by these figures:\n")
    for what, outcome in (
            (f"Page 1 and the deepest at {sizes[-1]:,} within 1.2 times page 1 at {sizes[0]:,}", page_promise(sizes, figures)),
            ("A term of three or more characters within 50 ms at p99", kept_to(figures, "term", 50)),
            ("A shorter term within its deadline", deadline_promise(figures, deadline)),
            ("Unfiltered counts, groups, autocomplete within 5 ms at p99", kept_to(figures, "facet", 5))):
        print(f"* {what}: {outcome}")
