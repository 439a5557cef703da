"""POST /api/v1/session logs a person in, DELETE logs a browser out."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, delete, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import JSONBody, SkipValidation

from cloud.accounts.commands import LogIn
from cloud.accounts.guards import COOKIE, SECURE_COOKIE, anyone
from cloud.accounts.tokens import LIFETIME
from cloud.edge.caller import caller_address
from cloud.entrance.schemas import Credentials, Session


def session_cookie(value: str, *, secure: bool) -> Cookie:
    """The cookie that holds a browser's token. Scripts cannot read it, and it is sent to our own pages only."""
    return Cookie(
        key=SECURE_COOKIE if secure else COOKIE,
        value=value,
        max_age=int(LIFETIME.total_seconds()) if value else 0,
        path="/",
        httponly=True,
        secure=secure,
        samesite="lax",
    )


@post(
    "/session",
    status_code=200,
    guards=[anyone],
    summary="Log in",
    tags=["accounts"],
    problems="LOG_IN_HELD WRONG_EMAIL_OR_PASSWORD TOO_MANY_TRIES",
)
async def open_session(
    request: Request[Any, Any, Any],
    data: JSONBody[Credentials],
    log_in: NamedDependency[SkipValidation[LogIn]],
) -> Response[Session]:
    """Give a token of 15 minutes for an e-mail address and its password."""
    entered = await log_in.enter(data.email, data.password, caller_address(request))
    account = entered.account
    session = Session(
        token=entered.token,
        expires_at=entered.expires_at,
        account_id=account.id,
        name=account.name,
        role=account.role,
        organization_id=account.organization_id,
        branches=account.branches,
    )
    cookie = session_cookie(entered.token, secure=request.app.state.settings.secure)
    return Response(session, cookies=[cookie], headers={"Cache-Control": "no-store"})


@delete("/session", guards=[anyone], summary="Log out", tags=["accounts"])
async def close_session(request: Request[Any, Any, Any]) -> Response[None]:
    """Delete the browser's cookie."""
    return Response(None, cookies=[session_cookie("", secure=request.app.state.settings.secure)], status_code=204)
