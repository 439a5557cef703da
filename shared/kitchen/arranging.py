"""What cooks arrange among tickets: one goes to another station, a card takes another place on the wall."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.kernel.work import Work
from shared.kitchen.placing import Place, places_between, said_place
from shared.kitchen.records import KitchenTicket, Station


async def transfer(work: Work, ticket_ids: Sequence[UUID], station_id: UUID) -> list[KitchenTicket]:
    """Let another station make tickets; to its own one a ticket comes back. Returns those that were elsewhere.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, STATION_IS_GONE (params: name).
    """
    work.require(Permission.WORK_KITCHEN)
    station = await work.get(Station, station_id)
    if not station.active:
        raise DomainError("STATION_IS_GONE", name=station.name)
    tickets = [await work.get(KitchenTicket, each) for each in ticket_ids]
    moved = [ticket for ticket in tickets if ticket.made_at != station_id]
    for ticket in moved:
        ticket.moved_to = None if station_id == ticket.station_id else station_id
    return moved


async def move(work: Work, ticket_ids: Sequence[UUID], after: UUID | None, before: UUID | None) -> None:
    """Give the tickets of a card their place between two others, on every display of their station.

    Args:
        after: the ticket that stands before them, if there is one.
        before: the ticket that stands behind them; None: they stand at the end.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    work.require(Permission.WORK_KITCHEN)
    neighbours = [None if each is None else await work.get(KitchenTicket, each) for each in (after, before)]
    first, last = (None if each is None else _place(each) for each in neighbours)
    if first is None and last is None:
        return
    for ticket_id, place in zip(ticket_ids, places_between(first, last, len(ticket_ids)), strict=True):
        ticket = await work.get(KitchenTicket, ticket_id)
        ticket.place = place.said


async def leave_place(work: Work, ticket: KitchenTicket) -> None:
    """Leave the place of a ticket that is done to what its order added while its card stood: the card does not jump."""
    added = await work.session.scalars(
        sa.select(KitchenTicket).where(
            KitchenTicket.organization_id == work.organization_id,
            KitchenTicket.order_id == ticket.order_id,
            KitchenTicket.part > ticket.part,
            KitchenTicket.bumped_at.is_(None),
        )
    )
    for each in list(added):
        if each.made_at == ticket.made_at and not each.place:
            each.place = _place(ticket).said


def _place(ticket: KitchenTicket) -> Place:
    return said_place(ticket.place) or Place(ticket.id, 0)
