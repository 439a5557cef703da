"""When a reservation is due, what it keeps its table from, and which ones clash. Pure.

A reservation is kept as the branch's wall clock says it, since that is what was said on the phone. If the zone's rules
change, it stays at its local time; if summer time skips it, it is moved on by what was skipped, and screens say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

MINUTES_A_DAY = 24 * 60
MINUTE = timedelta(minutes=1)
KEPT_BEFORE = timedelta(minutes=45)
"""From so long before on a free table is shown as reserved: a party that sits down now would still be there."""
KEPT_AFTER = timedelta(minutes=30)
"""So long the table is kept for guests who are late; then it is shown as free, and the reservation as late."""
SITS = timedelta(minutes=120)
"""So long a party keeps its table, as far as nobody says otherwise: two reservations within it clash."""


class LocalMoment(NamedTuple):
    """A local time of a branch as an instant.

    Attributes:
        at: the instant in UTC.
        moved_minutes: by how much it was moved on, since summer time skips it. 0: not.
    """

    at: datetime
    moved_minutes: int = 0


def local_moment(day: date, minute: int, zone: str, said_at: datetime | None = None) -> LocalMoment:
    """The instant of a local time. Of an hour that comes twice it is the first one, unless that had passed when it was
    said; a skipped time is moved on.

    Args:
        minute: after midnight, as the wall clock says it.
        said_at: when somebody said it.
    """
    wall = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=ZoneInfo(zone))
    at = wall.astimezone(UTC)
    again = wall.replace(fold=1).astimezone(UTC)
    if said_at is not None and at + MINUTE <= said_at and again > at:
        at = again
    shown = at.astimezone(ZoneInfo(zone))
    moved = shown.replace(tzinfo=None) - wall.replace(tzinfo=None)
    return LocalMoment(at, moved // timedelta(minutes=1))


class Booked(Protocol):
    """What is asked of a reservation: at which table it is, and when."""

    @property
    def id(self) -> UUID:
        """Its id."""
        ...

    @property
    def at(self) -> datetime:
        """When they come."""
        ...

    @property
    def table_id(self) -> UUID | None:
        """The table that it was promised; None: whichever is free."""
        ...


def keeps_table(at: datetime, now: datetime) -> bool:
    """Whether a reservation keeps its table now."""
    return at - KEPT_BEFORE <= now <= at + KEPT_AFTER


def is_late(at: datetime, now: datetime) -> bool:
    """Whether guests should have come long ago."""
    return now > at + KEPT_AFTER


def clashing(reservations: Iterable[Booked]) -> frozenset[UUID]:
    """The reservations of one table that are so near to each other that one party would still sit there.

    Two devices that do not hear of each other may both give the table away: both stand, and both are marked.
    """
    at_table: dict[UUID, list[Booked]] = {}
    for each in reservations:
        if each.table_id is not None:
            at_table.setdefault(each.table_id, []).append(each)
    found: set[UUID] = set()
    for of_table in at_table.values():
        found |= _near(sorted(of_table, key=lambda each: (each.at, each.id)))
    return frozenset(found)


def _near(ordered: Sequence[Booked]) -> set[UUID]:
    return {each.id for pair in pairwise(ordered) if pair[1].at - pair[0].at < SITS for each in pair}
