"""The device's schema: created and upgraded step by step, each step a text that never changes once it was released.

`user_version` counts the steps that a file has had, `application_id` the steps that a program must know to open it. A
step writes no changes to the log, and only adds (README of this folder), so that the release before still opens the
file. All of it runs in one transaction: a device killed in the middle starts with the old schema or the new one.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.records import metadata as shared_metadata
from shared.records import sealed_metadata, sums_metadata
from sync.declared import declared_sums
from sync.door import door_of
from sync.records import log_metadata
from sync.recount import counting_program, recount
from sync.tables import specs
from terminal.printing import records as _printing
from terminal.printing import told as _told
from terminal.store import arrivals, attempts, counters, heard, incarnations, journal, planning
from terminal.store.errors import StoreError
from terminal.store.local import metadata as local_metadata

METADATAS = (shared_metadata, log_metadata, sealed_metadata, local_metadata, sums_metadata)
_OWNERS = (_printing, _told, arrivals, attempts, counters, heard, incarnations, journal)
"""Modules that define local tables, imported here so that none is forgotten."""
FOLDER = Path(__file__).with_name("steps")
STEPS = tuple(path.read_text() for path in sorted(FOLDER.glob("*.sql")))
"""The texts of the steps, the first one first."""
OLDEST_READER = 1
"""How many steps a program must know to open a file of this one. A step that only adds does not raise it."""
last_program = sa.Table(
    "last_program",
    local_metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("fingerprint", sa.LargeBinary(16), nullable=False),
)
"""One row: the program that opened the file last."""


async def upgrade(writer: AsyncEngine) -> None:
    """Upgrade the database to this program's schema. A file of a newer program stays as it is, and can be used.

    Raises:
        StoreError: STORE_TOO_NEW: this program does not know enough steps to use the file.
    """
    async with writer.begin() as connection:
        await connection.run_sync(_upgrade)


def _upgrade(connection: sa.Connection) -> None:
    known, found = len(STEPS), _pragma(connection, "user_version")
    if _pragma(connection, "application_id") > known:
        raise StoreError("STORE_TOO_NEW", found=found, known=known)
    for step in STEPS[found:]:
        for statement in statements(step):
            connection.exec_driver_sql(statement)
    if found < known:
        connection.exec_driver_sql(f"PRAGMA user_version = {known}")
        connection.exec_driver_sql(f"PRAGMA application_id = {OLDEST_READER}")
    if found < known or not planning.is_advised(connection):
        planning.advise(connection)
    _recount_after_another_program(connection)


def statements(step: str) -> list[str]:
    """The statements of a step's text."""
    return [each.strip() for each in step.split(";\n") if each.strip()]


def _recount_after_another_program(connection: sa.Connection) -> None:
    """Count the sums anew if another program wrote the rows: it may not know them, or count them in another way."""
    program = counting_program(specs(shared_metadata), declared_sums())
    if connection.execute(sa.select(last_program.c.fingerprint)).scalar() == program:
        return
    recount(door_of(connection), declared_sums())
    connection.execute(last_program.delete())
    connection.execute(last_program.insert().values(id=1, fingerprint=program))


def _pragma(connection: sa.Connection, name: str) -> int:
    return int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
