"""What the exchange brings: the messages of devices, and the fold of what they push, which is a worker's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from cloud.database.engine import driver_url
from cloud.edge.room import Room
from cloud.exchange.routes import exchange
from cloud.parts import Parts
from cloud.realtime.hub import Hub
from cloud.realtime.link import Link
from cloud.replication.fold_worker import FoldWorker
from cloud.settings import Settings


def _provide(parts: Parts) -> Mapping[str, object]:
    return {
        "responder": parts.responder,
        "fold_worker": parts.fold_worker,
        "budget": parts.budget,
        "link": _link_of(parts.settings, parts.hub),
    }


def _link_of(settings: Settings, hub: Hub) -> Link | None:
    """The link to other processes; none through a transaction pooler, which forgets who listens."""
    if settings.database_url is None or settings.database_pooler:
        return None
    return Link(
        driver_url(settings.database_url.get_secret_value())
        .set(drivername="postgresql")
        .render_as_string(hide_password=False),
        hub,
    )


async def _fold(provided: Mapping[str, object]) -> None:
    await cast("FoldWorker", provided["fold_worker"]).run()


async def _link(provided: Mapping[str, object]) -> None:
    """Hear what other processes of the server store; without a link, those who wait look again every few seconds."""
    link = provided["link"]
    if isinstance(link, Link):
        await link.run()


ROOM = Room("cloud.exchange", routes=(exchange,), provide=_provide, background=(_fold,), everywhere=(_link,))
