"""POST /api/v1/session logs a program in, GET says who it is, POST .../refresh goes on, POST .../end logs out.

Browsers log in at `/login` and have a session of their own (`accounts/sessions.py`).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import JSONBody, SkipValidation

from cloud.accounts.commands import LogIn
from cloud.accounts.identity import Person
from cloud.accounts.memberships import workplaces_of
from cloud.accounts.refreshing import Refreshing
from cloud.accounts.second_factor import SecondFactor
from cloud.database.control_records import Account
from cloud.database.transaction import Database
from cloud.edge.caller import caller_address
from cloud.edge.operation import Again, Area, Example, LimitGroup, Reach, Who, command, query
from cloud.entrance.schemas import Caller, Credentials, RefreshToken, Session
from shared.kernel.errors import DomainError

MOST_NAMED = 20
"""Organizations that a refusal names to who works in several."""
_NOT_KEPT = {"Cache-Control": "no-store"}


@command(
    "log_in",
    "POST /session",
    area=Area.ACCOUNTS,
    who=Who.ANYONE,
    reach=Reach.NOBODY,
    limit=LimitGroup.ENTER,
    again=Again.ANEW,
    summary="Log in",
    example=Example({"email": "ana@el-faro.pe", "password": "correct horse battery staple"}),
    problems="CODE_NEEDED CODE_WRONG LOG_IN_HELD NO_WORKPLACE ORGANIZATION_NOT_NAMED TOO_MANY_TRIES"
    " WRONG_EMAIL_OR_PASSWORD",
)
async def open_session(
    request: Request[Any, Any, Any],
    data: JSONBody[Credentials],
    log_in: NamedDependency[SkipValidation[LogIn]],
    second_factor: NamedDependency[SkipValidation[SecondFactor]],
    refreshing: NamedDependency[SkipValidation[Refreshing]],
    database: NamedDependency[SkipValidation[Database]],
) -> Response[Session]:
    """Give a token of 15 minutes, and one for the next, for an e-mail address and its password."""
    address = caller_address(request)
    account = await log_in.enter(data.email, data.password, address)
    if account.totp_sealed is not None:
        if not data.code:
            raise DomainError("CODE_NEEDED")
        await second_factor.check(account.id, data.code)
        await log_in.remember(account.email, address, "")
    organization_id = await _organization(database, account, data.organization)
    given = await refreshing.begin(
        account, organization_id, address=address, program=request.headers.get("user-agent", "")
    )
    return Response(Session.of(given), headers=_NOT_KEPT)


@query(
    "get_session",
    "/session",
    area=Area.ACCOUNTS,
    reach=Reach.SELF,
    is_for_keys=False,
    summary="Say who is logged in",
)
async def this_session(person: NamedDependency[SkipValidation[Person]]) -> Response[Caller]:
    """Say who the token is of, with all branches of theirs, as things stand now."""
    caller = Caller(
        account_id=person.account_id,
        name=person.name,
        role=person.role,
        organization_id=person.organization_id,
        branches=sorted(person.branches),
    )
    return Response(caller, headers=_NOT_KEPT)


@command(
    "refresh_session",
    "POST /session/refresh",
    area=Area.ACCOUNTS,
    who=Who.ANYONE,
    reach=Reach.NOBODY,
    limit=LimitGroup.ENTER,
    again=Again.ANEW,
    summary="Stay logged in",
    problems="NOT_SIGNED_IN",
)
async def refresh_session(
    data: JSONBody[RefreshToken], refreshing: NamedDependency[SkipValidation[Refreshing]]
) -> Response[Session]:
    """Give the next tokens for a refresh token. One that was used before ends all that follow from that log-in."""
    return Response(Session.of(await refreshing.turn(data.refresh_token)), headers=_NOT_KEPT)


@command(
    "end_session",
    "POST /session/end",
    area=Area.ACCOUNTS,
    who=Who.ANYONE,
    reach=Reach.NOBODY,
    limit=LimitGroup.ENTER,
    again=Again.SAME,
    status=204,
    summary="Log out",
)
async def end_session(
    data: JSONBody[RefreshToken], refreshing: NamedDependency[SkipValidation[Refreshing]]
) -> Response[None]:
    """End all that follows from a log-in. The access token holds until its end."""
    await refreshing.end(data.refresh_token)
    return Response(None, status_code=204)


async def _organization(database: Database, account: Account, slug: str) -> UUID | None:
    """The organization of a log-in: that of the short name, else the only one.

    Raises:
        DomainError: NO_WORKPLACE, ORGANIZATION_NOT_NAMED (params: known).
    """
    if account.is_operator:
        return None
    async with database.control() as session:
        workplaces = await workplaces_of(session, account.id)
    named = [each for each in workplaces if not slug or each.slug == slug]
    if not named:
        raise DomainError("NO_WORKPLACE")
    if len(named) > 1:
        slugs = [each.slug for each in named[:MOST_NAMED]]
        known = ", ".join([*slugs, *(["…"] if len(named) > MOST_NAMED else [])])
        raise DomainError("ORGANIZATION_NOT_NAMED", known=known)
    return named[0].organization_id
