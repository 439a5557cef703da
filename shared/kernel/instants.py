"""Time: the clock as a port, UTC instants, and the business date of a branch.

An instant is always an aware UTC datetime. A business date is the day to which a restaurant counts a sale: a sale at
01:30 may still count for yesterday.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import NewType, Protocol
from zoneinfo import ZoneInfo

BusinessDate = NewType("BusinessDate", date)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Clock(Protocol):
    """Gives the time: real in devices and servers, virtual in simulations."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...

    def milliseconds(self) -> int:
        """The present instant in milliseconds since 1970."""
        ...


def utc(instant: datetime) -> datetime:
    """The same instant in UTC.

    Raises:
        ValueError: the datetime is naive, so it is unknown which instant it means.
    """
    if instant.tzinfo is None:
        msg = "a naive datetime is not an instant"
        raise ValueError(msg)
    return instant.astimezone(UTC)


def to_microseconds(instant: datetime) -> int:
    """Whole microseconds since 1970, exact (no float on the way)."""
    return (utc(instant) - EPOCH) // _MICROSECOND


FIRST_MICROSECOND = to_microseconds(datetime.min.replace(tzinfo=UTC))
LAST_MICROSECOND = to_microseconds(datetime.max.replace(tzinfo=UTC))
"""The calendar's ends: `from_microseconds` refuses what lies beyond."""


def from_microseconds(microseconds: int) -> datetime:
    """The instant that many microseconds after 1970."""
    return EPOCH + timedelta(microseconds=microseconds)


def local_time(instant: datetime, zone: str) -> datetime:
    """The local time of a branch at an instant."""
    return utc(instant).astimezone(ZoneInfo(zone))


def business_date(instant: datetime, zone: str, cutoff_minutes: int) -> BusinessDate:
    """The branch's business day: its local date, where the day begins `cutoff_minutes` after midnight."""
    wall = local_time(instant, zone).replace(tzinfo=None)
    return BusinessDate((wall - timedelta(minutes=cutoff_minutes)).date())


def day_begins(day: date, zone: str, cutoff_minutes: int) -> datetime:
    """The instant at which a business day of a branch begins."""
    wall = datetime.combine(day, time()) + timedelta(minutes=cutoff_minutes)
    return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
