"""GET /api/v1/live: the live socket, see `sync/live.py`. Whoever opens it says who they are in the first message."""

from __future__ import annotations

from typing import Any

from litestar import WebSocket, websocket
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from cloud.accounts.guards import anyone, refuse_foreign_page
from cloud.live.client import Client
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
        if "origin" in socket.headers:
            refuse_foreign_page(socket)
    except DomainError:
        await socket.close()  # before it is accepted: 403
        return
    await socket.accept()
    await live_sockets.serve(Client(socket))
