"""GET /api/v1/reports/sales: sums of a period for programs. The page for people is in `pages.py`."""

from __future__ import annotations

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
from cloud.reports.freshness import BranchFreshness, freshness
from cloud.reports.period import period_of, today_of
from cloud.reports.queries import sales_by, totals
from cloud.reports.schemas import BranchAge, DeviceAge, SalesGroup, SalesReport, SalesTotal
from shared.kernel.instants import Clock
from shared.kernel.permissions import Permission
from shared.sales.queries import MOST_GROUPS, By


@query(
    "get_sales_report",
    "/reports/sales",
    area=Area.REPORTS,
    rights=Permission.SEE_REPORTS,
    limit=LimitGroup.REPORT,
    summary="Sales of a period",
    example=Example(query={"from": "2026-11-01", "to": "2026-11-23", "by": "day"}),
    problems="BRANCH_UNKNOWN PERIOD_BACKWARDS PERIOD_TOO_LONG",
)
async def sales(
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    houses: NamedDependency[SkipValidation[Houses]],
    read: NamedDependency[SkipValidation[ReadSession]],
    clock: NamedDependency[SkipValidation[Clock]],
    first: Annotated[date | None, QueryParameter(name="from", description="business date; by default as `to`")] = None,
    last: Annotated[date | None, QueryParameter(name="to", description="business date; by default today")] = None,
    branch: FromQuery[UUID | None] = None,
    by: FromQuery[By] = By.BRANCH,
) -> SalesReport:
    """Give the sales of all branches that the caller may see, or of one, and the freshness of each branch's figures.

    Dates are business dates of each branch, both included, at most 400 days.
    """
    seen = chosen((await houses.of(organization_id, read)).seen_by(person), branch)
    period = period_of(first, last, today_of(seen, clock.now()))
    groups = await sales_by(read, organization_id, seen, period, by)
    return SalesReport(
        first_date=period.first,
        last_date=period.last,
        by=by,
        totals=[
            SalesTotal.model_validate(total)
            for total in await totals(read, organization_id, [branch.id for branch in seen], period)
        ],
        groups=[SalesGroup.model_validate(group) for group in groups[:MOST_GROUPS]],
        more=len(groups) > MOST_GROUPS,
        branches=[_age(fresh) for fresh in await freshness(read, organization_id, seen)],
    )


def _age(fresh: BranchFreshness) -> BranchAge:
    return BranchAge(
        branch_id=fresh.branch.id,
        name=fresh.branch.name,
        zone=fresh.branch.zone,
        last_sale_at=fresh.last_sale_at,
        last_stored_at=fresh.last_stored_at,
        waiting_changes=fresh.waiting_changes,
        parked_transactions=fresh.parked_transactions,
        devices=[DeviceAge.model_validate(device) for device in fresh.devices],
    )
