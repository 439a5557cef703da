"""Taking orders: open, add, change, remove, send, serve, cancel. Every tap is one of these, committed by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.floor.records import DiningTable
from shared.kernel.columns import Standing
from shared.kernel.errors import DomainError, NotFound
from shared.kernel.money import price_is_sensible
from shared.kernel.permissions import Permission
from shared.kernel.quantity import ONE
from shared.kernel.text import MAX_NOTE_CHARACTERS, clean
from shared.kernel.work import Work
from shared.kitchen.commands import fire
from shared.kitchen.records import KitchenTicket
from shared.menu.queries import choose_item
from shared.menu.rules import ChosenItem
from shared.orders.records import LineStatus, Order, OrderKind, OrderLine, OrderStatus
from shared.orders.rules import gross_of, quantity_is_sensible, unit_with_modifiers
from shared.payments.records import Check, Payment

CLOSED = frozenset({OrderStatus.CANCELLED, OrderStatus.COMPLETED})
OUT = frozenset({LineStatus.SENT, LineStatus.SERVED})
"""Lines that somebody was asked for already."""


async def open_order(
    work: Work,
    order_id: UUID,
    kind: OrderKind,
    table_id: UUID | None = None,
    guests: int = 0,
    notes: str = "",
) -> Order:
    """Open an order; its check follows from it. Its number is the device's letter and the day's count: `A-17`.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND (the table).
    """
    work.require(Permission.TAKE_ORDER)
    table_name = ""
    if kind is OrderKind.DINE_IN and table_id is not None:
        table_name = (await work.get(DiningTable, table_id)).name
    day = work.business_date
    number = await work.next_number(f"order:{day.isoformat()}")
    return work.add(
        Order(
            organization_id=work.organization_id,
            branch_id=work.branch_id,
            id=order_id,
            number=f"{work.place.letter}-{number}",
            kind=kind,
            table_id=table_id,
            table_name=table_name,
            guests=max(0, guests),
            notes=clean(notes, MAX_NOTE_CHARACTERS),
            currency=work.place.currency,
            opened_at=work.now,
            opened_by=work.actor.staff_id,
            server_name=work.actor.name,
            business_date=day,
            standing=Standing(0, OrderStatus.PENDING),
        )
    )


async def add_line(
    work: Work,
    order_id: UUID,
    line_id: UUID,
    item_id: UUID,
    modifier_ids: Sequence[UUID] = (),
    quantity_milli: int = ONE,
    notes: str = "",
    unit_price_minor: int | None = None,
) -> OrderLine:
    """Add a line of an item with these modifiers. Name, price and tax category are read from the menu, as they are now.

    Args:
        unit_price_minor: another price than the menu's, without modifiers; needs its permission.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, ORDER_CLOSED, QUANTITY_NOT_SENSIBLE, PRICE_NOT_SENSIBLE, and those of
            `choose`.
    """
    work.require(Permission.TAKE_ORDER)
    branch_id = await _branch_of_open(work, order_id)
    _check_quantity(quantity_milli)
    chosen = await choose_item(work.session, work.organization_id, item_id, modifier_ids)
    price = chosen.item.price_minor
    if unit_price_minor is not None and unit_price_minor != price:
        work.require(Permission.OVERRIDE_PRICE)
        price = unit_price_minor
    _check_price(quantity_milli, price, _snapshot(chosen))
    item = chosen.item
    return work.add(
        OrderLine(
            organization_id=work.organization_id,
            branch_id=branch_id,
            id=line_id,
            order_id=order_id,
            item_id=item.id,
            item_name=item.name,
            category_id=item.category_id,
            category_name=item.category_name,
            tax_category_id=item.tax_category_id,
            station_id=item.station_id,
            unit=item.unit,
            unit_price_minor=price,
            quantity_milli=quantity_milli,
            modifiers=_snapshot(chosen),
            notes=clean(notes, MAX_NOTE_CHARACTERS),
            added_at=work.now,
            standing=Standing(0, LineStatus.OPEN),
        )
    )


async def change_line(
    work: Work,
    line_id: UUID,
    quantity_milli: int | None = None,
    notes: str | None = None,
    modifier_ids: Sequence[UUID] | None = None,
) -> OrderLine:
    """Change a line that was not sent yet. What modifiers add to the price is read from the menu.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, LINE_ALREADY_SENT, QUANTITY_NOT_SENSIBLE, PRICE_NOT_SENSIBLE,
            ORDER_CLOSED, and those of `choose`.
    """
    work.require(Permission.TAKE_ORDER)
    line = await _unsent(work, line_id)
    if quantity_milli is not None:
        _check_quantity(quantity_milli)
        line.quantity_milli = quantity_milli
    if notes is not None:
        line.notes = clean(notes, MAX_NOTE_CHARACTERS)
    if modifier_ids is not None:
        line.modifiers = _snapshot(await choose_item(work.session, work.organization_id, line.item_id, modifier_ids))
    _check_price(line.quantity_milli, line.unit_price_minor, line.modifiers)
    return line


async def discount_line(work: Work, line_id: UUID, discount_minor: int) -> OrderLine:
    """Take an amount off a line, before anything is paid; 0 takes the discount back.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, ORDER_CLOSED, ORDER_HAS_PAYMENTS, DISCOUNT_NOT_SENSIBLE.
    """
    work.require(Permission.GIVE_DISCOUNT)
    line = await work.get(OrderLine, line_id)
    order = await _open(work, line.order_id)
    if await _has_payments(work, order.id):
        raise DomainError("ORDER_HAS_PAYMENTS", number=order.number)  # less to pay than was paid would owe change
    unit = unit_with_modifiers(line.unit_price_minor, [each["price_delta_minor"] for each in line.modifiers])
    if not 0 <= discount_minor <= gross_of(line.quantity_milli, unit):
        raise DomainError("DISCOUNT_NOT_SENSIBLE")
    line.discount_minor = discount_minor
    return line


async def remove_line(work: Work, line_id: UUID) -> OrderLine:
    """Remove a line before it is sent; it costs nobody a reason. Removing it again changes nothing.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, LINE_ALREADY_SENT, ORDER_CLOSED.
    """
    work.require(Permission.TAKE_ORDER)
    line = await work.get(OrderLine, line_id)
    if line.standing.status is LineStatus.REMOVED:
        return line
    line = await _unsent(work, line_id)
    line.standing = line.standing.advance(LineStatus.REMOVED)
    return line


async def send_order(work: Work, order_id: UUID) -> list[KitchenTicket]:
    """Send what was not sent yet; the tickets that this fired. Twenty presses send once.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, ORDER_CLOSED.
    """
    work.require(Permission.SEND_ORDER)
    order = await _open(work, order_id)
    unsent = [line for line in await lines_of(work, order_id) if line.standing.status is LineStatus.OPEN]
    if not unsent:
        return []
    for line in unsent:
        line.standing = line.standing.advance(LineStatus.SENT)
    order.standing = order.standing.advance(OrderStatus.CONFIRMED)
    return await fire(work, order, unsent)


async def serve_order(work: Work, order_id: UUID) -> int:
    """All that was sent is on the table, or in the guest's hands; how many lines that is new for.

    Serving again changes nothing. What is sent afterwards waits to be served anew.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, ORDER_CLOSED, NOTHING_SENT.
    """
    work.require(Permission.TAKE_ORDER)
    order = await _open(work, order_id)
    lines = await lines_of(work, order_id)
    if not any(line.standing.status in OUT for line in lines):
        raise DomainError("NOTHING_SENT", number=order.number)
    waiting = [line for line in lines if line.standing.status is LineStatus.SENT]
    for line in waiting:
        line.standing = line.standing.advance(LineStatus.SERVED)
    order.standing = order.standing.advance(OrderStatus.SERVED)
    return len(waiting)


async def cancel_order(work: Work, order_id: UUID) -> None:
    """Cancel an order. Once something was sent it takes the right to void, and the kitchen sees its lines struck out.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, ORDER_CLOSED, ORDER_HAS_PAYMENTS.
    """
    work.require(Permission.CANCEL_ORDER)
    order = await _open(work, order_id)
    lines = await lines_of(work, order_id)
    if any(line.standing.status in OUT for line in lines):
        work.require(Permission.VOID_SENT_LINE)
    if await _has_payments(work, order_id):
        raise DomainError("ORDER_HAS_PAYMENTS", number=order.number)
    for line in lines:
        status = line.standing.status
        if status is LineStatus.OPEN:
            line.standing = line.standing.advance(LineStatus.REMOVED)
        elif status in OUT:
            line.standing = line.standing.advance(LineStatus.VOIDED)
    order.standing = order.standing.advance(OrderStatus.CANCELLED)


async def lines_of(work: Work, order_id: UUID) -> Sequence[OrderLine]:
    """All lines of an order, in the order in which they were added."""
    return (
        await work.session.scalars(
            sa.select(OrderLine)
            .where(OrderLine.organization_id == work.organization_id, OrderLine.order_id == order_id)
            .order_by(OrderLine.id)
        )
    ).all()


async def _has_payments(work: Work, order_id: UUID) -> bool:
    found = await work.session.scalar(
        sa.select(Payment.id)
        .join(Check, sa.and_(Check.organization_id == Payment.organization_id, Check.id == Payment.check_id))
        .where(Check.organization_id == work.organization_id, Check.order_id == order_id)
        .limit(1)
    )
    return found is not None


async def _open(work: Work, order_id: UUID) -> Order:
    order = await work.get(Order, order_id)
    if order.standing.status in CLOSED:
        raise DomainError("ORDER_CLOSED", number=order.number)
    return order


async def _branch_of_open(work: Work, order_id: UUID) -> UUID:
    """The branch of an order that takes lines, read without its record: a key press waits for it."""
    await work.session.flush()  # the order may be of this unit of work
    connection = await work.session.connection()
    statement, given = _order_head(), {"organization": work.organization_id, "order": order_id}
    order = (await connection.execute(statement, given)).first()
    if order is None:
        raise NotFound(Order.__tablename__, order_id)
    if order.standing.status in CLOSED:
        raise DomainError("ORDER_CLOSED", number=order.number)
    branch_id: UUID = order.branch_id
    return branch_id


@cache
def _order_head() -> sa.Select[*tuple[Any, ...]]:
    """Built once: building it takes longer than running it."""
    orders = Order.__table__
    return sa.select(orders.c.branch_id, orders.c.number, orders.c.standing).where(
        orders.c.organization_id == sa.bindparam("organization"), orders.c.id == sa.bindparam("order")
    )


async def _unsent(work: Work, line_id: UUID) -> OrderLine:
    line = await work.get(OrderLine, line_id)
    await _open(work, line.order_id)
    if line.standing.status is not LineStatus.OPEN:
        raise DomainError("LINE_ALREADY_SENT", item=line.item_name)
    return line


def _check_quantity(quantity_milli: int) -> None:
    if not quantity_is_sensible(quantity_milli):
        raise DomainError("QUANTITY_NOT_SENSIBLE")


def _check_price(quantity_milli: int, unit_price_minor: int, modifiers: Sequence[Mapping[str, Any]]) -> None:
    """The price of one and of the whole line: both must fit where money is stored."""
    unit = unit_with_modifiers(unit_price_minor, [each["price_delta_minor"] for each in modifiers])
    if not (price_is_sensible(unit_price_minor) and price_is_sensible(gross_of(quantity_milli, unit))):
        raise DomainError("PRICE_NOT_SENSIBLE")


def _snapshot(chosen: ChosenItem) -> list[dict[str, Any]]:
    return [
        {"id": str(option.id), "name": option.name, "price_delta_minor": option.price_delta_minor}
        for option in chosen.modifiers
    ]
