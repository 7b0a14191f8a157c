"""The cases of bench-scale: for each tenant some 500 different requests a case, the same in each run.

`read_cases` and `write_cases` give (name, promise, requests); a request is (method, target, body), and a
promise the key of what the closing summary says of it (scale_report.py), or None."""

import itertools
import json
import math
import random
from datetime import date, timedelta
from urllib.parse import urlencode

from scale_data import tenant_of
from scale_terms import LOTS

CALLS = 500
WARM_UP = 20  # further requests of the same case, sent before those that count
MANY = CALLS + WARM_UP
SORTS = ("created_at", "updated_at", "type", "class", "registry", "name", "risk_score", "issues", "built_at", "last_scan")
BOTH_WAYS = [sign + sort for sort in SORTS for sign in ("", "-")]
LIMITS = range(10, 20)
# A page has nothing to vary that its cost does not follow but the date of the interface it asks for.
VERSIONS = [date(2024, 10, 15) + timedelta(days) for days in range(60)]


def mixed(*axes):
    """MANY different combinations, one value of each axis, in an order of no meaning, the same each time."""
    total = math.prod(len(axis) for axis in axes)
    chosen = []
    for n in random.Random(7).sample(range(total), min(MANY, total)):
        combination = []
        for axis in axes:
            n, at = divmod(n, len(axis))
            combination.append(axis[at])
        chosen.append(tuple(combination))
    return chosen


def get(path, **parameters):
    return "GET", f"{path}?{urlencode(parameters, safe=':,*')}" if parameters else path, None


def quoted(term):
    return "'" + term.replace("\\", "\\\\").replace("'", "\\'") + "'"


class Tenant:
    """What the requests to one tenant are made of."""

    def __init__(self, data, size):
        self.data, self.size, self.id = data, size, tenant_of(size)
        self.assets = self.path("tenants", self.id)
        # Spread over the tenant: the factor has no divisor in common with its size.
        self.spread = (f"generate_series(1, {MANY}) n join inventory.asset a on a.tenant_id = '{self.id}' "
                       f"and a.id = md5('{self.id}:1:' || (n * 7919::bigint) % {size})::uuid")
        self.scopes = {}
        for kind, name, id in data.rows(f"select kind, name, id from inventory.scope where tenant_id = '{self.id}' and kind <> 'tenant'"):
            self.scopes.setdefault(name.split(" (")[0], []).append(self.path(f"{kind}s", id))

    @staticmethod
    def path(kind, id):
        return f"/{kind}/{id}/inventory/assets"

    def field(self, name):
        return self.data.rows(f"select inventory.field_id('{name}') as id")[0][0]

    def column(self, expression):
        """An expression over the assets `a` of the spread."""
        return [row[0] for row in self.data.rows(f"select {expression} as value from {self.spread} order by n")]

    def cursor(self, sort):
        """The expression of a cursor that stands at `a`."""
        kind, total = self.data.rows(f"select kind, total from inventory.asset_field where name = '{sort.lstrip('-')}'")[0]
        if kind == "time":
            total = f"case when {total} < 'infinity' then (extract(epoch from {total}) * 1000000)::bigint else 9223372036854775807 end"
        elif kind == "text":
            total = f"a.{sort.lstrip('-')}"
        return f"inventory.cursor_encode(jsonb_build_object('s', '{sort}', 'k', jsonb_build_array({total}), 'i', a.id))"

    def walked(self, call, path, pages=400):
        """The cursors of a list's own links, page by page from its first."""
        target, found = f"{path}?limit=100", []
        while target and len(found) < pages:
            document = json.loads(call("GET", target)[1])
            target = document["links"].get("next")
            found += [target.split("starting_after=")[1].split("&")[0]] if target else []
        return found


def pages(it):
    yield "page 1", "page", [get(it.assets, limit=limit, version=version) for limit, version in mixed(LIMITS, VERSIONS)]
    yield "page 1 of any sort", None, [get(it.assets, sort=sort, limit=limit) for sort, limit in mixed(BOTH_WAYS, range(10, 36))]
    last = [row[0] for row in it.data.rows(
        f"select {it.cursor('created_at')} as cursor from (select * from inventory.asset a where a.tenant_id = '{it.id}' "
        f"order by a.created_at desc, a.id desc offset 20 limit {MANY}) a")]
    yield "deepest page", "page", [get(it.assets, limit=10 + n % 10, starting_after=cursor) for n, cursor in enumerate(last)]
    yield "one asset", None, [get(f"{it.assets}/{id}") for id in it.column("a.id")]
    for sort in SORTS:
        there, back = it.column(it.cursor(sort)), it.column(it.cursor("-" + sort))
        yield f"sort by {sort}", None, [
            get(it.assets, sort=("-" if n % 2 else "") + sort, limit=10 + n % 10, starting_after=(back if n % 2 else there)[n])
            for n in range(len(there))]


def words(it, terms):
    """q of each class of luck."""
    ways = ("created_at", "-created_at", "name", "-updated_at")

    def q(filters, limits=range(10, 17)):
        return [get(it.assets, filter=filter, sort=sort, limit=limit) for filter, sort, limit in mixed(filters, ways, limits)]

    def each(filters):
        """Every filter once."""
        return [get(it.assets, filter=filter, sort=ways[n % len(ways)], limit=10 + n % 7) for n, filter in enumerate(filters)]

    def of_digest(least, most):
        return each(f"q=={digest[7 + n % 3:][:least + n % (most - least + 1)]}"
                    for n, digest in enumerate(it.column("a.manifest_digests[1]")))

    pick = random.Random(5)
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    yield "q common (a fifth and more)", "term", q([f"q=={quoted(term)}" for term in terms.of_share(0.2, 1)])
    lots = [f"q==lot:{lot}" for lot in LOTS]
    yield "q of 4 %", "term", q(lots)
    yield "q of 4 %, pages of 50 to 100", "term", q(lots, range(50, 101))
    yield "q medium (0.5 to 2 %)", "term", each(f"q=={quoted(term)}" for term in terms.of_share(0.005, 0.02))
    # With fewer digits, or a number below 50, one is a part of others.
    yield "q rare (five assets)", "term", q([f"q==rare:{n}" for n in range(50, 500)])
    # The label `common` goes with a low score: four tenths of the tenant come before the first.
    whole = [f"q=={part}" for part in ("common", "commo", "ommon", "comm", "ommo", "mmon")]
    yield "q far end (60 %)", "term", [get(it.assets, filter=filter, sort="-risk_score", limit=limit)
                                       for filter, limit in mixed(whole, range(10, 101))]
    yield "q far end (2 % and less)", "term", [get(it.assets, filter=f"q=={quoted(term)}", sort=sort, limit=10 + n % 7)
                                               for n, (sort, term) in enumerate(terms.far())]
    yield "q absent", "term", each("q==" + (f"absent{pick.getrandbits(4 * n % 128 + 16):x}" if n % 2 else
                                            "".join(pick.choices("jqvxz", k=5 + n % 20))) for n in range(MANY))
    yield "q of two that never meet", "term", each(f"q=={quoted(one)};q=={quoted(other)}" for one, other in terms.strangers())
    yield "q two characters", "short", each("q==" + "".join(two) for two in mixed(letters, letters))
    yield "q one character", "short", q([f"q=={quoted(one)}" for one in letters + ":/._-"])
    for least, most in ((3, 3), (4, 4), (5, 5), (6, 64), (8, 64)):
        name = f"{least}" if least == most else f"{least} to {most}"
        yield f"q part of a digest, {name} digits", "term", of_digest(least, most)


def filters(it):
    yield "repository == value", None, [get(it.assets, filter=f"repository=={quoted(value)}", limit=10 + n % 90)
                                        for n, value in enumerate(it.column("a.repository"))]
    yield "tags.cost == value", None, [get(it.assets, filter=f"tags.cost==c{n}") for n in range(MANY)]
    registries = sorted({value for value in it.column("a.registry")})
    inner = sorted({value[at:at + length] for value in registries for length in range(3, 9) for at in range(len(value) - length + 1)})
    yield "registry == *part*", None, [get(it.assets, filter=f"registry=='*{part}*'", limit=limit)
                                       for part, limit in mixed(inner, range(10, 20))]


def scopes(it):
    for what, name in (("org of half", "org 1"), ("org of a thousandth", "org 6"), ("org of ten assets", "org 8"),
                       ("group of nine tenths", "many"), ("group of a hundredth", "few")):
        places = it.scopes[name]
        lots = [f"q==lot:{lot}" for lot in LOTS]
        ways = ("created_at", "-created_at", "name", "-updated_at")
        yield what, None, [get(place, sort=sort, limit=limit) for place, sort, limit in mixed(places, BOTH_WAYS, range(10, 36))]
        yield f"{what}, q of 4 %", "term", [get(place, filter=filter, sort=sort, limit=limit)
                                            for place, filter, sort, limit in mixed(places, lots, ways, LIMITS)]
        yield f"{what}, count", "facet", counts(places)


def counts(places, conditions=("",)):
    """The sort and limit of a count mean nothing: they make the requests different."""
    return [get(place, meta_count="only", sort=sort, limit=limit, **({"filter": filter} if filter else {}))
            for place, filter, sort, limit in mixed(places, conditions, BOTH_WAYS, range(10, 60))]


def facets(it, call):
    yield "count", "facet", counts([it.assets])
    lots, teams = [f"labels==lot:{lot}" for lot in LOTS], [f"labels==team:{n}" for n in range(40)]
    yield "count of a label (4 %)", None, counts([it.assets], lots)
    yield "count of two labels", None, counts([it.assets], [f"{lot};{team}" for lot in lots for team in teams])
    yield "count of a range (4 %)", None, [get(it.assets, meta_count="only", filter=f"risk_score=ge={n};risk_score=lt={n + 40}")
                                           for n in range(MANY)]
    for name in ("class", "registry", "labels", "repository"):
        path = f"{it.assets}/groups/{it.field(name)}/values"
        starts = [{}] + [{"starting_after": cursor} for cursor in it.walked(call, path)]
        yield f"groups by {name}", "facet", [get(path, limit=limit, version=version, **start)
                                             for start, limit, version in mixed(starts, range(10, 100), VERSIONS)]
        if name == "class":
            yield "groups by class of two labels", None, [get(path, filter=f"{lot};{team}") for lot, team in mixed(lots, teams)]
    path = f"{it.assets}/filters/{it.field('repository')}/values"
    repositories = sorted({value for value in it.column("lower(a.repository)")})
    inner = sorted({value[at:at + length] for value in repositories for length in range(1, 9) for at in range(len(value) - length + 1)})
    yield "autocomplete", "facet", [get(path, q=part, limit=10 + n % 10) for n, (part,) in enumerate(mixed(inner))]
    yield "autocomplete of random digits", "facet", [get(path, q=f"{n * 2654435761 % 2 ** 32:08x}"[:3 + n % 4]) for n in range(MANY)]


def read_cases(data, size, terms, call):
    it = Tenant(data, size)
    return itertools.chain(pages(it), words(it, terms), filters(it), scopes(it), facets(it, call))


def write_cases(data, size):
    """A hundred neighbours for each call, each with another class than it has, so that every run writes."""
    it = Tenant(data, size)
    calls = data.rows(f"select n, json_agg(json_build_array(a.id, 1 + (coalesce(a.class_rank, 0) + n / 100 % 3) % 4)) as changes "
                      f"from generate_series(1, {MANY}) n cross join generate_series(0, 99) m "
                      f"join inventory.asset a on a.tenant_id = '{it.id}' "
                      f"and a.id = md5('{it.id}:1:' || (n * 7919::bigint + m) % {size})::uuid group by n order by n")

    def body(changes):
        return json.dumps({"data": [{"type": "container_images", "id": id, "attributes": {"class": {"rank": rank}}}
                                    for id, rank in changes]})

    yield "bulk update of 100", None, [("PATCH", it.assets, body(changes)) for _, changes in calls]
