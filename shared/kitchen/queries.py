"""What a kitchen display shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.columns import ROUND, standing_below
from shared.kitchen.records import KitchenTicket, Station, TicketLine, TicketStatus
from shared.orders.records import LineStatus, OrderKind, OrderLine

MOST_BUMPED = 300
"""So many bumped tickets of a branch are looked at for a recall: a full evening; older ones are history."""


@dataclass(frozen=True, slots=True)
class TicketLineView:
    """One line of a ticket; `voided`: taken back after it was sent, so no longer to be made."""

    item_name: str
    quantity_milli: int
    modifiers: tuple[str, ...]
    notes: str
    voided: bool = False


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket as a station reads it."""

    id: UUID
    order_id: UUID
    station_id: UUID
    number: str
    part: int
    kind: OrderKind
    table_name: str
    server_name: str
    notes: str
    fired_at: datetime
    bumped_at: datetime | None
    status: TicketStatus
    recalled: bool
    lines: tuple[TicketLineView, ...]


@dataclass(frozen=True, slots=True)
class StationView:
    """A station."""

    id: UUID
    name: str


async def stations(reader: AsyncConnection | AsyncSession, organization_id: UUID) -> list[StationView]:
    """The stations of the organization, in their order."""
    rows = await reader.execute(
        sa.select(Station.id, Station.name)
        .where(Station.organization_id == organization_id, Station.active)
        .order_by(Station.position, Station.id)
    )
    return [StationView(row.id, row.name) for row in rows]


async def open_tickets(
    reader: AsyncConnection | AsyncSession,
    organization_id: UUID,
    branch_id: UUID,
    station_id: UUID | None = None,
    limit: int = 200,
) -> list[TicketView]:
    """Tickets that are not bumped, in order of sending; two statements."""
    given = {"organization": organization_id, "branch": branch_id, "station": station_id, "limit": limit}
    return await _tickets(reader, given, _statements(station_id is not None).open)


async def bumped_tickets(
    reader: AsyncConnection | AsyncSession,
    organization_id: UUID,
    branch_id: UUID,
    station_id: UUID | None = None,
    limit: int = 20,
) -> list[TicketView]:
    """The last bumped tickets of each station, newest first: what a recall chooses from.

    Args:
        limit: most of a station, so that a busy kitchen does not push the bar's few out of sight.
    """
    given = {"organization": organization_id, "branch": branch_id, "station": station_id, "limit": limit}
    return await _tickets(reader, given, _statements(station_id is not None).bumped)


class _Statements(NamedTuple):
    open: sa.Select[Any]
    bumped: sa.Select[Any]


@cache
def _statements(of_one_station: bool) -> _Statements:
    """Built once: building one takes longer than running it."""
    table = KitchenTicket.__table__
    tickets = sa.select(table).where(
        table.c.organization_id == sa.bindparam("organization"), table.c.branch_id == sa.bindparam("branch")
    )
    if of_one_station:
        tickets = tickets.where(table.c.station_id == sa.bindparam("station"))
    limit = sa.bindparam("limit", type_=sa.Integer)
    still_open = tickets.where(standing_below(table.c.standing, TicketStatus.BUMPED))
    # Numbered among the newest alone: numbering every ticket there ever was would cost more with every sale.
    code = sa.type_coerce(table.c.standing, sa.Integer)
    newest = (
        tickets.where(table.c.bumped_at.is_not(None), code % ROUND == int(TicketStatus.BUMPED))
        .order_by(table.c.bumped_at.desc(), table.c.id.desc())
        .limit(MOST_BUMPED)
        .subquery()
    )
    newest_first = (newest.c.bumped_at.desc(), newest.c.id.desc())
    place = sa.func.row_number().over(partition_by=newest.c.station_id, order_by=newest_first).label("place")
    numbered = sa.select(newest, place).subquery()
    last = sa.select(numbered).where(numbered.c.place <= limit)
    return _Statements(
        open=still_open.order_by(table.c.fired_at, table.c.id).limit(limit),
        bumped=last.order_by(numbered.c.bumped_at.desc(), numbered.c.id.desc()),
    )


@cache
def _lines() -> sa.Select[Any]:
    of_ticket, of_order = TicketLine.__table__, OrderLine.__table__
    ordered = sa.and_(
        of_order.c.organization_id == of_ticket.c.organization_id, of_order.c.id == of_ticket.c.order_line_id
    )
    return (
        sa.select(of_ticket, of_order.c.standing)
        .outerjoin(of_order, ordered)
        .where(
            of_ticket.c.organization_id == sa.bindparam("organization"),
            of_ticket.c.ticket_id.in_(sa.bindparam("ids", expanding=True)),
        )
        .order_by(of_ticket.c.ticket_id, of_ticket.c.position)
    )


async def _tickets(
    reader: AsyncConnection | AsyncSession, given: Mapping[str, Any], query: sa.Select[Any]
) -> list[TicketView]:
    rows = (await reader.execute(query, given)).all()
    lines: dict[UUID, list[TicketLineView]] = defaultdict(list)
    if rows:
        of_these = {"organization": given["organization"], "ids": [row.id for row in rows]}
        for line in await reader.execute(_lines(), of_these):
            voided = line.standing is not None and line.standing.status is LineStatus.VOIDED
            view = TicketLineView(line.item_name, line.quantity_milli, tuple(line.modifiers), line.notes, voided)
            lines[line.ticket_id].append(view)
    return [
        TicketView(
            id=row.id,
            order_id=row.order_id,
            station_id=row.station_id,
            number=row.number,
            part=row.part,
            kind=row.kind,
            table_name=row.table_name,
            server_name=row.server_name,
            notes=row.notes,
            fired_at=row.fired_at,
            bumped_at=row.bumped_at,
            status=row.standing.status,
            recalled=row.standing.round > 0,
            lines=tuple(lines[row.id]),
        )
        for row in rows
    ]
