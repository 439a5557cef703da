"""The price of a line at the hour at which it is ordered: dayparts and price rules of the branch, by local wall time.

A line is priced once. What is added to it later is priced at its own hour, so it may become a line of its own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.errors import DomainError
from shared.kernel.instants import local_time
from shared.kernel.work import Work
from shared.menu.rules import MenuItem
from shared.orders.records import Order
from shared.pricing.queries import hours_of_sale
from shared.pricing.rules import PricedNow


def wall_of(work: Work) -> datetime:
    """The branch's local wall time, without its zone."""
    return local_time(work.now, work.place.zone).replace(tzinfo=None)


async def sold_now(work: Work, item: MenuItem, order_id: UUID, kind: str | None = None) -> PricedNow:
    """The price of an item at this hour, without modifiers. A price that is asked, no rule changes.

    Args:
        kind: of the order, where it is not there yet.

    Raises:
        DomainError: ITEM_NOT_NOW (params: item, daypart, at): it is sold in another part of the day.
    """
    connection = await work.session.connection()  # reading through the session takes twice as long
    hours = await hours_of_sale(connection, work.organization_id, work.place.branch_id)
    if not hours:
        return PricedNow(item.price_minor)
    wall = wall_of(work)
    later = hours.not_now(item.id, item.category_id, wall)
    if later is not None:
        raise DomainError("ITEM_NOT_NOW", item=item.name, daypart=later.name, at=f"{later.starts:%H:%M}")
    if item.open_price:
        return PricedNow(item.price_minor)
    if kind is None:
        kind = await _kind_of(work, order_id) if any(rule.kinds for rule in hours.rules) else ""
    return hours.price(item.id, item.category_id, item.price_minor, kind, wall)


async def priced_otherwise(
    work: Work, item: MenuItem, order_id: UUID, price_minor: int, listed_minor: int | None
) -> PricedNow | None:
    """What one more of a line costs now, if that is another price: of this hour, or one that the house changed since.

    A price that somebody typed stays what it is.

    Args:
        price_minor: of the line, without modifiers.
        listed_minor: what was listed as it was ordered; None: its price was asked.

    Raises:
        DomainError: ITEM_NOT_NOW.
    """
    now = await sold_now(work, item, order_id)
    is_listed = price_minor == listed_minor and not item.open_price
    return now if is_listed and now.price_minor != price_minor else None


RULED = ("price_rule_id", "price_name")
"""The columns of a line that name its price rule."""


def ruled(priced: PricedNow) -> dict[str, Any]:
    """These columns of a line that is priced so."""
    if priced.rule is None:
        return dict(zip(RULED, (None, ""), strict=True))
    return dict(zip(RULED, (priced.rule.id, priced.rule.name), strict=True))


async def _kind_of(work: Work, order_id: UUID) -> str:
    """The word of an order's kind."""
    kind = await work.session.scalar(
        sa.select(Order.kind).where(Order.organization_id == work.organization_id, Order.id == order_id)
    )
    return str(kind)
