"""/login/forgot asks for a mailed link; /login/reset chooses another password; /invitation accepts an invitation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter, SkipValidation, URLEncodedBody
from litestar.response import Redirect
from pydantic import Field

from cloud.accounts.commands import LogIn
from cloud.accounts.guards import anyone, refuse_foreign_page
from cloud.accounts.links import LONGEST_LINK_CHARACTERS, Links, LinkSeen
from cloud.accounts.memberships import first_choice
from cloud.accounts.passwords import LONGEST_PASSWORD_CHARACTERS
from cloud.accounts.sessions import Sessions
from cloud.database.control_records import Account, LinkKind
from cloud.database.transaction import Database
from cloud.edge.body import Body
from cloud.edge.caller import caller_address
from cloud.edge.preferences import language_of
from cloud.edge.problem import texts_of
from cloud.entrance.browsers import BROWSER_COOKIE, SECURE_BROWSER_COOKIE, browser_cookie, known_browser, session_cookie
from cloud.mail.links import INVITATION_PATH, RESET_PATH
from cloud.pages.forms import Field as FormField
from cloud.pages.forms import Form
from cloud.pages.rendering import HOME_PATH, LOG_IN_PATH, PAGE_EXCEPTION_HANDLERS, page
from shared.kernel.errors import DomainError
from shared.kernel.language import Texts

FORGOT_PATH = f"{LOG_IN_PATH}/forgot"
AnyRequest = Request[Any, Any, Any]
_PAGE: dict[str, Any] = {
    "guards": [anyone],
    "include_in_schema": False,
    "exception_handlers": PAGE_EXCEPTION_HANDLERS,
}
_NOT_KEPT = {"Cache-Control": "no-store"}


class ForgotForm(Body):
    """What the form sends."""

    email: str = Field(max_length=254)


class ResetForm(Body):
    """What the form sends. `secret` is that of the link."""

    secret: str = Field(max_length=LONGEST_LINK_CHARACTERS)
    password: str = Field(max_length=LONGEST_PASSWORD_CHARACTERS)


class InvitationForm(ResetForm):
    """What the form sends. `name`: of somebody who has no account yet."""

    name: str = Field(default="", max_length=120)


@get(FORGOT_PATH, **_PAGE)
async def forgot_page(request: AnyRequest) -> Response[str]:
    """Ask for the e-mail address."""
    return _forgot(request)


@post(FORGOT_PATH, **_PAGE)
async def ask_link(
    request: AnyRequest,
    data: URLEncodedBody[ForgotForm],
    links: NamedDependency[SkipValidation[Links]],
    log_in: NamedDependency[SkipValidation[LogIn]],
) -> Response[str]:
    """Have a link mailed, and say the same whether there is such an account or not."""
    refuse_foreign_page(request)
    try:
        secure, address = request.app.state.settings.secure, caller_address(request)
        browser = request.cookies.get(SECURE_BROWSER_COOKIE if secure else BROWSER_COOKIE, "")
        is_known = await log_in.has_been(data.email, address, browser)
        await links.ask_reset(data.email, address, is_known=is_known)
    except DomainError as problem:
        return _forgot(request, problem)
    return page(request, "entrance/asked.html", headers=_NOT_KEPT)


@get(RESET_PATH, **_PAGE)
async def reset_page(
    request: AnyRequest,
    links: NamedDependency[SkipValidation[Links]],
    given: Annotated[str, QueryParameter(name="key")] = "",
) -> Response[str]:
    """Show the form for another password."""
    seen = await links.seen(given, LinkKind.RESET)
    return _form(request, _reset_form(texts_of(request), given, seen.email), "reset.title", "reset.explained")


@post(RESET_PATH, **_PAGE)
async def reset(
    request: AnyRequest,
    data: URLEncodedBody[ResetForm],
    links: NamedDependency[SkipValidation[Links]],
    log_in: NamedDependency[SkipValidation[LogIn]],
    sessions: NamedDependency[SkipValidation[Sessions]],
    database: NamedDependency[SkipValidation[Database]],
    tell_account: NamedDependency[SkipValidation[Callable[[UUID], None]]],
) -> Response[Any]:
    """Set the password and log this browser in; or show the form again, with the reason."""
    refuse_foreign_page(request)
    try:
        account = await links.reset(data.secret, data.password)
    except DomainError as problem:
        if problem.code == "LINK_UNKNOWN":
            raise
        t = texts_of(request)
        form = _reset_form(t, data.secret, "").answered({}, {"password": t(problem.code, **problem.params)})
        return _form(request, form, "reset.title", "reset.explained", problem)
    tell_account(account.id)
    return await _entered(request, account, log_in, sessions, database)


@get(INVITATION_PATH, **_PAGE)
async def invitation_page(
    request: AnyRequest,
    links: NamedDependency[SkipValidation[Links]],
    given: Annotated[str, QueryParameter(name="key")] = "",
) -> Response[str]:
    """Show the form: name and password of a new account, or the password of the one that there is."""
    seen = await links.seen(given, LinkKind.INVITATION)
    form = _invitation_form(texts_of(request), given, seen)
    return _form(request, form, "invitation.title", _explained(seen), organization=seen.organization)


@post(INVITATION_PATH, **_PAGE)
async def accept(
    request: AnyRequest,
    data: URLEncodedBody[InvitationForm],
    links: NamedDependency[SkipValidation[Links]],
    log_in: NamedDependency[SkipValidation[LogIn]],
    sessions: NamedDependency[SkipValidation[Sessions]],
    database: NamedDependency[SkipValidation[Database]],
    tell_account: NamedDependency[SkipValidation[Callable[[UUID], None]]],
) -> Response[Any]:
    """Accept, and log this browser in; or show the form again, with the reason."""
    refuse_foreign_page(request)
    seen = await links.seen(data.secret, LinkKind.INVITATION)
    try:
        account = await links.accept(data.secret, data.name, data.password, language_of(request).value)
    except DomainError as problem:
        if problem.code == "LINK_UNKNOWN":
            raise
        t = texts_of(request)
        wrong = {"password": t(problem.code, **problem.params)}
        form = _invitation_form(t, data.secret, seen).answered({"name": data.name}, wrong)
        return _form(request, form, "invitation.title", _explained(seen), problem, organization=seen.organization)
    tell_account(account.id)
    return await _entered(request, account, log_in, sessions, database)


async def _entered(
    request: AnyRequest, account: Account, log_in: LogIn, sessions: Sessions, database: Database
) -> Redirect:
    """Log a browser in whose person has proved that the mailbox is theirs. The second factor is asked for as ever."""
    secure, address = request.app.state.settings.secure, caller_address(request)
    browser = known_browser(request.cookies.get(SECURE_BROWSER_COOKIE if secure else BROWSER_COOKIE, ""))
    if account.totp_sealed is None:  # else the code comes first
        await log_in.remember(account.email, address, browser)
    async with database.control() as session:
        organization_id = None if account.is_operator else await first_choice(session, account.id)
    token = await sessions.open(
        account,
        organization_id,
        address=address,
        browser=request.headers.get("user-agent", ""),
        awaits_code=account.totp_sealed is not None,
    )
    cookies = [session_cookie(token, secure=secure), browser_cookie(browser, secure=secure)]
    return Redirect(HOME_PATH, status_code=303, cookies=cookies, headers=_NOT_KEPT)


def _forgot(request: AnyRequest, problem: DomainError | None = None) -> Response[str]:
    t = texts_of(request)
    form = Form(
        FORGOT_PATH,
        t("forgot.send"),
        (FormField("email", t("log_in.email"), "email", most=254, autocomplete="username"),),
        cancel_href=LOG_IN_PATH,
        sentence=t(problem.code, **problem.params) if problem is not None else "",
    )
    return _form(request, form, "forgot.title", "forgot.explained", problem)


def _reset_form(t: Texts, link: str, email: str) -> Form:
    hidden = [("secret", link), *([("username", email)] if email else [])]
    return Form(RESET_PATH, t("reset.save"), (_new_password(t),), hidden=hidden)


def _invitation_form(t: Texts, link: str, seen: LinkSeen) -> Form:
    most = LONGEST_PASSWORD_CHARACTERS
    if seen.has_account:
        fields: tuple[FormField, ...] = (
            FormField("password", t("log_in.password"), "password", most=most, autocomplete="current-password"),
        )
    else:
        fields = (FormField("name", t("invitation.name"), most=120, autocomplete="name"), _new_password(t))
    return Form(INVITATION_PATH, t("invitation.accept"), fields, hidden=(("secret", link),))


def _new_password(t: Texts) -> FormField:
    return FormField(
        "password",
        t("reset.password"),
        "password",
        hint=t("reset.hint"),
        most=LONGEST_PASSWORD_CHARACTERS,
        autocomplete="new-password",
    )


def _explained(seen: LinkSeen) -> str:
    return "invitation.with_account" if seen.has_account else "invitation.without_account"


def _form(
    request: AnyRequest,
    form: Form,
    title: str,
    explained: str,
    problem: DomainError | None = None,
    **params: object,
) -> Response[str]:
    t = texts_of(request)
    return page(
        request,
        "entrance/link_form.html",
        problem=problem,
        headers=_NOT_KEPT,
        form=form,
        title=t(title, **params),
        explained=t(explained, **params),
    )
