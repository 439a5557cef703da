"""Firing tickets to stations, bumping and recalling them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.columns import Standing
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.kitchen.records import KitchenTicket, Station, TicketLine, TicketStatus
from shared.orders.records import Order, OrderLine, OrderStatus


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


async def fire(work: Work, order: Order, lines: Sequence[OrderLine]) -> list[KitchenTicket]:
    """One ticket for each station that has something to make; lines without a station are handed over as they are."""
    stations: dict[UUID, list[OrderLine]] = defaultdict(list)
    for line in lines:
        if line.station_id is not None:
            stations[line.station_id].append(line)
    if not stations:
        return []
    part = 1 + (await _parts(work, order.id))
    return [_ticket(work, order, station, stations[station], part) for station in sorted(stations)]


def _ticket(work: Work, order: Order, station_id: UUID, lines: Sequence[OrderLine], part: int) -> KitchenTicket:
    ticket = work.add(
        KitchenTicket(
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
            standing=Standing(0, TicketStatus.FIRED),
        )
    )
    for position, line in enumerate(lines):
        work.add(
            TicketLine(
                organization_id=work.organization_id,
                branch_id=order.branch_id,
                id=work.ids.new(),
                ticket_id=ticket.id,
                order_line_id=line.id,
                item_name=line.item_name,
                quantity_milli=line.quantity_milli,
                modifiers=[modifier["name"] for modifier in line.modifiers],
                notes=line.notes,
                position=position,
            )
        )
    return ticket


async def bump(work: Work, ticket_id: UUID) -> None:
    """The station has finished a ticket. Bumping it again changes nothing.

    The order becomes ready with its last ticket.
    """
    work.require(Permission.WORK_KITCHEN)
    ticket = await work.get(KitchenTicket, ticket_id)
    if ticket.standing.status is TicketStatus.BUMPED:
        return
    ticket.standing = ticket.standing.advance(TicketStatus.BUMPED)
    ticket.bumped_at = work.now
    order = await work.get(Order, ticket.order_id)
    others = await work.session.scalars(
        sa.select(KitchenTicket).where(
            KitchenTicket.organization_id == work.organization_id,
            KitchenTicket.order_id == ticket.order_id,
            KitchenTicket.id != ticket_id,
        )
    )
    done = all(other.standing.status is TicketStatus.BUMPED for other in others)
    order.standing = order.standing.advance(OrderStatus.READY if done else OrderStatus.PREPARING)


async def start(work: Work, ticket_id: UUID) -> None:
    """The station has begun a ticket."""
    work.require(Permission.WORK_KITCHEN)
    ticket = await work.get(KitchenTicket, ticket_id)
    ticket.standing = ticket.standing.advance(TicketStatus.STARTED)
    order = await work.get(Order, ticket.order_id)
    order.standing = order.standing.advance(OrderStatus.PREPARING)


async def recall(work: Work, ticket_id: UUID) -> None:
    """Bring a bumped ticket back to its place; it outranks the bump on every replica.

    Raises:
        DomainError: TICKET_IS_OPEN.
    """
    work.require(Permission.WORK_KITCHEN)
    ticket = await work.get(KitchenTicket, ticket_id)
    if ticket.standing.status is not TicketStatus.BUMPED:
        raise DomainError("TICKET_IS_OPEN", number=ticket.number)
    ticket.standing = ticket.standing.reopen(TicketStatus.FIRED)
    ticket.bumped_at = None


async def _parts(work: Work, order_id: UUID) -> int:
    """How often the order was sent before."""
    sent = await work.session.scalar(
        sa.select(sa.func.coalesce(sa.func.max(KitchenTicket.part), 0)).where(
            KitchenTicket.organization_id == work.organization_id, KitchenTicket.order_id == order_id
        )
    )
    return int(sent or 0)
