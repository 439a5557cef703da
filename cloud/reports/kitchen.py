"""GET /api/v1/reports/kitchen: how long dishes took, by dish, station, hour, day or branch, and how many were late."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, NamedTuple
from uuid import UUID

from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter, SkipValidation

from cloud.accounts.branches import chosen
from cloud.accounts.identity import Person
from cloud.database.transaction import ReadSession
from cloud.edge.operation import Area, Example, LimitGroup, query
from cloud.lookups.houses import Houses
from cloud.reports.period import period_of, today_of
from cloud.reports.schemas import KitchenGroup, KitchenReport
from shared.kernel.instants import Clock
from shared.kernel.permissions import Permission
from shared.kitchen.times import Cooked, cooked_between, times_of
from shared.sales.queries import MOST_GROUPS

MOST_KITCHEN_DAYS = 31
"""Times are read off the events of each ticket: a month of ten branches is what a request may take."""


class KitchenBy(StrEnum):
    """What the times of a report are grouped by."""

    DISH = "dish"
    STATION = "station"
    HOUR = "hour"
    DAY = "day"
    BRANCH = "branch"


class _Made(NamedTuple):
    """A line that was made, and the branch where."""

    branch: str
    line: Cooked


@query(
    "get_kitchen_report",
    "/reports/kitchen",
    area=Area.REPORTS,
    rights=Permission.SEE_REPORTS,
    limit=LimitGroup.REPORT,
    summary="Times of the kitchen",
    example=Example(query={"from": "2026-11-01", "to": "2026-11-23", "by": "station"}),
    problems="BRANCH_UNKNOWN PERIOD_BACKWARDS PERIOD_TOO_LONG",
)
async def kitchen(
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    houses: NamedDependency[SkipValidation[Houses]],
    read: NamedDependency[SkipValidation[ReadSession]],
    clock: NamedDependency[SkipValidation[Clock]],
    first: Annotated[date | None, QueryParameter(name="from", description="business date; by default as `to`")] = None,
    last: Annotated[date | None, QueryParameter(name="to", description="business date; by default today")] = None,
    branch: FromQuery[UUID | None] = None,
    by: FromQuery[KitchenBy] = KitchenBy.DISH,
) -> KitchenReport:
    """Give how long dishes took in all branches that the caller may see, or in one, and how many were late.

    A time runs from when a ticket was received at its station to when a dish of it was ready. Dates are business dates
    of each branch, both included, at most 31 days.
    """
    seen = chosen((await houses.of(organization_id, read)).seen_by(person), branch)
    period = period_of(first, last, today_of(seen, clock.now()), MOST_KITCHEN_DAYS)
    made: list[_Made] = []
    unreceived = forgotten = 0
    for each in seen:
        found = await cooked_between(read, organization_id, each.id, period.first, period.last, each.zone)
        made += [_Made(str(each.id), line) for line in found.lines]
        unreceived, forgotten = unreceived + found.unreceived, forgotten + found.forgotten
    names = {str(each.id): each.name for each in seen}
    groups = _groups(made, by, names)
    return KitchenReport(
        first_date=period.first,
        last_date=period.last,
        by=by,
        total=_group("", "", [each.line for each in made]),
        groups=groups[:MOST_GROUPS],
        more=len(groups) > MOST_GROUPS,
        unreceived=unreceived,
        forgotten=forgotten,
    )


def _groups(made: Iterable[_Made], by: KitchenBy, names: Mapping[str, str]) -> list[KitchenGroup]:
    """The slowest first; hours and days in their order."""
    found: defaultdict[str, list[Cooked]] = defaultdict(list)
    for each in made:
        found[_key(each, by)].append(each.line)
    groups = [_group(key, names.get(key, key), lines) for key, lines in found.items()]
    if by in (KitchenBy.HOUR, KitchenBy.DAY):
        return sorted(groups, key=lambda group: group.key)
    return sorted(groups, key=lambda group: (-group.mean_seconds, group.key))


def _key(made: _Made, by: KitchenBy) -> str:
    if by is KitchenBy.BRANCH:
        return made.branch
    if by is KitchenBy.HOUR:
        return f"{made.line.hour:02}"
    return made.line.day.isoformat() if by is KitchenBy.DAY else str(getattr(made.line, by))


def _group(key: str, name: str, lines: list[Cooked]) -> KitchenGroup:
    times = times_of(key, lines)
    return KitchenGroup(
        key=key,
        name=name,
        dishes=times.count,
        seconds=sum(line.seconds for line in lines),
        mean_seconds=times.mean_seconds,
        worst_seconds=times.worst_seconds,
        late=times.late,
    )
