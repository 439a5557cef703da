"""When an order is promised: what people type (`20`, `+20`, `19:30`) as an instant. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MOST_MINUTES = 12 * 60
"""So many minutes can be typed; whoever means later types a time of the clock."""
BACK = timedelta(hours=3)
"""A time of the clock that passed so long ago means the next day: nobody promises what was due then."""
MINUTES_DIGITS = 3
_TYPED = re.compile(r"(?P<plus>\+)?\s*(?P<digits>\d{1,4})|(?P<hours>\d{1,2})\s*[:.hH]\s*(?P<minutes>\d{2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Promise:
    """What was understood.

    Attributes:
        at: the instant, UTC.
        minutes: from now on, rounded down; below nothing if it has passed.
    """

    at: datetime
    minutes: int

    @property
    def is_past(self) -> bool:
        """Whether that time has passed."""
        return self.minutes < 0


def promise_of(text: str, now: datetime) -> Promise | None:
    """What a typed time means: up to three digits are minutes from now, four (or `19:30`, `19h`) the clock.

    A clock time means the nearest one that is still sensible: today, or the next day once it passed long ago.

    Args:
        now: the branch's wall clock, with its zone.

    Returns:
        None if it says no time.
    """
    found = _TYPED.fullmatch(text.strip())
    if found is None:
        return None
    digits = found["digits"]
    if digits and (found["plus"] or len(digits) <= MINUTES_DIGITS):
        minutes = int(digits)
        return Promise(_utc(now, minutes=minutes), minutes) if minutes <= MOST_MINUTES else None
    hour, minute = (int(digits[:2]), int(digits[2:])) if digits else (int(found["hours"]), int(found["minutes"] or 0))
    if hour > 23 or minute > 59:
        return None
    wall = now.replace(hour=hour, minute=minute, second=0, microsecond=0, fold=0)
    if now.replace(tzinfo=None) - wall.replace(tzinfo=None) > BACK:
        wall += timedelta(days=1)
    at = wall.astimezone(UTC)
    return Promise(at, (at - now.astimezone(UTC).replace(second=0, microsecond=0)) // timedelta(minutes=1))


def _utc(now: datetime, *, minutes: int) -> datetime:
    """So many minutes after now, to the full minute."""
    return now.astimezone(UTC).replace(second=0, microsecond=0) + timedelta(minutes=minutes)
