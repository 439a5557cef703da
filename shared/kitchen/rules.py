"""How the kitchen reads time and notes. Pure."""

from __future__ import annotations

from enum import StrEnum

from shared.kernel.text import search_key

WARN_SECONDS = 8 * 60
"""A ticket turns to a warning after this long unless its station says otherwise (peers: 5 to 8 minutes)."""
LATE_SECONDS = 15 * 60
"""A ticket is late after this long (peers: 8 to 20 minutes)."""

_ALLERGY = ("alerg", "allerg")


class Pace(StrEnum):
    """How a ticket is doing."""

    NEW = "new"
    WARN = "warn"
    LATE = "late"


def pace(age_seconds: int, warn_seconds: int = WARN_SECONDS, late_seconds: int = LATE_SECONDS) -> Pace:
    """How a ticket of this age is doing."""
    if age_seconds >= late_seconds:
        return Pace.LATE
    return Pace.WARN if age_seconds >= warn_seconds else Pace.NEW


def tells_of_allergy(notes: str) -> bool:
    """Whether a note mentions an allergy, which nobody may overlook."""
    return any(word in search_key(notes) for word in _ALLERGY)
