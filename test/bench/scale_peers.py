"""The peers' table in bench-scale: the pages of one generated tenant, by us and by each of them."""

from measure import ROOT
from peers.compare import measure, print_table
from peers.contenders import proxy
from scale_data import CLUSTER, run, tenant_of


def compare_peers(data, size, token):
    data.sql("do $$ begin if not exists (select from pg_roles where rolname = 'bench_proxy') then "
             "create role bench_proxy login in role inventory_proxy; end if; end $$;")
    database = run("tools/cluster", "uri", str(CLUSTER), "bench_proxy", "scale")
    with proxy(ROOT / "build/asset-inventory-proxy", database) as url:
        env = {"URL": url, "DATABASE": data.uri, "TENANT": tenant_of(size), "TOKEN": token}
        print(f"\nThe peers, {size:,} assets:\n")
        # The last page that is full, so that nobody is the faster for having less to show.
        print_table(measure(env, connections=(1, 16), depth=size - 20))
