"""The route of the address without a path."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from litestar import Request, get
from litestar.response import Redirect

from cloud.accounts.guards import anyone, identify_holder
from cloud.pages.rendering import CHOOSE_PATH, HOME_PATH
from shared.kernel.errors import DomainError


@get("/", guards=[anyone], include_in_schema=False)
async def home(request: Request[Any, Any, Any]) -> Redirect:
    """Redirect to the home page; a super admin to the organizations, so that another one can be chosen."""
    with suppress(DomainError):
        if (await identify_holder(request)).session.is_operator:
            return Redirect(CHOOSE_PATH, status_code=303)
    return Redirect(HOME_PATH, status_code=303)
