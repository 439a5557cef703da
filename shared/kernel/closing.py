"""Closed days: on which day a row counts that the close of its own day did not know. Pure.

A close names the last number of each series that it knew, so it says of each row whether it was counted. What it did
not know counts on the next day that is open, or whose close knows it. That follows from rows alone: it is the same on
every replica, in whatever order rows and closes come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple, cast

import sqlalchemy as sa

from shared.kernel.numbers import series_of
from shared.kernel.records import Record

_ONE_DAY = timedelta(days=1)


class Close(NamedTuple):
    """All closes of a day.

    Attributes:
        day: ISO date.
        last: the last number that any of them knew, by series. Of a series that none names they knew nothing.
    """

    day: str
    last: Mapping[str, str]

    def knows(self, number: str) -> bool:
        """Whether a row with this number was counted."""
        return number <= self.last.get(series_of(number), "")


def close_of(day: str, said: Iterable[Iterable[str]]) -> Close:
    """All closes of one day as one.

    Args:
        said: the last numbers that each names.
    """
    last: dict[str, str] = {}
    for numbers in said:
        for number in numbers:
            series = series_of(number)
            last[series] = max(number, last.get(series, ""))
    return Close(day, last)


def counted_on(day: str, number: str, next_close: Callable[[str], Close | None]) -> str:
    """The day on which a row counts: its own, or the first one after it that is open or knows it.

    Args:
        day: of the row, an ISO date.
        next_close: gives the closes of the first closed day from that day on.
    """
    while (close := next_close(day)) is not None and not close.knows(number):
        day = (date.fromisoformat(close.day) + _ONE_DAY).isoformat()
    return day


@dataclass(frozen=True, slots=True)
class Dating:
    """Declares by which closes the business dates of rows are read when they are summed.

    Attributes:
        closes: the record of closes: branch_id, business_date, last_numbers.
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
