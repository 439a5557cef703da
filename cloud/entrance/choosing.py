"""GET and POST /organizations: somebody chooses the organization that the pages show. Their session keeps the choice.

GET /o/{short name}?next=/devices is the address of a page with its organization in it.

Who works in several chooses one. A super admin visits any, for an hour and a reason (`accounts/visits.py`), and
leaves it by POST /organizations/leave.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter, SkipValidation, URLEncodedBody
from litestar.response import Redirect
from pydantic import Field

from cloud.accounts.guards import Holder, account_holders, require_fresh_proof
from cloud.accounts.memberships import Workplace, workplaces_of
from cloud.accounts.sessions import Sessions
from cloud.accounts.standings import Standings
from cloud.accounts.visits import Visits
from cloud.control.plans import PLANS
from cloud.control.slugs import organization_by_slug, slug_of
from cloud.database.control_records import ControlOrganization, DeviceKey
from cloud.database.transaction import Database
from cloud.edge.body import Body
from cloud.edge.problem import texts_of
from cloud.entrance.visiting import is_visiting, visit_page
from cloud.pages.addresses import Address
from cloud.pages.rendering import CHOOSE_PATH, PAGE_EXCEPTION_HANDLERS, own_path, page
from shared.kernel.errors import DomainError
from shared.kernel.language import Texts
from shared.kernel.text import clean, search_key

ORGANIZATION_ADDRESS = "/o"
MOST_SHOWN = 50
NOTHING: Mapping[UUID, str] = MappingProxyType({})
_FURTHEST = 1_000_000
"""Of a part of the list: nobody pages so far."""


class Choice(Body):
    """What the form sends. `next` is the page that was wanted."""

    organization: UUID
    next: str = Field(default="", max_length=600)
    reason: str = Field(default="", max_length=600)


@get(CHOOSE_PATH, guards=[account_holders], include_in_schema=False, exception_handlers=PAGE_EXCEPTION_HANDLERS)
async def organizations_page(
    request: Request[Any, Any, Any],
    holder: NamedDependency[SkipValidation[Holder]],
    database: NamedDependency[SkipValidation[Database]],
    standings: NamedDependency[SkipValidation[Standings]],
    onward: Annotated[str, QueryParameter(name="next")] = "",
    q: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[str]:
    """Show a part of the organizations that a search finds, with a button for each; or that there is none."""
    words, wanted = clean(q), own_path(onward)
    skip = min(int(after), _FURTHEST) if after.isdecimal() and len(after) < 8 else 0
    found = await _choices(database, holder, words, skip)
    shown = found[:MOST_SHOWN]
    about = await _about(database, texts_of(request), shown) if holder.session.is_operator else {}
    if not holder.session.is_operator:  # who was dismissed finds no button that leads back here
        shown = [each for each in shown if await standings.of(holder.account_id, each.organization_id) is not None]
    address = Address(CHOOSE_PATH, {"next": wanted if onward else "", "q": words})
    return _page(
        request,
        holder,
        shown,
        wanted,
        about=about,
        words=words,
        has_search=bool(words or skip or len(found) > MOST_SHOWN),
        first_path=str(address) if skip else "",
        next_path=str(address.but(after=str(skip + MOST_SHOWN))) if len(found) > MOST_SHOWN else "",
    )


@get(
    ORGANIZATION_ADDRESS + "/{slug:str}",
    guards=[account_holders],
    include_in_schema=False,
    exception_handlers=PAGE_EXCEPTION_HANDLERS,
)
async def organization_address(
    request: Request[Any, Any, Any],
    slug: FromPath[str],
    holder: NamedDependency[SkipValidation[Holder]],
    database: NamedDependency[SkipValidation[Database]],
    standings: NamedDependency[SkipValidation[Standings]],
    onward: Annotated[str, QueryParameter(name="next")] = "",
) -> Response[Any]:
    """Lead to a page of the organization with that short name: at once where it is chosen, else by one button.

    So a link says whose page it is, and no link of a stranger changes where somebody works.

    Raises:
        DomainError: ORGANIZATION_UNKNOWN (params: slug), also if the reader does not work there.
    """
    wanted = own_path(onward)
    async with database.control() as session:
        found = await organization_by_slug(session, slug.lower())
    allowed = found is not None and await _may_choose(database, holder, found.id)
    if found is None or not allowed:
        raise DomainError("ORGANIZATION_UNKNOWN", slug=slug)
    if found.slug != slug:
        to = Address(f"{ORGANIZATION_ADDRESS}/{found.slug}", {"next": wanted if onward else ""})
        return Redirect(str(to), status_code=301, headers={"Cache-Control": "no-store"})
    here = Workplace(found.id, clean(found.name), found.slug)
    if holder.session.is_operator:
        await require_fresh_proof(request)
        if await is_visiting(request, standings, holder, found.id):
            return Redirect(wanted, status_code=303, headers={"Cache-Control": "no-store"})
        return visit_page(request, here, wanted)
    if holder.session.organization_id == found.id:
        return Redirect(wanted, status_code=303, headers={"Cache-Control": "no-store"})
    return _page(request, holder, [here], wanted)


@post(CHOOSE_PATH, guards=[account_holders], include_in_schema=False, exception_handlers=PAGE_EXCEPTION_HANDLERS)
async def choose_organization(
    request: Request[Any, Any, Any],
    data: URLEncodedBody[Choice],
    holder: NamedDependency[SkipValidation[Holder]],
    database: NamedDependency[SkipValidation[Database]],
    sessions: NamedDependency[SkipValidation[Sessions]],
    visits: NamedDependency[SkipValidation[Visits]],
) -> Response[Any]:
    """Keep the choice for as long as the session, and go on to the page that was wanted.

    A super admin gives a reason, and a password or code if they gave none for a while.
    """
    wanted = own_path(data.next)
    if not await _may_choose(database, holder, data.organization):
        raise DomainError("ORGANIZATION_UNKNOWN", slug=data.organization)
    if holder.session.is_operator:
        await require_fresh_proof(request)
        try:
            await visits.begin(holder.account_id, data.organization, data.reason)
        except DomainError as problem:
            if problem.code != "REASON_MISSING":
                raise
            async with database.control() as session:
                row = await session.get_one(ControlOrganization, data.organization)
            return visit_page(request, Workplace(row.id, clean(row.name), row.slug), wanted, problem)
    await sessions.choose(holder.session, data.organization)
    return Redirect(wanted, status_code=303)


def _page(
    request: Request[Any, Any, Any],
    holder: Holder,
    found: Sequence[Workplace],
    onward: str,
    *,
    about: Mapping[UUID, str] = NOTHING,
    words: str = "",
    has_search: bool = False,
    first_path: str = "",
    next_path: str = "",
) -> Response[str]:
    return page(
        request,
        "entrance/organizations.html",
        organizations=[
            (str(each.organization_id), each.name, each.slug, about.get(each.organization_id, "")) for each in found
        ],
        onward=onward,
        is_operator=holder.session.is_operator,
        q=words,
        has_search=has_search,
        first_path=first_path,
        next_path=next_path,
    )


async def _choices(database: Database, holder: Holder, words: str, skip: int) -> list[Workplace]:
    """A part of the organizations that somebody may choose, and one more if there are more."""
    async with database.control() as session:
        if not holder.session.is_operator:
            key = search_key(words)
            every = await workplaces_of(session, holder.account_id)
            found = [each for each in every if key in search_key(each.name) or key in each.slug]
            return found[skip : skip + MOST_SHOWN + 1]
        query = sa.select(ControlOrganization.id, ControlOrganization.name, ControlOrganization.slug)
        if words:
            is_called = ControlOrganization.name.icontains(words, autoescape=True)
            query = query.where(sa.or_(is_called, ControlOrganization.slug.contains(slug_of(words), autoescape=True)))
        query = query.order_by(ControlOrganization.name, ControlOrganization.id)
        rows = await session.execute(query.offset(skip).limit(MOST_SHOWN + 1))
        return [Workplace(row.id, clean(row.name), row.slug) for row in rows]


async def _about(database: Database, t: Texts, shown: Sequence[Workplace]) -> dict[UUID, str]:
    """What a super admin is told of each: its plan, whether it is in use, its devices. One statement for all."""
    in_use = sa.select(sa.func.count()).where(
        DeviceKey.organization_id == ControlOrganization.id, DeviceKey.revoked_at.is_(None)
    )
    columns = (ControlOrganization.id, ControlOrganization.tier, ControlOrganization.suspended_at)
    query = sa.select(*columns, ControlOrganization.closed_at, in_use.scalar_subquery().label("devices"))
    async with database.control() as session:
        rows = await session.execute(query.where(ControlOrganization.id.in_([each.organization_id for each in shown])))
        return {row.id: _said_of(t, row) for row in rows}


def _said_of(t: Texts, row: Any) -> str:
    said = [PLANS[row.tier].name, t("organizations.devices", count=row.devices)]
    if row.closed_at is not None:
        said.append(t("organizations.closed"))
    elif row.suspended_at is not None:
        said.append(t("organizations.suspended"))
    return " · ".join(said)


async def _may_choose(database: Database, holder: Holder, organization_id: UUID) -> bool:
    async with database.control() as session:
        if not holder.session.is_operator:
            return organization_id in {each.organization_id for each in await workplaces_of(session, holder.account_id)}
        return await session.get(ControlOrganization, organization_id) is not None
