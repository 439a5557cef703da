"""Closed days: on which day a row counts that the close of its own day did not know. Pure.

A close names the last number of each series that it knew and the numbers before it that it missed, so it says of each
row whether it was counted. What it did not know counts on the next day that is open, or whose close knows it. That
follows from rows alone: it is the same on every replica, in whatever order rows and closes come.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple, cast

import sqlalchemy as sa

from shared.kernel.numbers import series_of
from shared.kernel.records import Record

_ONE_DAY = timedelta(days=1)
REACH = timedelta(days=7)
"""How far back a close reaches: no restaurant sells for a week without closing a day. A clock that is years ahead must
not close all days until then."""


class Known(NamedTuple):
    """What one close knew.

    Attributes:
        last: the last number, by series. Of a series that it does not name it knew nothing.
        missed: numbers up to the last that it did not know.
    """

    last: Mapping[str, str]
    missed: frozenset[str]

    @classmethod
    def of(cls, last_numbers: Iterable[str], missed: Iterable[str]) -> Known:
        """What the row of a close says."""
        return cls({series_of(number): number for number in sorted(last_numbers)}, frozenset(missed))

    def knows(self, number: str) -> bool:
        """Whether it counted a row with this number."""
        return number <= self.last.get(series_of(number), "") and number not in self.missed


class Close(NamedTuple):
    """All closes of a day that count.

    Attributes:
        day: ISO date.
    """

    day: str
    known: tuple[Known, ...]

    def knows(self, number: str) -> bool:
        """Whether any of them counted a row with this number."""
        return any(each.knows(number) for each in self.known)


def closes_of(rows: Iterable[Any]) -> list[Close]:
    """The closed days of a branch, in order. A day that is closed again after a later day was closed stays as it was.

    Args:
        rows: of closes, with business_date (ISO), closed_at (microseconds), last_numbers and missed_numbers.
    """
    days: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        days[row.business_date].append(row)
    closes: list[Close] = []
    later: int | None = None
    for day in sorted(days, reverse=True):
        counting = [row for row in days[day] if later is None or row.closed_at <= later]
        if counting:
            known = (Known.of(row.last_numbers, row.missed_numbers) for row in sorted(counting, key=_closed_at))
            closes.append(Close(day, tuple(known)))
            later = min(map(_closed_at, counting))
    return closes[::-1]


def _closed_at(row: Any) -> int:
    return cast("int", row.closed_at)


def counted_on(day: str, number: str, next_close: Callable[[str], Close | None]) -> str:
    """The day on which a row counts: its own, or the first one after it that is open or knows it.

    Args:
        day: of the row, an ISO date.
        next_close: gives the closes of the first closed day from that day on.
    """
    while (close := next_close(day)) is not None and not close.knows(number):
        after = date.fromisoformat(close.day)
        if after - date.fromisoformat(day) > REACH:
            break
        day = (after + _ONE_DAY).isoformat()
    return day


@dataclass(frozen=True, slots=True)
class Dating:
    """Declares by which closes the business dates of rows are read when they are summed.

    Attributes:
        closes: the record of closes: branch_id, business_date, closed_at, last_numbers, missed_numbers.
        numbered: records with branch_id, business_date and number; they are indexed by branch and number.
        follow: records that say the day of a numbered row again, by the field that names it and its record.
        edition: raised when the rule says something else: devices count anew then.
    """

    closes: type[Record]
    numbered: tuple[type[Record], ...]
    follow: Mapping[type[Record], tuple[str, type[Record]]]
    edition: int = 1

    def __post_init__(self) -> None:
        for record in (self.closes, *self.numbered, *self.follow):
            table = cast("sa.Table", record.__table__)
            missing = {"branch_id", "business_date"} - set(table.columns.keys())
            assert not missing, f"{table.name} has no {missing}"

    def __repr__(self) -> str:
        names = [record.__tablename__ for record in (*self.numbered, *self.follow)]
        return f"Dating({self.closes.__tablename__}, {names}, {self.edition})"
