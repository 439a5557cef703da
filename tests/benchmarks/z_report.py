"""Closing a shift of many checks: from the count to the Z and its paper, all committed.

One sale is made by commands, and its rows are copied in the till's file under other ids and numbers: a Z reads rows and
no log. The yardstick reads the same receipts once, row by row.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from restaurant import CASHIER
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.drawers.commands import Cash
from shared.orders.records import OrderKind
from shared.payments.records import Check, Payment, Receipt
from shared.payments.rules import Tender
from shared.shifts.commands import Counted
from sync.bypass import closed, open_for_flush
from terminal.desks.desk import Desk
from tests.benchmarks.figures import Figure, load
from tests.faults.till_on_disk import copy_till, found_till

CHECKS = 5_000
LONGEST_SECONDS = 2.0
SOLES = "PEN"


def figures() -> Iterator[Figure]:
    """Close a shift of `CHECKS` checks."""
    with tempfile.TemporaryDirectory() as folder:
        z_seconds, x_seconds, yardstick = asyncio.run(measured(Path(folder)))
    yield Figure(
        name=f"closing a shift of {CHECKS:,} checks, from the count to the committed Z",
        value=f"{z_seconds:.2f} s of processor time (an X: {x_seconds:.2f} s); {load()}",
        yardstick=f"reading its receipts once: {yardstick:.2f} s",
        ratio=z_seconds / yardstick,
        goal=f"below {LONGEST_SECONDS:.0f} s of processor time",
        met=z_seconds < LONGEST_SECONDS,
    )


async def measured(folder: Path) -> tuple[float, float, float]:
    """Seconds of count and close, of an X, and of the yardstick."""
    await found_till(folder)
    async with copy_till(folder, folder / "copy").desk() as desk:
        desk.actor = CASHIER
        await desk.shifts.open(None, [Cash(SOLES, 20_000)])
        await _sell(desk)
        await desk.store.write(_copy)
        (view,) = desk.drawers.sessions
        begun = time.process_time()
        purses = await desk.shifts.to_count(view.session.id)
        x_seconds = time.process_time() - begun
        begun = time.process_time()
        counted = [Counted(Cash(each.currency, 1), each.method_id, each.name) for each in purses]
        await desk.shifts.count(view.session.id, counted)
        report = await desk.shifts.close(view.session.id, "")
        z_seconds = time.process_time() - begun
        assert report.sales.receipts == report.sales.checks == CHECKS
        return z_seconds, x_seconds, await _read_once(desk, view.session.id)


async def _sell(desk: Desk) -> None:
    order = await desk.open_order(OrderKind.TAKEOUT)
    for item in list(desk.menu.items.values())[1:3]:
        await desk.add_line(order, item)
    method = next(each for each in desk.methods if each.name == "Visa")
    view = desk.orders[order]
    tenders = [Tender(method.id, method.name, method.kind, view.due_minor)]
    await desk.pay(order, view.check_id, tenders)


async def _copy(connection: AsyncConnection) -> None:
    """Copy the sale's check, receipt and payment, each `CHECKS` - 1 times."""
    await connection.run_sync(open_for_flush)
    for table in (Check.__table__, Receipt.__table__, Payment.__table__):
        await connection.execute(sa.text(_copies(table)))
    await connection.run_sync(closed)


def _copies(table: Any) -> str:
    new = {
        "id": "unhex(printf('%032x', n.at + 1000000))",
        "check_id": "unhex(printf('%032x', n.at + 1000000))",
        "number": "substr(number, 1, length(number) - 8) || printf('%08d', n.at + 1)",
    }
    names = [column.name for column in table.columns]
    values = ", ".join(new.get(name, f"{table.name}.{name}") for name in names)
    numbers = f"WITH RECURSIVE n(at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < {CHECKS - 1})"
    return f"INSERT INTO {table.name} ({', '.join(names)}) {numbers} SELECT {values} FROM {table.name}, n"


async def _read_once(desk: Desk, session_id: UUID) -> float:
    of = Receipt.__table__
    async with desk.store.reading() as connection:
        begun = time.process_time()
        rows = (await connection.execute(sa.select(of).where(of.c.session_id == session_id))).all()
        assert len(rows) == CHECKS
        return time.process_time() - begun
