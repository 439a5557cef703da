"""The time clock: noting one's own hours, and correcting hours."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.instants import business_date
from shared.kernel.permissions import Permission
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.staff.hours import LONGEST_SHIFT, hours_of
from shared.staff.queries import time_entries_of
from shared.staff.records import EntryKind, TimeEntry

TWICE = timedelta(seconds=10)
"""The same person does nothing else within it: what comes sooner is a key that bounced, or a second press."""


async def note_time(work: Work, entry_id: UUID, kind: EntryKind) -> TimeEntry | None:
    """Note that the actor comes, leaves, begins a break or comes back. Twice is once: then nothing is returned.

    Raises:
        DomainError: HOURS_NOT_NOW (they are elsewhere than this person believes).
    """
    person_id = work.actor.staff_id
    assert person_id is not None, "the system has no hours"
    known = await time_entries_of(work.session, work.organization_id, work.branch_id, person_id, work.now)
    hours = hours_of(known, work.business_date, work.now)
    last = max((each.typed_at for each in known), default=None)
    if (hours.since is not None and hours.since.kind is kind) or (last is not None and _is_twice(last, work.now)):
        return None
    if kind not in hours.next:
        raise DomainError("HOURS_NOT_NOW")
    return work.add(
        TimeEntry(
            organization_id=work.organization_id,
            branch_id=work.branch_id,
            id=entry_id,
            person_id=person_id,
            kind=kind,
            at=work.now,
            typed_at=work.now,
            business_date=work.business_date,
        )
    )


async def correct_time(
    work: Work, entry_id: UUID, corrects_id: UUID, kind: EntryKind, at: datetime, reason: str
) -> TimeEntry:
    """Correct the time of an entry, or say when that ended which it began.

    Args:
        kind: that of the entry to correct its time, another one to end what it began.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, REASON_MISSING, HOURS_NOT_SENSIBLE (in the future, or not in the shift of
            the entry).
    """
    work.require(Permission.EDIT_HOURS)
    corrected = await work.get(TimeEntry, corrects_id)
    is_later = kind is corrected.kind or corrected.at < at <= corrected.at + LONGEST_SHIFT
    if at > work.now or not is_later:
        raise DomainError("HOURS_NOT_SENSIBLE")
    why = clean(reason, 120)
    if not why:
        raise DomainError("REASON_MISSING")
    return work.add(
        TimeEntry(
            organization_id=work.organization_id,
            branch_id=corrected.branch_id,
            id=entry_id,
            person_id=corrected.person_id,
            kind=kind,
            at=at,
            typed_at=work.now,
            business_date=business_date(at, work.place.zone, work.place.cutoff_minutes),
            corrects_id=corrects_id,
            reason=why,
        )
    )


def _is_twice(last: datetime, now: datetime) -> bool:
    return timedelta(0) <= now - last < TWICE
