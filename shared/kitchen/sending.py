"""Telling the kitchen: sending what it was not told, and firing what waits for its course.

All of it are totals of portions since the beginning (`records.TicketLine`): said twice, they are said once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.kernel.instants import local_time
from shared.kernel.permissions import Permission
from shared.kernel.totals import Counted
from shared.kernel.work import Work
from shared.kitchen.courses import Coursed, HeldCourse, coursed, held_courses, to_hold
from shared.kitchen.records import MOST_PARTS, KitchenTicket, TicketLine
from shared.kitchen.route_queries import routes_of
from shared.kitchen.routes import Routed, Routes
from shared.orders.records import Order, OrderKind, OrderLine
from shared.truth.family import LINES, TICKET_LINES, Family, compare, line_of
from shared.truth.portions import kitchen_name_of, modifiers_of, said
from shared.truth.reading import RowsOfFamily, roots_of_order, rows_of_families


@dataclass(slots=True)
class Sent:
    """What one sending told the kitchen: by ticket, each line with the portions that are new to the kitchen.

    Attributes:
        part: counts the sendings of the order, from 1.
        promised_at: when the guest was told that it is ready.
        course: the course that was fired with it; 0: none was.
        new: ids of the tickets that this sending made.
        filled: by ticket line, portions that its total grew by besides, where one portion was noted twice as gone.
        portions_milli: what was told, each portion once, at however many stations it is made.
        held: what waits for its course afterwards.
        waiting: by station, what is made there and waits, in its order.
    """

    part: int
    promised_at: datetime | None = None
    course: int = 0
    tickets: dict[UUID, KitchenTicket] = field(default_factory=dict)
    lines: dict[UUID, list[tuple[TicketLine, int]]] = field(default_factory=dict)
    portions_milli: int = 0
    new: set[UUID] = field(default_factory=set)
    filled: dict[UUID, int] = field(default_factory=dict)
    held: tuple[HeldCourse, ...] = ()
    waiting: dict[UUID, list[WaitingDish]] = field(default_factory=dict)


class GuestsLines(NamedTuple):
    """The lines of a guest's order that was accepted."""

    guest_order_id: UUID
    lines: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class WaitingDish:
    """A dish that waits for its course, as its station calls it."""

    course: int
    name: str
    quantity_milli: int
    unit: str


async def send_order(work: Work, order_id: UUID, guests: GuestsLines | None = None) -> Sent:
    """Tell the kitchen what it was not told, and hold the later courses of a table (`courses.py`).

    Twenty presses send once, and so do two devices. One ticket for each station that has something new; lines without a
    station are handed over as they are.

    Args:
        guests: send the lines of this guest's order alone, as every device does that accepts it.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    work.require(Permission.SEND_ORDER)
    order, found = await families_of(work, order_id)
    held = to_hold(each.course for each in found) if order.kind is OrderKind.DINE_IN else set()
    if guests is not None:
        found = [each for each in found if each.family.root in guests.lines]
        held &= guests.lines
    for root in held:
        line = await work.get(OrderLine, root)
        line.held = line.fired + 1
    of_guests = guests.guest_order_id if guests is not None else None
    part = 1 + await _parts(work, order_id)
    sending = Sending(work, order, part, await routes_of(work), guest_order_id=of_guests)
    for each in found:
        if each.family.to_send and each.family.root not in held:
            await sending.tell_all(each)
    return _with_waiting(sending, [each for each in found if each.family.held or each.family.root in held])


async def fire_course(work: Work, order_id: UUID, course: int | None = None) -> Sent:
    """Tell the kitchen a course that waits: the next one, or a named one, with what was added to it since.

    Two devices that fire it at once fire it once: the tickets have the same ids.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, NOTHING_HELD (params: number), COURSE_NOT_HELD (params: number, course).
    """
    work.require(Permission.SEND_ORDER)
    order, found = await families_of(work, order_id)
    waiting = [each.course for each in held_courses(each.course for each in found if each.family.held)]
    if not waiting:
        raise DomainError("NOTHING_HELD", number=order.number)
    chosen = waiting[0] if course is None else course
    if chosen not in waiting:
        raise DomainError("COURSE_NOT_HELD", number=order.number, course=chosen)
    sending = Sending(work, order, 1 + await _parts(work, order_id), await routes_of(work), chosen)
    for each in found:
        if each.course.course != chosen or not (each.family.held or each.family.to_send):
            continue
        line = await work.get(OrderLine, each.family.root)
        line.fired = line.held
        await sending.tell_all(each)
    return _with_waiting(sending, [each for each in found if each.family.held and each.course.course != chosen])


async def families_of(work: Work, order_id: UUID) -> tuple[Order, list[Found]]:
    """An order with its families, compared, in the order of their roots."""
    order = await work.get(Order, order_id)
    rows_of = await rows_of_families(work.session, work.organization_id, await roots_of_order(work, order_id))
    return order, [Found.of(root, rows) for root, rows in sorted(rows_of.items())]


def _with_waiting(sending: Sending, waiting: Sequence[Found]) -> Sent:
    """What a sending told, with the families that wait after it."""
    sent = sending.sent
    sent.held = held_courses(each.course for each in waiting)
    for found in sorted(waiting, key=lambda each: (each.course.course, each.family.root)):
        for content, each in found.family.cooking.items():
            if not each.untold:
                continue
            line = found.line_of(content)
            dish = WaitingDish(found.course.course, line.kitchen_name or line.item_name, each.untold, line.unit)
            for station in sending.stations_of(found, line):
                sent.waiting.setdefault(station, []).append(dish)
    return sent


class Found(NamedTuple):
    """A family of an order, compared, with its rows."""

    family: Family
    rows: RowsOfFamily
    course: Coursed

    @classmethod
    def of(cls, root: UUID, rows: RowsOfFamily) -> Found:
        """Compare the rows of a family."""
        family = compare(root, rows)
        return cls(family, rows, coursed(family, rows))

    def line_of(self, content: UUID) -> Any:
        """The row of the first line that is cooked so."""
        return self.rows[LINES][line_of(self.family, content)]


class Sending:
    """One sending of an order: its tickets are made as they are needed.

    Args:
        course: the course that is fired; 0: none is.
        guest_order_id: the guest's order that is sent as it is accepted.
    """

    def __init__(
        self,
        work: Work,
        order: Order,
        part: int,
        routes: Routes,
        course: int = 0,
        guest_order_id: UUID | None = None,
    ) -> None:
        self._work = work
        self._order = order
        self._part = part
        self._routes = routes
        self._guest_order_id = guest_order_id
        self._ticket_of: dict[UUID, UUID] = {}
        self.sent = Sent(part, order.promised_at, course)

    def stations_of(self, found: Found, line: Any) -> tuple[UUID, ...]:
        """The stations at which a line is made, the first one before those at which it is made, too."""
        course, kind = found.course.course, str(self._order.kind)
        return self._routes.stations_of(Routed(line.item_id, line.category_id, course, kind, line.station_id))

    async def tell_all(self, found: Found) -> None:
        """Tell all of a family that the kitchen does not know."""
        for content, each in found.family.cooking.items():
            if each.untold:
                await self.tell(found, content, each.untold)

    async def tell(self, found: Found, content: UUID, portions: int, on: KitchenTicket | None = None) -> None:
        """Raise what was told of a content by some portions, at each of its stations, on its tickets or on new ones.

        A station that was told them already, because it alone took something back or two devices knew other routes, is
        not told them again.

        Args:
            on: the ticket for what takes the place of something else; it is told where that was told, by whatever
                route, so that the station that confirms makes no new ticket. Else each has one of this sending.
        """
        each, line, rows = found.family.cooking[content], found.line_of(content), found.rows
        self.sent.portions_milli += portions
        if each.ticket_line is not None:
            for at_station in each.at_stations:
                assert at_station.ticket_line is not None, "every station has a row"
                if missing := min(portions, at_station.missing):
                    row = await self._work.get(TicketLine, at_station.ticket_line)
                    if on is None and not at_station.expected and row.station_id is not None:
                        anew = derived_id("told anew", row.id, row.told_milli)
                        row.ticket_id = await self._ticket_at(row.station_id, rows, anew, on)
                    await self._raise(row, missing, at_station.expected - at_station.rest)
            return
        filled = each.expected - each.rest
        stations = self.stations_of(found, line)
        if on is not None:
            stations = _where_it_was(rows, stations, on)
        first = derived_id("told", line.root_id, content)
        for station in stations or (None,):
            is_first = station is None or station == stations[0]
            key = first if is_first or station is None else derived_id("told", line.root_id, content, station)
            ticket = None if station is None else await self._ticket_at(station, rows, key, on)
            row = self._work.add(self._row(rows, line, content, key, station, ticket))
            row.also_of_id = None if is_first else first
            await self._raise(row, portions, filled if is_first else 0)

    async def _raise(self, row: TicketLine, portions: int, filled: int) -> None:
        row.told_milli += portions + filled
        if filled:
            self.sent.filled[row.id] = filled
        if row.ticket_id is not None:
            if row.ticket_id not in self.sent.tickets:
                self.sent.tickets[row.ticket_id] = await self._work.get(KitchenTicket, row.ticket_id)
            self.sent.lines.setdefault(row.ticket_id, []).append((row, portions))

    async def _ticket_at(self, station: UUID, rows: RowsOfFamily, first: UUID, on: KitchenTicket | None) -> UUID:
        """The ticket on which a station is told something new.

        Args:
            first: the row that a new ticket tells first.
            on: what takes the place of something else stands on its ticket, at each station.
        """
        if on is not None:
            held_there = {row.station_id: row.ticket_id for row in rows[TICKET_LINES].values() if row.ticket_id}
            there = on.id if on.station_id == station else held_there.get(station)
            if there is not None:
                return UUID(str(there))
        made = self._ticket_of.get(station)
        if made is None:
            ticket = self._work.add(self._ticket(station, first))
            made = self._ticket_of[station] = ticket.id
            self.sent.tickets[made] = ticket
            self.sent.new.add(made)
        return made

    def _ticket(self, station_id: UUID, first: UUID) -> KitchenTicket:
        order, course = self._order, self.sent.course
        return KitchenTicket(
            organization_id=self._work.organization_id,
            branch_id=order.branch_id,
            id=self._ticket_id(station_id, first),
            order_id=order.id,
            station_id=station_id,
            number=order.number,
            part=self._part,
            course=course,
            kind=order.kind,
            table_name=order.table_name,
            server_name=self._work.actor.name,
            notes=order.notes,
            fired_at=self._work.now,
            business_date=self._work.business_date,
            local_hour=local_time(self._work.now, self._work.place.zone).hour,
            started=False,
            held=0,
            fired=0,
            guest_order_id=self._guest_order_id,
        )

    def _ticket_id(self, station_id: UUID, first: UUID) -> UUID:
        """The id of a new ticket: what two devices may send at once has one that follows from it."""
        if self._guest_order_id is not None:
            return derived_id("guest ticket", self._guest_order_id, station_id)
        return derived_id("fired", first) if self.sent.course else self._work.ids.new()

    def _row(
        self, rows: RowsOfFamily, line: Any, content: UUID, key: UUID, station: UUID | None, ticket_id: UUID | None
    ) -> TicketLine:
        modifiers = modifiers_of(line.id, rows[LINES])
        return TicketLine(
            organization_id=self._work.organization_id,
            branch_id=line.branch_id,
            id=key,
            root_id=line.root_id,
            content_id=content,
            station_id=station,
            ticket_id=ticket_id,
            item_name=line.kitchen_name or line.item_name,
            modifiers=[kitchen_name_of(modifier) for modifier in modifiers],
            additions=[kitchen_name_of(modifier) for modifier in modifiers if modifier["price_delta_minor"] > 0],
            unit=line.unit,
            notes=said(line.id, rows[LINES], "notes") or "",
            combo_name=line.combo_name,
            position=len(self.sent.lines.get(ticket_id, ())) if ticket_id else 0,
            told_milli=0,
            back_milli=0,
            wasted_milli=0,
            made=Counted(0, 0),
            served_milli=0,
            returned_milli=0,
        )


def _where_it_was(rows: RowsOfFamily, stations: Sequence[UUID], on: KitchenTicket) -> tuple[UUID, ...]:
    """Of the stations of today's routes those that were told of a family; if none was, the one of its ticket."""
    told = {row.station_id for row in rows[TICKET_LINES].values() if row.ticket_id is not None}
    return tuple(station for station in stations if station in told) or (on.station_id,)


async def _parts(work: Work, order_id: UUID) -> int:
    """How often the order was sent before, at most once less than a ticket can say."""
    sent = await work.session.scalar(
        sa.select(sa.func.coalesce(sa.func.max(KitchenTicket.part), 0)).where(
            KitchenTicket.organization_id == work.organization_id, KitchenTicket.order_id == order_id
        )
    )
    return min(max(int(sent or 0), 0), MOST_PARTS - 1)
