"""GET /reports/sales: the sales of a period as a page for managers. Plain HTML; charts are SVG, made here."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter, SkipValidation

from cloud.accounts.branches import branch_called, called
from cloud.accounts.guards import people
from cloud.database.transaction import ReadSession
from cloud.edge.problem import texts_of
from cloud.pages.addresses import Address
from cloud.pages.forms import Field, Form
from cloud.pages.frame import Frame
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
    frame: NamedDependency[SkipValidation[Frame]],
    organization_id: NamedDependency[UUID],
    read: NamedDependency[SkipValidation[ReadSession]],
    clock: NamedDependency[SkipValidation[Clock]],
    first: Annotated[str, QueryParameter(name="from")] = "",
    last: Annotated[str, QueryParameter(name="to")] = "",
    branch: FromQuery[str] = "",
    items: FromQuery[str] = "",
) -> Response[str]:
    """Show the sales. If period or branch make no sense, the page says so and shows today's sales."""
    texts, now = texts_of(request), clock.now()
    everywhere = list(frame.branches)
    today, sentence, named = today_of(everywhere, now), "", ""
    try:
        only = branch_called(everywhere, branch)
        branches, named = [only] if only else everywhere, called(everywhere, only)
        period = period_of(_date(first), _date(last), today)
    except DomainError as problem:
        branches, period = everywhere, Period(today, today)
        sentence = texts(problem.code, **problem.params)
    sums = Sums(
        totals=await totals(read, organization_id, [seen.id for seen in branches], period),
        groups={by: await sales_by(read, organization_id, branches, period, by) for by in _SHOWN},
        freshness=await freshness(read, organization_id, branches),
        branches=branches,
        period=period,
        now=now,
    )
    shown = (first, last) if sentence else (period.first.isoformat(), period.last.isoformat())
    figures = figures_of(texts, sums, all_items=items == "all")
    return page(
        request,
        "reports/sales.html",
        status=400 if sentence else 200,
        frame=frame,
        sentence=sentence,
        period=words_of_period(texts, period),
        filter=_filter(texts, *shown, named),
        has_branches=bool(everywhere),
        shortcuts=_shortcuts(texts, None if sentence else period, today, named),
        all_items_path=str(_address(period, named).but(items="all")),
        figures=figures,
        idle=() if figures else branch_rows(texts, sums, (), silent_too=True),
    )


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise DomainError("DATE_WRONG") from None


def _filter(texts: Texts, first: str, last: str, branch: str) -> Form:
    fields = (
        Field("from", texts("reports.from"), "date", first),
        Field("to", texts("reports.to"), "date", last),
    )
    hidden = [("branch", branch)] if branch else []
    return Form(HOME_PATH, texts("reports.show"), fields, hidden)


def _shortcuts(texts: Texts, shown: Period | None, today: date, branch: str) -> list[tuple[str, str, bool]]:
    yesterday = today - ONE_DAY
    usual = [
        (texts("reports.today"), Period(today, today)),
        (texts("reports.yesterday"), Period(yesterday, yesterday)),
        (texts("reports.seven_days"), Period(today - 6 * ONE_DAY, today)),
        (texts("reports.this_month"), Period(today.replace(day=1), today)),
    ]
    return [(name, str(_address(period, branch)), period == shown) for name, period in usual]


def _address(period: Period, branch: str) -> Address:
    query = {"from": period.first.isoformat(), "to": period.last.isoformat(), "branch": branch}
    return Address(HOME_PATH, query)
