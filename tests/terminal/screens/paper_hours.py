"""The time clock on paper: entries in memory, the rules of `shared`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Actor, Permission
from shared.staff.hours import Entry, Hours, StaffHours, hours_of, staff_hours
from shared.staff.records import EntryKind
from tests.terminal.screens.paper_menu import key

if TYPE_CHECKING:
    from tests.terminal.screens.paper_desk import PaperDesk


class PaperHours:
    """Whose hours they are, and what each noted."""

    def __init__(self, desk: PaperDesk) -> None:
        self._desk = desk
        self.entries: dict[UUID, list[Entry]] = {}
        self.reasons: list[str] = []

    async def person(self, pin: str) -> Actor:
        before = self._desk.actor
        person = await self._desk.log_in(pin)
        self._desk.actor = before
        return person

    async def of(self, person_id: UUID) -> Hours:
        return hours_of(self.entries.get(person_id, []), self._desk.local_now().date(), self._desk.now())

    async def of_all(self, people: Iterable[UUID]) -> list[StaffHours]:
        today, now = self._desk.local_now().date(), self._desk.now()
        return [staff_hours(person, self.entries.get(person, ()), today, now) for person in people]

    async def note(self, person: Actor, kind: EntryKind) -> bool:
        await self._desk._turn("note_time")
        self.put(person.staff_id, kind, self._desk.now())
        return True

    def put(self, person_id: UUID, kind: EntryKind, at: datetime, corrects_id: UUID | None = None) -> None:
        known = self.entries.setdefault(person_id, [])
        day = at.astimezone(self._desk.local_now().tzinfo).date()
        known.append(Entry(key(30, len(known)), kind, at, self._desk.now(), day, corrects_id))

    async def correct(self, by: Actor, entry: Entry, kind: EntryKind, clock: str, reason: str) -> None:
        await self._desk._turn("correct_time", Permission.EDIT_HOURS)
        began = entry.at.astimezone(self._desk.local_now().tzinfo)
        at = datetime.combine(began.date(), time.fromisoformat(clock), began.tzinfo)
        if at <= began:
            at += timedelta(days=1)
        if at > self._desk.now():
            raise DomainError("HOURS_NOT_SENSIBLE")
        self.reasons.append(reason)
        whose = next(person for person, known in self.entries.items() if entry in known)
        self.put(whose, kind, at.astimezone(entry.at.tzinfo), entry.id)
