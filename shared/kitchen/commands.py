"""Telling the kitchen, and what the kitchen does: start, bump, recall, confirm a change.

All of it are totals of portions since the beginning (`records.TicketLine`): said twice, they are said once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.kernel.permissions import Permission
from shared.kernel.text import clean
from shared.kernel.totals import Counted
from shared.kernel.work import Work
from shared.kitchen.noting import note
from shared.kitchen.records import MOST_PARTS, KitchenEventKind, KitchenTicket, Station, TicketLine
from shared.orders.records import Order
from shared.truth.cooking import Cooking
from shared.truth.family import LINES, Family, compare, line_of
from shared.truth.portions import modifiers_of, said
from shared.truth.reading import RowsOfFamily, roots_of_order, rows_of_families


@dataclass(slots=True)
class Sent:
    """What one sending told the kitchen: by ticket, each line with the portions that are new to the kitchen.

    Attributes:
        part: counts the sendings of the order, from 1.
        promised_at: when the guest was told that it is ready.
        new: ids of the tickets that this sending made.
        filled: by ticket line, portions that its total grew by besides, where one portion was noted twice as gone.
    """

    part: int
    promised_at: datetime | None = None
    tickets: dict[UUID, KitchenTicket] = field(default_factory=dict)
    lines: dict[UUID, list[tuple[TicketLine, int]]] = field(default_factory=dict)
    portions_milli: int = 0
    new: set[UUID] = field(default_factory=set)
    filled: dict[UUID, int] = field(default_factory=dict)


async def add_station(work: Work, name: str, position: int = 0, station_id: UUID | None = None) -> Station:
    """A place where dishes are made. Run on the cloud."""
    work.require(Permission.EDIT_MENU)
    return work.add(
        Station(
            organization_id=work.organization_id,
            id=station_id or work.ids.new(),
            name=clean(name, 60),
            position=position,
        )
    )


async def send_order(work: Work, order_id: UUID) -> Sent:
    """Tell the kitchen what it was not told. Twenty presses send once, and so do two devices.

    One ticket for each station that has something new; lines without a station are handed over as they are.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    work.require(Permission.SEND_ORDER)
    order = await work.get(Order, order_id)
    found = await rows_of_families(work.session, work.organization_id, await roots_of_order(work, order_id))
    sending = _Sending(work, order, 1 + await _parts(work, order_id))
    for root, rows in sorted(found.items()):
        family = compare(root, rows)
        for content, each in family.cooking.items():
            if each.to_send:
                await sending.tell(family, rows, content, each.to_send)
    return sending.sent


class _Sending:
    """One sending of an order: its tickets are made as they are needed."""

    def __init__(self, work: Work, order: Order, part: int) -> None:
        self._work = work
        self._order = order
        self._part = part
        self._ticket_of: dict[UUID, UUID] = {}
        self.sent = Sent(part, order.promised_at)

    async def tell(
        self, family: Family, rows: RowsOfFamily, content: UUID, portions: int, ticket_id: UUID | None = None
    ) -> None:
        """Raise what was told of a content by some portions, on its ticket or on a new one.

        Args:
            ticket_id: the ticket for a content of which nothing was told yet; else one of this sending.
        """
        each = family.cooking[content]
        line = line_of(family, content)
        station = rows[LINES][line].station_id
        ticket = None
        if each.ticket_line is None:
            if station is not None:
                ticket = ticket_id or self._ticket(station)
            row = self._work.add(self._row(rows, line, content, ticket))
        else:
            row = await self._work.get(TicketLine, each.ticket_line)
            ticket = row.ticket_id
        filled = each.expected - each.rest
        row.told_milli += portions + filled
        if filled:
            self.sent.filled[row.id] = filled
        self.sent.portions_milli += portions
        if ticket is not None:
            if ticket not in self.sent.tickets:
                self.sent.tickets[ticket] = await self._work.get(KitchenTicket, ticket)
            self.sent.lines.setdefault(ticket, []).append((row, portions))

    def _ticket(self, station_id: UUID) -> UUID:
        made = self._ticket_of.get(station_id)
        if made is None:
            ticket = self._work.add(_ticket(self._work, self._order, station_id, self._part))
            made = self._ticket_of[station_id] = ticket.id
            self.sent.tickets[made] = ticket
            self.sent.new.add(made)
        return made

    def _row(self, rows: RowsOfFamily, line_id: UUID, content: UUID, ticket_id: UUID | None) -> TicketLine:
        lines = rows[LINES]
        line, modifiers = lines[line_id], modifiers_of(line_id, lines)
        return TicketLine(
            organization_id=self._work.organization_id,
            branch_id=line.branch_id,
            id=derived_id("told", line.root_id, content),
            root_id=line.root_id,
            content_id=content,
            station_id=line.station_id,
            ticket_id=ticket_id,
            item_name=line.item_name,
            modifiers=[modifier["name"] for modifier in modifiers],
            additions=[modifier["name"] for modifier in modifiers if modifier["price_delta_minor"] > 0],
            unit=line.unit,
            notes=said(line_id, lines, "notes") or "",
            position=len(self.sent.lines.get(ticket_id, ())) if ticket_id else 0,
            told_milli=0,
            back_milli=0,
            wasted_milli=0,
            made=Counted(0, 0),
            served_milli=0,
        )


async def start(work: Work, ticket_id: UUID) -> None:
    """The station has begun a ticket."""
    work.require(Permission.WORK_KITCHEN)
    ticket = await work.get(KitchenTicket, ticket_id)
    if not ticket.started:
        ticket.started = True
        await note(work, ticket, KitchenEventKind.STARTED)


async def bump(work: Work, ticket_id: UUID) -> None:
    """The station has made what a ticket asks for. Bumping it again changes nothing.

    What was taken back stays to be confirmed.
    """
    work.require(Permission.WORK_KITCHEN)
    ticket = await work.get(KitchenTicket, ticket_id)
    done, times = False, 0
    async for row, each in _asked(work, ticket_id):
        times = max(times, row.made.round)
        if each.to_make:
            row.made = row.made.at_least(each.gone + each.good + each.to_make)
            done = True
    if done or ticket.bumped_at is None:
        ticket.bumped_at = work.now
        await note(work, ticket, KitchenEventKind.READY, times)


async def bump_line(work: Work, line_id: UUID) -> None:
    """The station has made one line of a ticket; with its last line the ticket is bumped.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    work.require(Permission.WORK_KITCHEN)
    line = await work.get(TicketLine, line_id)
    if line.ticket_id is None:
        return
    ticket, is_left, times = await work.get(KitchenTicket, line.ticket_id), False, 0
    async for row, each in _asked(work, line.ticket_id):
        times = max(times, row.made.round)
        if row.id == line_id and each.to_make:
            row.made = row.made.at_least(each.gone + each.good + each.to_make)
        elif each.to_make or each.withdraw:
            is_left = True
    ticket.started = True
    if not is_left:
        ticket.bumped_at = work.now
        await note(work, ticket, KitchenEventKind.READY, times)


async def rush(work: Work, ticket_id: UUID, *, rushed: bool) -> None:
    """Ask for a ticket before all others, or take that back."""
    work.require(Permission.WORK_KITCHEN)
    ticket = await work.get(KitchenTicket, ticket_id)
    ticket.rushed = rushed


async def take_up_station(work: Work) -> None:
    """Let a kitchen display act only for a station that the house still has.

    Raises:
        DomainError: STATION_IS_GONE (params: name).
    """
    assert work.actor.station_id is not None, "only a station is taken up"
    found = await work.session.scalar(
        sa.select(Station.active).where(
            Station.organization_id == work.organization_id, Station.id == work.actor.station_id
        )
    )
    if not found:
        raise DomainError("STATION_IS_GONE", name=work.actor.name)


async def recall(work: Work, ticket_id: UUID) -> None:
    """Bring a bumped ticket back to its place: nothing of it is made after all. It outranks the bump on every replica.

    Raises:
        DomainError: TICKET_IS_OPEN.
    """
    work.require(Permission.WORK_KITCHEN)
    ticket = await work.get(KitchenTicket, ticket_id)
    asked = [pair async for pair in _asked(work, ticket_id)]
    if any(each.to_make for _row, each in asked):
        raise DomainError("TICKET_IS_OPEN", number=ticket.number)
    times = max((row.made.round for row, _each in asked), default=0)
    for row, each in asked:
        if each.good:
            row.made = row.made.again(each.gone)
    ticket.bumped_at = None
    await note(work, ticket, KitchenEventKind.RECALLED, times)


async def confirm(work: Work, ticket_id: UUID) -> Mapping[UUID, int]:
    """The kitchen notes what was taken back on a ticket. What was made of it is waste.

    What stands in its place (the same dish with another note) is told with it, on the same ticket.

    Returns:
        Wasted portions by ticket line.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    work.require(Permission.WORK_KITCHEN)
    ticket = await work.get(KitchenTicket, ticket_id)
    order = await work.get(Order, ticket.order_id)
    rows_of = await rows_of_families(work.session, work.organization_id, await _roots_of_ticket(work, ticket_id))
    sending = _Sending(work, order, ticket.part)
    waste: dict[UUID, int] = {}
    for root, rows in sorted(rows_of.items()):
        family = compare(root, rows)
        replaced = 0
        for each in family.cooking.values():
            if each.withdraw and each.ticket_line is not None:
                row = await work.get(TicketLine, each.ticket_line)
                waste[row.id] = _take_back(row, each)
                replaced += each.withdraw
        for content, each in family.cooking.items():
            if portions := min(each.to_send, replaced):
                await sending.tell(family, rows, content, portions, ticket_id)
                replaced -= portions
    return waste


def _take_back(row: TicketLine, each: Cooking) -> int:
    """Note that portions are withdrawn. Returns how many of them are waste."""
    wasted = max(0, each.good - each.wanted)
    row.back_milli += max(0, each.expected - each.wanted)
    row.wasted_milli += wasted
    return wasted


async def _asked(work: Work, ticket_id: UUID) -> Any:
    """The lines of a ticket, each with what the kitchen is asked for."""
    rows_of = await rows_of_families(work.session, work.organization_id, await _roots_of_ticket(work, ticket_id))
    for root, rows in sorted(rows_of.items()):
        for each in compare(root, rows).cooking.values():
            if each.ticket_line is None:
                continue
            row = await work.get(TicketLine, each.ticket_line)
            if row.ticket_id == ticket_id:
                yield row, each


async def _roots_of_ticket(work: Work, ticket_id: UUID) -> Iterable[UUID]:
    return await work.session.scalars(
        sa.select(TicketLine.root_id).where(
            TicketLine.organization_id == work.organization_id, TicketLine.ticket_id == ticket_id
        )
    )


def _ticket(work: Work, order: Order, station_id: UUID, part: int) -> KitchenTicket:
    return KitchenTicket(
        organization_id=work.organization_id,
        branch_id=order.branch_id,
        id=work.ids.new(),
        order_id=order.id,
        station_id=station_id,
        number=order.number,
        part=part,
        kind=order.kind,
        table_name=order.table_name,
        server_name=work.actor.name,
        notes=order.notes,
        fired_at=work.now,
        started=False,
    )


async def _parts(work: Work, order_id: UUID) -> int:
    """How often the order was sent before, at most once less than a ticket can say."""
    sent = await work.session.scalar(
        sa.select(sa.func.coalesce(sa.func.max(KitchenTicket.part), 0)).where(
            KitchenTicket.organization_id == work.organization_id, KitchenTicket.order_id == order_id
        )
    )
    return min(max(int(sent or 0), 0), MOST_PARTS - 1)
