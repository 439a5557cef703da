"""GET /reports/sales: the sales of a period as a page for managers. Plain HTML; charts are SVG, made here."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter, SkipValidation

from cloud.accounts.branches import chosen
from cloud.accounts.guards import people
from cloud.accounts.identity import Person
from cloud.database.transaction import ReadSession
from cloud.edge.problem import texts_of
from cloud.lookups.houses import Houses
from cloud.pages.rendering import HOME_PATH, PAGE_EXCEPTION_HANDLERS, page
from cloud.reports.figures import Sums, branch_rows, figures_of
from cloud.reports.freshness import freshness
from cloud.reports.period import ONE_DAY, Period, period_of, today_of
from cloud.reports.queries import sales_by, totals
from cloud.reports.words import period as words_of_period
from shared.kernel.errors import DomainError
from shared.kernel.instants import Clock
from shared.kernel.language import Texts
from shared.kernel.permissions import Permission
from shared.kernel.text import clean
from shared.sales.queries import By

_SHOWN = (By.BRANCH, By.HOUR, By.DAY, By.METHOD, By.ITEM)


@get(
    HOME_PATH,
    guards=[people(Permission.SEE_REPORTS)],
    include_in_schema=False,
    exception_handlers=PAGE_EXCEPTION_HANDLERS,
)
async def sales_page(
    request: Request[Any, Any, Any],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    houses: NamedDependency[SkipValidation[Houses]],
    read: NamedDependency[SkipValidation[ReadSession]],
    clock: NamedDependency[SkipValidation[Clock]],
    first: Annotated[str, QueryParameter(name="from")] = "",
    last: Annotated[str, QueryParameter(name="to")] = "",
    branch: FromQuery[str] = "",
    items: FromQuery[str] = "",
) -> Response[str]:
    """Show the sales. If period or branch make no sense, the page says so and shows today's sales."""
    texts, now = texts_of(request), clock.now()
    house = await houses.of(organization_id, read)
    everywhere = house.seen_by(person)
    today, sentence, branch_id = today_of(everywhere, now), "", _branch(branch)
    try:
        branches = chosen(everywhere, branch_id)
        period = period_of(_date(first), _date(last), today)
    except DomainError as problem:
        branches, period, branch_id = everywhere, Period(today, today), None
        sentence = texts(problem.code, **problem.params)
    sums = Sums(
        totals=await totals(read, organization_id, [seen.id for seen in branches], period),
        groups={by: await sales_by(read, organization_id, branches, period, by) for by in _SHOWN},
        freshness=await freshness(read, organization_id, branches),
        branches=branches,
        period=period,
        now=now,
    )
    figures = figures_of(texts, sums, all_items=items == "all")
    return page(
        request,
        "reports/sales.html",
        status=400 if sentence else 200,
        sentence=sentence,
        organization=clean(house.name),
        period=words_of_period(texts, period),
        first=first if sentence else period.first.isoformat(),
        last=last if sentence else period.last.isoformat(),
        branches=[(str(seen.id), clean(seen.name), seen.id == branch_id) for seen in everywhere],
        shortcuts=_shortcuts(texts, None if sentence else period, today, branch_id),
        all_items_path=_path(period, branch_id, items="all"),
        figures=figures,
        idle=() if figures else branch_rows(texts, sums, (), silent_too=True),
    )


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise DomainError("DATE_WRONG") from None


def _branch(text: str) -> UUID | None:
    """The branch of a request. A text that is no id becomes an id that no branch has."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return UUID(int=0)


def _shortcuts(texts: Texts, shown: Period | None, today: date, branch: UUID | None) -> list[tuple[str, str, bool]]:
    yesterday = today - ONE_DAY
    usual = [
        (texts("reports.today"), Period(today, today)),
        (texts("reports.yesterday"), Period(yesterday, yesterday)),
        (texts("reports.seven_days"), Period(today - 6 * ONE_DAY, today)),
        (texts("reports.this_month"), Period(today.replace(day=1), today)),
    ]
    return [(name, _path(period, branch), period == shown) for name, period in usual]


def _path(period: Period, branch: UUID | None, **more: str) -> str:
    query = {"from": period.first.isoformat(), "to": period.last.isoformat()}
    if branch is not None:
        query["branch"] = str(branch)
    return f"{HOME_PATH}?{urlencode(query | more)}"
