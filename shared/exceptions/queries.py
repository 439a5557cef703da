"""Reading events and up to which size exceptions are settled."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.exceptions.records import ExceptionEvent, Settlement
from shared.exceptions.rules import ENDS_BY_ITSELF, EventKind

MOST_EVENTS = 1_000
"""So many events are shown at once. Older ones come up when these are settled."""


@dataclass(frozen=True, slots=True)
class EventView:
    """An event as people see it. `settled_up_to` is 0 if nobody has settled it."""

    id: UUID
    kind: EventKind
    branch_id: UUID
    person_id: UUID | None
    device_id: UUID | None
    subject_id: UUID | None
    reason: str
    happened_at: datetime
    size: int
    amount_minor: int
    details: list[dict[str, Any]]
    settled_up_to: int


async def open_events(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, *branch_ids: UUID
) -> list[EventView]:
    """The events of some branches that somebody must look at, the newest first, at most `MOST_EVENTS`."""
    given = {"organization": organization_id, "branches": sorted(branch_ids)}
    return [EventView(**row._mapping) for row in await reader.execute(_open(), given)]


@cache
def _open() -> sa.Select[*tuple[Any, ...]]:
    """Built once: building it takes longer than running it."""
    settled = (
        sa.select(sa.func.coalesce(sa.func.max(Settlement.up_to), 0))
        .where(
            Settlement.organization_id == ExceptionEvent.organization_id,
            Settlement.exception_id == ExceptionEvent.id,
            Settlement.event_at == ExceptionEvent.happened_at,
        )
        .scalar_subquery()
    )
    event = ExceptionEvent
    came_right = sa.case((event.kind.in_(sorted(ENDS_BY_ITSELF)), event.came_right), else_=0)
    return (
        sa.select(
            event.id,
            event.kind,
            event.branch_id,
            event.person_id,
            event.device_id,
            event.subject_id,
            event.reason,
            event.happened_at,
            event.size,
            event.amount_minor,
            event.details,
            settled.label("settled_up_to"),
        )
        .where(
            event.organization_id == sa.bindparam("organization"),
            event.branch_id.in_(sa.bindparam("branches", expanding=True)),
            event.size > settled,
            event.size > came_right,
        )
        .order_by(event.happened_at.desc(), event.id)
        .limit(MOST_EVENTS)
    )


async def settled_up_to(
    reader: AsyncConnection | AsyncSession,
    organization_id: UUID,
    exceptions: Collection[UUID],
    event_at: datetime | None = None,
) -> Mapping[UUID, int]:
    """The greatest size up to which each of these exceptions was settled; exceptions without a settlement are left
    out.

    Args:
        event_at: when the event happened; None for differences.
    """
    given = {"organization": organization_id, "exceptions": sorted(exceptions), "event_at": event_at}
    return {row[0]: row[1] for row in await reader.execute(_settled(), given)}


@cache
def _settled() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(Settlement.exception_id, sa.func.max(Settlement.up_to))
        .where(
            Settlement.organization_id == sa.bindparam("organization"),
            Settlement.exception_id.in_(sa.bindparam("exceptions", expanding=True)),
            Settlement.event_at.is_not_distinct_from(sa.bindparam("event_at")),
        )
        .group_by(Settlement.exception_id)
    )


async def settlement_of(session: AsyncSession, organization_id: UUID, exception: UUID) -> Settlement | None:
    """The settlement of an exception that counts: the first of those that go furthest; None if nobody settled it."""
    found: Settlement | None = await session.scalar(
        sa.select(Settlement)
        .where(Settlement.organization_id == organization_id, Settlement.exception_id == exception)
        .order_by(Settlement.up_to.desc(), Settlement.settled_at, Settlement.id)
        .limit(1)
    )
    return found
