"""When something happened to a ticket (`records.KitchenEvent`): what floor and reports read of the kitchen's times."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.ids import derived_id
from shared.kernel.permissions import Permission
from shared.kernel.work import Work
from shared.kitchen.records import (
    KitchenEvent,
    KitchenEventKind,
    KitchenTicket,
    Setting,
    StationSettings,
    settings_id,
)
from shared.kitchen.station_views import limits_of


async def receive(work: Work, ticket_ids: Collection[UUID]) -> int:
    """Note that tickets stand on a display of their station. Returns of how many that is new.

    Raises:
        DomainError: NOT_PERMITTED.
    """
    work.require(Permission.WORK_KITCHEN)
    tickets = await work.session.scalars(
        sa.select(KitchenTicket).where(
            KitchenTicket.organization_id == work.organization_id, KitchenTicket.id.in_(ticket_ids)
        )
    )
    noted = [await note(work, ticket, KitchenEventKind.RECEIVED) for ticket in list(tickets)]
    return sum(noted)


async def note(
    work: Work, ticket: KitchenTicket, kind: KitchenEventKind, times: int = 0, line_id: UUID | None = None
) -> bool:
    """Note what happened to a ticket, unless it is noted. Returns whether it was new.

    Each station that a ticket is handed over to receives it anew.

    Args:
        times: how often the ticket was brought back before.
        line_id: the one line of it to which it happened.
    """
    moved_to = ticket.moved_to if kind is KitchenEventKind.RECEIVED else None
    of = [each for each in (line_id, moved_to) if each is not None]
    key = event_id(ticket.id, kind, times, *of)
    if await work.session.get(KitchenEvent, (work.organization_id, key)) is not None:
        return False
    work.add(
        KitchenEvent(
            organization_id=work.organization_id,
            branch_id=ticket.branch_id,
            id=key,
            ticket_id=ticket.id,
            ticket_line_id=line_id,
            station_id=ticket.made_at,
            kind=kind,
            at=work.now,
            device_id=work.place.device_id,
            late_seconds=await _late_seconds(work, ticket) if kind is KitchenEventKind.READY else None,
        )
    )
    return True


async def _late_seconds(work: Work, ticket: KitchenTicket) -> int:
    """From how many seconds on a ticket is late, as the station that makes it works now."""
    key = settings_id(ticket.branch_id, ticket.made_at, Setting.THRESHOLDS)
    settings = await work.session.get(StationSettings, (work.organization_id, key))
    return limits_of(settings.thresholds if settings is not None else (), ticket.kind)[1]


def event_id(ticket_id: UUID, kind: KitchenEventKind, times: int, *of: UUID) -> UUID:
    """The id of what happened to a ticket after it was brought back so often (held: the how manieth time).

    Args:
        of: the one line to which it happened, or the station that received it.
    """
    return derived_id("kitchen event", ticket_id, kind, times, *of)
