"""What the live socket brings."""

from __future__ import annotations

from collections.abc import Mapping

from cloud.edge.room import Room
from cloud.live.devices import DeviceSockets
from cloud.live.page_tokens import PageTokens
from cloud.live.pages import PageSockets
from cloud.live.routes import live, page_token
from cloud.live.sockets import LiveSockets
from cloud.parts import Parts


def _provide(parts: Parts) -> Mapping[str, object]:
    devices = DeviceSockets(parts.hub, parts.responder, parts.ids, parts.budget)
    page_tokens = PageTokens(parts.database, parts.standings, parts.sessions, parts.clock)
    pages = PageSockets(parts.hub, parts.houses, page_tokens)
    sockets = LiveSockets(parts.hub, parts.tokens, parts.clock, devices, page_tokens, pages)
    return {"live_sockets": sockets, "page_tokens": page_tokens}


ROOM = Room("cloud.live", routes=(live,), pages=(page_token,), provide=_provide)
