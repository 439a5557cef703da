"""The log-in page: GET and POST /login and /login/code, GET /login/entered, POST /logout.

Logging in itself is `accounts.commands`; what a browser is given then, `accounts.sessions`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter, SkipValidation, URLEncodedBody
from litestar.response import Redirect
from pydantic import Field

from cloud.accounts.commands import LogIn
from cloud.accounts.guards import Holder, anyone, identify_holder, refuse_foreign_page, session_token
from cloud.accounts.memberships import first_choice
from cloud.accounts.own_account import OwnAccount
from cloud.accounts.passwords import LONGEST_PASSWORD_CHARACTERS
from cloud.accounts.second_factor import SecondFactor
from cloud.accounts.sessions import Sessions
from cloud.database.transaction import Database
from cloud.edge.body import Body
from cloud.edge.caller import caller_address
from cloud.edge.preferences import LANGUAGE_COOKIE, preference_cookie
from cloud.edge.problem import texts_of
from cloud.edge.statuses import headers_of, status_of
from cloud.entrance.browsers import (
    BROWSER_COOKIE,
    SECURE_BROWSER_COOKIE,
    browser_cookie,
    known_browser,
    session_cookie,
)
from cloud.entrance.schemas import LONGEST_CODE_CHARACTERS
from cloud.pages.rendering import CODE_PATH, LOG_IN_PATH, PAGE_EXCEPTION_HANDLERS, own_path, page
from shared.kernel.errors import DomainError

LONGEST_PASS_CHARACTERS = 100
ENTERED_PATH = f"{LOG_IN_PATH}/entered"


class LogInForm(Body):
    """What the form sends. `next` is the page that was wanted, `given` the pass of an operator's link."""

    email: str = Field(max_length=254)
    password: str = Field(max_length=LONGEST_PASSWORD_CHARACTERS)
    next: str = Field(default="", max_length=600)
    given: str = Field(default="", max_length=LONGEST_PASS_CHARACTERS)


@get(LOG_IN_PATH, guards=[anyone], include_in_schema=False, exception_handlers=PAGE_EXCEPTION_HANDLERS)
async def log_in_page(
    request: Request[Any, Any, Any],
    onward: Annotated[str, QueryParameter(name="next")] = "",
    given: Annotated[str, QueryParameter(name="pass")] = "",
) -> Response[str]:
    """Show the form."""
    return _form(request, onward=own_path(onward), given=given[:LONGEST_PASS_CHARACTERS])


@post(LOG_IN_PATH, guards=[anyone], include_in_schema=False, exception_handlers=PAGE_EXCEPTION_HANDLERS)
async def enter(
    request: Request[Any, Any, Any],
    data: URLEncodedBody[LogInForm],
    log_in: NamedDependency[SkipValidation[LogIn]],
    sessions: NamedDependency[SkipValidation[Sessions]],
    database: NamedDependency[SkipValidation[Database]],
) -> Response[Any]:
    """Log somebody in and go on to the page that they wanted; or show the form again, with the reason."""
    refuse_foreign_page(request)  # otherwise another site could log its visitors in to an account of its own
    onward = own_path(data.next)
    secure = request.app.state.settings.secure
    browser = known_browser(request.cookies.get(SECURE_BROWSER_COOKIE if secure else BROWSER_COOKIE, ""))
    address = caller_address(request)
    try:
        account = await log_in.enter(data.email, data.password, address, browser, data.given)
    except DomainError as problem:
        status = status_of(problem.code)
        return _form(
            request,
            status=status,
            headers=headers_of(status, problem.params),
            email=data.email,
            onward=onward,
            given=data.given,
            sentence=texts_of(request)(problem.code, **problem.params),
        )
    async with database.control() as session:
        organization_id = None if account.is_operator else await first_choice(session, account.id)
    token = await sessions.open(
        account,
        organization_id,
        address=address,
        browser=request.headers.get("user-agent", ""),
        awaits_code=account.totp_sealed is not None,
    )
    await sessions.end_token(session_token(request) or "")
    cookies = [session_cookie(token, secure=secure), browser_cookie(browser, secure=secure)]
    if account.language:
        cookies.append(preference_cookie(request, LANGUAGE_COOKIE, account.language))
    check = f"{ENTERED_PATH}?{urlencode({'next': onward})}"
    return Redirect(check, status_code=303, cookies=cookies, headers={"Cache-Control": "no-store"})


@get(ENTERED_PATH, guards=[anyone], include_in_schema=False, exception_handlers=PAGE_EXCEPTION_HANDLERS)
async def entered(
    request: Request[Any, Any, Any], onward: Annotated[str, QueryParameter(name="next")] = ""
) -> Response[Any]:
    """Go on, if the browser brings the cookie that it was given; else say why nobody can log in like this."""
    onward = own_path(onward)
    try:
        await identify_holder(request)
    except DomainError as problem:
        if problem.code == "CODE_NEEDED":
            raise
        texts, public = texts_of(request), request.app.state.settings.public_url
        secure = request.app.state.settings.secure
        sentence = texts("log_in.other_address", address=public) if public and secure else texts("log_in.no_cookies")
        return _form(request, status=400, onward=onward, sentence=sentence)
    return Redirect(onward, status_code=303, headers={"Cache-Control": "no-store"})


def _form(
    request: Request[Any, Any, Any],
    *,
    onward: str,
    status: int = 200,
    headers: Mapping[str, str] = MappingProxyType({}),
    email: str = "",
    given: str = "",
    sentence: str = "",
) -> Response[str]:
    """The form, with what was typed and what is wrong."""
    shown: dict[str, Any] = {"email": email, "onward": onward, "given": given, "sentence": sentence}
    return page(request, "entrance/log_in.html", status=status, headers=headers, **shown)


class CodeForm(Body):
    """What the form for the second factor sends."""

    code: str = Field(max_length=LONGEST_CODE_CHARACTERS)
    next: str = Field(default="", max_length=600)


@get(CODE_PATH, guards=[anyone], include_in_schema=False, exception_handlers=PAGE_EXCEPTION_HANDLERS)
async def code_page(
    request: Request[Any, Any, Any], onward: Annotated[str, QueryParameter(name="next")] = ""
) -> Response[Any]:
    """Ask for the second factor."""
    holder = await identify_holder(request, may_await_code=True)
    if not holder.session.awaits_code:
        return Redirect(own_path(onward), status_code=303)
    return _code_form(request, onward=own_path(onward))


@post(CODE_PATH, guards=[anyone], include_in_schema=False, exception_handlers=PAGE_EXCEPTION_HANDLERS)
async def give_code(
    request: Request[Any, Any, Any],
    data: URLEncodedBody[CodeForm],
    second_factor: NamedDependency[SkipValidation[SecondFactor]],
    sessions: NamedDependency[SkipValidation[Sessions]],
    log_in: NamedDependency[SkipValidation[LogIn]],
    own_account: NamedDependency[SkipValidation[OwnAccount]],
) -> Response[Any]:
    """Take the second factor and go on, or ask for it again with the reason."""
    holder: Holder = await identify_holder(request, may_await_code=True)
    onward = own_path(data.next)
    secure = request.app.state.settings.secure
    browser = request.cookies.get(SECURE_BROWSER_COOKIE if secure else BROWSER_COOKIE, "")
    email = (await own_account.read(holder.account_id)).email
    try:
        place = browser if await log_in.knows(email, browser) else ""
        await second_factor.check(holder.account_id, data.code, place)
    except DomainError as problem:
        status = status_of(problem.code)
        sentence = texts_of(request)(problem.code, **problem.params)
        return _code_form(
            request, status=status, headers=headers_of(status, problem.params), onward=onward, sentence=sentence
        )
    if browser == known_browser(browser):
        await log_in.remember(email, caller_address(request), browser)
    await sessions.admit(holder.session)
    return Redirect(onward, status_code=303, headers={"Cache-Control": "no-store"})


def _code_form(
    request: Request[Any, Any, Any],
    *,
    onward: str,
    status: int = 200,
    headers: Mapping[str, str] = MappingProxyType({}),
    sentence: str = "",
) -> Response[str]:
    return page(request, "entrance/code.html", status=status, headers=headers, onward=onward, sentence=sentence)


@post("/logout", guards=[anyone], include_in_schema=False, exception_handlers=PAGE_EXCEPTION_HANDLERS)
async def leave(request: Request[Any, Any, Any], sessions: NamedDependency[SkipValidation[Sessions]]) -> Redirect:
    """End the session of this browser, with its sockets."""
    refuse_foreign_page(request)
    await sessions.end_token(session_token(request) or "")
    cookies = [session_cookie("", secure=request.app.state.settings.secure)]
    return Redirect(LOG_IN_PATH, status_code=303, cookies=cookies)
