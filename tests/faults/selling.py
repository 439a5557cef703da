"""A cashier who sells without end on a real desk, and says each step aloud once it is acknowledged."""

from __future__ import annotations

import random
from collections.abc import Callable
from uuid import UUID

from shared.menu.rules import default_modifiers
from shared.orders.commands import first_check_id
from shared.orders.records import OrderKind
from shared.payments.rules import Tender
from terminal.desks.desk import Desk

Tell = Callable[..., None]
"""Called with a step (`opened`, `added`, `sent`, `paid`), the order's id, and what belongs to the step."""


async def sell(desk: Desk, chance: random.Random, tell: Tell) -> UUID:
    """One sale: open, some lines, send, pay in cash; the order's id."""
    table = chance.choice([None, *desk.tables])
    kind = OrderKind.TAKEOUT if table is None else OrderKind.DINE_IN
    order_id = await desk.open_order(kind, table and table.id, chance.randrange(4))
    tell("opened", order_id)
    for _line in range(chance.randrange(1, 4)):
        item = chance.choice(list(desk.menu.items.values()))
        quantity_milli = chance.choice([1_000, 2_000, 500])
        line_id = await desk.add_line(order_id, item, default_modifiers(item), quantity_milli, "sin cebolla")
        tell("added", order_id, line_id)
    if chance.random() < 0.8:
        await desk.send(order_id)
        tell("sent", order_id)
    cash = desk.methods[0]
    paid = await desk.pay(order_id, first_check_id(order_id), [Tender(cash.id, cash.name, cash.kind, 100_000)])
    tell("paid", order_id, paid.receipt_number, paid.total_minor)
    return order_id
