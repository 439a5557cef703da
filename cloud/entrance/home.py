"""The route of the address without a path."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from litestar import Request, get
from litestar.response import Redirect

from cloud.accounts.guards import anyone, identify
from cloud.accounts.identity import Person
from cloud.pages.rendering import CHOOSE_PATH, HOME_PATH
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Role


@get("/", guards=[anyone], include_in_schema=False)
async def home(request: Request[Any, Any, Any]) -> Redirect:
    """Redirect to the home page; a super admin to the organizations, so that another one can be chosen."""
    with suppress(DomainError):
        somebody = identify(request)
        if isinstance(somebody, Person) and somebody.role is Role.SUPER_ADMIN:
            return Redirect(CHOOSE_PATH, status_code=303)
    return Redirect(HOME_PATH, status_code=303)
