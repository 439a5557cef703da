"""POST /preferences: the reader chooses the language and the light of pages. See `edge/preferences.py`."""

from __future__ import annotations

from typing import Any, Literal

from litestar import Request, post
from litestar.params import URLEncodedBody
from litestar.response import Redirect
from pydantic import Field

from cloud.accounts.guards import anyone, refuse_foreign_page
from cloud.edge.body import Body
from cloud.edge.preferences import LANGUAGE_COOKIE, LIGHT_COOKIE, preference_cookie
from cloud.pages.rendering import PAGE_EXCEPTION_HANDLERS, own_path

PREFERENCES_PATH = "/preferences"


class Preferences(Body):
    """What the menu sends. What is not sent stays; an empty value is the browser's or system's. `next`: the page."""

    language: Literal["es", "en", ""] | None = None
    light: Literal["light", "dark", ""] | None = None
    next: str = Field(default="", max_length=600)


@post(PREFERENCES_PATH, guards=[anyone], include_in_schema=False, exception_handlers=PAGE_EXCEPTION_HANDLERS)
async def prefer(request: Request[Any, Any, Any], data: URLEncodedBody[Preferences]) -> Redirect:
    """Keep the choice in the browser, and show the page again."""
    refuse_foreign_page(request)
    chosen = ((LANGUAGE_COOKIE, data.language), (LIGHT_COOKIE, data.light))
    cookies = [preference_cookie(request, name, value) for name, value in chosen if value is not None]
    return Redirect(own_path(data.next), status_code=303, cookies=cookies, headers={"Cache-Control": "no-store"})
