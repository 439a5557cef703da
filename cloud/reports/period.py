"""The days that a report is about: business dates of the branches, both ends included."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfoNotFoundError

from cloud.kernel.problem import Problem
from shared.kernel.instants import BusinessDate, business_date

MOST_DAYS = 400
"""A year and the month to compare it with; a longer report reads more roll-up rows than a request should."""
ONE_DAY = timedelta(days=1)


class Place(Protocol):
    """What the business date depends on: a branch, whatever else it is."""

    @property
    def zone(self) -> str:
        """IANA name."""
        ...

    @property
    def cutoff_minutes(self) -> int:
        """How long after midnight a day begins."""
        ...


@dataclass(frozen=True, slots=True)
class Period:
    """From one business date to another, both included."""

    first: date
    last: date

    @property
    def days(self) -> list[date]:
        """Each of its dates."""
        return [self.first + ONE_DAY * ahead for ahead in range((self.last - self.first).days + 1)]


def period_of(first: date | None, last: date | None, today: date) -> Period:
    """The period that was asked for. Without an end it ends today, without a beginning it is one day.

    Raises:
        Problem: PERIOD_BACKWARDS, PERIOD_TOO_LONG (params: most).
    """
    last = last or max(today, first or today)
    first = first or last
    if first > last:
        raise Problem("PERIOD_BACKWARDS", 400)
    if (last - first).days >= MOST_DAYS:
        raise Problem("PERIOD_TOO_LONG", 400, most=MOST_DAYS)
    return Period(first, last)


def today_of(places: Iterable[Place], now: datetime) -> date:
    """The newest business date that it is at any of the places."""
    days = []
    for place in places:
        try:
            days.append(business_date(now, place.zone, place.cutoff_minutes))
        except (ZoneInfoNotFoundError, ValueError, OverflowError):
            continue  # a zone that this server does not know must not take the other branches' report away
    return max(days, default=BusinessDate(now.date()))
