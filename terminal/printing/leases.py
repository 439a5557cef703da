"""Leases: which worker of a device folder may send to a printer. The last one that took a lease has it.

That is the program that takes over a folder whose printing program ended. One that lost a lease changes no job any
more, so that it cannot send what the other sends, too; it comes back when the other one leaves the printer, or its
process has ended without.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from terminal.printing.records import print_lease


class LeaseLost(Exception):
    """Another worker has the printer now."""


async def take_lease(connection: AsyncConnection, printer: str, holder: bytes) -> None:
    """Take the lease of a printer from whoever has it."""
    mine = {"holder": holder, "process": this_process()}
    lease = insert(print_lease).values(printer=printer, **mine)
    await connection.execute(lease.on_conflict_do_update(index_elements=["printer"], set_=mine))


async def take_free_lease(connection: AsyncConnection, printer: str, holder: bytes) -> None:
    """Take the lease of a printer if nobody has it who lives.

    Raises:
        LeaseLost: another one has it.
    """
    columns = print_lease.c
    known = select(columns.holder, columns.process).where(columns.printer == printer)
    row = (await connection.execute(known)).one_or_none()
    if row is not None and row.holder != holder and lives(row.process):
        raise LeaseLost
    await take_lease(connection, printer, holder)


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


@cache
def _process(pid: int) -> str:
    try:
        return f"{pid} {_begun(pid)}"
    except OSError:  # a machine without such files: there every holder counts as living
        return ""


def this_process() -> str:
    """Names this process among all that run, and ran, on this machine: its number, and when it began."""
    return _process(os.getpid())


def lives(process: str) -> bool:
    """Whether a process still runs. One of which nobody can tell does."""
    pid, _blank, begun = process.partition(" ")
    if not pid.isdecimal():
        return True
    try:
        return _begun(int(pid)) == begun
    except FileNotFoundError:
        return not Path("/proc/self").exists()
    except OSError:
        return True


def _begun(pid: int) -> str:
    """When a process began, in ticks since the machine did. (Its name, in brackets, may hold anything.)"""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    state, begun = fields[0], fields[19]
    if state in "ZX":
        raise FileNotFoundError(pid)
    return begun
