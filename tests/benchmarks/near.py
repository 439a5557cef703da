"""What `terminal/store/near.py` brings: the same commands on two tills, one with it and one on a plain aiosqlite
connection."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch
from uuid import UUID

from shared.kernel.work import Work
from shared.menu.rules import MenuItem, default_modifiers
from shared.orders import commands as orders
from shared.orders.records import OrderKind
from terminal.desks.desk import Desk
from terminal.papers import tasks
from terminal.store import dialect
from tests.benchmarks.figures import Figure, load, milliseconds
from tests.faults.till_on_disk import copy_till, found_till

WARM_UP, ORDERS = 20, 120
LINES = 3
LEAST_GAIN = 0.2
"""A fifth of a command's time: less is not worth overriding private parts of two packages."""
NAMES = ("add a line", "send an order")
Times = dict[str, list[tuple[float, float]]]
"""(seconds, processor seconds) by command."""


async def measure(folder: Path) -> tuple[Times, Times]:
    """Sell on both tills, order by order in turns."""
    await found_till(folder)
    near, plain = ({name: [] for name in NAMES} for _till in range(2))
    async with copy_till(folder, folder / "near").desk() as first, _plain_desk(folder) as second:
        for number in range(WARM_UP + ORDERS):
            for desk, times in ((first, near), (second, plain)):
                await _order(desk, times if number >= WARM_UP else {name: [] for name in NAMES})
    return near, plain


@asynccontextmanager
async def _plain_desk(folder: Path) -> AsyncIterator[Desk]:
    async def connect(path: str, busy_seconds: float, **_near: bool) -> Any:
        return await dialect.connect(path, busy_seconds)

    with patch("terminal.store.engines.connect", connect):
        async with copy_till(folder, folder / "plain").desk() as desk:
            yield desk


async def _order(desk: Desk, times: Times) -> None:
    item = desk.menu.by_code["lom"]
    order_id, actor = desk.store.ids.new(), desk.actor
    assert actor is not None
    await desk.store.run(actor, lambda work: orders.open_order(work, order_id, OrderKind.TAKEOUT))
    add = [partial(_add, order_id=order_id, line_id=desk.store.ids.new(), item=item) for _line in range(LINES)]
    send = partial(tasks.send, order_id=order_id, printing=desk.print_context())
    for name, command in (*((NAMES[0], each) for each in add), (NAMES[1], send)):
        begun, used = time.perf_counter(), time.process_time()
        await desk.store.run(actor, command)
        times[name].append((time.perf_counter() - begun, time.process_time() - used))


async def _add(work: Work, order_id: UUID, line_id: UUID, item: MenuItem) -> None:
    await orders.add_line(work, order_id, line_id, item.id, default_modifiers(item))


def figures() -> list[Figure]:
    """Measure, and hold against the goal."""
    with tempfile.TemporaryDirectory() as folder:
        near, plain = asyncio.run(measure(Path(folder)))
    told = []
    for name in NAMES:
        ours, theirs = ([seconds for seconds, _processor in times[name]] for times in (near, plain))
        used, used_plain = ([processor for _seconds, processor in times[name]] for times in (near, plain))
        ratio = median(used) / median(used_plain)
        told.append(
            Figure(
                f"{name} on the near connection, processor time",
                f"{milliseconds(used)} (by the clock {median(ours) * 1e3:.2f} ms; {load()})",
                f"on a plain aiosqlite connection {milliseconds(used_plain)} (by the clock"
                f" {median(theirs) * 1e3:.2f} ms)",
                ratio,
                f"at least {LEAST_GAIN:.0%} less",
                ratio <= 1 - LEAST_GAIN,
            )
        )
    return told
