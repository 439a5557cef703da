"""The pages' routes that belong to no room: the address without a path, and the stylesheet."""

from __future__ import annotations

from litestar import get
from litestar.response import Redirect

from cloud.accounts.guards import anyone
from cloud.pages.rendering import HOME_PATH


@get("/", guards=[anyone], include_in_schema=False)
async def home() -> Redirect:
    """Lead to the home page."""
    return Redirect(HOME_PATH, status_code=303)
