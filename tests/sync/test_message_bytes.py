"""How many bytes a sale costs on the way: real changes, in frames as a till with a backlog pushes them."""

from __future__ import annotations

from restaurant import BRANCH, CASHIER, ORGANIZATION, TILL, Replica, Village

from shared.kernel.records import Scope
from shared.kitchen.sending import send_order
from shared.menu.rules import default_modifiers
from shared.orders import commands as orders
from shared.orders.records import OrderKind
from shared.payments.commands import pay
from shared.payments.queries import payment_methods
from shared.payments.rules import Tender
from sync.change import StreamKey
from sync.door import through
from sync.log import read_suffix
from sync.messages import Push, dump

FRAME_CHANGES = 1_000
SALES = 60
MOST_BYTES_A_CHANGE = 40
"""With the signature. For the same sales Anki needs 49, cr-sqlite 58."""
SECONDS_BETWEEN = 7.3


async def test_a_change_of_a_sale_costs_few_bytes_on_the_way(village: Village, till: Replica) -> None:
    await till.fold()
    for _sale in range(SALES):
        await sell(village, till)
    key = StreamKey(TILL, 1, Scope.BRANCH, BRANCH)
    async with till.connection() as connection:
        frame = await through(
            connection, read_suffix, ORGANIZATION.bytes, key, 0, FRAME_CHANGES, lambda *_end: b"\xa5" * 64
        )
    assert frame is not None
    assert len(frame.bodies) > FRAME_CHANGES - 20
    cost = len(dump(Push(frame))) / len(frame.bodies)
    assert cost <= MOST_BYTES_A_CHANGE, f"{cost:.1f} bytes a change"


async def sell(village: Village, till: Replica) -> None:
    """Ring up one of each dish, send the order and take the money, with a while between the steps."""
    menu, order_id = await till.menu(), till.ids.new()
    async with till.connection() as connection:
        method = (await payment_methods(connection, ORGANIZATION))[0]
    async with till.work(CASHIER) as work:
        await orders.open_order(work, order_id, OrderKind.TAKEOUT)
    for item in menu.items.values():
        village.clock.pass_time(seconds=SECONDS_BETWEEN)
        async with till.work(CASHIER) as work:
            await orders.add_line(work, order_id, work.ids.new(), item.id, default_modifiers(item))
    async with till.work(CASHIER) as work:
        await send_order(work, order_id)
    village.clock.pass_time(seconds=SECONDS_BETWEEN)
    async with till.work(CASHIER) as work:
        await pay(
            work,
            orders.first_check_id(order_id),
            work.ids.new(),
            [Tender(method.id, method.name, method.kind, 100_000)],
        )
