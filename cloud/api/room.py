"""What programs may read of a restaurant: a list, and one, of everything that is declared here."""

from __future__ import annotations

from collections.abc import Mapping

from cloud.api import floor, house, menu, orders, payments, safety
from cloud.api.cursors import Cursors
from cloud.api.organization import organization, roles
from cloud.api.routes import list_of, one_of
from cloud.edge.room import Room
from cloud.parts import Parts

RESOURCES = (*house.ALL, *menu.ALL, *floor.ALL, *orders.ALL, *payments.ALL, *safety.ALL)


def _provide(parts: Parts) -> Mapping[str, object]:
    return {"cursors": Cursors(parts.keys.cursors), "wrapping": parts.wrapping}


ROOM = Room(
    "cloud.api",
    routes=(
        organization,
        roles,
        *(list_of(resource) for resource in RESOURCES),
        *(one_of(resource) for resource in RESOURCES),
    ),
    provide=_provide,
)
