"""Leases: which worker of a device folder may send to a printer. The last one that took a lease has it.

That is the program that takes over a folder whose printing program ended. One that lost a lease changes no job any
more, so that it cannot send what the other sends, too; it comes back when the other one leaves the printer.
"""

from __future__ import annotations

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from terminal.printing.records import print_lease


class LeaseLost(Exception):
    """Another worker has the printer now."""


async def take_lease(connection: AsyncConnection, printer: str, holder: bytes) -> None:
    """Take the lease of a printer from whoever has it."""
    lease = insert(print_lease).values(printer=printer, holder=holder)
    await connection.execute(lease.on_conflict_do_update(index_elements=["printer"], set_={"holder": holder}))


async def take_free_lease(connection: AsyncConnection, printer: str, holder: bytes) -> None:
    """Take the lease of a printer if nobody has it.

    Raises:
        LeaseLost: another one has it.
    """
    lease = insert(print_lease).values(printer=printer, holder=holder)
    await connection.execute(lease.on_conflict_do_nothing())
    await require_lease(connection, printer, holder)


async def leave_lease(connection: AsyncConnection, printer: str, holder: bytes) -> None:
    """Let others have a printer, unless one of them took it."""
    columns = print_lease.c
    await connection.execute(delete(print_lease).where(columns.printer == printer, columns.holder == holder))


async def require_lease(connection: AsyncConnection, printer: str, holder: bytes) -> None:
    """Raise unless this worker still has the lease.

    Raises:
        LeaseLost: another one took it.
    """
    columns = print_lease.c
    mine = select(exists().where(columns.printer == printer, columns.holder == holder))
    if not (await connection.execute(mine)).scalar_one():
        raise LeaseLost
