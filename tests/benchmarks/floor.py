"""From a key press to the repaint of a floor of 200 tables, as a plan and as a list, headless on a real desk.

A third of the tables have guests in every state. As in `repaint.py`: the app also makes the bytes for the terminal, and
a press counts until the last update that it caused is ready to be written.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from restaurant import BRANCH, CASHIER, CLOUD, NOON, HandClock, House, build, open_replica

from shared.floor.commands import add_space, add_table
from shared.floor.records import TableShape
from shared.kernel.permissions import Role
from shared.orders.records import OrderKind
from shared.staff.commands import add_staff
from terminal.actions import ScreenName
from terminal.collecting import collect_again
from terminal.desks.desk import Desk
from terminal.device import DeviceFolder
from terminal.syncing.agent import Agent
from tests.benchmarks.figures import Figure, hundredth, load, milliseconds
from tests.benchmarks.repaint import OneWidget, WatchedTill, press
from tests.faults.till_on_disk import PIN, SECRETS, CloudNearby, TillOnDisk

TABLES = 200
A_ROW = 16
LONGEST_SECONDS = 0.050
SIZE = (200, 60)
ROUNDS = 25
ROOM = 2
"""So often Tab leads to the large room: past all tables and the small room that was there before."""
WAYS = {"as a plan": ("tab",) * ROOM, "as a list": ("tab",) * ROOM + ("ctrl+y",)}
KEYS = ("right", "down", "left", "up", "1", "7", "backspace", "backspace", "f2", "escape")


async def floor_till(folder: Path) -> tuple[TillOnDisk, House]:
    """A device of a restaurant with a room of 200 tables in rows of 16."""
    cloud = open_replica(folder / "cloud.db", CLOUD, None, "", HandClock(NOON))
    till = TillOnDisk(DeviceFolder(folder / "till", use_keyring=False))
    till.configure()
    try:
        house = await build(cloud)
        async with cloud.work() as work:
            await add_staff(work, CASHIER.staff_id, "Rosa", Role.CASHIER, [BRANCH], PIN, SECRETS.pepper, b"s" * 16)
            room = await add_space(work, BRANCH, "Terraza grande", position=1)
            for at in range(TABLES):
                place = [at % A_ROW * 8, at // A_ROW * 4, 7, 3]
                shape = TableShape.ROUND if at % 3 else TableShape.SQUARE
                await add_table(work, BRANCH, room.id, f"{at + 1:03}", position=at, place=place, shape=shape)
        async with till.store() as store:
            await Agent(store, CloudNearby(cloud), None, lambda: 0.5, None, 0).pull_once()
    finally:
        await cloud.close()
    return till, house


async def occupy(desk: Desk, house: House) -> None:
    """Guests at a third of the tables: seated, with an order, sent, and together with the next table."""
    desk.actor = CASHIER
    dish = desk.menu.items[house.items["cev"]]
    room = [table for table in desk.tables if table.place]
    orders = []
    for at, table in enumerate(room[::3]):
        if at % 4 == 0:
            orders.append(await desk.floor.seat(table.id, 4))
            continue
        order_id = await desk.open_order(OrderKind.DINE_IN, table.id, 2)
        await desk.add_line(order_id, dish)
        if at % 2:
            await desk.send(order_id)
        orders.append(order_id)
    for one, other in zip(orders[1::8], orders[2::8], strict=False):
        await desk.floor.join([one], other)


async def measure(folder: Path) -> tuple[dict[str, list[float]], list[float]]:
    """Seconds from press to repaint, by the way the floor is shown, and of the yardstick."""
    till, house = await floor_till(folder)
    times: dict[str, list[float]] = {way: [] for way in WAYS}
    async with till.desk() as desk:
        await occupy(desk, house)
        desk.log_out()
        for way, keys in WAYS.items():
            app = WatchedTill(desk)
            async with app.run_test(size=SIZE) as pilot:
                await pilot.pause()
                collect_again()  # as the program does once its store is open
                for key in (*PIN, "enter", *keys):
                    await press(app, None, key)
                assert app.screen.screen_name is ScreenName.FLOOR, app.screen  # type: ignore[attr-defined]
                assert app.screen.tiles.is_plan == (way == "as a plan")  # type: ignore[attr-defined]
                for _round in range(ROUNDS):
                    for key in KEYS:
                        seconds = await press(app, app.stopwatch, key)
                        if seconds is not None:
                            times[way].append(seconds)
    return times, await _bare()


async def _bare() -> list[float]:
    one, found = OneWidget(), list[float]()
    async with one.run_test(size=SIZE) as pilot:
        await pilot.pause()
        for at in range(100):
            seconds = await press(one, one.stopwatch, "abcdefgh"[at % 8])
            if seconds is not None:
                found.append(seconds)
    return found


def figures() -> list[Figure]:
    """Measure, and hold against the goal."""
    with tempfile.TemporaryDirectory() as folder:
        times, bare = asyncio.run(measure(Path(folder)))
    return [_figure(way, seconds, bare) for way, seconds in times.items()]


def _figure(way: str, seconds: Sequence[float], bare: Sequence[float]) -> Figure:
    return Figure(
        f"key to repaint, a floor of {TABLES} tables {way}, {len(seconds)} keys",
        f"{milliseconds(seconds)}, of a hundred the longest {hundredth(seconds) * 1e3:.1f} ms",
        f"an app of one widget {milliseconds(bare)}, of a hundred the longest {hundredth(bare) * 1e3:.1f} ms; {load()}",
        median(seconds) / median(bare),
        f"99 of 100 under {LONGEST_SECONDS * 1e3:.0f} ms",
        hundredth(seconds) < LONGEST_SECONDS,
    )
