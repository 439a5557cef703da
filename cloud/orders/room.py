"""What the room of orders brings."""

from __future__ import annotations

from collections.abc import Mapping

from cloud.edge.room import Room
from cloud.orders.commands import OrderPlacing
from cloud.orders.routes import one_order, place_order
from cloud.parts import Parts


def _provide(parts: Parts) -> Mapping[str, object]:
    return {"order_placing": OrderPlacing(parts.database, parts.units, parts.fold_worker, parts.clock)}


ROOM = Room("cloud.orders", routes=(place_order, one_order), provide=_provide)
