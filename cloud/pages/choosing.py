"""GET /choose-branch: find a branch among those that the reader may see, and go on to the page for it."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter, SkipValidation
from litestar.response import Redirect

from cloud.accounts.branches import found_by
from cloud.accounts.guards import people
from cloud.edge.problem import texts_of
from cloud.pages.frame import CHOOSE_BRANCH_PATH, Frame
from cloud.pages.rendering import PAGE_EXCEPTION_HANDLERS, own_path, page
from shared.kernel.text import clean

MOST_FOUND = 60
"""Branches of one answer; who has more types another letter."""


@get(CHOOSE_BRANCH_PATH, guards=[people()], include_in_schema=False, exception_handlers=PAGE_EXCEPTION_HANDLERS)
async def choose_branch(
    request: Request[Any, Any, Any],
    frame: NamedDependency[SkipValidation[Frame]],
    onward: Annotated[str, QueryParameter(name="next")] = "",
    q: FromQuery[str] = "",
) -> Response[Any]:
    """Show the branches that a search finds; go on at once if it is one."""
    wanted, words = own_path(onward), clean(q)
    found = found_by(frame.branches, words)
    if words and len(found) == 1:
        return Redirect(frame.item_of(found[0], wanted).href, status_code=303, headers={"Cache-Control": "no-store"})
    texts = texts_of(request)
    return page(
        request,
        "pages/choose_branch.html",
        frame=frame,
        q=words,
        onward=wanted,
        all_of_them=frame.item_of(None, wanted, texts("place.all_branches")),
        found=[frame.item_of(branch, wanted) for branch in found[:MOST_FOUND]],
        more=max(0, len(found) - MOST_FOUND),
    )
