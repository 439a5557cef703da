"""What the exchange brings: the messages of devices, and the fold of what they push."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from cloud.edge.room import Room
from cloud.exchange.budget import Budget
from cloud.exchange.routes import exchange
from cloud.parts import Parts
from cloud.replication.fold_worker import FoldWorker


def _provide(parts: Parts) -> Mapping[str, object]:
    return {"responder": parts.responder, "fold_worker": parts.fold_worker, "budget": Budget()}


async def _fold(provided: Mapping[str, object]) -> None:
    await cast("FoldWorker", provided["fold_worker"]).run()


ROOM = Room("cloud.exchange", routes=(exchange,), provide=_provide, works=(_fold,))
