"""One more of a line: like it as it stands, at the price of now. What was ordered keeps its price."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from shared.kernel.quantity import ONE
from shared.kernel.work import Work
from shared.menu.rules import MenuItem
from shared.orders.hours import RULED, priced_otherwise, ruled
from shared.orders.records import OrderLine
from shared.orders.selling import modifiers_now
from shared.truth.portions import modifiers_of, said


async def priced_anew(work: Work, item: MenuItem, row: Any, lines: Mapping[UUID, Any]) -> dict[str, Any]:
    """The fields in which more of a line differs from it: what it costs now, if that is another price."""
    price, listed = said(row.id, lines, "unit_price_minor"), said(row.id, lines, "listed_minor")
    now = await priced_otherwise(work, item, row.order_id, price, listed)
    modifiers = modifiers_now(item, modifiers_of(row.id, lines))
    found: dict[str, Any] = {} if modifiers is None else {"modifiers": modifiers}
    if now is not None:
        found |= {"unit_price_minor": now.price_minor, "listed_minor": now.price_minor, **ruled(now)}
    return found


def like(
    work: Work,
    row: Any,
    line_id: UUID,
    lines: Mapping[UUID, Any],
    repriced: Mapping[str, Any],
    quantity_milli: int = ONE,
) -> OrderLine:
    """So many like another line, as that one stands now.

    Args:
        repriced: the fields that say what it costs now, if that is another price.
    """
    same = ("branch_id", "order_id", "check_id", "item_id", "item_name", "kitchen_name", "category_id", "category_name")
    more = ("tax_category_id", "station_id", "unit", "course", *RULED)
    said_of = ("unit_price_minor", "listed_minor", "modifiers", "notes", "seat")
    fields = {name: getattr(row, name) for name in (*same, *more)}
    fields |= {name: said(row.id, lines, name) for name in said_of}
    return OrderLine(
        organization_id=work.organization_id,
        id=line_id,
        root_id=line_id,
        author=work.author,
        quantity_milli=quantity_milli,
        held=0,
        fired=0,
        added_at=work.now,
        **{**fields, **repriced},
    )
