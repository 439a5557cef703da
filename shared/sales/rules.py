"""The hours of a business day. Pure."""

from __future__ import annotations

HOURS_A_DAY = 24
MINUTES_AN_HOUR = 60


def hour_of_day(hour: int, cutoff_minutes: int) -> int:
    """How many hours after the beginning of the business day an hour of the clock begins, 0 to 23."""
    return (hour - cutoff_minutes // MINUTES_AN_HOUR) % HOURS_A_DAY
