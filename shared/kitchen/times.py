"""The kitchen's times of business days: by dish, station, hour, day or branch, and how much was late.

Read off the ledger of times (`time_records.py`) with one statement, for any number of branches, days and dishes: the
same one on the cloud and on a device.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.columns import Key
from shared.kernel.instants import BusinessDate
from shared.kitchen.records import Station
from shared.kitchen.time_records import CLASS_ENDS, CLASSES, times_by_hour

_SUMMED = ("lines", "seconds", "late", *CLASSES)
MOST_GROUPS = 5_000
"""Far more dishes than a restaurant has."""
HALF, NINE_TENTHS = 500, 900
"""Parts in thousandths."""
_WHOLE = 1_000


class TimesBy(StrEnum):
    """What times are grouped by."""

    DISH = "dish"
    STATION = "station"
    HOUR = "hour"
    DAY = "day"
    BRANCH = "branch"


class Worked(NamedTuple):
    """Some branches of an organization, and the business dates from `first` to `last`, both included.

    Several branches work on PostgreSQL only; a device has one.
    """

    organization_id: UUID
    branches: tuple[UUID, ...]
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Times:
    """The times of one dish, station, hour, day or branch, or of all.

    Attributes:
        key: name of a dish or station; hour `00` to `23`; ISO date; id of a branch. Empty: of all.
        count: how many lines were made.
        seconds: all of their times together.
        median_seconds, slow_seconds: half, and nine of ten, did not take longer; estimated within a class of times.
        late: how many took longer than their station allowed for such an order.
    """

    key: str
    count: int
    seconds: int
    median_seconds: int
    slow_seconds: int
    late: int

    @property
    def mean_seconds(self) -> int:
        """The mean time, 0 if nothing was made."""
        return self.seconds // self.count if self.count else 0


@dataclass(frozen=True, slots=True)
class AllTimes:
    """The times of all that was made.

    Attributes:
        unreceived: how many tickets no display and no printer ever received.
        forgotten: how many lines were ready so late that nobody counts them.
    """

    times: Times
    unreceived: int
    forgotten: int


@dataclass(frozen=True, slots=True)
class KitchenTimes:
    """The times of a business day; dishes and stations the slowest first, hours in their order."""

    day: BusinessDate
    all: Times
    dishes: tuple[Times, ...]
    stations: tuple[Times, ...]
    hours: tuple[Times, ...]
    unreceived: int
    forgotten: int


async def kitchen_times(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID, day: BusinessDate
) -> KitchenTimes:
    """The times of a business day of a branch; four statements."""
    worked = Worked(organization_id, (branch_id,), day, day)
    whole = await all_times(reader, worked)
    dishes, stations, hours = [
        tuple(await times_by(reader, worked, by)) for by in (TimesBy.DISH, TimesBy.STATION, TimesBy.HOUR)
    ]
    return KitchenTimes(day, whole.times, dishes, stations, hours, whole.unreceived, whole.forgotten)


async def all_times(reader: AsyncConnection | AsyncSession, worked: Worked) -> AllTimes:
    """All times; one statement."""
    (row,) = await reader.execute(_total(is_one_branch=len(worked.branches) == 1), _parameters(worked))
    unreceived, forgotten, *sums = (int(each or 0) for each in row)
    return AllTimes(times_of("", *sums), unreceived, forgotten)


async def times_by(
    reader: AsyncConnection | AsyncSession, worked: Worked, by: TimesBy, most: int = MOST_GROUPS
) -> list[Times]:
    """The times of at most `most` groups; one statement. Hours and days in their order, others slowest first."""
    statement = _groups(by, is_one_branch=len(worked.branches) == 1)
    rows = await reader.execute(statement, {**_parameters(worked), "most": most})
    found = [times_of(_key(by, key), *map(int, sums)) for key, *sums in rows]
    if by in (TimesBy.HOUR, TimesBy.DAY):
        return sorted(found, key=lambda each: each.key)
    return sorted(found, key=lambda each: (-each.mean_seconds, each.key))


def times_of(key: str, count: int, seconds: int, late: int, *classes: int) -> Times:
    """The times that sums say. Pure."""
    if sum(each > 0 for each in classes) <= 1:
        mean = seconds // count if count else 0
        return Times(key, count, seconds, mean, mean, late)
    return Times(key, count, seconds, quantile(classes, HALF), quantile(classes, NINE_TENTHS), late)


def quantile(classes: Sequence[int], part: int) -> int:
    """Seconds that a part (in thousandths) of times did not exceed, as if those of a class were evenly spread. Pure."""
    wanted, below, begin = max(1, -(-part * sum(classes) // _WHOLE)), 0, 0
    for count, end in zip(classes, CLASS_ENDS, strict=True):
        if count and below + count >= wanted:
            return begin + (end - begin) * (2 * (wanted - below) - 1) // (2 * count)
        below, begin = below + count, end
    return begin


@cache
def _total(*, is_one_branch: bool) -> sa.Select[Any]:
    """Built once: building a statement takes longer than running it."""
    summed = (sa.func.sum(times_by_hour.c[name]) for name in ("unreceived", "forgotten", *_SUMMED))
    return sa.select(*summed).where(*_within(is_one_branch=is_one_branch))


@cache
def _groups(by: TimesBy, *, is_one_branch: bool) -> sa.Select[Any]:
    column, station = times_by_hour.c, Station.__table__.c
    key: sa.ColumnElement[Any] = {
        TimesBy.DISH: column.item_name,
        TimesBy.STATION: sa.func.coalesce(station.name, ""),
        TimesBy.HOUR: column.local_hour,
        TimesBy.DAY: column.business_date,
        TimesBy.BRANCH: column.branch_id,
    }[by]
    rows: sa.FromClause = times_by_hour
    if by is TimesBy.STATION:
        of_station = sa.and_(station.organization_id == column.organization_id, station.id == column.station_id)
        rows = rows.outerjoin(Station.__table__, of_station)
    lines, seconds = sa.func.sum(column.lines), sa.func.sum(column.seconds)
    return (
        sa.select(key, *(sa.func.sum(column[name]) for name in _SUMMED))
        .select_from(rows)
        .where(*_within(is_one_branch=is_one_branch))
        .group_by(key)
        .having(lines > 0)
        .order_by((sa.cast(seconds, sa.Float) / lines).desc(), key)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


def _within(*, is_one_branch: bool) -> tuple[sa.ColumnElement[bool], ...]:
    """The conditions on a span. Any number of branches is one parameter, so that the statement is prepared once."""
    column = times_by_hour.c
    of_branches: sa.ColumnElement[bool] = (
        column.branch_id == sa.bindparam("branches", type_=Key())
        if is_one_branch
        else column.branch_id == sa.any_(sa.bindparam("branches", type_=sa.ARRAY(Key())))
    )
    days = sa.bindparam("first", type_=sa.Date()), sa.bindparam("last", type_=sa.Date())
    return (
        column.organization_id == sa.bindparam("organization_id", type_=Key()),
        of_branches,
        column.business_date.between(*days),
    )


def _parameters(worked: Worked) -> dict[str, object]:
    branches = worked.branches[0] if len(worked.branches) == 1 else list(worked.branches)
    return {
        "organization_id": worked.organization_id,
        "branches": branches,
        "first": worked.first,
        "last": worked.last,
    }


def _key(by: TimesBy, value: Any) -> str:
    if by is TimesBy.HOUR:
        return f"{value:02}"
    return value.isoformat() if isinstance(value, date) else str(value)
