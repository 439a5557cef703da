"""The kitchen's times of business days: per dish, station and hour, and how much was late. Read off the events.

A time runs from the display (or the paper) that received a ticket at the station that made it to when it was ready,
both by the kitchen's own clock; of a ticket that nothing received there, from when it was sent. While a cook held it
no time ran. Of what came back, the last time it was ready counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.columns import Key
from shared.kernel.instants import BusinessDate, local_time
from shared.kitchen.noting import event_id
from shared.kitchen.records import KitchenEvent, KitchenEventKind, KitchenTicket, TicketLine
from shared.kitchen.station_views import stations
from shared.orders.records import Order

LONGEST_SECONDS = 6 * 3_600
"""What took longer was forgotten on the wall, and is no time of a kitchen."""


MOST_ROUNDS = 20
"""So often at most a ticket is looked for as brought back, or held."""


class Cooked(NamedTuple):
    """A line that was made: what, where, in which local hour it was sent, how long it took, and on which day."""

    dish: str
    station: str
    hour: int
    seconds: int
    is_late: bool
    day: date


class CookedLines(NamedTuple):
    """What was made in some business days.

    Attributes:
        unreceived: how many tickets no display and no printer ever received.
        forgotten: how many lines were ready so late that nobody counts them.
    """

    lines: list[Cooked]
    unreceived: int
    forgotten: int


@dataclass(frozen=True, slots=True)
class Times:
    """The times of one dish, station or hour, or of all.

    Attributes:
        count: how many lines were made.
        worst_seconds: the longest time.
        late: how many took longer than their station allows for such an order.
    """

    key: str
    count: int
    mean_seconds: int
    worst_seconds: int
    late: int


@dataclass(frozen=True, slots=True)
class KitchenTimes:
    """The times of a business day; dishes and stations the slowest first, hours in their order.

    Attributes:
        unreceived: how many tickets no display and no printer ever received.
        forgotten: how many lines were ready so late that nobody counts them.
    """

    day: BusinessDate
    all: Times
    dishes: tuple[Times, ...]
    stations: tuple[Times, ...]
    hours: tuple[Times, ...]
    unreceived: int
    forgotten: int


async def kitchen_times(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID, day: BusinessDate, zone: str
) -> KitchenTimes:
    """The times of a business day of a branch; three statements."""
    cooked, unreceived, forgotten = await cooked_between(reader, organization_id, branch_id, day, day, zone)
    return KitchenTimes(
        day=day,
        all=times_of("", cooked),
        dishes=_slowest(cooked, "dish"),
        stations=_slowest(cooked, "station"),
        hours=tuple(times_of(hour, some) for hour, some in sorted(_grouped(cooked, "hour").items(), key=_hour_first)),
        unreceived=unreceived,
        forgotten=forgotten,
    )


async def cooked_between(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID, first: date, last: date, zone: str
) -> CookedLines:
    """The lines that a branch made from one business date to another, both included; three statements."""
    given = {"organization": organization_id, "branch": branch_id, "first": first, "last": last}
    known = {each.id: each for each in await stations(reader, organization_id, branch_id)}
    events: defaultdict[UUID, _Events] = defaultdict(_Events)
    for event in await reader.execute(_statements().events, given):
        events[event.ticket_id].take(event)
    cooked, forgotten, unreceived = list[Cooked](), 0, set[UUID]()
    for row in await reader.execute(_statements().lines, given):
        of_ticket, made_at = events[row.ticket_id], row.moved_to or row.station_id
        ready, received = of_ticket.ready(row), of_ticket.received.get(made_at)
        if not of_ticket.received:
            unreceived.add(row.ticket_id)
        if ready is None:
            continue
        began = received or row.fired_at
        seconds = int((ready - began - of_ticket.held(row, began, ready)).total_seconds())
        if not 0 <= seconds <= LONGEST_SECONDS:
            forgotten += 1
            continue
        station = known.get(made_at)
        late = station.limits(row.kind)[1] if station is not None else LONGEST_SECONDS
        name = station.name if station is not None else ""
        hour = local_time(row.fired_at, zone).hour
        cooked.append(Cooked(row.item_name, name, hour, seconds, seconds >= late, row.business_date))
    return CookedLines(cooked, len(unreceived), forgotten)


class _Events:
    """What happened to one ticket: when each station received it, and all else by the ids of the facts."""

    def __init__(self) -> None:
        self.received: dict[UUID, datetime] = {}
        self._at: dict[UUID, datetime] = {}
        self._kinds: set[KitchenEventKind] = set()

    def take(self, event: Any) -> None:
        """Note an event."""
        self._at[event.id] = event.at
        self._kinds.add(event.kind)
        if event.kind is KitchenEventKind.RECEIVED:
            self.received[event.station_id] = min(event.at, self.received.get(event.station_id, event.at))

    def ready(self, line: Any) -> datetime | None:
        """When a line was ready for the last time: by itself, or with its ticket after it came back as often."""
        ready, rounds = KitchenEventKind.READY, line.made.round
        if ready not in self._kinds:  # most of a backlog; the ids of all that it can be cost more than all else
            return None
        alone = self._at.get(event_id(line.ticket_id, ready, rounds, line.id))
        whole = (event_id(line.ticket_id, ready, times) for times in range(rounds, rounds + MOST_ROUNDS))
        return alone or next((self._at[each] for each in whole if each in self._at), None)

    def held(self, ticket: Any, began: datetime, ready: datetime) -> timedelta:
        """How long a cook let it wait between two instants."""
        waited = timedelta()
        for time in range(1, min(ticket.held, MOST_ROUNDS) + 1):
            held = self._at.get(event_id(ticket.ticket_id, KitchenEventKind.HELD, time))
            fired = self._at.get(event_id(ticket.ticket_id, KitchenEventKind.FIRED, time))
            if held is not None and fired is not None:
                waited += max(timedelta(), min(fired, ready) - max(held, began))
        return waited


def _grouped(cooked: Iterable[Cooked], by: str) -> Mapping[str, list[Cooked]]:
    found: defaultdict[str, list[Cooked]] = defaultdict(list)
    for each in cooked:
        found[str(getattr(each, by))].append(each)
    return found


def _hour_first(item: tuple[str, list[Cooked]]) -> int:
    return int(item[0])


def _slowest(cooked: Iterable[Cooked], by: str) -> tuple[Times, ...]:
    times = (times_of(key, some) for key, some in _grouped(cooked, by).items())
    return tuple(sorted(times, key=lambda each: (-each.mean_seconds, each.key)))


def times_of(key: str, cooked: Sequence[Cooked]) -> Times:
    """The times of some lines. Pure."""
    seconds = [each.seconds for each in cooked]
    mean = sum(seconds) // len(seconds) if seconds else 0
    return Times(key, len(seconds), mean, max(seconds, default=0), sum(each.is_late for each in cooked))


class _Statements(NamedTuple):
    lines: sa.Select[Any]
    events: sa.Select[Any]


@cache
def _statements() -> _Statements:
    """Built once: building one takes longer than running it."""
    line, ticket, order, event = (each.__table__.c for each in (TicketLine, KitchenTicket, Order, KitchenEvent))
    of_day = sa.and_(
        order.organization_id == sa.bindparam("organization"),
        order.branch_id == sa.bindparam("branch", type_=Key()),
        order.business_date.between(sa.bindparam("first"), sa.bindparam("last")),
    )
    of_order = sa.and_(ticket.organization_id == order.organization_id, ticket.order_id == order.id)
    orders = Order.__table__.join(KitchenTicket.__table__, of_order)
    of_ticket = sa.and_(line.organization_id == ticket.organization_id, line.ticket_id == ticket.id)
    its_events = sa.and_(event.organization_id == ticket.organization_id, event.ticket_id == ticket.id)
    kinds = (KitchenEventKind.RECEIVED, KitchenEventKind.READY, KitchenEventKind.HELD, KitchenEventKind.FIRED)
    return _Statements(
        lines=sa.select(
            line.id,
            line.item_name,
            line.ticket_id,
            line.made,
            ticket.held,
            ticket.station_id,
            ticket.moved_to,
            ticket.fired_at,
            ticket.kind,
            order.business_date,
        )
        .select_from(orders.join(TicketLine.__table__, of_ticket))
        .where(of_day, line.told_milli > line.back_milli),
        events=sa.select(event.id, event.ticket_id, event.station_id, event.kind, event.at)
        .select_from(orders.join(KitchenEvent.__table__, its_events))
        .where(of_day, event.kind.in_(kinds)),
    )
