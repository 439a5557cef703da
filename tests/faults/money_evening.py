"""An evening of hard money at one till: a shift, an order that is split and paid in parts, a refund, a count, a close.

`go_on` looks at what the store holds and does what comes next, as a person does who finds a till again after it died.
So an evening that was cut anywhere goes on where it was, and ends with the same money.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from restaurant import MANAGER

from shared.books.views import CheckView, OrderView
from shared.drawers.commands import Cash
from shared.drawers.records import DrawerSession
from shared.menu.rules import default_modifiers
from shared.orders.commands import first_check_id
from shared.orders.records import Order, OrderKind
from shared.payments.records import Check, Payment, Receipt, ReceiptLine
from shared.payments.refund_records import Refund
from shared.payments.rules import Tender, TenderKind
from shared.shifts.commands import Counted
from shared.shifts.records import Count, ZReport
from terminal.desks.desk import Desk

FLOAT_MINOR = 10_000
ORDERED = (("cev", 2_000), ("lom", 3_000), ("chi", 2_000))
"""Codes and thousandths."""
SPLIT_OFF = (1_000, 1_500, 500)
"""Of each line: a dish, and shared ones."""
PARTS = 3
"""Of the new check: by card, in cash with change, by wallet."""
NOTED_MINOR = 2_000
"""What is noted of the first check before the rest is paid in cash."""
LARGE_MINOR = 50_000


class Step(NamedTuple):
    """What was done: its name, and what must never be lost of it."""

    name: str
    amount_minor: int = 0


async def go_on(desk: Desk) -> Step | None:
    """Do what comes next. None: the evening is over."""
    desk.actor = MANAGER
    if await rows(desk, ZReport):
        return None
    if not desk.drawers.sessions and not await rows(desk, DrawerSession):
        await desk.shifts.open(None, [Cash("PEN", FLOAT_MINOR)])
        return Step("opened")
    return await _order(desk) or await _split(desk) or await _pay(desk) or await _refund(desk) or await _close(desk)


async def rows(desk: Desk, record: Any) -> Sequence[Any]:
    """All rows of a record, oldest first."""
    async with desk.store.reading() as connection:
        return (await connection.execute(sa.select(record.__table__).order_by(record.__table__.c.id))).all()


async def _order(desk: Desk) -> Step | None:
    if not await rows(desk, Order):
        await desk.open_order(OrderKind.DINE_IN, desk.tables[0].id, 4)
        return Step("ordered")
    order = next(iter(desk.orders.values()), None)
    if order is None:
        return None
    there = {line.root_id for line in order.lines}
    if len(there) < len(ORDERED):
        code, quantity_milli = ORDERED[len(there)]
        item = desk.menu.by_code[code]
        await desk.add_line(order.id, item, default_modifiers(item), quantity_milli)
        return Step("added")
    if any(line.to_send_milli for line in order.lines):
        await desk.send(order.id)
        return Step("sent")
    return None


async def _split(desk: Desk) -> Step | None:
    if len(await rows(desk, Check)) > 1:
        return None
    order = next(iter(desk.orders.values()))
    lines = sorted(order.lines, key=lambda line: line.id)
    portions = {line.id: milli for line, milli in zip(lines, SPLIT_OFF, strict=True)}
    await desk.bills.split_off(order.id, order.checks[0].id, portions)
    return Step("split")


async def _pay(desk: Desk) -> Step | None:
    for order in desk.orders.values():
        for check in sorted(order.checks, key=lambda check: check.id == first_check_id(order.id)):
            if check.takes_money:
                return await _pay_part(desk, order, check)
    return None


async def _pay_part(desk: Desk, order: OrderView, check: CheckView) -> Step:
    paid = [row for row in await rows(desk, Payment) if row.check_id == check.id]
    if check.id == first_check_id(order.id):
        if not paid:
            return await _tender(desk, order.id, check.id, TenderKind.CARD, NOTED_MINOR)
        return await _tender(desk, order.id, check.id, TenderKind.CASH, LARGE_MINOR)
    left = PARTS - len(paid)
    part = check.due_minor // left
    if left == 1:
        return await _tender(desk, order.id, check.id, TenderKind.WALLET, check.due_minor)
    kind, given = (TenderKind.CARD, part) if left == PARTS else (TenderKind.CASH, LARGE_MINOR)
    return await _tender(desk, order.id, check.id, kind, given, part)


async def _tender(
    desk: Desk, order_id: UUID, check_id: UUID, kind: TenderKind, amount_minor: int, part_minor: int | None = None
) -> Step:
    method = next(each for each in desk.methods if each.kind is kind)
    await desk.pay(order_id, check_id, [Tender(method.id, method.name, kind, amount_minor)], part_minor)
    return Step(kind, amount_minor)


async def _refund(desk: Desk) -> Step | None:
    if await rows(desk, Refund):
        return None
    receipt = (await rows(desk, Receipt))[0]
    line = next(row for row in await rows(desk, ReceiptLine) if row.receipt_id == receipt.id)
    back = await desk.past.refund(receipt.id, {line.id: line.quantity_milli}, None, "frío", was_made=True)
    return Step("refunded", back.paid_minor)


async def _close(desk: Desk) -> Step:
    (session,) = await rows(desk, DrawerSession)
    report = await desk.shifts.report(session.id)
    if not await rows(desk, Count):
        await desk.shifts.count(session.id, [_counted(purse) for purse in report.counted])
        return Step("counted")
    await desk.shifts.close(session.id, "")
    return Step("closed")


def _counted(purse: Any) -> Counted:
    return Counted(Cash(purse.currency, purse.expected_minor), purse.method_id, purse.name)
