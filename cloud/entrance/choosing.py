"""GET and POST /organizations: somebody chooses the organization that the pages show. Their session keeps the choice.

A super admin chooses any; others one of those in which they work. The program of a super admin names it in a header of
each request instead (`guards.provide_organization_id`).
"""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter, SkipValidation, URLEncodedBody
from litestar.response import Redirect
from pydantic import Field

from cloud.accounts.guards import Holder, account_holders
from cloud.accounts.memberships import Workplace, workplaces_of
from cloud.accounts.sessions import Sessions
from cloud.database.control_records import ControlOrganization
from cloud.database.transaction import Database
from cloud.edge.body import Body
from cloud.pages.rendering import CHOOSE_PATH, PAGE_EXCEPTION_HANDLERS, own_path, page
from shared.kernel.errors import DomainError
from shared.kernel.text import clean

MOST_SHOWN = 1_000
"""A page with more is of no use to anybody; the header still reaches every organization."""


class Choice(Body):
    """What the form sends. `next` is the page that was wanted."""

    organization: UUID
    next: str = Field(default="", max_length=600)


@get(CHOOSE_PATH, guards=[account_holders], include_in_schema=False, exception_handlers=PAGE_EXCEPTION_HANDLERS)
async def organizations_page(
    request: Request[Any, Any, Any],
    holder: NamedDependency[SkipValidation[Holder]],
    database: NamedDependency[SkipValidation[Database]],
    onward: Annotated[str, QueryParameter(name="next")] = "",
) -> Response[str]:
    """Show all organizations, with a button for each; to who works in none, that there is none."""
    shown = [(str(each.organization_id), each.name, each.slug) for each in await _choices(database, holder)]
    return page(
        request,
        "entrance/organizations.html",
        organizations=shown,
        onward=own_path(onward),
        is_operator=holder.session.is_operator,
    )


@post(CHOOSE_PATH, guards=[account_holders], include_in_schema=False, exception_handlers=PAGE_EXCEPTION_HANDLERS)
async def choose_organization(
    data: URLEncodedBody[Choice],
    holder: NamedDependency[SkipValidation[Holder]],
    database: NamedDependency[SkipValidation[Database]],
    sessions: NamedDependency[SkipValidation[Sessions]],
) -> Redirect:
    """Keep the choice for as long as the session, and go on to the page that was wanted."""
    if data.organization not in {each.organization_id for each in await _choices(database, holder)}:
        raise DomainError("ORGANIZATION_UNKNOWN", slug=data.organization)
    await sessions.change(holder.session, organization_id=data.organization)
    return Redirect(own_path(data.next), status_code=303)


async def _choices(database: Database, holder: Holder) -> list[Workplace]:
    """The organizations that somebody may choose."""
    async with database.control() as session:
        if not holder.session.is_operator:
            return await workplaces_of(session, holder.account_id)
        query = sa.select(ControlOrganization.id, ControlOrganization.name, ControlOrganization.slug)
        rows = await session.execute(query.order_by(ControlOrganization.name).limit(MOST_SHOWN))
        return [Workplace(row.id, clean(row.name), row.slug) for row in rows]
