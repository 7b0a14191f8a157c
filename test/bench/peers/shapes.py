"""The requests that all contenders answer, in the words of each."""

import base64
import json
import subprocess
from dataclasses import dataclass, field

LIMIT = 10
DEPTH = 20_000  # rows before the page with a cursor, in the demo


@dataclass
class Shape:
    name: str
    filter: str = ""  # RSQL
    after: tuple = ()  # created_at and id, as PostgreSQL prints them in UTC
    ours: str = ""  # the same position as a cursor of inventory.rest
    where: str = ""  # what PostgREST makes of it
    variables: dict = field(default_factory=dict)  # of `where`
    condition: dict = field(default_factory=dict)  # PostGraphile's

    def node_cursor(self):
        return base64.urlsafe_b64encode(json.dumps(self.after).encode()).decode().rstrip("=") if self.after else ""


def psql(database, statement):
    done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", database], input=statement,
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"psql failed:\n{done.stderr}")
    return done.stdout.strip()


def filtered(term):
    return Shape(f"class==A;q=={term}", filter=f"class==A;q=={term}",
                 where="and class_rank = :rank and search like :pattern",
                 variables={"rank": 1, "pattern": f"%{term}%"},
                 condition={"classRank": 1, "contains": term})


def make_shapes(env, depth=DEPTH):
    created_at, identifier, ours = psql(env["DATABASE"], f"""
        set timezone = 'UTC';
        select created_at, id, inventory.cursor_encode(jsonb_build_object('s', 'created_at', 'k',
                   jsonb_build_array((extract(epoch from created_at) * 1000000)::bigint), 'i', id))
        from inventory.asset where tenant_id = '{env["TENANT"]}'
        order by created_at, id offset {depth - 1} limit 1""").split("|")
    return [
        Shape("first"),
        Shape(f"after {depth:,} rows", after=(created_at, identifier), ours=ours,
              # PostgREST has no row comparison; the first condition gives the index its range.
              where="and created_at >= :created_at and (created_at > :created_at or id > :id)",
              variables={"created_at": created_at, "id": identifier}),
        # A term that few assets hold and one that many do: one plan cannot be right for both.
        *(filtered(term) for term in ("nginx", "k8s")),
    ]
