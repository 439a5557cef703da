"""What waits for its course in a branch: dishes that nobody told the kitchen yet, and where they will be made."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.columns import Key
from shared.kitchen.route_queries import load_routes
from shared.kitchen.routes import Routed
from shared.orders.records import Order, OrderKind, OrderLine, is_held_line
from shared.truth.family import LINES, compare, line_of
from shared.truth.reading import rows_of_families

MOST_HELD = 500
"""So many of the newest lines that wait are looked at; a branch has some dozens."""


@dataclass(frozen=True, slots=True)
class HeldDish:
    """A dish that waits for its course.

    Attributes:
        stations: where it will be made, the first one first.
        name: as its stations call it.
        quantity_milli: of `unit`; empty: pieces.
    """

    order_id: UUID
    number: str
    table_name: str
    kind: OrderKind
    course: int
    stations: tuple[UUID, ...]
    name: str
    quantity_milli: int
    unit: str


async def held_dishes(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID
) -> tuple[HeldDish, ...]:
    """What waits in a branch, by order and course; one statement where nothing does."""
    given = {"organization": organization_id, "branch": branch_id, "most": MOST_HELD}
    waiting = {row.id: row for row in await reader.execute(_waiting(), given)}
    if not waiting:
        return ()
    routes = await load_routes(reader, organization_id, branch_id)
    found = []
    for root, rows in (await rows_of_families(reader, organization_id, waiting)).items():
        family, order = compare(root, rows), waiting[root]
        for content, each in family.cooking.items():
            if not each.held:
                continue
            line = rows[LINES][line_of(family, content)]
            dish = Routed(line.item_id, line.category_id, order.course, str(order.kind), line.station_id)
            found.append(
                HeldDish(
                    order_id=order.order_id,
                    number=order.number,
                    table_name=order.table_name,
                    kind=order.kind,
                    course=order.course,
                    stations=routes.stations_of(dish),
                    name=line.kitchen_name or line.item_name,
                    quantity_milli=each.held,
                    unit=line.unit,
                )
            )
    return tuple(sorted(found, key=lambda dish: (dish.order_id, dish.course, dish.name)))


@cache
def _waiting() -> sa.Select[Any]:
    """Built once: building one takes longer than running it."""
    lines, orders = OrderLine.__table__.c, Order.__table__.c
    same = sa.and_(orders.organization_id == lines.organization_id, orders.id == lines.order_id)
    return (
        sa.select(lines.id, lines.order_id, lines.course, orders.number, orders.table_name, orders.kind)
        .join_from(OrderLine.__table__, Order.__table__, same)
        .where(
            lines.organization_id == sa.bindparam("organization"),
            lines.branch_id == sa.bindparam("branch", type_=Key()),
            is_held_line(lines),
            ~orders.has_left,
        )
        .order_by(lines.id.desc())
        .limit(sa.bindparam("most", type_=sa.Integer))
    )
