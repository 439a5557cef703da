"""Hours of work: what somebody noted, with its corrections, as a state and as time. Pure.

Entries are in the order of their times, whoever heard of them first. What does not fit (to come twice) counts once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from shared.staff.records import EntryKind

LONGEST_SHIFT = timedelta(hours=16)
"""Who came longer ago and noted nothing since has forgotten to note that they left."""
AHEAD = timedelta(minutes=2)
"""An entry that lies so far ahead was noted while a clock was wrong: it counts only once somebody has corrected it."""


class Presence(StrEnum):
    """Where somebody is, as far as they noted it."""

    AWAY = "away"
    HERE = "here"
    ON_BREAK = "on_break"


NEXT: dict[Presence, tuple[EntryKind, ...]] = {
    Presence.AWAY: (EntryKind.IN,),
    Presence.HERE: (EntryKind.BREAK, EntryKind.OUT),
    Presence.ON_BREAK: (EntryKind.BACK, EntryKind.OUT),
}
"""What can be noted next, the likeliest first."""
AFTER = {
    EntryKind.IN: Presence.HERE,
    EntryKind.BREAK: Presence.ON_BREAK,
    EntryKind.BACK: Presence.HERE,
    EntryKind.OUT: Presence.AWAY,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, at the time that counts."""

    id: UUID
    kind: EntryKind
    at: datetime
    typed_at: datetime
    business_date: date
    corrects_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of one person.

    Attributes:
        presence: where they are.
        since: the entry by which they are there; None if they have not come.
        worked: time worked on this day, without breaks, up to now.
        of_day: the entries of this day that count, in their order.
        left_open: the newest entry of an earlier shift that nothing ended; None if all were ended.
        ahead: entries whose time has not come: noted while a clock was wrong.
    """

    presence: Presence = Presence.AWAY
    since: Entry | None = None
    worked: timedelta = timedelta(0)
    of_day: tuple[Entry, ...] = ()
    left_open: Entry | None = None
    ahead: tuple[Entry, ...] = ()

    @property
    def next(self) -> tuple[EntryKind, ...]:
        """What can be noted now, the likeliest first."""
        return NEXT[self.presence]


@dataclass(frozen=True, slots=True)
class StaffHours:
    """The hours of one of the staff: as they stand, and the time worked since Monday."""

    person_id: UUID
    hours: Hours
    week: timedelta


def staff_hours(person_id: UUID, said: Iterable[Entry], today: date, now: datetime) -> StaffHours:
    """Add up what one of the staff noted."""
    known = tuple(said)
    return StaffHours(person_id, hours_of(known, today, now), worked_in_week(known, today, now))


def hours_of(said: Iterable[Entry], today: date, now: datetime) -> Hours:
    """Add up what somebody noted, up to now."""
    entries = _corrected(said)
    past = [each for each in entries if each.at <= now + AHEAD]
    ahead = tuple(each for each in entries if each.at > now + AHEAD)
    since, came, left_open = None, None, None
    counted: list[Entry] = []
    worked = timedelta(0)
    for each in past:
        if since is not None and came is not None and each.at - came.at > LONGEST_SHIFT:
            left_open, since, came = since, None, None
        presence = AFTER[since.kind] if since is not None else Presence.AWAY
        if each.kind not in NEXT[presence]:
            continue
        worked += _worked(since, each.at, today)
        came = each if each.kind is EntryKind.IN else came
        since = None if each.kind is EntryKind.OUT else each
        counted.append(each)
    if since is not None and came is not None and now - came.at > LONGEST_SHIFT:
        left_open, since = since, None
    worked += _worked(since, now, today)
    of_day = tuple(each for each in counted if each.business_date == today or each is since)
    presence = AFTER[since.kind] if since is not None else Presence.AWAY
    return Hours(presence, since, worked, of_day, left_open, ahead)


def worked_in_week(said: Iterable[Entry], today: date, now: datetime) -> timedelta:
    """Time worked since Monday of this week, up to now."""
    known = tuple(said)
    days = (today - timedelta(days=back) for back in range(today.weekday() + 1))
    return sum((hours_of(known, day, now).worked for day in days), timedelta(0))


def _worked(since: Entry | None, until: datetime, today: date) -> timedelta:
    """Time worked since an entry, if it is of this day."""
    if since is None or since.business_date != today or AFTER[since.kind] is not Presence.HERE:
        return timedelta(0)
    return max(timedelta(0), until - since.at)


def _corrected(said: Iterable[Entry]) -> list[Entry]:
    """The entries that count: of an entry and the corrections of its time, the last correction."""
    entries = {each.id: each for each in said}
    standing: dict[UUID, tuple[tuple[int, datetime, UUID], Entry]] = {}
    for each in entries.values():
        first, corrections = _corrects(each, entries)
        rank = (corrections, each.typed_at, each.id)
        if first not in standing or standing[first][0] < rank:
            standing[first] = (rank, each)
    return sorted((each for _rank, each in standing.values()), key=lambda each: (each.at, each.typed_at, each.id))


def _corrects(entry: Entry, entries: dict[UUID, Entry]) -> tuple[UUID, int]:
    """The first entry whose time this corrects (itself, if it corrects none), and how many corrections lie between."""
    seen = {entry.id}
    while entry.corrects_id in entries and entries[entry.corrects_id].kind is entry.kind:
        entry = entries[entry.corrects_id]
        if entry.id in seen:
            break
        seen.add(entry.id)
    return entry.id, len(seen) - 1
