"""The manager's lists of today on a till with 5,000 checks a day, and twenty such days behind it.

One sale is made by commands, with a void and a discount, and its rows are copied in the till's file under other ids,
numbers and days: the lists read rows and no log. (Sales are read from sums, which do not grow with checks.) The
yardstick reads the receipts of the day once, row by row.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from restaurant import MANAGER
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.orders.records import LineVoid, Order, OrderKind
from shared.payments.adjustment_records import Discount
from shared.payments.records import Check, Payment, Receipt
from shared.payments.rules import Tender
from sync.bypass import closed, open_for_flush
from terminal.desks.bill import Off
from terminal.desks.desk import Desk
from tests.benchmarks.figures import Figure, load, milliseconds
from tests.faults.till_on_disk import copy_till, found_till

CHECKS, DAYS = 5_000, 21
ONE_IN = 25
"""Every so manieth check has a void and a discount: 200 of each a day."""
TIMES = 10
LONGEST_SECONDS = 0.1
_DAY_US = 86_400 * 1_000_000


def figures() -> Iterator[Figure]:
    """Read each list, as its screen does."""
    with tempfile.TemporaryDirectory() as folder:
        lists, yardstick = asyncio.run(measured(Path(folder)))
    for name, seconds in lists.items():
        median = sorted(seconds)[len(seconds) // 2]
        yield Figure(
            name=f"today's list of {name}, {CHECKS:,} checks a day and {DAYS - 1} days before",
            value=f"{milliseconds(seconds)}; {load()}",
            yardstick=f"reading the receipts of the day once: {yardstick * 1e3:.0f} ms",
            ratio=median / yardstick,
            goal=f"below {LONGEST_SECONDS * 1e3:.0f} ms of processor time",
            met=median < LONGEST_SECONDS,
        )


async def measured(folder: Path) -> tuple[dict[str, list[float]], float]:
    """Seconds of processor time of each list, and of the yardstick."""
    await found_till(folder)
    async with copy_till(folder, folder / "copy").desk() as desk:
        desk.actor = MANAGER
        await _sell(desk)
        await desk.store.write(_copy)
        day = await desk.today.people()
        assert sum(person.checks for person in day.people) == CHECKS
        assert len(day.deeds) == 2 * (CHECKS // ONE_IN)
        reads: dict[str, Callable[[], Awaitable[Any]]] = {
            "people and their deeds": desk.today.people,
            "devices": desk.today.devices,
            "what the branch sells": desk.house_menu.own,
        }
        return {name: [await _seconds(read) for _time in range(TIMES)] for name, read in reads.items()}, await _once(
            desk
        )


async def _seconds(read: Callable[[], Awaitable[Any]]) -> float:
    begun = time.process_time()
    await read()
    return time.process_time() - begun


async def _sell(desk: Desk) -> None:
    order = await desk.open_order(OrderKind.TAKEOUT)
    items = list(desk.menu.items.values())[1:3]
    for item in items:
        await desk.add_line(order, item)
    await desk.send(order)
    line = desk.orders[order].lines[0]
    await desk.corrections.void_line(order, line.id, line.quantity_milli, "Plato mal hecho")
    view = desk.orders[order]
    await desk.bills.give(order, view.check_id, Off(amount_minor=100), "Cliente")
    view, method = desk.orders[order], next(each for each in desk.methods if each.name == "Visa")
    await desk.pay(order, view.check_id, [Tender(method.id, method.name, method.kind, view.due_minor)])


async def _copy(connection: AsyncConnection) -> None:
    """Copy the sale's rows: one for each check of all days, and a void and a discount for some."""
    await connection.run_sync(open_for_flush)
    for kind in (Order, Check, Receipt, Payment):
        await connection.execute(sa.text(_copies(kind.__table__, 1)))
    for kind in (LineVoid, Discount):
        await connection.execute(sa.text(_copies(kind.__table__, ONE_IN)))
    await connection.run_sync(closed)


def _copies(table: Any, step: int) -> str:
    """The statement that copies the one row of a table for every `step`th check: the newest are of today."""
    new_id, back = "unhex(printf('%032x', n.at + 1000000))", f"(n.at / {CHECKS})"
    new = {
        "id": new_id,
        "order_id": new_id,
        "check_id": new_id,
        "number": "substr(number, 1, length(number) - 8) || printf('%08d', n.at + 1)",
        "business_date": f"date(business_date, '-' || {back} || ' days')",
        **{name: f"{name} - {back} * {_DAY_US}" for name in ("voided_at", "given_at", "settled_at")},
    }
    if table.name in ("line_voids", "discounts"):
        del new["check_id"]
    names = [column.name for column in table.columns]
    values = ", ".join(new.get(name, f"{table.name}.{name}") for name in names)
    last = CHECKS * DAYS - 1
    numbers = f"WITH RECURSIVE n(at) AS (SELECT {step} UNION ALL SELECT at + {step} FROM n WHERE at + {step} <= {last})"
    return f"INSERT INTO {table.name} ({', '.join(names)}) {numbers} SELECT {values} FROM {table.name}, n"


async def _once(desk: Desk) -> float:
    of = Receipt.__table__
    async with desk.store.reading() as connection:
        begun = time.process_time()
        rows = (await connection.execute(sa.select(of).where(of.c.business_date == desk.business_day))).all()
        assert len(rows) == CHECKS
        return time.process_time() - begun
