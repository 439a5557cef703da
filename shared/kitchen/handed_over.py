"""What was handed over last, sending by sending: from this list a hand-over is taken back (`serving.take_back`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.columns import Key
from shared.kitchen.records import KitchenTicket, TicketLine
from shared.orders.records import Order, OrderKind

MOST_HANDED_OVER = 60
"""Tickets in the list. Whoever misses a dish misses it within minutes."""


@dataclass(frozen=True, slots=True)
class HandedTicket:
    """A ticket of which something is with its guests.

    Attributes:
        ready_at: when its station had made it; None: its station said nothing.
        dishes: what was handed over, by name.
        portions: of each ticket line, in thousandths.
    """

    id: UUID
    order_id: UUID
    number: str
    kind: OrderKind
    table_name: str
    ready_at: datetime | None
    dishes: tuple[str, ...]
    portions: Mapping[UUID, int]


async def handed_over(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID
) -> list[HandedTicket]:
    """The tickets of parties that are still there of which something was handed over, the last one made first."""
    given = {"organization": organization_id, "branch": branch_id}
    found: dict[UUID, Any] = {}
    lines: dict[UUID, list[Any]] = {}
    for row in await reader.execute(_newest(), given):
        found.setdefault(row.id, row)
        lines.setdefault(row.id, []).append(row)
    return [
        HandedTicket(
            key, row.order_id, row.number, row.kind, row.table_name, row.bumped_at,
            tuple(line.item_name for line in lines[key]),
            {line.line_id: line.portions for line in lines[key]},
        )
        for key, row in found.items()
    ]  # fmt: skip


@cache
def _newest() -> sa.Select[Any]:
    """Built once: building one takes longer than running it."""
    tickets, told, orders = (kind.__table__.c for kind in (KitchenTicket, TicketLine, Order))
    organization: sa.BindParameter[UUID] = sa.bindparam("organization", type_=Key())
    portions = told.served_milli - told.returned_milli
    of_ticket = sa.and_(told.organization_id == organization, told.ticket_id == tickets.id, portions > 0)
    of_order = sa.and_(orders.organization_id == organization, orders.id == tickets.order_id)
    newest = (
        sa.select(tickets.id, tickets.order_id, tickets.number, tickets.kind, tickets.table_name, tickets.bumped_at)
        .join_from(KitchenTicket.__table__, Order.__table__, of_order)
        .where(
            tickets.organization_id == organization,
            tickets.branch_id == sa.bindparam("branch", type_=Key()),
            tickets.bumped_at.is_not(None),
            ~orders.has_left,
            sa.exists().where(of_ticket),
        )
        .order_by(tickets.bumped_at.desc(), tickets.id)
        .limit(MOST_HANDED_OVER)
        .subquery()
    )
    return (
        sa.select(newest, told.id.label("line_id"), told.item_name, portions.label("portions"))
        .join_from(
            newest, TicketLine.__table__, sa.and_(told.organization_id == organization, told.ticket_id == newest.c.id)
        )
        .where(portions > 0)
        .order_by(newest.c.bumped_at.desc(), newest.c.id, told.position)
    )
