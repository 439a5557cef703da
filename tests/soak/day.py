"""A day at one till, compressed: sales by the desk's commands and by the keys of the screens, on one encrypted file.

The clock goes on with each sale, so that all of them make one day. A sale is as people make it: a table, two dishes,
sent, cooked, served, paid in cash.
"""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from restaurant import CASHIER, COOK, NOON, HandClock
from textual.message_pump import MessagePump
from textual.pilot import Pilot

from shared.kernel.ids import Uuid7Source
from shared.kernel.records import Record
from shared.menu.rules import default_modifiers
from shared.orders.records import OrderKind
from shared.payments.rules import Tender, TenderKind
from terminal.app import ComandaApp
from terminal.desks.desk import Desk
from terminal.gate import Gate
from terminal.store.store import Store
from tests.faults.till_on_disk import PIN, SECRETS, TillOnDisk
from tests.terminal.looks.picture import text_grid
from tests.terminal.screens.till import PlayedApp, keys_of

DAY = timedelta(hours=24)
SIZE = (120, 36)
SALE_KEYS = "1\ncev\n2*chi\n<f5>"
PAYING_KEYS = "1\n<f9>\n\n"
ALIVE = (MessagePump, asyncio.Future, Record)
PARTS = 5
"""Memory is compared at the end with that after the first of so many parts: by then everything is loaded, and the page
caches of the five connections (2 MB each) are full, which takes some 400 sales."""


@dataclass
class Memory:
    """What the process held after each part of the day.

    Attributes:
        held: bytes.
        alive: how many widgets, tasks and records there were.
    """

    held: list[int] = field(default_factory=list)
    alive: list[int] = field(default_factory=list)

    def note(self) -> None:
        """Look at it now."""
        gc.collect()
        self.alive.append(sum(isinstance(each, ALIVE) for each in gc.get_objects()))
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        self.held.append(pages * os.sysconf("SC_PAGE_SIZE"))

    @property
    def growth(self) -> float:
        """The last look, in parts of the first."""
        return self.held[-1] / self.held[0]


@dataclass
class Day:
    """See the module.

    Args:
        till: founded; see `tests/faults/till_on_disk.py`.
        by_desk, by_screens: how many sales.
    """

    till: TillOnDisk
    by_desk: int
    by_screens: int
    clock: HandClock = field(default_factory=lambda: HandClock(NOON))
    memory: Memory = field(default_factory=Memory)

    async def live(self) -> None:
        """Make all sales, those by screens among the others."""
        store = await Store.open(
            self.till.folder.database,
            SECRETS.database_key,
            self.till.identity,
            self.clock,
            Uuid7Source(self.clock, os.urandom),
        )
        desk = Desk(store, Gate(store, SECRETS.pepper))
        try:
            await desk.open()
            app = PlayedApp(desk)  # type: ignore[arg-type]
            async with app.run_test(size=SIZE) as pilot:
                await _played(app, pilot, f"{PIN}\n")
                await self._sell_all(desk, app, pilot)
        finally:
            await desk.close()
            await store.close()

    async def _sell_all(self, desk: Desk, app: ComandaApp, pilot: Pilot[None]) -> None:
        for at, is_by_screens in enumerate(_order_of(self.by_desk, self.by_screens), 1):
            self.clock.pass_time(seconds=DAY.total_seconds() / (self.by_desk + self.by_screens))
            if is_by_screens:
                await _by_screens(desk, app, pilot)
            else:
                await _by_desk(desk)
            if at % ((self.by_desk + self.by_screens) // PARTS) == 0:
                self.memory.note()


def _order_of(by_desk: int, by_screens: int) -> Iterator[bool]:
    """For each sale whether it is one by screens: spread evenly over the day."""
    for at in range(by_desk + by_screens):
        yield (at + 1) * by_screens // (by_desk + by_screens) > at * by_screens // (by_desk + by_screens)


async def _by_desk(desk: Desk) -> None:
    desk.actor = CASHIER
    order_id = await desk.open_order(OrderKind.DINE_IN, desk.tables[1].id, 2)
    for item in list(desk.menu.items.values())[1:3]:
        await desk.add_line(order_id, item, default_modifiers(item))
    await desk.send(order_id)
    await _cook_and_serve(desk)
    cash = next(method for method in desk.methods if method.kind is TenderKind.CASH)
    check = desk.orders[order_id].checks[0]
    await desk.pay(order_id, check.id, [Tender(cash.id, cash.name, cash.kind, check.due_minor)])


async def _by_screens(desk: Desk, app: ComandaApp, pilot: Pilot[None]) -> None:
    await _played(app, pilot, SALE_KEYS)
    await _cook_and_serve(desk)
    await _played(app, pilot, f"<f2>{PAYING_KEYS}")
    assert not desk.orders, f"a sale by screens did not end: {text_grid(app.export_screenshot())}"


async def _cook_and_serve(desk: Desk) -> None:
    person, desk.actor = desk.actor, COOK
    for ticket in desk.tickets:
        await desk.bump(ticket.id)
    desk.actor = person
    for order_id in list(desk.orders):
        await desk.serve(order_id)


async def _played(app: ComandaApp, pilot: Pilot[None], script: str) -> None:
    app.simulate(*keys_of(script))  # type: ignore[attr-defined]  # a PlayedApp
    await pilot.pause()
    await app.settled()
    await pilot.pause()
