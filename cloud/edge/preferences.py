"""How somebody likes to read: the language and the light of pages. A browser keeps a choice in a cookie.

Without a choice the language is the best of ours for `Accept-Language`, and the light is that of the system.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Any

from litestar import Request
from litestar.datastructures import Cookie

from cloud.accounts.guards import identified
from shared.kernel.language import Language

LANGUAGE_COOKIE = "comanda_language"
LIGHT_COOKIE = "comanda_light"
KEPT_FOR = timedelta(days=365)
_MOST_WISHES = 20
"""Of an Accept-Language: nobody reads more languages."""


class Light(StrEnum):
    """The light of pages."""

    LIGHT = "light"
    DARK = "dark"


def language_of(request: Request[Any, Any, Any]) -> Language:
    """The reader's choice, else the best of ours for the request, else the organization's, else the server's own."""
    chosen = chosen_language(request)
    if chosen is not None:
        return chosen
    person = identified(request)
    of_house = person.language if person is not None else ""
    default: Language = Language(of_house) if of_house in set(Language) else request.app.state.settings.language
    wishes: list[tuple[float, int, str]] = []
    for position, part in enumerate(request.headers.get("accept-language", "").split(",")[:_MOST_WISHES]):
        name, _, weight = part.strip().partition(";q=")
        try:
            wishes.append((-float(weight or 1), position, name.strip().lower().partition("-")[0]))
        except ValueError:
            continue
    for weight_below_zero, _, name in sorted(wishes):
        if weight_below_zero < 0 and name in set(Language):
            return Language(name)
    return default


def chosen_language(request: Request[Any, Any, Any]) -> Language | None:
    """The language that the reader chose on a page; None: that of the browser."""
    kept = request.cookies.get(_name(request, LANGUAGE_COOKIE), "")
    return Language(kept) if kept in set(Language) else None


def chosen_light(request: Request[Any, Any, Any]) -> Light | None:
    """The light that the reader chose on a page; None: that of the system."""
    kept = request.cookies.get(_name(request, LIGHT_COOKIE), "")
    return Light(kept) if kept in set(Light) else None


def preference_cookie(request: Request[Any, Any, Any], name: str, value: str) -> Cookie:
    """The cookie that keeps a choice; an empty one forgets it."""
    return Cookie(
        key=_name(request, name),
        value=value,
        max_age=int(KEPT_FOR.total_seconds()) if value else 0,
        path="/",
        httponly=True,
        secure=request.app.state.settings.secure,
        samesite="lax",
    )


def _name(request: Request[Any, Any, Any], name: str) -> str:
    return f"__Host-{name}" if request.app.state.settings.secure else name
