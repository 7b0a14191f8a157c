"""The index that the peers' searches need and ours must not see: trigrams, as a developer without our keys
would build them."""

import contextlib

from .shapes import psql

NAME = "inventory.peer_search_idx"


class SearchIndex:
    def __init__(self, database):
        self.database = database
        self.is_seen = True

    def show(self, is_seen):
        """Planners see an index or not by its entry in the catalogue: what they plan next keeps to it."""
        if is_seen != self.is_seen:
            psql(self.database, f"update pg_catalog.pg_index set indisvalid = {is_seen} where indexrelid = '{NAME}'::regclass")
            self.is_seen = is_seen


@contextlib.contextmanager
def search_index(env):
    """Has the index until the end of the block, of the one tenant that is measured."""
    database = env["DATABASE"]
    schema = psql(database, "select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_trgm'")
    psql(database, f"drop index if exists {NAME}; create index {NAME.split('.')[1]} on inventory.asset "
                   f"using gin (search \"{schema}\".gin_trgm_ops) where tenant_id = '{env['TENANT']}'")
    try:
        yield SearchIndex(database)
    finally:
        psql(database, f"drop index {NAME}")
