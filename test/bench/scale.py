"""make bench-scale: what a request costs in tenants of 10^4 to 5 x 10^6 assets, as a table in Markdown.

  SIZES=10000,100000,1000000   the tenants (add 5000000 when there is half an hour and 25 GB)
  SCALE_DIR=build/scale        where the cluster is kept: the next run measures what is built already
  test/bench/scale.py build    only builds; with `measure` it only measures
  CASES=q,org                  only the cases that begin so (import, peers are cases too)
  CASE_SECONDS=180             how long one case may take: a slow one makes fewer calls, and says so
  PEERS=100000                 the tenant whose pages the peers serve too (the largest up to it)

Every figure is of 500 different requests to inventory.rest, one after another in one session, after 20 others
of the same case to warm up. All tenants are read before any is written to."""

import gc
import itertools
import os
import sys
import time
from statistics import median

from caller import Session
from scale_cases import CALLS, WARM_UP, read_cases, write_cases
from scale_data import Data, tenant_of
from scale_peers import compare_peers
from scale_report import Figure, print_promises, print_table
from scale_terms import SAMPLE, Terms

SIZES = sorted(int(size) for size in os.environ.get("SIZES", "10000,100000,1000000").split(","))
CASES = tuple(os.environ.get("CASES", "").split(","))
CASE_SECONDS = float(os.environ.get("CASE_SECONDS", "180"))
PEERS = int(os.environ.get("PEERS", "100000"))
IMPORTS = 10


def key(data):
    grants = "".join(f"select inventory.grant_role(p.id, 'tenants/{tenant_of(size)}', 'editor') from inventory.principal p "
                     "where p.name = 'bench'; " for size in SIZES)
    return data.sql("insert into inventory.principal (name) select 'bench' where not exists (select from inventory.principal "
                    f"where name = 'bench'); {grants}"
                    "select inventory.issue_api_key(p.id) from inventory.principal p where p.name = 'bench';").splitlines()[-1]


def measure(session, name, promise, requests):
    requests = list(dict.fromkeys(requests))
    if not requests:
        raise SystemExit(f"{name}: no requests")
    counted = requests[:CALLS]
    end = time.monotonic() + CASE_SECONDS / 10
    for request in requests[CALLS:CALLS + WARM_UP] or counted[:WARM_UP]:
        if time.monotonic() < end:
            session.call(*request)
    calls, late = [], 0
    gc.disable()
    end = time.monotonic() + CASE_SECONDS
    for request in itertools.islice(itertools.cycle(counted), CALLS):
        status, body, took = session.call(*request)
        if not 200 <= status < 300 and status != 504:
            raise SystemExit(f"{name}: {status} for {request[1]}\n{body}")
        calls.append((took, request))
        late += status == 504
        if time.monotonic() > end:
            break
    gc.enable()
    return Figure(promise, tuple(sorted(took for took, _ in calls)), len({request for _, request in calls}), late,
                  max(calls, key=lambda call: call[0])[1][1])


def measure_all(session, size, cases, figures):
    for name, promise, requests in cases:
        if name.startswith(CASES):
            it = measure(session, name, promise, requests)
            figures.setdefault(name, {})[size] = it
            remark = (f" {len(it.times)} calls in {CASE_SECONDS:.0f} s" if len(it.times) < CALLS else "") + (
                f" {it.late} of 504" if it.late else "")
            print(f"{size:>9,} {name:<36} {it.p50:10.3f} {it.p99:10.3f} {it.different:5}{remark}", file=sys.stderr, flush=True)


def import_rates(data, size):
    """Assets a second of import_assets with all indexes: calls of 1,000 new ones, which are removed again."""
    rates = []
    for n in range(IMPORTS):
        data.sql("drop table if exists public.incoming; create table public.incoming as select jsonb_build_object('registry', "
                 "'bench.example', 'repository', 'team-' || i % 50 || '/app-' || i, 'labels', jsonb_build_array('bench', 'n:' || i % 7), "
                 f"'config_digest', 'sha256:' || encode(sha256('{n}:'::bytea || i::text::bytea), 'hex')) as asset "
                 "from generate_series(1, 1000) i;")
        begin = time.monotonic()
        data.sql(f"select inventory.import_assets('tenants/{tenant_of(size)}', 'public.incoming')")
        rates.append(1000 / (time.monotonic() - begin))
    data.sql(f"delete from inventory.asset where tenant_id = '{tenant_of(size)}' and registry = 'bench.example'")
    return rates


def report(data):
    loads = [os.getloadavg()[0]]
    begin = time.monotonic()
    data.settle()
    print(f"settled in {time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)
    token = key(data)
    terms = Terms(data.rows(f"select a.name, a.search from inventory.asset a where a.tenant_id = '{tenant_of(SIZES[0])}' "
                            f"order by a.created_at, a.id limit {SAMPLE}"))
    session = Session(data.uri, token)
    figures = {}
    for size in SIZES:
        measure_all(session, size, read_cases(data, size, terms, session.call), figures)
    if "peers".startswith(CASES):
        compare_peers(data, max([size for size in SIZES if size <= PEERS], default=SIZES[0]), token)
    for size in SIZES:
        measure_all(session, size, write_cases(data, size), figures)
    deadline = int(data.sql("load 'asset_inventory'; select setting from pg_settings where name = 'asset_inventory.request_timeout'"))
    session.close()
    if figures:
        print_table(SIZES, figures)
        print_promises(SIZES, figures, deadline)
    if "import".startswith(CASES):
        rates = {size: import_rates(data, size) for size in SIZES}
        print(f"\n`import_assets` of 1,000 new assets, all indexes kept, {IMPORTS} calls, assets a second (median, slowest call): "
              + ", ".join(f"{median(them):,.0f} and {min(them):,.0f} at {size:,}" for size, them in rates.items()) + ".")
    loads.append(os.getloadavg()[0])
    print(f"\n{CALLS} calls a case after {WARM_UP} to warm up, one session, one prepared statement, a Unix socket; {os.cpu_count()} cores; "
          f"load average {loads[0]:.1f} before, {loads[1]:.1f} after; {(time.monotonic() - begin) / 60:.0f} minutes.")


if __name__ == "__main__":
    if sys.argv[1:] not in ([], ["build"], ["measure"]):
        raise SystemExit(__doc__)
    DATA = Data()
    DATA.start()
    try:
        if sys.argv[1:] != ["measure"]:
            DATA.build(SIZES)
        if sys.argv[1:] != ["build"]:
            report(DATA)
    finally:
        DATA.stop()
