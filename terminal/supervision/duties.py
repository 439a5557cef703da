"""The duties of a device's programs, and how people are told that one of them has stopped. Plain values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Duty(StrEnum):
    """Something that must never stop. Its value names its words: `stopped.<value>` in `terminal/texts`."""

    PRINTING = "printing"
    OWNING = "owning"
    """Waiting for the lock of the folder, and running all that only its owner runs."""
    SILENT = "silent"
    """Not a task: the program that owns printing and sync holds the lock and does not move."""
    PUSHING = "pushing"
    PULLING = "pulling"
    FOLDING = "folding"
    PAPERS = "papers"
    """Printing what was changed of printed tickets by somebody else."""
    GUESTS = "guests"
    """Accepting guests' orders that need no person."""
    REQUESTS = "requests"
    """Papers for and of other devices."""
    WATCHING = "watching"
    PAUSES = "pauses"
    SETTINGS = "settings"
    """Following an edited `device.toml`."""
    RESTART = "restart"
    """Not a task: `device.toml` says something new that holds only after a restart."""


WORDS = {
    Duty.PAPERS: "printing",
    Duty.REQUESTS: "printing",
    Duty.PUSHING: "sync",
    Duty.PULLING: "sync",
    Duty.FOLDING: "sync",
}
"""Names under which people know duties, where it is not their own."""
_WORST_FIRST = tuple(Duty)


@dataclass(frozen=True, slots=True)
class Stopped:
    """A duty that does not work, and since when."""

    duty: Duty
    since: datetime

    @property
    def words(self) -> str:
        """The name under which people know it."""
        return WORDS.get(self.duty, self.duty.value)


def as_people_know_them(stopped: Iterable[Stopped]) -> tuple[Stopped, ...]:
    """One entry for each name that people know, with its earliest time; the worst first."""
    earliest: dict[str, Stopped] = {}
    for each in sorted(stopped, key=lambda each: (_WORST_FIRST.index(each.duty), each.since)):
        known = earliest.get(each.words)
        if known is None or each.since < known.since:
            earliest[each.words] = Stopped(known.duty if known else each.duty, each.since)
    return tuple(earliest.values())
