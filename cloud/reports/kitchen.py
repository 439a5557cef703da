"""GET /api/v1/reports/kitchen: how long dishes took, by dish, station, hour, day or branch, and how many were late."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated
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
from shared.kitchen.times import MOST_GROUPS, Times, TimesBy, Worked, all_times, times_by


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
    by: FromQuery[TimesBy] = TimesBy.DISH,
) -> KitchenReport:
    """Give how long dishes took in all branches that the caller may see, or in one, and how many were late.

    A time runs from when a ticket was received at its station to when a dish of it was ready. It counts at the hour in
    which the dish was sent, on the business date of its branch. Both dates are included.
    """
    seen = chosen((await houses.of(organization_id, read)).seen_by(person), branch)
    period = period_of(first, last, today_of(seen, clock.now()))
    worked = Worked(organization_id, tuple(each.id for each in seen), period.first, period.last)
    whole = await all_times(read, worked)
    groups = await times_by(read, worked, by, MOST_GROUPS + 1)
    names = {str(each.id): each.name for each in seen} if by is TimesBy.BRANCH else {}
    return KitchenReport(
        first_date=period.first,
        last_date=period.last,
        by=by,
        total=_group(whole.times, names),
        groups=[_group(each, names) for each in groups[:MOST_GROUPS]],
        more=len(groups) > MOST_GROUPS,
        unreceived=whole.unreceived,
        forgotten=whole.forgotten,
    )


def _group(times: Times, names: Mapping[str, str]) -> KitchenGroup:
    return KitchenGroup(
        key=times.key,
        name=names.get(times.key, times.key),
        dishes=times.count,
        seconds=times.seconds,
        mean_seconds=times.mean_seconds,
        median_seconds=times.median_seconds,
        p90_seconds=times.slow_seconds,
        late=times.late,
    )
