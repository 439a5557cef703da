"""What the kitchen's wall reads: the tickets of each station in the order in which they came to this device.

No station's tickets depend on what another station leaves open. What has no place on the wall (of hours ago, on the
table already, or beyond what anybody can look through) is counted by station.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.instants import from_microseconds
from shared.kitchen.held_queries import HeldDish, held_dishes
from shared.kitchen.queries import AskedTicket, asked_tickets, tickets_of
from shared.kitchen.station_views import stations
from shared.kitchen.ticket_views import TicketView
from terminal.clock import Moment
from terminal.store.arrivals import Arrival, arrivals_of
from terminal.wall.made import MadeDish, done_tickets, made_dishes
from terminal.wall.placed import with_moved_ones
from terminal.wall.receiving import stations_with_display

OLDEST_ON_WALL, NEWEST_ON_WALL = 240, 60
"""Most tickets of a station on its wall: its oldest, and its newest, so that what has just come is always there."""
FORGOTTEN_AFTER = timedelta(hours=12)
"""Nobody cooks what was sent before that: the evening before ended without a bump."""
MOST_RECALLED = 20
"""Bumped tickets of a station that can be brought back from the list (peers: 20 to 50). More cost every reading."""
BEGIN_BEFORE = timedelta(minutes=30)
"""An order for later takes its place among the others so long before it is promised, and its time begins then, unless
its station needs longer or less (`StationSettings.prepare_minutes`)."""
_BEFORE_ALL = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Tickets:
    """The tickets of a branch: each is open, bumped, or aside.

    Attributes:
        open: in the order of the wall.
        bumped: what can be brought back, the one that was done last first.
        aside: ids of the open tickets without a place on the wall, by station, the newest first.
        held: what waits for its course.
        next_at: when the next order for later takes its place; None: none is for later.
        made: what stations have made and nobody has served, by the root of its family.
        displays: the stations that have one.
    """

    open: tuple[TicketView, ...] = ()
    bumped: tuple[TicketView, ...] = ()
    aside: Mapping[UUID, tuple[UUID, ...]] = field(default_factory=lambda: MappingProxyType({}))
    held: tuple[HeldDish, ...] = ()
    next_at: datetime | None = None
    made: Mapping[UUID, MadeDish] = field(default_factory=lambda: MappingProxyType({}))
    displays: frozenset[UUID] = frozenset()


async def wall_tickets(connection: AsyncConnection, organization_id: UUID, branch_id: UUID, moment: Moment) -> Tickets:
    """Read the tickets of a branch; thirteen statements where nothing waits, however many there are."""
    now = from_microseconds(moment.wall_ms * 1_000)
    asked = await asked_tickets(connection, organization_id, branch_id)
    before = await _preparation(connection, organization_id, branch_id, asked)
    asked = [each._replace(begins_at=before.of(each)) for each in asked]
    beside = [each.place.at for each in asked if each.place is not None]
    arrivals = await arrivals_of(connection, [*(each.id for each in asked), *beside], moment)
    shown, aside = _placed(asked, arrivals, now)
    views = {view.id: view for view in await tickets_of(connection, organization_id, shown)}
    opened = tuple(_dated(views[each], arrivals.get(each), now, before) for each in shown if each in views)
    done = await done_tickets(connection, organization_id, branch_id, MOST_RECALLED, moment)
    came = await arrivals_of(connection, [each.id for each in done], moment)
    held = await held_dishes(connection, organization_id, branch_id)
    last = tuple(_dated(each, came.get(each.id), now, before) for each in done)
    made = await made_dishes(connection, organization_id, branch_id, moment)
    next_at = min((each.waits_since for each in opened if each.is_later), default=None)
    displays = await stations_with_display(connection, organization_id, branch_id, moment)
    return Tickets(opened, last, aside, held, next_at, made, displays)


@dataclass(frozen=True, slots=True)
class _Preparation:
    """How long before it is promised each station begins an order for later."""

    by_station: Mapping[UUID, timedelta]

    def of(self, ticket: AskedTicket | TicketView) -> datetime | None:
        """From when on a ticket is made, if somebody was promised when."""
        if ticket.promised_at is None:
            return None
        return ticket.promised_at - self.by_station.get(ticket.station_id, BEGIN_BEFORE)


async def _preparation(
    connection: AsyncConnection, organization_id: UUID, branch_id: UUID, asked: Iterable[AskedTicket]
) -> _Preparation:
    """Read what stations say of it, where anybody was promised anything."""
    if all(each.promised_at is None for each in asked):
        return _Preparation({})
    known = await stations(connection, organization_id, branch_id)
    said = {each.id: each.prepare_minutes for each in known if each.prepare_minutes is not None}
    return _Preparation({station: timedelta(minutes=minutes) for station, minutes in said.items()})


async def aside_tickets(
    connection: AsyncConnection, organization_id: UUID, ticket_ids: Sequence[UUID]
) -> tuple[TicketView, ...]:
    """Tickets without a place on the wall, in the order given."""
    views = {view.id: view for view in await tickets_of(connection, organization_id, ticket_ids)}
    return tuple(views[each] for each in ticket_ids if each in views)


def _placed(
    asked: Iterable[AskedTicket], arrivals: Mapping[UUID, Arrival], now: datetime
) -> tuple[list[UUID], Mapping[UUID, tuple[UUID, ...]]]:
    """The tickets on the wall in their order, and those aside by station, the newest first."""
    current: defaultdict[UUID, list[AskedTicket]] = defaultdict(list)
    aside: defaultdict[UUID, list[UUID]] = defaultdict(list)
    by_arrival = _with_later_ones(sorted(asked, key=lambda each: _order(each, arrivals)), arrivals, now)
    by_arrival = with_moved_ones(
        by_arrival,
        {each.id: _order(each, arrivals)[0] for each in by_arrival} | {at: each.order for at, each in arrivals.items()},
        {each.id for each in by_arrival if each.promised_at is not None},
    )
    for each in by_arrival:
        since = _begins(each, arrivals)
        if each.is_over or now - since > FORGOTTEN_AFTER:
            aside[each.station_id].insert(0, each.id)
        else:
            current[each.station_id].append(each)
    on_wall: set[UUID] = set()
    for station, tickets in current.items():
        beyond = tickets[OLDEST_ON_WALL:-NEWEST_ON_WALL]
        on_wall.update(each.id for each in (*tickets[:OLDEST_ON_WALL], *tickets[OLDEST_ON_WALL:][-NEWEST_ON_WALL:]))
        aside[station][:0] = [each.id for each in reversed(beyond)]
    shown = [each.id for each in by_arrival if each.id in on_wall]
    return shown, MappingProxyType({station: tuple(ids) for station, ids in aside.items() if ids})


def _order(ticket: AskedTicket, arrivals: Mapping[UUID, Arrival]) -> tuple[tuple[int, int, int], datetime, UUID]:
    arrival = arrivals.get(ticket.id)
    return arrival.order if arrival else _BEFORE_ALL, ticket.fired_at, ticket.id


def _with_later_ones(
    tickets: Sequence[AskedTicket], arrivals: Mapping[UUID, Arrival], now: datetime
) -> list[AskedTicket]:
    """Tickets of orders for later stand where the instant puts them at which they begin; until then at the end.

    So none of the others moves but to make room.
    """
    later = [each for each in tickets if _begins(each, arrivals) > _came(each, arrivals)]
    placed = [each for each in tickets if each not in later]
    for each in sorted(later, key=lambda ticket: (_begins(ticket, arrivals), ticket.id)):
        begins = _begins(each, arrivals)
        before = (at for at, other in enumerate(placed) if begins <= now and _begins(other, arrivals) > begins)
        placed.insert(next(before, len(placed)), each)
    return placed


def _came(ticket: AskedTicket, arrivals: Mapping[UUID, Arrival]) -> datetime:
    return arrivals[ticket.id].since if ticket.id in arrivals else ticket.fired_at


def _begins(ticket: AskedTicket, arrivals: Mapping[UUID, Arrival]) -> datetime:
    """When the time of a ticket begins: when it was sent, or shortly before it is promised."""
    came = _came(ticket, arrivals)
    return came if ticket.begins_at is None or ticket.rushed else max(came, ticket.begins_at)


def _dated(ticket: TicketView, arrival: Arrival | None, now: datetime, before: _Preparation) -> TicketView:
    since = min(now, ticket.fired_at) if arrival is None else arrival.since
    begins_at = None if ticket.rushed else before.of(ticket)
    begins = since if begins_at is None else max(since, begins_at)
    return replace(ticket, since=begins, is_later=begins > now)
