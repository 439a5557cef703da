"""A branch without faults in virtual time: the cloud, some devices and the network between."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from shared.books.queries import open_orders
from shared.kernel.work import Work
from shared.menu.queries import load_menu
from shared.menu.rules import default_modifiers
from shared.orders import commands as orders
from shared.orders.records import OrderKind
from shared.payments.queries import payment_methods
from shared.payments.records import Receipt
from shared.payments.rules import Tender, TenderKind
from shared.taxes.queries import rates_in_force
from sync.records import streams
from terminal.papers import tasks
from tests.simulation import virtual_time
from tests.simulation.clocks import OPENING, MachineClock
from tests.simulation.cloud import SimulatedCloud
from tests.simulation.device import SimulatedDevice
from tests.simulation.disk import Disk
from tests.simulation.founding import kind_of, template
from tests.simulation.house import CASHIER, CENTRO, actor
from tests.simulation.network import CALM, Network
from tests.simulation.places import BRANCH, ORGANIZATION
from tests.simulation.processes import task_factory


class QuietBranch:
    """Devices of one branch, each with a running agent."""

    def __init__(self, folder: Path) -> None:
        self._disk = disk = Disk(random.Random("quiet"), 0.0, 0.0, 0.0)
        self._folder = folder
        files, keys = template(), {each.device_id: each.public_key for each in CENTRO}
        self.cloud = SimulatedCloud(files.copy("cloud", folder / "cloud.db"), disk, MachineClock(), keys, "quiet")
        self.network = Network(random.Random("quiet"), CALM, self.cloud)
        self.devices = {
            each.name: SimulatedDevice(
                each,
                files.copy(kind_of(each), folder / f"{each.name}.db"),
                disk,
                MachineClock(begins=OPENING),
                self.network,
                each.name,
            )
            for each in CENTRO
        }

    async def unsent(self, device: SimulatedDevice) -> int:
        """How many changes of its own the device believes that the cloud does not hold."""
        async with device.store.reading() as connection:
            missing = sa.select(sa.func.sum(streams.c.head_seq - streams.c.acked_seq))
            return int(await connection.scalar(missing.where(streams.c.device_id == device.enrolment.device_id)) or 0)

    async def pay(self, device: SimulatedDevice, who: UUID = CASHIER) -> str:
        """Sell one dish for its price by card. Returns the number of the receipt."""
        store = device.store
        async with store.reading() as connection:
            menu = await load_menu(connection, ORGANIZATION)
            methods = await payment_methods(connection, ORGANIZATION)
        item, method = next(iter(menu.items.values())), next(each for each in methods if each.kind is TenderKind.CARD)
        order_id, line_id, receipt_id = (store.ids.new() for _id in range(3))

        async def take(work: Work) -> None:
            await orders.open_order(work, order_id, OrderKind.TAKEOUT)
            await orders.add_line(work, order_id, line_id, item.id, default_modifiers(item))

        await store.run(actor(who), take)
        async with store.reading() as connection:
            taxes = await rates_in_force(connection, ORGANIZATION, device.clock.now().date())
            (order,) = [
                each for each in await open_orders(connection, ORGANIZATION, BRANCH, taxes) if each.id == order_id
            ]
        tender = Tender(method.id, method.name, method.kind, order.due_minor)
        await store.run(actor(who), lambda work: tasks.send_and_pay(work, order.check_id, receipt_id, [tender], None))
        async with store.reading() as connection:
            return str(await connection.scalar(sa.select(Receipt.number).where(Receipt.id == receipt_id)))

    def twin_of(self, device: SimulatedDevice, disk: Path) -> SimulatedDevice:
        """Another machine with the identity of a device, on a copy of its disk."""
        same = replace(device.enrolment, name="twin")
        return SimulatedDevice(same, disk, self._disk, MachineClock(begins=OPENING), self.network, "twin")

    def fresh_disk(self, device: SimulatedDevice) -> Path:
        """A new, empty disk as a device of this branch begins with."""
        return template().copy(kind_of(device.enrolment), self._folder / "fresh.db")

    async def sell(self, device: SimulatedDevice, orders_to_open: int, lines: int) -> None:
        """Open so many orders of so many lines, each in one unit of work."""
        async with device.store.reading() as connection:
            menu = await load_menu(connection, ORGANIZATION)
        item = next(iter(menu.items.values()))

        async def open_and_fill(work: Work) -> None:
            order_id = work.ids.new()
            await orders.open_order(work, order_id, OrderKind.TAKEOUT)
            for _line in range(lines):
                await orders.add_line(work, order_id, work.ids.new(), item.id, default_modifiers(item))

        for _order in range(orders_to_open):
            await device.store.run(actor(CASHIER), open_and_fill)


def play(folder: Path, names: Sequence[str], story: Callable[[QuietBranch], Awaitable[None]]) -> None:
    """Run a story in a branch in which the devices of these names and the cloud run."""
    template()  # is founded in a virtual time of its own

    async def day() -> None:
        asyncio.get_running_loop().set_task_factory(task_factory)
        branch = QuietBranch(folder)
        branch.cloud.start()
        for name in names:
            await branch.devices[name].start()
        try:
            await story(branch)
        finally:
            for name in names:
                await branch.devices[name].stop()
                branch.devices[name].close_eye()
            await branch.cloud.stop()

    virtual_time.run(day())
