"""Whoever waits for a command may be cancelled at any moment: the command is done, exactly, and the next one works."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from restaurant import CASHIER

from shared.kernel.work import Work
from shared.menu.rules import choose, default_modifiers
from shared.orders.commands import add_line, open_order
from shared.orders.records import OrderKind
from terminal.store.counters import counters
from tests.faults.books import Acknowledged, violations
from tests.faults.till_on_disk import TillOnDisk

MOST_AWAITS = 50_000
"""Turns of the loop; a commit that waits for the disk lasts thousands of empty ones."""


async def test_a_cancelled_caller_leaves_its_command_done_wherever_it_waited(till: TillOnDisk) -> None:
    """The caller is cancelled after one turn of the loop, after two ..., until the command ends first."""
    said = Acknowledged()
    async with till.desk() as desk:
        store, awaits, ended_first = desk.store, 0, False
        while not ended_first and awaits < MOST_AWAITS:
            awaits += 1 + awaits // 20
            order_id = store.ids.new()

            async def command(work: Work, order_id: object = order_id) -> None:
                await open_order(work, order_id, OrderKind.TAKEOUT)  # type: ignore[arg-type]

            caller = asyncio.create_task(store.run(CASHIER, command))
            for _turn in range(awaits):
                await asyncio.sleep(0)
            ended_first = caller.done()
            caller.cancel()
            with suppress(asyncio.CancelledError):
                await caller
            said.hear("opened", str(order_id))
        assert ended_first
        assert awaits > 1
    assert await violations(till, said) == []


async def test_a_cancelled_write_is_done_too(till: TillOnDisk) -> None:
    async with till.store() as store:
        awaits, ended_first, wanted = 0, False, set()
        while not ended_first and awaits < MOST_AWAITS:
            awaits += 1 + awaits // 20
            series = f"series-{awaits}"
            wanted.add(series)

            async def block(connection: object, series: str = series) -> None:
                await connection.execute(counters.insert(), {"series": series, "value": 1})  # type: ignore[attr-defined]

            caller = asyncio.create_task(store.write(block))
            for _turn in range(awaits):
                await asyncio.sleep(0)
            ended_first = caller.done()
            caller.cancel()
            with suppress(asyncio.CancelledError):
                await caller
        assert ended_first
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
            await add_line(work, order_id, work.ids.new(), choose(item, default_modifiers(item)))
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
