"""Noting an event, and settling an exception."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from shared.exceptions.records import ExceptionEvent, Settlement
from shared.exceptions.rules import EventKind, Kind, exception_id, needs_an_action
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.kernel.text import MAX_NOTE_CHARACTERS, clean
from shared.kernel.work import Work


async def note_event(
    work: Work,
    kind: EventKind,
    *cause: UUID | str | int,
    size: int = 1,
    amount_minor: int = 0,
    subject_id: UUID | None = None,
    device_id: UUID | None = None,
    stream_id: UUID | None = None,
    reason: str = "",
    details: Sequence[dict[str, Any]] = (),
) -> ExceptionEvent:
    """Write an event, or raise the size of one that is there. The program does so by itself: it takes no right.

    Args:
        cause: what tells it from every other of its kind; see `exception_id`.
        size, amount_minor: totals since the beginning. A lower one changes nothing.
    """
    key = exception_id(kind, *cause)
    held = await work.session.get(ExceptionEvent, (work.organization_id, key))
    if held is not None:
        held.size, held.amount_minor = max(held.size, size), max(held.amount_minor, amount_minor)
        return held
    return work.add(
        ExceptionEvent(
            organization_id=work.organization_id,
            branch_id=work.branch_id,
            id=key,
            kind=kind,
            person_id=work.actor.staff_id,
            device_id=device_id,
            stream_id=stream_id,
            subject_id=subject_id,
            reason=reason,
            happened_at=work.now,
            size=size,
            amount_minor=amount_minor,
            details=list(details),
        )
    )


async def settle(work: Work, kind: Kind, exception: UUID, up_to: int, note: str) -> Settlement:
    """Say what became of an exception, up to the size that the person saw. One that grows is open again.

    Raises:
        DomainError: NOT_PERMITTED, NEEDS_AN_ACTION, NOTE_MISSING.
    """
    work.require(Permission.SETTLE_EXCEPTIONS)
    if needs_an_action(kind):
        raise DomainError("NEEDS_AN_ACTION")
    event = await work.session.get(ExceptionEvent, (work.organization_id, exception))
    said = clean(note, MAX_NOTE_CHARACTERS)
    if not said:
        raise DomainError("NOTE_MISSING")
    return work.add(
        Settlement(
            organization_id=work.organization_id,
            branch_id=work.branch_id,
            id=work.ids.new(),
            exception_id=exception,
            up_to=up_to,
            event_at=event.happened_at if event is not None else None,
            note=said,
            settled_at=work.now,
            settled_by=work.actor.staff_id,
            settled_by_name=work.actor.name,
        )
    )
