"""Settling an exception by a note: what it is and how far it went is read here, whatever the caller believes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared.books.causes import present_differences
from shared.exceptions.commands import settle
from shared.exceptions.queries import settled_up_to
from shared.exceptions.records import ExceptionEvent, Settlement
from shared.exceptions.rules import Kind, has_ended, is_open
from shared.kernel.errors import DomainError, NotFound
from shared.kernel.permissions import Permission
from shared.kernel.work import Work


class Present(NamedTuple):
    """An exception that is there, settled or not: its kind, its branch, and how far it went.

    Attributes:
        event_at: when it happened; None for a difference.
    """

    kind: Kind
    branch_id: UUID
    size: int
    event_at: datetime | None = None


async def settle_exception(work: Work, exception: UUID, note: str) -> Settlement:
    """Say what became of an exception of this branch, up to its size now. One that grows is open again.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND (there is no such exception, or it ended), NEEDS_AN_ACTION,
            SETTLED_ALREADY, NOTE_MISSING.
    """
    work.require(Permission.SETTLE_EXCEPTIONS)
    found = await present_exception(work.session, work.organization_id, exception, [work.branch_id])
    settled = await settled_up_to(work.session, work.organization_id, [exception], found.event_at)
    if not is_open(found.size, settled.get(exception, 0)):
        raise DomainError("SETTLED_ALREADY")
    return await settle(work, found.kind, exception, found.size, note)


async def present_exception(
    reader: AsyncSession, organization_id: UUID, exception: UUID, branch_ids: Collection[UUID]
) -> Present:
    """An exception of one of these branches.

    Raises:
        NotFound: none of them has it, or it ended.
    """
    event = await reader.get(ExceptionEvent, (organization_id, exception))
    if event is not None and event.branch_id in branch_ids and not has_ended(event.kind, event.size, event.came_right):
        return Present(event.kind, event.branch_id, event.size, event.happened_at)
    differences, _sums, _orders = await present_differences(reader, organization_id, branch_ids)
    for each in differences:
        if each.id == exception:
            return Present(each.kind, each.branch_id, each.size)
    raise NotFound("exceptions", exception)
