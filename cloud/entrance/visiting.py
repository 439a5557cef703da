"""How a super admin enters an organization and leaves it: the page that asks why, and POST /organizations/leave."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, SkipValidation
from litestar.response import Redirect
from pydantic import Field

from cloud.accounts.guards import Holder, account_holders, made_for
from cloud.accounts.identity import Person
from cloud.accounts.memberships import Workplace
from cloud.accounts.sessions import Sessions
from cloud.accounts.standings import Standings
from cloud.accounts.visits import LONGEST_REASON_CHARACTERS, Visits
from cloud.edge.body import Body
from cloud.edge.operation import Again, Area, Example, Reach, command
from cloud.edge.problem import texts_of
from cloud.entrance.schemas import VisitBegun
from cloud.pages.forms import Field as FormField
from cloud.pages.forms import Form
from cloud.pages.rendering import CHOOSE_PATH, PAGE_EXCEPTION_HANDLERS, page
from shared.kernel.errors import DomainError

LEAVE_PATH = f"{CHOOSE_PATH}/leave"


class VisitWanted(Body):
    """Where a super admin wants to go, and why: the people of the organization read it."""

    organization: UUID
    reason: str = Field(max_length=600)


@post(LEAVE_PATH, guards=[account_holders], include_in_schema=False, exception_handlers=PAGE_EXCEPTION_HANDLERS)
async def leave_organization(
    request: Request[Any, Any, Any],
    holder: NamedDependency[SkipValidation[Holder]],
    sessions: NamedDependency[SkipValidation[Sessions]],
    visits: NamedDependency[SkipValidation[Visits]],
) -> Redirect:
    """End the visit of a super admin that the page tells of, in all their browsers and programs.

    In another window they may have entered another organization since: there they stay.
    """
    chosen = holder.session.organization_id
    left = made_for(request) or chosen
    if holder.session.is_operator and left is not None:
        await visits.end(holder.account_id, left)
        if left == chosen:
            await sessions.change(holder.session, organization_id=None)
    return Redirect(CHOOSE_PATH, status_code=303)


@command(
    "begin_visit",
    "POST /visits",
    area=Area.ACCOUNTS,
    reach=Reach.SELF,
    is_for_keys=False,
    again=Again.ANEW,
    status=201,
    summary="Enter an organization as a super admin",
    example=Example({"organization": "00000000-0000-7000-8000-000000000000", "reason": "Ticket 4711"}),
    problems="NOT_PERMITTED ORGANIZATION_UNKNOWN REASON_MISSING SECOND_FACTOR_MISSING",
)
async def begin_visit(
    data: JSONBody[VisitWanted],
    person: NamedDependency[SkipValidation[Person]],
    visits: NamedDependency[SkipValidation[Visits]],
) -> VisitBegun:
    """Enter for an hour. The reason stands in the audit of the organization."""
    begun = await visits.begin(person.account_id, data.organization, data.reason)
    return VisitBegun(organization_id=begun.organization_id, ends_at=begun.ends_at)


async def is_visiting(
    request: Request[Any, Any, Any], standings: Standings, holder: Holder, organization_id: UUID
) -> bool:
    """Whether the pages of a super admin show that organization now."""
    if holder.session.organization_id != organization_id:
        return False
    standing, now = await standings.of(holder.account_id, None), request.app.state.clock.now()
    return standing is not None and standing.visit(organization_id, now) is not None


def visit_page(
    request: Request[Any, Any, Any], to: Workplace, onward: str, problem: DomainError | None = None
) -> Response[str]:
    """Ask a super admin why they enter."""
    t = texts_of(request)
    field = FormField("reason", t("visit.reason"), hint=t("visit.hint"), most=LONGEST_REASON_CHARACTERS)
    hidden = (("organization", str(to.organization_id)), ("next", onward))
    form = Form(CHOOSE_PATH, t("visit.enter"), (field,), hidden=hidden, cancel_href=CHOOSE_PATH)
    form = form.refused(t, problem, field="reason")
    return page(request, "entrance/visit.html", organization=to.name, form=form, problem=problem)
