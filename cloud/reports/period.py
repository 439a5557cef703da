"""The period of a report: business dates of the branches, first and last included."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfoNotFoundError

from shared.kernel.errors import DomainError
from shared.kernel.instants import BusinessDate, business_date

MOST_DAYS = 400
"""A year and the month to compare it with; a longer report reads more rows of sums than a request should."""
ONE_DAY = timedelta(days=1)


class BranchDay(Protocol):
    """What the business date of a branch depends on."""

    @property
    def zone(self) -> str:
        """IANA name."""
        ...

    @property
    def cutoff_minutes(self) -> int:
        """How many minutes after midnight the business day begins."""
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


def period_of(first: date | None, last: date | None, today: date, most: int = MOST_DAYS) -> Period:
    """The period of a request. Without a last date it ends today; without a first date it is one day.

    Args:
        most: days of the longest period.

    Raises:
        DomainError: PERIOD_BACKWARDS, PERIOD_TOO_LONG (params: most).
    """
    last = last or max(today, first or today)
    first = first or last
    if first > last:
        raise DomainError("PERIOD_BACKWARDS")
    if (last - first).days >= most:
        raise DomainError("PERIOD_TOO_LONG", most=most)
    return Period(first, last)


def today_of(branches: Iterable[BranchDay], now: datetime) -> date:
    """The latest business date that any of the branches has now."""
    days = []
    for branch in branches:
        try:
            days.append(business_date(now, branch.zone, branch.cutoff_minutes))
        except (ZoneInfoNotFoundError, ValueError, OverflowError):
            continue  # a zone that this server does not know must not take the other branches' report away
    return max(days, default=BusinessDate(now.date()))
