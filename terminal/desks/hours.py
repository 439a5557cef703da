"""The time clock of screens: the hours of one person, noting them and correcting them. No Textual.

Whoever notes their hours need not be logged in: their PIN at the log-in screen is enough.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.instants import business_date, local_time, utc
from shared.kernel.permissions import Actor
from shared.kernel.work import Work
from shared.staff.clocking import correct_time, note_time
from shared.staff.hours import Entry, Hours, StaffHours, hours_of, staff_hours
from shared.staff.queries import time_entries_of, time_entries_of_branch
from shared.staff.records import EntryKind
from terminal.store.store import Store

if TYPE_CHECKING:
    from terminal.gate import Gate

Run = Callable[[Actor, Callable[[Work], Awaitable[bool]]], Awaitable[bool]]
"""Runs a command for somebody, as the desk does for who is logged in."""


class HoursDesk:
    """See the module. Made by the desk."""

    def __init__(self, store: Store, gate: Gate, run: Run) -> None:
        self._store = store
        self._gate = gate
        self._run = run

    async def person(self, pin: str) -> Actor:
        """Whose PIN it is; they are not logged in. Raises as `Gate.check` does."""
        return await self._gate.log_in(pin)

    async def of(self, person_id: UUID) -> Hours:
        """The hours of somebody."""
        store, now = self._store, self._store.clock.now()
        context, here = store.branch_context, (store.identity.organization_id, store.identity.branch_id)
        async with store.reading(briefly=True) as connection:
            known = await time_entries_of(connection, *here, person_id, now)
        return hours_of(known, business_date(now, context.zone, context.cutoff_minutes), now)

    async def of_all(self, people: Iterable[UUID]) -> list[StaffHours]:
        """The hours of these people, today and since Monday."""
        store, now = self._store, self._store.clock.now()
        context, here = store.branch_context, (store.identity.organization_id, store.identity.branch_id)
        async with store.reading(briefly=True) as connection:
            known = await time_entries_of_branch(connection, *here, now)
        today = business_date(now, context.zone, context.cutoff_minutes)
        return [staff_hours(person, known.get(person, ()), today, now) for person in people]

    async def note(self, person: Actor, kind: EntryKind) -> bool:
        """Note that somebody comes, leaves, begins a break or comes back. Returns False if they had noted it before.

        Raises:
            DomainError: those of `note_time`.
        """
        entry_id = self._store.ids.new()

        async def note(work: Work) -> bool:
            return await note_time(work, entry_id, kind) is not None

        return await self._run(person, note)

    async def correct(self, by: Actor, entry: Entry, kind: EntryKind, clock: str, reason: str) -> None:
        """Correct the time of an entry, or say when that ended which it began.

        Args:
            by: who is logged in.
            clock: hours and minutes on the wall, `19:30`.
            reason: why it is corrected.

        Raises:
            DomainError: those of `correct_time`.
        """
        entry_id, at = self._store.ids.new(), self._instant(entry, kind, clock)

        async def correct(work: Work) -> bool:
            await correct_time(work, entry_id, entry.id, kind, at, reason)
            return True

        await self._run(by, correct)

    def _instant(self, entry: Entry, kind: EntryKind, clock: str) -> datetime:
        """The instant of a time on the wall: on the day of the entry, or the first one after it for what ended it."""
        try:
            wanted = time.fromisoformat(clock)
        except ValueError as error:
            raise DomainError("HOURS_NOT_SENSIBLE") from error
        context = self._store.branch_context
        began = local_time(entry.at, context.zone)
        day = began.date() if kind is not entry.kind else entry.business_date
        at = datetime.combine(day, wanted, began.tzinfo)
        cutoff = timedelta(minutes=context.cutoff_minutes)
        is_after_midnight = timedelta(hours=wanted.hour, minutes=wanted.minute) < cutoff
        if (kind is not entry.kind and at <= began) or (kind is entry.kind and is_after_midnight):
            at = datetime.combine(day + timedelta(days=1), wanted, began.tzinfo)
        return utc(at)
