"""What became of an order that is not open any more: joined to another, paid, or cancelled."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from shared.orders.commands import first_check_id
from shared.orders.records import Order
from shared.payments.records import Check, Receipt
from shared.truth.reading import Reader


@dataclass(frozen=True, slots=True)
class Gone:
    """How an order ended.

    Attributes:
        joined_to: number of the order that has its checks now, or whose party it sits with; empty if it was not joined.
        receipt: number of its last receipt; empty if it has none. An order without either was cancelled.
    """

    number: str
    joined_to: str = ""
    receipt: str = ""


async def what_became_of(reader: Reader, organization_id: UUID, order_id: UUID) -> Gone | None:
    """How an order ended; None if it is not known here. Two statements."""
    orders, checks, receipts = Order.__table__, Check.__table__, Receipt.__table__
    has_it = orders.alias("has_it")
    now = sa.and_(has_it.c.organization_id == checks.c.organization_id, has_it.c.id == checks.c.order_id)
    sits_with = orders.alias("sits_with")
    together = sa.and_(sits_with.c.organization_id == orders.c.organization_id, sits_with.c.id == orders.c.joined_to_id)
    found = (
        await reader.execute(
            sa.select(
                orders.c.number,
                has_it.c.id.label("has_it"),
                has_it.c.number.label("joined_to"),
                sits_with.c.number.label("sits_with"),
            )
            .join_from(orders, checks, checks.c.organization_id == orders.c.organization_id)
            .join(has_it, now)
            .join(sits_with, together, isouter=True)
            .where(
                orders.c.organization_id == organization_id,
                orders.c.id == order_id,
                checks.c.id == first_check_id(order_id),
            )
        )
    ).first()
    if found is None:
        return None
    if found.has_it != order_id:
        return Gone(found.number, joined_to=found.joined_to)
    of_order = sa.and_(checks.c.organization_id == receipts.c.organization_id, checks.c.id == receipts.c.check_id)
    last = await reader.execute(
        sa.select(receipts.c.number)
        .join_from(receipts, checks, of_order)
        .where(checks.c.organization_id == organization_id, checks.c.order_id == order_id)
        .order_by(receipts.c.id.desc())
        .limit(1)
    )
    receipt = last.scalar() or ""
    return Gone(found.number, joined_to="" if receipt else found.sits_with or "", receipt=receipt)
