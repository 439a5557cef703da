"""How the kitchen reads time. Pure."""

from __future__ import annotations

from enum import StrEnum

WARN_SECONDS = 8 * 60
"""A ticket turns to a warning after this long unless the screen is set otherwise (peers: 5 to 8 minutes)."""
LATE_SECONDS = 15 * 60
"""A ticket is late after this long (peers: 8 to 20 minutes)."""


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
