"""What the kitchen does: start, bump, hold, recall, confirm a change. What it is told: `sending.py`.

All of it are totals of portions since the beginning (`records.TicketLine`): said twice, they are said once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.kitchen.arranging import leave_place
from shared.kitchen.noting import note
from shared.kitchen.records import KitchenEventKind, KitchenTicket, Station, TicketLine
from shared.kitchen.route_queries import routes_of
from shared.kitchen.sending import Found, Sending
from shared.orders.records import Order
from shared.truth.cooking import Cooking
from shared.truth.family import TICKET_LINES, compare
from shared.truth.reading import RowsOfFamily, rows_of_families


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
            await note(work, ticket, KitchenEventKind.READY, row.made.round, line_id)
        elif each.to_make or each.withdraw:
            is_left = True
    ticket.started = True
    if not is_left:
        await leave_place(work, ticket)
        ticket.bumped_at = work.now
        await note(work, ticket, KitchenEventKind.READY, times)


async def hold(work: Work, ticket_id: UUID) -> None:
    """Let a ticket wait, though it was sent: nobody begins it until it is fired. Holding it twice holds it once.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    work.require(Permission.WORK_KITCHEN)
    ticket = await work.get(KitchenTicket, ticket_id)
    if ticket.held <= ticket.fired:
        ticket.held = ticket.fired + 1
        await note(work, ticket, KitchenEventKind.HELD, ticket.held)


async def fire(work: Work, ticket_id: UUID) -> None:
    """Let a ticket that the kitchen held be made now. Firing it twice fires it once.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    if not work.actor.may(Permission.WORK_KITCHEN):
        work.require(Permission.SEND_ORDER)
    ticket = await work.get(KitchenTicket, ticket_id)
    if ticket.fired < ticket.held:
        ticket.fired = ticket.held
        if work.actor.may(Permission.WORK_KITCHEN):  # when something happened in the kitchen only the kitchen says
            await note(work, ticket, KitchenEventKind.FIRED, ticket.held)


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
    """The kitchen notes what was taken back on a ticket, and what its order says as a whole. What was made is waste.

    What stands in its place (the same dish with another note) is told with it, on the same ticket. Of a dish that is
    made at several stations each confirms its own part, and the first one hears what stands in its place for all.

    Returns:
        Wasted portions by ticket line.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    work.require(Permission.WORK_KITCHEN)
    ticket = await work.get(KitchenTicket, ticket_id)
    order = await work.get(Order, ticket.order_id)
    if ticket.notes != order.notes:
        ticket.notes = order.notes
    rows_of = await rows_of_families(work.session, work.organization_id, await _roots_of_ticket(work, ticket_id))
    sending = Sending(work, order, ticket.part, await routes_of(work), ticket.course)
    is_left, rounds = await _left_and_made(work, rows_of, ticket_id)
    waste: dict[UUID, int] = {}
    for root, rows in sorted(rows_of.items()):
        is_left |= await _confirm_family(work, Found.of(root, rows), ticket, sending, waste)
    if is_left:
        return waste
    await leave_place(work, ticket)
    if rounds and ticket.bumped_at is None:  # what is left of it had been made before
        ticket.bumped_at = work.now
        await note(work, ticket, KitchenEventKind.READY, max(rounds))
    return waste


async def _left_and_made(
    work: Work, rows_of: Mapping[UUID, RowsOfFamily], ticket_id: UUID
) -> tuple[bool, Sequence[int]]:
    """Whether something of a ticket is still to make, and the rounds of what is made of it."""
    is_left, rounds = False, list[int]()
    for root, rows in sorted(rows_of.items()):
        for each in (station for content in compare(root, rows).cooking.values() for station in content.at_stations):
            if each.ticket_line is None or rows[TICKET_LINES][each.ticket_line].ticket_id != ticket_id:
                continue
            is_left |= each.to_make > 0
            if min(each.good, each.wanted):
                rounds.append((await work.get(TicketLine, each.ticket_line)).made.round)
    return is_left, rounds


async def _confirm_family(
    work: Work, found: Found, ticket: KitchenTicket, sending: Sending, waste: dict[UUID, int]
) -> bool:
    """Take back what is withdrawn of a family at the station of a ticket. Whether something stands in its place."""
    replaced, is_told = 0, False
    for content in found.family.cooking.values():
        for each in content.at_stations:
            if not each.withdraw or each.ticket_line is None:
                continue
            row = await work.get(TicketLine, each.ticket_line)
            if row.station_id == ticket.station_id:
                waste[row.id] = _take_back(row, each)
                replaced += each.withdraw if each is content else 0
    for key, content in found.family.cooking.items():
        if portions := min(content.to_send, replaced):
            await sending.tell(found, key, portions, ticket)
            replaced -= portions
            is_told = True
    return is_told


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
        for each in (station for content in compare(root, rows).cooking.values() for station in content.at_stations):
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
