"""Settling an exception by a note: what it is and how far it went is read here, whatever the caller believes."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from shared.books.causes import present_differences
from shared.exceptions.commands import settle
from shared.exceptions.queries import settled_up_to
from shared.exceptions.records import ExceptionEvent, Settlement
from shared.exceptions.rules import Kind, is_open
from shared.kernel.errors import DomainError, NotFound
from shared.kernel.permissions import Permission
from shared.kernel.work import Work


class _Present(NamedTuple):
    kind: Kind
    size: int


async def settle_exception(work: Work, exception: UUID, note: str) -> Settlement:
    """Say what became of an exception of this branch, up to its size now. One that grows is open again.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND (there is no such exception, or it ended), NEEDS_AN_ACTION,
            SETTLED_ALREADY, NOTE_MISSING.
    """
    work.require(Permission.SETTLE_EXCEPTIONS)
    found = await _present(work, exception)
    settled = await settled_up_to(work.session, work.organization_id, [exception])
    if not is_open(found.size, settled.get(exception, 0)):
        raise DomainError("SETTLED_ALREADY")
    return await settle(work, found.kind, exception, found.size, note)


async def _present(work: Work, exception: UUID) -> _Present:
    event = await work.session.get(ExceptionEvent, (work.organization_id, exception))
    if event is not None and event.branch_id == work.branch_id:
        return _Present(event.kind, event.size)
    differences, _sums, _orders = await present_differences(work.session, work.organization_id, [work.branch_id])
    for each in differences:
        if each.id == exception:
            return _Present(each.kind, each.size)
    raise NotFound("exceptions", exception)
