"""When an entry of the food safety log is due. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

EARLY = timedelta(minutes=60)
"""So long before its time an entry counts for it."""


def due_since(
    times: Sequence[int],
    every_minutes: int,
    last_at: datetime | None,
    now: datetime,
    zone: str,
    added_at: datetime | None = None,
) -> datetime | None:
    """Since when an entry is due at a point; None if none is.

    Args:
        times: minutes after midnight in the branch's zone.
        every_minutes: after the last entry the next one is due; 0: never.
        last_at: when the last entry was found to be so; None: there is none.
        added_at: since when the branch checks the point; nothing was due before. None: since ever.
    """
    due = [
        at
        for at in _last_times(times, now, zone)
        if (last_at is None or last_at < at - EARLY) and (added_at is None or added_at <= at)
    ]
    if every_minutes:
        at = now if last_at is None else last_at + timedelta(minutes=every_minutes)
        due += [at] if at <= now else []
    return min(due, default=None)


def _last_times(times: Sequence[int], now: datetime, zone: str) -> list[datetime]:
    """The last of these times of day that has passed, as an instant."""
    there = ZoneInfo(zone)
    today = now.astimezone(there).date()
    passed = [
        at
        for day in (today - timedelta(days=1), today)
        for minutes in times
        if (at := datetime.combine(day, time(minutes // 60, minutes % 60), there).astimezone(UTC)) <= now
    ]
    return [max(passed)] if passed else []
