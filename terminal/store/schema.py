"""The device's schema: all tables in one place, created and upgraded step by step.

`user_version` counts the steps that a file has had. New steps are only ever appended. Each runs in one transaction, so
that a device killed in the middle starts with the old schema or the new one. A step writes no changes to the log.
"""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.records import metadata as shared_metadata
from shared.records import sums_metadata
from shared.sales.sums import SUMS as SALES_SUMS
from sync.door import door_of
from sync.records import log_metadata
from sync.sums import recount
from terminal.printing import records as _printing
from terminal.store import attempts, counters
from terminal.store.errors import StoreError
from terminal.store.local import metadata as local_metadata

METADATAS = (shared_metadata, log_metadata, local_metadata, sums_metadata)
_OWNERS = (_printing, attempts, counters)
"""Modules that define local tables, imported here so that none is forgotten."""


def _first(connection: sa.Connection) -> None:
    for metadata in (shared_metadata, log_metadata, local_metadata):
        metadata.create_all(connection)


def _sales(connection: sa.Connection) -> None:
    sums_metadata.create_all(connection, tables=[declared.table for declared in SALES_SUMS])
    for declared in SALES_SUMS:
        recount(door_of(connection), declared)


STEPS: tuple[Callable[[sa.Connection], None], ...] = (_first, _sales)


async def upgrade(writer: AsyncEngine) -> None:
    """Upgrade the database to this program's schema.

    Raises:
        StoreError: STORE_TOO_NEW: a newer program has opened the file before.
    """
    async with writer.connect() as connection:
        found = int((await connection.exec_driver_sql("PRAGMA user_version")).scalar_one())
        await connection.rollback()
    if found > len(STEPS):
        raise StoreError("STORE_TOO_NEW", found=found, known=len(STEPS))
    for number, step in enumerate(STEPS[found:], start=found + 1):
        async with writer.begin() as connection:
            await connection.run_sync(step)
            await connection.exec_driver_sql(f"PRAGMA user_version = {number}")
