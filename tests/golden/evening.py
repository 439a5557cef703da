"""A small evening of a branch, by real commands: orders on two devices, kitchen, payments, the menu edited between."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from uuid import UUID

from restaurant import CASHIER, CLOUD, COOK, MANAGER, ORGANIZATION, SERVER, TILL, WAITER, House, Replica, Village, found

from shared.books.queries import order_view
from shared.kitchen import commands as kitchen
from shared.kitchen.records import KitchenTicket
from shared.menu.records import Item
from shared.menu.rules import default_modifiers
from shared.orders import commands as orders
from shared.orders import correcting
from shared.orders.records import OrderKind
from shared.payments.adjusting import give_discount
from shared.payments.commands import pay
from shared.payments.records import ReceiptLine
from shared.payments.refunding import refund
from shared.payments.rules import Tender, TenderKind
from shared.payments.way_back import PayBack
from shared.taxes.queries import rates_in_force
from sync.door import through
from sync.log import missing_frames
from sync.messages import Frame
from terminal.papers import tasks

TABLE_ORDER, TAKEOUT, CANCELLED, LATE, DISCOUNT = (UUID(int=number) for number in (1_001, 1_002, 1_003, 1_004, 1_005))
RECEIPTS = {TABLE_ORDER: UUID(int=2_001), TAKEOUT: UUID(int=2_002)}


def written() -> list[Frame]:
    """All that the evening left in the logs, the organization's stream first. The same in every run."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_written(Path(folder)))


async def _written(folder: Path) -> list[Frame]:
    house = await found(folder)
    village = Village(folder, folder, house)
    try:
        cloud, till, waiter = village.replica(CLOUD), village.replica(TILL, "A"), village.replica(WAITER, "B")
        await _open(till, house, TABLE_ORDER, ["lom", "cev"])
        await _open(waiter, house, TAKEOUT, ["pan", "chi", "lom"])
        await _open(waiter, house, CANCELLED, ["cev"])
        await _meet(village, cloud, till, waiter)
        await _change(till, waiter)
        async with cloud.work() as work:
            item = await work.get(Item, house.items["lom"])
            item.price_minor, item.name = 4_090, "Lomo saltado criollo"
        await _meet(village, cloud, till, waiter)
        await _cook(till)
        await _pay(till, house, TABLE_ORDER, [("Efectivo", TenderKind.CASH)])
        await _pay(waiter, house, TAKEOUT, [("Visa", TenderKind.CARD), ("Yape", TenderKind.WALLET)])
        await _meet(village, cloud, till, waiter)
        await _correct(till, waiter, house)
        await _meet(village, cloud, till, waiter)
        keys = await cloud.keys()
        async with cloud.connection() as connection:
            frames, more = await through(connection, missing_frames, ORGANIZATION.bytes, keys, {})
        assert not more, "an evening is short"
        return frames
    finally:
        await village.close()


async def _open(device: Replica, house: House, order_id: UUID, dishes: list[str]) -> None:
    menu = await device.menu()
    table = house.tables["1"] if order_id == TABLE_ORDER else None
    kind = OrderKind.DINE_IN if table else OrderKind.TAKEOUT
    async with device.work(SERVER) as work:
        await orders.open_order(work, order_id, kind, table, 2 if table else 0)
    for number, dish in enumerate(dishes, start=1):
        item = menu.items[house.items[dish]]
        line_id = UUID(int=order_id.int * 100 + number)
        async with device.work(SERVER) as work:
            await orders.add_line(work, order_id, line_id, item.id, default_modifiers(item), 1_000 * number)


async def _change(till: Replica, waiter: Replica) -> None:
    """Both devices turn to the same lines, one order is cancelled, and the others are sent."""
    line = UUID(int=TABLE_ORDER.int * 100 + 1)
    async with till.work(CASHIER) as work:
        await orders.change_line(work, line, "sin cebolla")
    async with waiter.work(SERVER) as work:
        await orders.set_quantity(work, line, 3_000)
        await orders.one_more(work, UUID(int=TAKEOUT.int * 100 + 1), work.ids.new())
    async with waiter.work(MANAGER) as work:
        await correcting.cancel_order(work, CANCELLED)
        takeout, line = orders.first_check_id(TAKEOUT), UUID(int=TAKEOUT.int * 100 + 3)
        await give_discount(work, takeout, DISCOUNT, amount_minor=100, line_id=line, reason="de la casa")
    for device, order_id in ((till, TABLE_ORDER), (waiter, TAKEOUT)):
        async with device.work(SERVER) as work:
            await tasks.send(work, order_id, None)


async def _correct(till: Replica, waiter: Replica, house: House) -> None:
    """A refund here, a void and a part there."""
    back = PayBack(house.methods["Efectivo"], "Efectivo", TenderKind.CASH)
    bought = next(row for row in await till.rows(ReceiptLine) if row.receipt_id == RECEIPTS[TABLE_ORDER])
    async with till.work(MANAGER) as work:
        await refund(work, bought.check_id, work.ids.new(), {bought.id: 1_000}, back, "frío")
    await _open(waiter, house, LATE, ["cev", "cev"])
    async with waiter.work(MANAGER) as work:
        await tasks.send(work, LATE, None)
    async with waiter.work(MANAGER) as work:
        await correcting.split_line(work, UUID(int=LATE.int * 100 + 2), work.ids.new(), 1_000)
        await correcting.void_line(work, UUID(int=LATE.int * 100 + 1), work.ids.new(), 1_000, "mosca", was_made=True)


async def _cook(device: Replica) -> None:
    """The kitchen hears what the other device changed, and makes everything."""
    for ticket in await device.rows(KitchenTicket):
        async with device.work(COOK) as work:
            await kitchen.confirm(work, ticket.id)
    async with device.work(SERVER) as work:
        await tasks.send(work, TABLE_ORDER, None)
    for ticket in await device.rows(KitchenTicket):
        async with device.work(COOK) as work:
            await kitchen.bump(work, ticket.id)


async def _pay(device: Replica, house: House, order_id: UUID, ways: list[tuple[str, TenderKind]]) -> None:
    async with device.connection() as connection:
        taxes = await rates_in_force(connection, ORGANIZATION, device.clock.now().date())
        view = await order_view(connection, ORGANIZATION, order_id, taxes)
    assert view is not None
    share = view.due_minor // len(ways)
    amounts = [share] * (len(ways) - 1) + [view.due_minor - share * (len(ways) - 1)]
    tenders = [
        Tender(house.methods[name], name, kind, -(-amount // 1_000) * 1_000 if kind is TenderKind.CASH else amount)
        for (name, kind), amount in zip(ways, amounts, strict=True)
    ]
    async with device.work(CASHIER) as work:
        await pay(work, view.check_id, RECEIPTS[order_id], tenders)


async def _meet(village: Village, cloud: Replica, *devices: Replica) -> None:
    for device in devices:
        village.clock.pass_time(minutes=7)
        await cloud.pull(device)
    for device in devices:
        await device.pull(cloud)
