"""How long the log is beside the changes that people made, where a till is online and each tap is pushed at once.

On the simulator's devices and cloud, in virtual time. Whatever the cloud adds (verdicts, what follows) counts.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from shared.kernel.records import Scope
from shared.kitchen.sending import send_order
from shared.menu.queries import load_menu
from shared.orders import commands as orders
from shared.orders.records import OrderKind
from shared.payments.commands import pay
from shared.payments.queries import payment_methods
from shared.payments.rules import Tender
from sync.change import StreamKey
from tests.benchmarks.figures import Figure
from tests.simulation import virtual_time
from tests.simulation.clocks import OPENING, MachineClock
from tests.simulation.cloud import SimulatedCloud
from tests.simulation.device import SimulatedDevice
from tests.simulation.disk import Disk
from tests.simulation.founding import fast_folder, template
from tests.simulation.house import CASHIER, CENTRO, actor
from tests.simulation.network import CALM, Network
from tests.simulation.places import BRANCH, ORGANIZATION
from tests.simulation.processes import task_factory

SALES = 20
LINES = 3
MOST_RATIO = 1.05
TAP_SECONDS = 2.0
"""Virtual; each tap is at the cloud, judged and folded before the next."""
CALM_SECONDS = 30.0


@dataclass(frozen=True)
class Lengths:
    """Changes that the till made, changes that the cloud's log grew by, and verdicts that the till holds."""

    made: int
    log: int
    verdicts: int


async def measure(folder: Path, sales: int = SALES) -> Lengths:
    """Sell on one till that is online."""
    asyncio.get_running_loop().set_task_factory(task_factory)
    disk, enrolment, made = Disk(random.Random(1), 0.0, 0.0, 0.0), CENTRO[0], template()
    keys = {enrolment.device_id: enrolment.public_key}
    cloud = SimulatedCloud(made.copy("cloud", folder / "cloud.db"), disk, MachineClock(), keys, "cloud")
    network = Network(random.Random(2), CALM, cloud)
    clock = MachineClock(begins=OPENING)
    till = SimulatedDevice(enrolment, made.copy("centro", folder / "till.db"), disk, clock, network, "till")
    before = _count(cloud.path)
    cloud.start()
    await till.start()
    for _sale in range(sales):
        await sell(till)
    await asyncio.sleep(CALM_SECONDS)
    await till.stop()
    await cloud.stop()
    own = StreamKey(enrolment.device_id, 1, Scope.BRANCH, BRANCH).id
    verdicts = _rows(till.path, "sync_verdicts")
    return Lengths(_count(cloud.path, own.bytes), _count(cloud.path) - before, verdicts)


async def sell(till: SimulatedDevice) -> None:
    """Sell once, tap by tap."""
    store, person = till.store, actor(CASHIER)
    async with store.reading() as connection:
        item = (await load_menu(connection, ORGANIZATION)).by_code["chi"]
        method = (await payment_methods(connection, ORGANIZATION))[0]
    order_id, receipt_id = store.ids.new(), store.ids.new()
    lines = [store.ids.new() for _line in range(LINES)]
    tender = Tender(method.id, method.name, method.kind, LINES * item.price_minor)
    taps = (
        lambda work: orders.open_order(work, order_id, OrderKind.TAKEOUT),
        *(lambda work, line=line: orders.add_line(work, order_id, line, item.id) for line in lines),
        lambda work: send_order(work, order_id),
        lambda work: pay(work, orders.first_check_id(order_id), receipt_id, [tender]),
    )
    for tap in taps:
        await store.run(person, tap)
        till.agent.wake()
        await asyncio.sleep(TAP_SECONDS)


def _count(path: Path, stream: bytes | None = None) -> int:
    where, values = (" WHERE stream_id = ?", (stream,)) if stream else ("", ())
    return _rows(path, f"sync_changes{where}", *values)


def _rows(path: Path, what: str, *values: bytes) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {what}", values).fetchone()[0])


def figures() -> list[Figure]:
    """Measure, and hold against the goal."""
    template()  # made in a virtual time of its own
    with tempfile.TemporaryDirectory(dir=fast_folder()) as folder:
        lengths = virtual_time.run(measure(Path(folder)))
    ratio = lengths.log / lengths.made
    return [
        Figure(
            f"the cloud's log after {SALES} sales of {LINES} lines, each tap pushed",
            f"{lengths.log:,} changes",
            f"what the till wrote {lengths.made:,} changes",
            ratio,
            f"at most {MOST_RATIO} times",
            ratio <= MOST_RATIO,
        )
    ]
