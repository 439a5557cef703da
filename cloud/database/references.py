"""The foreign keys of the tables that devices write: the fold checks each parent before it writes a row.

PostgreSQL checks every reference again, which is a third of its work in a fold. From version 18 on a key may be
declared and not enforced; older servers enforce it. The tables of the organization, which only the cloud's own commands
write, keep their keys enforced everywhere.
"""

from __future__ import annotations

import sqlalchemy as sa

from shared.kernel.records import Scope
from shared.records import metadata

KNOWS_NOT_ENFORCED = 180_000
"""The number of the first version that knows it."""
_FOREIGN_KEYS = """
    select c.relname, k.conname from pg_constraint k join pg_class c on c.oid = k.conrelid
    where k.contype = 'f' and c.relnamespace = 'public'::regnamespace and c.relname = any(%s) and k.conenforced = %s
    order by 1, 2"""


def relax_references(connection: sa.Connection) -> None:
    """Stop enforcing these keys, since the fold checks them. A key that is not enforced already is not locked."""
    _set_enforced(connection, enforced=False)


def prove_references(connection: sa.Connection) -> None:
    """Enforce all keys, so that the server checks all rows. A rollback leaves everything as it was.

    Raises:
        IntegrityError: a row refers to one that is not there.
    """
    _set_enforced(connection, enforced=True)


def _set_enforced(connection: sa.Connection, *, enforced: bool) -> None:
    version = connection.exec_driver_sql("select current_setting('server_version_num')::int").scalar_one()
    if version < KNOWS_NOT_ENFORCED:
        return
    tables = [table.name for table in metadata.sorted_tables if table.info.get("scope") is Scope.BRANCH]
    for table, key in connection.exec_driver_sql(_FOREIGN_KEYS, (tables, not enforced)).all():
        word = "enforced" if enforced else "not enforced"
        connection.exec_driver_sql(f'alter table "{table}" alter constraint "{key}" {word}')
