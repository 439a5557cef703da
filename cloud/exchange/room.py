"""What the exchange brings: the messages of devices, and the fold of what they push, which is a worker's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from cloud.edge.room import Room
from cloud.exchange.routes import exchange
from cloud.exchange.waits import Waits
from cloud.parts import Parts
from cloud.realtime.carriers import carriers_of
from cloud.realtime.link import Link
from cloud.redis.server import RedisServer
from cloud.replication.fold_worker import FoldWorker


def _provide(parts: Parts) -> Mapping[str, object]:
    return {
        "responder": parts.responder,
        "fold_worker": parts.fold_worker,
        "budget": parts.budget,
        "waits": Waits(parts.responder),
        "link": _link_of(parts),
        "redis": parts.redis,
    }


def _link_of(parts: Parts) -> Link | None:
    """The link to other processes; None if nothing carries their hints."""
    carriers = carriers_of(parts.settings, parts.redis)
    return Link(carriers, parts.hub) if carriers else None


async def _fold(provided: Mapping[str, object]) -> None:
    await cast("FoldWorker", provided["fold_worker"]).run()


async def _link(provided: Mapping[str, object]) -> None:
    """Hear what other processes of the server store; without a link, those who wait look again every few seconds."""
    link, redis = provided["link"], provided["redis"]
    try:
        if isinstance(link, Link):
            await link.run()
    finally:
        if isinstance(redis, RedisServer):
            await redis.close()


ROOM = Room("cloud.exchange", routes=(exchange,), provide=_provide, background=(_fold,), everywhere=(_link,))
