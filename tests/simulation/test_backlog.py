"""An evening's backlog comes in at a device in small pieces: it holds the write lock for a few changes at a time."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from itertools import pairwise
from pathlib import Path

from shared.orders import commands as orders
from shared.orders.records import OrderKind
from sync.messages import MAX_PULL_CHANGES
from terminal.syncing.agent import FOLD_CHANGES
from tests.benchmarks.log_length import sell
from tests.simulation import virtual_time
from tests.simulation.clocks import OPENING, MachineClock
from tests.simulation.cloud import SimulatedCloud
from tests.simulation.device import SimulatedDevice
from tests.simulation.disk import Disk
from tests.simulation.founding import template
from tests.simulation.house import CENTRO, WAITRESS, actor
from tests.simulation.network import CALM, Network
from tests.simulation.processes import task_factory

SALES = 25
LONGEST_TRANSACTION = 20
"""Changes of one sale's longest command: a fold takes whole transactions."""
_HELD = "SELECT sum(head_seq), sum(folded_seq) FROM sync_streams"
Held = tuple[int, int]
"""Changes that are stored, and folded."""


def test_a_backlog_holds_the_write_lock_for_a_few_changes_at_a_time(tmp_path: Path) -> None:
    template()  # made in a virtual time of its own
    held, when_ordered = virtual_time.run(_come_back(tmp_path))

    assert held[-1][0] - held[0][0] > 2 * FOLD_CHANGES, "there is a backlog"
    assert held[-1][0] == held[-1][1], "all of it is folded"
    for before, after in pairwise(held):
        assert after[0] - before[0] <= MAX_PULL_CHANGES
        assert after[1] - before[1] <= FOLD_CHANGES + LONGEST_TRANSACTION
    assert when_ordered[1] < held[-1][1], "who took an order meanwhile waited for a part of the backlog alone"


async def _come_back(folder: Path) -> tuple[list[Held], Held]:
    """Sell at one till; then the waiter's station comes back, and somebody takes an order there while it catches up.

    Returns:
        What the station held before each commit and at last; and when the order was taken.
    """
    asyncio.get_running_loop().set_task_factory(task_factory)
    disk, made = Disk(random.Random(1), 0.0, 0.0, 0.0), template()
    keys = {each.device_id: each.public_key for each in CENTRO}
    cloud = SimulatedCloud(made.copy("cloud", folder / "cloud.db"), disk, MachineClock(), keys, "cloud")
    network = Network(random.Random(2), CALM, cloud)
    till, waiter = (
        SimulatedDevice(
            each,
            made.copy("centro", folder / f"{each.name}.db"),
            disk,
            MachineClock(begins=OPENING),
            network,
            each.name,
        )
        for each in CENTRO[:2]
    )
    cloud.start()
    await till.start()
    for _sale in range(SALES):
        await sell(till)

    held: list[Held] = [_held(waiter.eye)]
    when_ordered: list[Held] = []
    await waiter.start()
    order: asyncio.Task[object] | None = None
    async with asyncio.timeout(60):
        while not (when_ordered and held[-1] == (held[-1][0], held[-1][0]) and held[-1][0] > till.end_of_own_log()):
            await waiter.process.next_commit()
            held.append(_held(waiter.eye))
            if order is None and held[-1][1] > held[0][1]:
                order = waiter.process.spawn(_take_order(waiter, when_ordered))
    for each in (till, waiter, cloud):
        await each.stop()
    return held, when_ordered[0]


async def _take_order(waiter: SimulatedDevice, when: list[Held]) -> None:
    order_id = waiter.store.ids.new()
    await waiter.store.run(actor(WAITRESS), lambda work: orders.open_order(work, order_id, OrderKind.TAKEOUT))
    when.append(_held(waiter.eye))


def _held(eye: sqlite3.Connection) -> Held:
    stored, folded = eye.execute(_HELD).fetchone()
    return int(stored), int(folded)
