"""What stations have made: the tickets that can be brought back, and the dishes that wait to be served.

Both follow from the portions that were made, whoever said so and in however many steps, and not from a mark on the
ticket: two displays that make one dish each have made all of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.instants import from_microseconds
from shared.kernel.totals import TALLY_ROUND
from shared.kitchen.queries import made_at, tickets_of
from shared.kitchen.records import KitchenTicket, TicketLine, is_unserved
from shared.kitchen.ticket_views import TicketView
from shared.truth.records import is_asked, ticket_balances
from terminal.clock import Moment
from terminal.store.heard import MOMENT, Heard, happened_ms, kitchen_heard

MOST_DONE = 300
"""So many tickets of a branch that were done last are looked at for a recall: a full evening; others are history."""
MOST_MADE = 400
"""So many of the newest dishes that nobody served are looked at, a quarter of an hour of a busy kitchen: a house that
never serves costs no more."""


@dataclass(frozen=True, slots=True)
class MadeDish:
    """What stations have made of a family.

    Attributes:
        stations: those that made something of it.
        at_ms: when the last of it was made, by the clock of this device; None: it was not told.
    """

    stations: tuple[UUID, ...]
    at_ms: int | None

    @property
    def at(self) -> datetime | None:
        """The instant of it."""
        return None if self.at_ms is None else from_microseconds(self.at_ms * 1_000)


async def done_tickets(
    connection: AsyncConnection, organization_id: UUID, branch_id: UUID, limit: int, now: Moment
) -> list[TicketView]:
    """The tickets that were done last, the newest first, each with when, by the clock of this device; five statements.

    Args:
        limit: most of a station, so that a busy kitchen does not push the bar's few out of sight.
    """
    given = {"organization": organization_id, "branch": branch_id}
    taken: Counter[UUID] = Counter()
    done: dict[UUID, datetime] = {}
    rows = [
        (boot == now.boot, happened_ms(since_ms, heard_ms, running_ms, boot, now), place, ticket_id, station)
        for ticket_id, station, place, since_ms, heard_ms, running_ms, boot in await connection.execute(_done(), given)
    ]
    for _is_of_this_start, at_ms, _place, ticket_id, station_id in sorted(rows, reverse=True):
        taken[station_id] += 1
        if taken[station_id] <= limit:
            done[ticket_id] = from_microseconds(at_ms * 1_000)
    views = {view.id: view for view in await tickets_of(connection, organization_id, list(done))}
    found = (replace(views[each], bumped_at=at) for each, at in done.items() if each in views)
    return [view for view in found if any(line.quantity_milli for line in view.lines)]


async def made_dishes(
    connection: AsyncConnection, organization_id: UUID, branch_id: UUID, now: Moment
) -> Mapping[UUID, MadeDish]:
    """What is made and not served, by the root of its family; one statement."""
    given = {"organization": organization_id, "branch": branch_id}
    found: dict[UUID, MadeDish] = {}
    for root_id, station_id, _place, since_ms, heard_ms, running_ms, boot in await connection.execute(_made(), given):
        at_ms = None if heard_ms is None else happened_ms(since_ms, heard_ms, running_ms, boot, now)
        known = found.get(root_id)
        if known is not None:
            at_ms = max(filter(None, (known.at_ms, at_ms)), default=None)
        stations = (station_id,) if known is None else tuple(dict.fromkeys((*known.stations, station_id)))
        found[root_id] = MadeDish(stations, at_ms)
    return MappingProxyType(found)


def _portions_made(told: Any) -> sa.ColumnElement[int]:
    return sa.type_coerce(told.made, sa.BigInteger) % TALLY_ROUND


@cache
def _done() -> sa.Select[Any]:
    """Built once: building one takes longer than running it."""
    heard, tickets, asked, told = (
        each.c for each in (kitchen_heard, KitchenTicket.__table__, ticket_balances, TicketLine.__table__)
    )
    same = sa.and_(
        asked.organization_id == tickets.organization_id,
        asked.branch_id == tickets.branch_id,
        asked.ticket_id == tickets.id,
    )
    is_made = sa.exists().where(
        told.organization_id == tickets.organization_id,
        told.ticket_id == tickets.id,
        _portions_made(told) > told.wasted_milli,
    )
    return (
        sa.select(tickets.id, made_at(tickets).label("station_id"), *MOMENT)
        .select_from(kitchen_heard)
        .join(
            KitchenTicket.__table__,
            sa.and_(
                tickets.organization_id == sa.bindparam("organization"),
                tickets.id == sa.type_coerce(heard.row_id, tickets.id.type),
            ),
        )
        .join(ticket_balances, same)
        .where(
            heard.what == Heard.READY,
            tickets.branch_id == sa.bindparam("branch"),
            sa.not_(is_asked(ticket_balances.c)),
            is_made,
        )
        .order_by(heard.place.desc())
        .limit(MOST_DONE)
    )


@cache
def _made() -> sa.Select[Any]:
    told, tickets = TicketLine.__table__.c, KitchenTicket.__table__.c
    newest = (
        sa.select(told.root_id, told.ticket_id)
        .where(
            told.organization_id == sa.bindparam("organization"),
            told.branch_id == sa.bindparam("branch"),
            is_unserved(told),
            told.ticket_id.is_not(None),
            _portions_made(told) > told.wasted_milli,
        )
        .order_by(told.root_id.desc())
        .limit(MOST_MADE)
        .subquery()
    )
    of_ticket = sa.and_(tickets.organization_id == sa.bindparam("organization"), tickets.id == newest.c.ticket_id)
    return (
        sa.select(newest.c.root_id, made_at(tickets).label("station_id"), *MOMENT)
        .select_from(newest)
        .join(KitchenTicket.__table__, of_ticket)
        .outerjoin(kitchen_heard, sa.type_coerce(kitchen_heard.c.row_id, newest.c.ticket_id.type) == newest.c.ticket_id)
    )
