"""Pages for people: a template of a room, in the reader's language, with everything escaped.

A handler with `exception_handlers=PAGE_EXCEPTION_HANDLERS` shows problems as a page instead of as problem details. It
sends a person who is not logged in to the log-in page and back, and one who has to prove more, or to choose an
organization, to where that is done first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, PackageLoader, PrefixLoader, StrictUndefined
from litestar import MediaType, Request, Response
from litestar.response import Redirect
from litestar.types import ASGIApp, Receive, Scope, Send

from cloud.accounts.guards import COOKIE, SECURE_COOKIE, identified, identify
from cloud.accounts.identity import Person
from cloud.edge.preferences import chosen_language, chosen_light
from cloud.edge.problem import EXCEPTION_HANDLERS, texts_of
from cloud.edge.room import Group, Room
from cloud.edge.statuses import headers_of, status_of
from cloud.pages.assets import ICON_PATH, SCRIPT_PATH, STYLESHEET_PATH
from cloud.pages.frame import GROUP_TITLES, Frame, Moved, frame_of, navigation
from cloud.pages.made_for import CONTEXT_NAME, NamedOrganization
from shared.kernel.errors import DomainError

LOG_IN_PATH = "/login"
CODE_PATH = "/login/code"
CHOOSE_PATH = "/organizations"
PROFILE_PATH = "/profile"
SECOND_FACTOR_PATH = f"{PROFILE_PATH}/second-factor"
PROOF_PATH = f"{PROFILE_PATH}/proof"
HOME_PATH = "/reports/sales"
_FIRST = MappingProxyType(
    {
        "NOT_SIGNED_IN": LOG_IN_PATH,
        "CODE_NEEDED": CODE_PATH,
        "ORGANIZATION_MISSING": CHOOSE_PATH,
        "SECOND_FACTOR_MISSING": SECOND_FACTOR_PATH,
        "PROOF_NEEDED": PROOF_PATH,
    }
)
"""Problems that another page solves, and leads back."""
_KEEP_THE_FRAME = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.BAD_REQUEST})
"""Statuses of problems that say nothing of the server itself: it can read the frame."""
_OWN_PATH = re.compile(r"/(?![/\\])[\w/.~%?=&+-]{0,500}", re.ASCII)

AnyRequest = Request[Any, Any, Any]


class Pages:
    """The templates of rooms, and the links in the navigation of every page.

    Args:
        rooms: those with templates may use each other's, as `room/name.html`.
    """

    def __init__(self, rooms: Sequence[Room]) -> None:
        self.links = tuple(link for room in rooms for link in room.links)
        self._templates = Environment(
            loader=PrefixLoader({room.name: PackageLoader(room.package) for room in rooms if room.has_templates}),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            extensions=[NamedOrganization],
        )

    def render(self, template: str, **context: Any) -> str:
        """The text of a page."""
        return self._templates.get_template(template).render(**context)


def page(
    request: AnyRequest,
    template: str,
    *,
    frame: Frame | None = None,
    status: int = 200,
    headers: Mapping[str, str] = MappingProxyType({}),
    problem: DomainError | None = None,
    **context: Any,
) -> Response[str]:
    """A page.

    Args:
        problem: what is wrong with the form that was sent; status and headers follow from it.
        template: room and file, such as `reports/sales.html`.
        frame: around a page of an organization (the dependency `frame`); None: nothing but the way out.
        context: what the template names, beside `t` (the sentences) and `language`.
    """
    if problem is not None:
        status = status_of(problem.code)
        headers = {**headers, **headers_of(status, problem.params)}
    t = texts_of(request)
    pages: Pages = request.app.state.pages
    person = frame.person if frame is not None else identified(request)
    titles = {link.title: t(link.title) for link in pages.links}
    branch = frame.branch_text if frame is not None else ""
    places = navigation(person, pages.links, titles, request.url.path, branch) if person is not None else {}
    now = request.app.state.clock.now()
    shown = {
        "t": t,
        "language": t.language.value,
        "chosen_language": chosen_language(request) or "",
        "light": chosen_light(request) or "",
        "stylesheet": STYLESHEET_PATH,
        "script": SCRIPT_PATH,
        "icon": ICON_PATH,
        "address": _address_of(request),
        "frame": frame,
        "visit_minutes": frame.visit_minutes(now) if frame is not None else None,
        "days_without_code": frame.days_without_code(now) if frame is not None else None,
        "places": {group: items for group, items in places.items() if group is not Group.ACCOUNT},
        "group_titles": GROUP_TITLES,
        "own_places": places.get(Group.ACCOUNT, []),
        "is_logged_in": is_logged_in(request),
        CONTEXT_NAME: person.organization_id if person is not None else None,
    }
    html = pages.render(template, **shown, **context)
    all_headers = {
        "Cache-Control": "no-store",
        "Content-Language": t.language.value,
        "Vary": "Accept-Language, Cookie",
        **headers,
    }
    return Response(html, status_code=status, media_type=MediaType.HTML, headers=all_headers)


def is_logged_in(request: AnyRequest) -> bool:
    """Whether the browser has a session cookie, good or not: then it can log out."""
    return any(name in request.cookies for name in (COOKIE, SECURE_COOKIE))


def _address_of(request: AnyRequest) -> str:
    """The page to come back to: what answers a form is not asked for again, but the page with the form."""
    url = request.url if request.method in ("GET", "HEAD") else urlsplit(request.headers.get("referer", ""))
    return own_path(url.path + (f"?{url.query}" if url.query else ""))


def own_path(wanted: str) -> str:
    """The path to go on to, if it is one of our own; else the home page, so that nobody is sent to another site."""
    return wanted if _OWN_PATH.fullmatch(wanted) else HOME_PATH


def _as_page(tell: Callable[[AnyRequest, Any], Response[Any]]) -> Callable[[AnyRequest, Any], Response[Any]]:
    def problem_page(request: AnyRequest, error: Any) -> Response[Any]:
        answer = tell(request, error)
        first = _FIRST.get(answer.content["code"])
        if first is not None:
            onward = _address_of(request)
            query = urlencode({"next": onward}) if onward != HOME_PATH else ""
            return Redirect(f"{first}?{query}" if query else first, status_code=303)
        sentence = answer.content["detail"]
        if answer.content["code"] == "NOT_PERMITTED" and request.url.path == HOME_PATH and request.method == "GET":
            place = _first_place(request)
            if place:
                return Redirect(place, status_code=303)
            sentence = texts_of(request)("page.no_pages")
        kept = {name: value for name, value in answer.headers.items() if name.lower() == "retry-after"}
        return _Refused(request, answer.status_code or 500, kept, sentence)

    return problem_page


class _Refused(Response[str]):
    """The page of a problem. Whoever is logged in keeps the frame, and so the way to where they may go."""

    def __init__(self, request: AnyRequest, status: int, headers: Mapping[str, str], sentence: str) -> None:
        super().__init__("", status_code=status, media_type=MediaType.HTML)
        self._request = request
        self._refused = headers
        self._sentence = sentence

    def to_asgi_response(self, *args: Any, **kwargs: Any) -> ASGIApp:  # type: ignore[override]  # handed on as they come
        """Make the page when it is sent: its frame is read from the database."""

        async def send_page(scope: Scope, receive: Receive, send: Send) -> None:
            told = page(
                self._request,
                "pages/refused.html",
                frame=await _frame_of_reader(self._request) if self.status_code in _KEEP_THE_FRAME else None,
                status=self.status_code or HTTPStatus.INTERNAL_SERVER_ERROR,
                headers=self._refused,
                sentence=self._sentence,
            )
            await told.to_asgi_response(*args, **kwargs)(scope, receive, send)

        return send_page


async def _frame_of_reader(request: AnyRequest) -> Frame | None:
    """The frame of whoever reads, if they are logged in to an organization that is in use."""
    state = request.app.state
    try:
        person = await identify(request)
        if not isinstance(person, Person) or person.organization_id is None:
            return None
        async with state.database.read(person.organization_id) as read:
            return await frame_of(request, person, person.organization_id, state.houses, read)
    except Exception:  # noqa: BLE001 - whatever it is, the problem itself is what has to be told
        return None


def _moved(_request: AnyRequest, moved: Moved) -> Redirect:
    return Redirect(moved.to, status_code=301, headers={"Cache-Control": "no-store"})


def _first_place(request: AnyRequest) -> str:
    """The first page that somebody may open who may not open the home page; empty if there is none."""
    person, links = identified(request), request.app.state.pages.links
    if person is None:
        return ""
    places = navigation(person, links, {link.title: link.title for link in links}, HOME_PATH)
    hrefs = (item.href for group, items in places.items() if group is not Group.ACCOUNT for item in items)
    return next((href for href in hrefs if href != HOME_PATH), "")


PAGE_EXCEPTION_HANDLERS: dict[int | type[Exception], Any] = {
    Moved: _moved,
    **{kind: _as_page(tell) for kind, tell in EXCEPTION_HANDLERS.items()},
}
