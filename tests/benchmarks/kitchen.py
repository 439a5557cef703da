"""The kitchen of a real branch: how soon a ticket stands on a display, and what hours and days of work cost its wall.

Times between programs are of the machine's monotonic clock. Hours and days are simulated: a clock that is set, real
commands on a real file, and the app's own wall, headless: read, received, painted each second that an order comes.
"""

from __future__ import annotations

import asyncio
import gc
import os
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median

from restaurant import CASHIER, COOK, HandClock

from shared.kernel.work import Work
from shared.kitchen import commands as kitchen
from shared.kitchen.queries import asked_tickets
from shared.kitchen.sending import send_order
from shared.menu.rules import default_modifiers
from shared.orders import commands as orders
from shared.orders.records import OrderKind
from shared.payments.commands import pay
from shared.payments.rules import Tender
from terminal.collecting import collect_again
from terminal.desks.desk import Desk
from terminal.snapshots.sources import TICKETS
from tests.benchmarks.figures import Figure, load, milliseconds
from tests.benchmarks.takeover import two_programs
from tests.faults.served_cloud import served_cloud
from tests.faults.test_kitchen_evening import kitchen as kitchen_of
from tests.faults.till_on_disk import TillOnDisk, copy_till, found_till
from tests.terminal.screens.till import PlayedApp

SENDINGS = 30
MOST_HERE_SECONDS, MOST_CLOUD_SECONDS = 0.1, 0.3
HOURS, ORDERS_AN_HOUR, OPEN_AT_ONCE = int(os.environ.get("COMANDA_KITCHEN_HOURS", "8")), 600, 40
FEWEST_HOURS, MOST_SECONDS = 3, 400
"""On a busy machine not all hours are simulated, but enough for a growth to be seen."""
MOST_GROWTH = 0.02
BATCH = 10
"""Orders that come in one transaction."""
FEW, MANY = 50, 5_000
LEFT_OPEN, REPAINTS = 30, 30
"""Of 50 tickets as many are done as the list of the last ones holds, so that history alone is compared."""
MOST_SLOWER = 1.2
SIZE = (120, 36)


def here(folder: Path) -> list[float]:
    """Seconds from the commit of a sending to the wall of the second program of the folder."""
    seconds = []
    with two_programs(folder) as (till, display):
        display.ask("watch")
        display.hears("watches")
        for _time in range(SENDINGS):
            till.ask("send")
            sent = till.hears("sent")
            seconds.append((display.hears("wall")[-1] - sent[1]) / 1e9)
            time.sleep(0.1)
    return seconds


def through_the_cloud(folder: Path) -> list[float]:
    """Seconds from the commit of a sending on a till to the wall of a display that has nothing but a cloud with it."""
    seconds = []
    with served_cloud() as cloud, kitchen_of(cloud, folder) as devices:
        till, display = devices["caja"], devices["cocina"]
        for nth in range(1, 1 + SENDINGS):
            till.program.ask("order lom")
            committed = till.program.hears("ordered")[-1]
            seen = display.program.hears("wall", lambda said, nth=nth: len(said[1]) == nth)  # type: ignore[misc]
            seconds.append((seen[-1] - committed) / 1e9)
            time.sleep(0.3)
    return seconds


async def order(desk: Desk, count: int = 1) -> None:
    """So many orders of one dish, each sent and paid, all in one transaction, as they come from a till.

    At tables: what is paid to go and never handed over would stay on the desk all day.
    """
    dish = next(each for each in desk.menu.items.values() if each.station_id is not None)
    cash, ids, table = desk.methods[0], desk.store.ids, desk.tables[0]
    keys = [(ids.new(), ids.new(), ids.new()) for _ in range(count)]

    async def sell(work: Work) -> None:
        for order_id, line_id, payment_id in keys:
            await orders.open_order(work, order_id, OrderKind.DINE_IN, table.id, 1)
            await orders.add_line(work, order_id, line_id, dish.id, default_modifiers(dish), 1_000)
            await send_order(work, order_id)
            tender = Tender(cash.id, cash.name, cash.kind, 100_000)
            await pay(work, orders.first_check_id(order_id), payment_id, [tender])

    await desk.store.run(CASHIER, sell)


async def bump_all_but(desk: Desk, left: int) -> None:
    """Bump the oldest tickets, in one transaction."""
    identity = desk.store.identity
    async with desk.store.reading() as connection:
        asked = await asked_tickets(connection, identity.organization_id, identity.branch_id)
    done = [each.id for each in asked[: max(len(asked) - left, 0)]]

    async def bump(work: Work) -> None:
        for ticket in done:
            await kitchen.bump(work, ticket)

    await desk.store.run(COOK, bump)


@asynccontextmanager
async def wall_of(desk: Desk) -> AsyncIterator[PlayedApp]:
    """The app that shows the desk's wall."""
    desk.actor = None
    app = PlayedApp(desk, "kds")
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        collect_again()  # as the program does once its store is open
        await app.settled()
        yield app


async def shown(desk: Desk, app: PlayedApp) -> None:
    """A second of the display: what is new is read, received and painted."""
    await desk._read((TICKETS,))
    app._tick()
    await app.settled()
    await desk.kitchen.receive()


def resident_kib() -> int:
    """Memory of this process that is not shared, after garbage was searched."""
    gc.collect()
    text = Path("/proc/self/smaps_rollup").read_text()
    return sum(
        int(line.split()[1]) for line in text.splitlines() if line.startswith(("Private_Clean", "Private_Dirty"))
    )


async def hours(till: TillOnDisk) -> list[int]:
    """KiB at the end of each simulated hour, of as many as there is time for."""
    clock, kept, began = HandClock(), list[int](), time.monotonic()
    async with till.desk(clock) as desk, wall_of(desk) as app:
        while len(kept) < HOURS and (len(kept) < FEWEST_HOURS or time.monotonic() - began < MOST_SECONDS):
            for _minute in range(60):
                await order(desk, ORDERS_AN_HOUR // 60)
                clock.pass_time(seconds=60)
                await shown(desk, app)
                if len(desk.tickets) > OPEN_AT_ONCE:
                    await desk.bump(desk.tickets[0].id)  # a press a minute; the others' by other displays
                    await bump_all_but(desk, OPEN_AT_ONCE)
            kept.append(resident_kib())
    return kept


async def day(till: TillOnDisk, tickets: int) -> list[float]:
    """Processor seconds in which the wall is read and repainted, after so many tickets of a day."""
    clock, repaints = HandClock(), []
    async with till.desk(clock) as desk:
        for _batch in range(tickets // BATCH):
            await order(desk, BATCH)
            clock.pass_time(seconds=5 * BATCH)
            await bump_all_but(desk, LEFT_OPEN)
    async with till.desk(clock) as desk, wall_of(desk) as app:
        for _time in range(REPAINTS):
            began = time.process_time()
            await desk._read((TICKETS,))
            app.screen.refresh_view()
            repaints.append(time.process_time() - began)
    return repaints


def figures() -> Iterator[Figure]:
    """The figures."""
    os.environ["TEXTUAL_ANIMATIONS"] = "none"
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        asyncio.run(found_till(root))
        for where, seconds, most in (
            ("the same machine's second program", here(copy_till(root, root / "two").folder.root), MOST_HERE_SECONDS),
            ("another machine, through a cloud", through_the_cloud(root / "branch"), MOST_CLOUD_SECONDS),
        ):
            yield Figure(
                f"a ticket on the wall of {where}, after the commit",
                f"{milliseconds(seconds)}, longest {max(seconds) * 1e3:.0f} ms; {load()}",
                f"{most * 1e3:.0f} ms",
                median(seconds) / most,
                f"the median under {most * 1e3:.0f} ms",
                median(seconds) < most,
            )
        few, many = (asyncio.run(day(copy_till(root, root / f"day-{count}"), count)) for count in (FEW, MANY))
        yield Figure(
            f"reading and repainting a wall of {LEFT_OPEN} open tickets after {MANY:,} of a day",
            f"{milliseconds(many)}; {load()}",
            f"after {FEW}: {milliseconds(few)}",
            median(many) / median(few),
            f"at most {MOST_SLOWER} times",
            median(many) <= MOST_SLOWER * median(few),
        )
        kept = asyncio.run(hours(copy_till(root, root / "hours")))
        yield Figure(
            f"memory of a display after {len(kept)} hours of {ORDERS_AN_HOUR} orders",
            f"{kept[-1] / 1_024:.1f} MiB; by hour {', '.join(f'{each / 1_024:.1f}' for each in kept)}",
            f"after the first hour {kept[0] / 1_024:.1f} MiB",
            kept[-1] / kept[0],
            f"at most {MOST_GROWTH:.0%} more",
            kept[-1] <= (1 + MOST_GROWTH) * kept[0],
        )
