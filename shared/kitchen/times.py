"""The kitchen's times of a business day: per dish, station and hour, and how much was late. Read off the events.

A time runs from the display (or the paper) that received a ticket to when it was ready, both by the kitchen's own
clock; of a ticket that nothing received, from when it was sent. Of what came back, the last time it was ready counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.columns import Key
from shared.kernel.instants import BusinessDate, local_time
from shared.kitchen.records import KitchenEvent, KitchenEventKind, KitchenTicket, TicketLine
from shared.kitchen.station_views import stations
from shared.orders.records import Order

LONGEST_SECONDS = 6 * 3_600
"""What took longer was forgotten on the wall, and is no time of a kitchen."""


class Cooked(NamedTuple):
    """A line that was made: what, where, in which local hour it was sent, and how long it took."""

    dish: str
    station: str
    hour: int
    seconds: int
    is_late: bool


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
    given = {"organization": organization_id, "branch": branch_id, "day": day}
    known = {each.id: each for each in await stations(reader, organization_id, branch_id)}
    events = _by_ticket(await reader.execute(_statements().events, given))
    cooked, forgotten, unreceived = [], 0, set[UUID]()
    for row in await reader.execute(_statements().lines, given):
        of_ticket = events.get(row.ticket_id, {})
        ready = of_ticket.get((KitchenEventKind.READY, row.id)) or of_ticket.get((KitchenEventKind.READY, None))
        received = of_ticket.get((KitchenEventKind.RECEIVED, None))
        if received is None:
            unreceived.add(row.ticket_id)
        if ready is None:
            continue
        seconds = int((ready - (received or row.fired_at)).total_seconds())
        if not 0 <= seconds <= LONGEST_SECONDS:
            forgotten += 1
            continue
        station = known.get(row.moved_to or row.station_id)
        late = station.limits(row.kind)[1] if station is not None else LONGEST_SECONDS
        name = station.name if station is not None else ""
        cooked.append(Cooked(row.item_name, name, local_time(row.fired_at, zone).hour, seconds, seconds >= late))
    return KitchenTimes(
        day=day,
        all=_times("", cooked),
        dishes=_slowest(cooked, "dish"),
        stations=_slowest(cooked, "station"),
        hours=tuple(_times(hour, some) for hour, some in sorted(_grouped(cooked, "hour").items(), key=_hour_first)),
        unreceived=len(unreceived),
        forgotten=forgotten,
    )


Moments = Mapping[tuple[KitchenEventKind, UUID | None], datetime]
"""When something happened to a ticket or one of its lines: received for the first time, ready for the last."""


def _by_ticket(rows: Iterable[Any]) -> Mapping[UUID, Moments]:
    found: defaultdict[UUID, dict[tuple[KitchenEventKind, UUID | None], datetime]] = defaultdict(dict)
    for row in rows:
        moments, key = found[row.ticket_id], (row.kind, row.ticket_line_id)
        pick = max if row.kind is KitchenEventKind.READY else min
        moments[key] = pick(row.at, moments.get(key, row.at))
    return found


def _grouped(cooked: Iterable[Cooked], by: str) -> Mapping[str, list[Cooked]]:
    found: defaultdict[str, list[Cooked]] = defaultdict(list)
    for each in cooked:
        found[str(getattr(each, by))].append(each)
    return found


def _hour_first(item: tuple[str, list[Cooked]]) -> int:
    return int(item[0])


def _slowest(cooked: Iterable[Cooked], by: str) -> tuple[Times, ...]:
    times = (_times(key, some) for key, some in _grouped(cooked, by).items())
    return tuple(sorted(times, key=lambda each: (-each.mean_seconds, each.key)))


def _times(key: str, cooked: Sequence[Cooked]) -> Times:
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
        order.business_date == sa.bindparam("day"),
    )
    of_order = sa.and_(ticket.organization_id == order.organization_id, ticket.order_id == order.id)
    orders = Order.__table__.join(KitchenTicket.__table__, of_order)
    of_ticket = sa.and_(line.organization_id == ticket.organization_id, line.ticket_id == ticket.id)
    its_events = sa.and_(event.organization_id == ticket.organization_id, event.ticket_id == ticket.id)
    kinds = (KitchenEventKind.RECEIVED, KitchenEventKind.READY)
    return _Statements(
        lines=sa.select(
            line.id,
            line.item_name,
            line.ticket_id,
            ticket.station_id,
            ticket.moved_to,
            ticket.fired_at,
            ticket.kind,
        )
        .select_from(orders.join(TicketLine.__table__, of_ticket))
        .where(of_day, line.told_milli > line.back_milli),
        events=sa.select(event.ticket_id, event.ticket_line_id, event.kind, event.at)
        .select_from(orders.join(KitchenEvent.__table__, its_events))
        .where(of_day, event.kind.in_(kinds)),
    )
