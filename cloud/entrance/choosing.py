"""GET and POST /organizations: a super admin chooses the organization that the pages show. A cookie keeps the choice.

Programs name it in a header of each request instead (`guards.provide_organization_id`).
"""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import QueryParameter, SkipValidation, URLEncodedBody
from litestar.response import Redirect
from pydantic import Field

from cloud.accounts.guards import ORGANIZATION_COOKIE, SECURE_ORGANIZATION_COOKIE, people
from cloud.accounts.identity import Person
from cloud.accounts.tokens import LIFETIME
from cloud.database.control_records import ControlOrganization
from cloud.database.transaction import Database
from cloud.edge.body import Body
from cloud.pages.rendering import CHOOSE_PATH, PAGE_EXCEPTION_HANDLERS, own_path, page
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Role
from shared.kernel.text import clean

MOST_SHOWN = 1_000
"""A page with more is of no use to anybody; the header still reaches every organization."""


class Choice(Body):
    """What the form sends. `next` is the page that was wanted."""

    organization: UUID
    next: str = Field(default="", max_length=600)


@get(CHOOSE_PATH, guards=[people()], include_in_schema=False, exception_handlers=PAGE_EXCEPTION_HANDLERS)
async def organizations_page(
    request: Request[Any, Any, Any],
    person: NamedDependency[SkipValidation[Person]],
    database: NamedDependency[SkipValidation[Database]],
    onward: Annotated[str, QueryParameter(name="next")] = "",
) -> Response[str]:
    """Show the organizations by name."""
    _require_super_admin(person)
    query = sa.select(ControlOrganization.id, ControlOrganization.name, ControlOrganization.slug)
    async with database.control() as session:
        rows = (await session.execute(query.order_by(ControlOrganization.name).limit(MOST_SHOWN))).all()
    organizations = [(str(row.id), clean(row.name), row.slug) for row in rows]
    return page(request, "entrance/organizations.html", organizations=organizations, onward=own_path(onward))


@post(CHOOSE_PATH, guards=[people()], include_in_schema=False, exception_handlers=PAGE_EXCEPTION_HANDLERS)
async def choose_organization(
    request: Request[Any, Any, Any],
    data: URLEncodedBody[Choice],
    person: NamedDependency[SkipValidation[Person]],
    database: NamedDependency[SkipValidation[Database]],
) -> Redirect:
    """Keep the choice for as long as the session, and go on to the page that was wanted."""
    _require_super_admin(person)
    async with database.control() as session:
        if await session.get(ControlOrganization, data.organization) is None:
            raise DomainError("ORGANIZATION_UNKNOWN", slug=data.organization)
    cookie = organization_cookie(str(data.organization), secure=request.app.state.settings.secure)
    return Redirect(own_path(data.next), status_code=303, cookies=[cookie])


def organization_cookie(value: str, *, secure: bool) -> Cookie:
    """The cookie that holds the choice. It gives no right by itself."""
    return Cookie(
        key=SECURE_ORGANIZATION_COOKIE if secure else ORGANIZATION_COOKIE,
        value=value,
        max_age=int(LIFETIME.total_seconds()) if value else 0,
        path="/",
        httponly=True,
        secure=secure,
        samesite="lax",
    )


def _require_super_admin(person: Person) -> None:
    if person.role is not Role.SUPER_ADMIN:
        raise DomainError("NOT_PERMITTED", permission=Role.SUPER_ADMIN)
