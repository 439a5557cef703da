"""Whoever waits for a command may be cancelled at any moment: the command is done, exactly, and the next one works."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from restaurant import CASHIER

from shared.kernel.work import Work
from shared.menu.rules import default_modifiers
from shared.orders.commands import add_line, open_order
from shared.orders.records import OrderKind
from terminal.store.counters import counters
from tests.faults.books import Acknowledged, violations
from tests.faults.till_on_disk import TillOnDisk

TURNS = 500
"""Turns of the loop in which a command does all it can by itself; then it waits for the disk, as long as that takes."""


async def let_run(caller: asyncio.Task[None], moments: int) -> bool:
    """Leave a command so many moments, first turns of the loop and then milliseconds; whether it ended meanwhile."""
    for _turn in range(min(moments, TURNS)):
        await asyncio.sleep(0)
    if moments > TURNS:
        await asyncio.wait({caller}, timeout=(moments - TURNS) / 1_000)
    return caller.done()


async def test_a_cancelled_caller_leaves_its_command_done_wherever_it_waited(till: TillOnDisk) -> None:
    """The caller is cancelled after one moment, after two ..., until the command ends first."""
    said = Acknowledged()
    async with till.desk() as desk:
        store, moments, ended_first = desk.store, 0, False
        while not ended_first:
            moments += 1 + moments // 20
            order_id = store.ids.new()

            async def command(work: Work, order_id: object = order_id) -> None:
                await open_order(work, order_id, OrderKind.TAKEOUT)  # type: ignore[arg-type]

            caller = asyncio.create_task(store.run(CASHIER, command))
            ended_first = await let_run(caller, moments)
            caller.cancel()
            with suppress(asyncio.CancelledError):
                await caller
            said.hear("opened", str(order_id))
        assert moments > 1
    assert await violations(till, said) == []


async def test_a_cancelled_write_is_done_too(till: TillOnDisk) -> None:
    async with till.store() as store:
        moments, ended_first, wanted = 0, False, set()
        while not ended_first:
            moments += 1 + moments // 20
            series = f"series-{moments}"
            wanted.add(series)

            async def block(connection: object, series: str = series) -> None:
                await connection.execute(counters.insert(), {"series": series, "value": 1})  # type: ignore[attr-defined]

            caller = asyncio.create_task(store.write(block))
            ended_first = await let_run(caller, moments)
            caller.cancel()
            with suppress(asyncio.CancelledError):
                await caller
    async with till.store() as store, store.reading() as connection:
        rows = await connection.execute(counters.select())
        assert wanted <= {row.series for row in rows}


async def test_a_command_that_fails_after_its_caller_has_gone_changes_nothing(till: TillOnDisk) -> None:
    said = Acknowledged()
    async with till.desk() as desk:
        order_id = await desk.open_order(OrderKind.TAKEOUT)
        said.hear("opened", str(order_id))
        item = next(iter(desk.menu.items.values()))
        failing = asyncio.Event()

        async def command(work: Work) -> None:
            await add_line(work, order_id, work.ids.new(), item.id, default_modifiers(item))
            failing.set()
            raise RuntimeError("in the middle")

        caller = asyncio.create_task(desk.store.run(CASHIER, command))
        await failing.wait()
        caller.cancel()
        with suppress(asyncio.CancelledError, RuntimeError):
            await caller
        line_id = await desk.add_line(order_id, item, default_modifiers(item))
        said.hear("added", str(order_id), str(line_id))
        assert [line.id for line in desk.orders[order_id].lines] == [line_id]
    assert await violations(till, said) == []
