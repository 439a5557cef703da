"""GET /api/v1/live: the live socket, see `sync/live.py`. Whoever opens it says who they are in the first message.

POST /live/token: what a page opens it with.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, WebSocket, post, websocket
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from cloud.accounts.guards import anyone, identify_holder, people, refuse_foreign_page
from cloud.accounts.identity import Person
from cloud.live.client import Client
from cloud.live.page_tokens import PageTokens
from cloud.live.sockets import LiveSockets
from shared.kernel.errors import DomainError


@websocket("/live", guards=[anyone])
async def live(socket: WebSocket[Any, Any, Any], live_sockets: NamedDependency[SkipValidation[LiveSockets]]) -> None:
    """Serve one socket.

    The address has no query: a token in it would stand in the logs of every proxy. A browser names its origin, and
    another site's page gets nothing.
    """
    try:
        if socket.scope["query_string"]:
            raise DomainError("MESSAGE_UNREADABLE")
        is_browser = "origin" in socket.headers
        if is_browser:
            refuse_foreign_page(socket)
    except DomainError:
        await socket.close()  # before it is accepted: 403
        return
    await socket.accept()
    await live_sockets.serve(Client(socket, is_of_our_page=is_browser))


@post("/live/token", status_code=200, guards=[people()], include_in_schema=False)
async def page_token(
    request: Request[Any, Any, Any],
    person: NamedDependency[SkipValidation[Person]],
    organization_id: NamedDependency[UUID],
    page_tokens: NamedDependency[SkipValidation[PageTokens]],
) -> Response[dict[str, str]]:
    """Give a page of a person who is logged in what it opens its socket with."""
    holder = await identify_holder(request)
    token = await page_tokens.give(person, organization_id, holder.session.token_hash)
    return Response({"token": token}, headers={"Cache-Control": "no-store"})
