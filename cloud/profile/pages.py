"""/profile: a person's own account, and where they are logged in; /profile/password, /profile/proof."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter, SkipValidation, URLEncodedBody
from litestar.response import Redirect
from pydantic import Field

from cloud.accounts.guards import Holder, account_holders, identify
from cloud.accounts.own_account import OwnAccount
from cloud.accounts.passwords import LONGEST_PASSWORD_CHARACTERS
from cloud.accounts.refreshing import Refreshing
from cloud.accounts.second_factor import SecondFactor
from cloud.accounts.sessions import Sessions
from cloud.edge.body import Body
from cloud.edge.preferences import LANGUAGE_COOKIE, preference_cookie
from cloud.edge.problem import texts_of
from cloud.pages import words
from cloud.pages.forms import Field as FormField
from cloud.pages.forms import Form
from cloud.pages.rendering import LOG_IN_PATH, PAGE_EXCEPTION_HANDLERS, PROFILE_PATH, PROOF_PATH, own_path, page
from shared.kernel.errors import DomainError
from shared.kernel.language import Language, Texts
from shared.kernel.text import clean

PASSWORD_PATH = f"{PROFILE_PATH}/password"
AnyRequest = Request[Any, Any, Any]
_PAGE: dict[str, Any] = {
    "guards": [account_holders],
    "include_in_schema": False,
    "exception_handlers": PAGE_EXCEPTION_HANDLERS,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is logged in, as the page shows it.

    Attributes:
        end_path: a form sent there ends it.
        is_this: the browser that looks.
    """

    name: str
    seen: str
    begun: str
    address: str
    end_path: str
    is_this: bool


@get(PROFILE_PATH, **_PAGE)
async def profile_page(
    request: AnyRequest,
    holder: NamedDependency[SkipValidation[Holder]],
    own_account: NamedDependency[SkipValidation[OwnAccount]],
    second_factor: NamedDependency[SkipValidation[SecondFactor]],
    sessions: NamedDependency[SkipValidation[Sessions]],
    refreshing: NamedDependency[SkipValidation[Refreshing]],
    done: Annotated[str, QueryParameter(name="done")] = "",
) -> Response[str]:
    """Show the account, and every browser and program in which it is logged in."""
    with suppress(DomainError):
        await identify(request)  # so that the frame knows what else they may open
    t, now = texts_of(request), request.app.state.clock.now()
    account = await own_account.read(holder.account_id)
    places = [
        Place(
            name=browser_name(t, each.browser),
            seen=words.age(t, each.seen_at, now),
            begun=words.age(t, each.made_at, now),
            address=each.address,
            end_path=f"{PROFILE_PATH}/sessions/{each.id}/end",
            is_this=each.id == holder.session.id,
        )
        for each in await sessions.open_sessions(holder.account_id)
    ]
    programs = [
        Place(
            name=each.program or t("profile.some_program"),
            seen=words.age(t, each.turned_at, now),
            begun=words.age(t, each.made_at, now),
            address=each.address,
            end_path=f"{PROFILE_PATH}/programs/{each.id}/end",
            is_this=False,
        )
        for each in await refreshing.programs_of(holder.account_id)
    ]
    has_code = account.totp_sealed is not None
    return page(
        request,
        "profile/profile.html",
        account_name=clean(account.name),
        email=account.email,
        has_code=has_code,
        codes_left=await second_factor.recovery_codes_left(holder.account_id) if has_code else 0,
        account_language=account.language,
        browsers=places,
        programs=programs,
        done=t(f"profile.done.{done}") if done in DONE else "",
    )


DONE = frozenset({"password", "ended", "language", "removed"})


class LanguageForm(Body):
    """What the form sends."""

    language: Literal["es", "en", ""] = ""


@post(f"{PROFILE_PATH}/language", **_PAGE)
async def set_language(
    request: AnyRequest,
    data: URLEncodedBody[LanguageForm],
    holder: NamedDependency[SkipValidation[Holder]],
    own_account: NamedDependency[SkipValidation[OwnAccount]],
) -> Redirect:
    """Choose the language of pages, here and where the person logs in next, and of mails."""
    await own_account.set_language(holder.account_id, Language(data.language) if data.language else None)
    cookies = [preference_cookie(request, LANGUAGE_COOKIE, data.language)]
    return Redirect(f"{PROFILE_PATH}?done=language", status_code=303, cookies=cookies)


class PasswordForm(Body):
    """What the form sends."""

    old: str = Field(max_length=LONGEST_PASSWORD_CHARACTERS)
    new: str = Field(max_length=LONGEST_PASSWORD_CHARACTERS)


@get(PASSWORD_PATH, **_PAGE)
async def password_page(request: AnyRequest) -> Response[str]:
    """Show the form for another password."""
    return _form_page(
        request, _password_form(texts_of(request)), "profile.password_title", "profile.password_explained"
    )


@post(PASSWORD_PATH, **_PAGE)
async def change_password(
    request: AnyRequest,
    data: URLEncodedBody[PasswordForm],
    holder: NamedDependency[SkipValidation[Holder]],
    own_account: NamedDependency[SkipValidation[OwnAccount]],
    tell_account: NamedDependency[SkipValidation[Callable[[UUID], None]]],
) -> Response[Any]:
    """Change the password; or show the form again, with the reason."""
    try:
        await own_account.set_password(holder.session, data.old, data.new)
    except DomainError as problem:
        t = texts_of(request)
        wrong = {"PASSWORD_WRONG": "old", "TOO_MANY_TRIES": "old"}.get(problem.code, "new")
        form = _password_form(t).answered({}, {wrong: t(problem.code, **problem.params)})
        return _form_page(request, form, "profile.password_title", "profile.password_explained", problem)
    tell_account(holder.account_id)
    return Redirect(f"{PROFILE_PATH}?done=password", status_code=303)


def _password_form(t: Texts) -> Form:
    most = LONGEST_PASSWORD_CHARACTERS
    return Form(
        PASSWORD_PATH,
        t("profile.change_password"),
        (
            FormField("old", t("profile.old"), "password", most=most, autocomplete="current-password"),
            FormField(
                "new", t("profile.new"), "password", hint=t("profile.new_hint"), most=most, autocomplete="new-password"
            ),
        ),
        cancel_href=PROFILE_PATH,
    )


class ProofForm(Body):
    """What the form sends. `next` is the page that was wanted."""

    password: str = Field(max_length=LONGEST_PASSWORD_CHARACTERS)
    next: str = Field(default="", max_length=600)


@get(PROOF_PATH, **_PAGE)
async def proof_page(request: AnyRequest, onward: Annotated[str, QueryParameter(name="next")] = "") -> Response[str]:
    """Ask for the password once more, before something risky."""
    form = _proof_form(texts_of(request), own_path(onward))
    return _form_page(request, form, "profile.proof_title", "profile.proof_explained")


@post(PROOF_PATH, **_PAGE)
async def prove(
    request: AnyRequest,
    data: URLEncodedBody[ProofForm],
    holder: NamedDependency[SkipValidation[Holder]],
    own_account: NamedDependency[SkipValidation[OwnAccount]],
    second_factor: NamedDependency[SkipValidation[SecondFactor]],
    sessions: NamedDependency[SkipValidation[Sessions]],
) -> Response[Any]:
    """Take the password, or a code of the second factor, and go on."""
    onward = own_path(data.next)
    try:
        account = await own_account.read(holder.account_id)
        if account.totp_sealed is not None and "".join(data.password.split()).isdigit():
            await second_factor.check(holder.account_id, data.password, str(holder.session.id))
        else:
            await own_account.prove(holder.account_id, holder.session.id, data.password)
    except DomainError as problem:
        t = texts_of(request)
        form = _proof_form(t, onward).answered({}, {"password": t(problem.code, **problem.params)})
        return _form_page(request, form, "profile.proof_title", "profile.proof_explained", problem)
    await sessions.change(holder.session, proved_at=request.app.state.clock.now())
    return Redirect(onward, status_code=303)


def _proof_form(t: Texts, onward: str) -> Form:
    field = FormField(
        "password",
        t("profile.proof_field"),
        "password",
        most=LONGEST_PASSWORD_CHARACTERS,
        autocomplete="current-password",
    )
    return Form(PROOF_PATH, t("profile.go_on"), (field,), hidden=(("next", onward),), cancel_href=PROFILE_PATH)


@post(f"{PROFILE_PATH}/sessions/{{session_id:uuid}}/end", **_PAGE)
async def end_session(
    session_id: FromPath[UUID],
    holder: NamedDependency[SkipValidation[Holder]],
    sessions: NamedDependency[SkipValidation[Sessions]],
) -> Redirect:
    """Log out of one browser. That of somebody else, or none, changes nothing."""
    await sessions.end(holder.account_id, session_id)
    is_this = session_id == holder.session.id
    return Redirect(LOG_IN_PATH if is_this else f"{PROFILE_PATH}?done=ended", status_code=303)


@post(f"{PROFILE_PATH}/sessions/end", **_PAGE)
async def end_everywhere(
    holder: NamedDependency[SkipValidation[Holder]],
    own_account: NamedDependency[SkipValidation[OwnAccount]],
    tell_account: NamedDependency[SkipValidation[Callable[[UUID], None]]],
) -> Redirect:
    """Log out everywhere: of all browsers, this one too, and of all programs."""
    await own_account.end_everywhere(holder.account_id)
    tell_account(holder.account_id)
    return Redirect(LOG_IN_PATH, status_code=303)


@post(f"{PROFILE_PATH}/programs/{{family_id:uuid}}/end", **_PAGE)
async def end_program(
    family_id: FromPath[UUID],
    holder: NamedDependency[SkipValidation[Holder]],
    refreshing: NamedDependency[SkipValidation[Refreshing]],
) -> Redirect:
    """Log a program out."""
    await refreshing.end_family(holder.account_id, family_id)
    return Redirect(f"{PROFILE_PATH}?done=ended", status_code=303)


def _form_page(
    request: AnyRequest, form: Form, title: str, explained: str, problem: DomainError | None = None
) -> Response[str]:
    return page(request, "profile/form.html", problem=problem, form=form, title=title, explained=explained)


def browser_name(t: Texts, agent: str) -> str:
    """What a browser calls itself, in two words: `Firefox · Android`."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return " · ".join(part for part in (browser, system) if part) or t("profile.some_browser")


_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
"""In this order: most name themselves and those after them."""
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
