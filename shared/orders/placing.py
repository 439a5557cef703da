"""Placing a whole order at once, as programs do: it is open and unsent, and whoever works there sends it.

Every id follows from the order's, so that the same order placed twice is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import false, select

from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.kernel.quantity import ONE
from shared.kernel.work import Work
from shared.orders.combos import ComboPart, add_combo
from shared.orders.commands import add_line, open_order
from shared.orders.contacts import ContactView, set_contact
from shared.orders.records import Order, OrderKind, OrderLine, OrderSource

MOST_BESIDE = 50
"""Orders at a table that one more is placed beside knowingly, the newest first."""


@dataclass(frozen=True, slots=True)
class PlacedPart:
    """What is served for one slot of a combo."""

    choice_id: UUID
    modifier_ids: tuple[UUID, ...] = ()
    notes: str = ""


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """An item so many times; of a combo with a part for each slot."""

    item_id: UUID
    quantity_milli: int = ONE
    modifier_ids: tuple[UUID, ...] = ()
    notes: str = ""
    seat: int = 0
    parts: tuple[PlacedPart, ...] = ()


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """A whole order. Prices and taxes are no part of it: they are the house's.

    Attributes:
        contact: whom it is for; sealed.
    """

    kind: OrderKind
    lines: Sequence[PlacedLine]
    table_id: UUID | None = None
    guests: int = 0
    notes: str = ""
    promised_at: datetime | None = None
    contact: ContactView = field(default_factory=ContactView)


async def place_order(
    work: Work, order_id: UUID, placed: PlacedOrder, source: OrderSource
) -> tuple[Order, list[OrderLine]]:
    """Open an order with all its lines, unsent.

    Raises:
        DomainError: ORDER_IS_EMPTY, those of `open_order` and `set_contact`; those of `add_line` and `add_combo`, with
            the place of the line in `line`, counted from 1.
    """
    if not placed.lines:
        raise DomainError("ORDER_IS_EMPTY")
    order = await open_order(
        work,
        order_id,
        placed.kind,
        placed.table_id,
        placed.guests,
        placed.notes,
        placed.promised_at,
        beside=await _at_the_table(work, placed.table_id),
        source=source,
    )
    if placed.contact.texts:
        contact = placed.contact
        await set_contact(work, order_id, contact.name, contact.phone, contact.address, contact.document)
    lines: list[OrderLine] = []
    for place, line in enumerate(placed.lines, 1):
        try:
            lines += await _add(work, order_id, place, line)
        except DomainError as error:
            error.params["line"] = place
            raise
    return order, lines


async def _at_the_table(work: Work, table_id: UUID | None) -> list[UUID]:
    """The orders of today and yesterday at a table: whoever sits there, nobody is asked about one more."""
    if table_id is None:
        return []
    of_late = Order.business_date >= work.business_date - timedelta(days=1)
    sitting = (Order.table_id == table_id, Order.branch_id == work.branch_id, of_late, Order.has_left.is_(false()))
    query = select(Order.id).where(Order.organization_id == work.organization_id, *sitting)
    return list(await work.session.scalars(query.order_by(Order.opened_at.desc()).limit(MOST_BESIDE)))


async def _add(work: Work, order_id: UUID, place: int, line: PlacedLine) -> list[OrderLine]:
    line_id = derived_id("placed_line", order_id, place)
    if not line.parts:
        return [
            await add_line(
                work,
                order_id,
                line_id,
                line.item_id,
                line.modifier_ids,
                line.quantity_milli,
                line.notes,
                seat=line.seat,
            )
        ]
    parts = [
        ComboPart(part.choice_id, derived_id("placed_part", line_id, at), part.modifier_ids, part.notes)
        for at, part in enumerate(line.parts)
    ]
    return await add_combo(work, order_id, line_id, line.item_id, parts, line.quantity_milli, seat=line.seat)
