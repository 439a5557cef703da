"""What the live socket brings."""

from __future__ import annotations

from collections.abc import Mapping

from cloud.edge.room import Room
from cloud.live.devices import DeviceSockets
from cloud.live.routes import live
from cloud.live.sockets import LiveSockets
from cloud.parts import Parts


def _provide(parts: Parts) -> Mapping[str, object]:
    devices = DeviceSockets(parts.hub, parts.responder, parts.ids, parts.budget)
    return {"live_sockets": LiveSockets(parts.hub, parts.tokens, parts.clock, devices)}


ROOM = Room("cloud.live", routes=(live,), provide=_provide)
