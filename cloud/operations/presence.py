"""Which processes of the server run: each says so every ten seconds, in a row of the control plane."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from cloud.database.transaction import ControlSession, Database
from cloud.replication.fold_worker import FoldHealth, FoldWorker
from shared.kernel.ids import IdSource

BEAT_SECONDS = 10.0
GONE_AFTER_SECONDS = 30
"""Whoever has not been seen for so long does not run any more, or cannot reach the database."""
PATIENCE_BEATS = 6
"""So long a web process waits for a worker before the log says that nobody folds: they may start together."""

_BEAT = text(
    """
    with beat as (
        insert into control.process (id, place, fold, begun_at, beat_at) values (:id, :place, :fold, now(), now())
        on conflict (id) do update set fold = excluded.fold, beat_at = excluded.beat_at
    ), gone as (
        delete from control.process where id <> :id and beat_at < now() - interval '1 day'
    )
    select count(*) from control.process
    where id <> :id and fold <> 'idle' and beat_at > now() - make_interval(secs => :gone_after)
    """
)
_END = text("delete from control.process where id = :id")
_RUNNING = text(
    "select id, place, fold, extract(epoch from now() - beat_at)::int from control.process"
    " where beat_at > now() - make_interval(secs => :gone_after) order by begun_at"
)
logger = logging.getLogger(__name__)


class Running(NamedTuple):
    """A process of the server that was seen lately.

    Attributes:
        place: host and number of the process.
        seen_seconds: how long ago it was seen.
    """

    place: str
    fold: FoldHealth
    seen_seconds: int

    @property
    def works(self) -> bool:
        """Whether it is a worker."""
        return self.fold is not FoldHealth.IDLE


class Presence:
    """Says that this process runs."""

    def __init__(self, database: Database, fold_worker: FoldWorker, ids: IdSource) -> None:
        self._database = database
        self._fold_worker = fold_worker
        self._id = ids.new()
        self._place = f"{socket.gethostname()[:80]} {os.getpid()}"
        self._alone = 0

    async def run(self) -> None:
        """Say it for as long as the process runs."""
        try:
            while True:
                await self._beat()
                await asyncio.sleep(BEAT_SECONDS)
        finally:
            with suppress(SQLAlchemyError, OSError):
                async with self._database.control() as session:
                    await session.execute(_END, {"id": self._id})

    async def _beat(self) -> None:
        health = self._fold_worker.health
        values = {"id": self._id, "place": self._place, "fold": health.value, "gone_after": GONE_AFTER_SECONDS}
        try:
            async with self._database.control() as session:
                workers = (await session.execute(_BEAT, values)).scalar_one()
        except (SQLAlchemyError, OSError) as error:
            logger.debug("the database was not told that this process runs: %s", error)
            return
        self._alone = 0 if workers or health is not FoldHealth.IDLE else self._alone + 1
        if self._alone == PATIENCE_BEATS:
            logger.warning("no worker runs: what devices push is stored and not folded; start comanda-cloud worker")


async def running(session: ControlSession) -> Sequence[Running]:
    """All processes of the server that were seen lately, those first that began first."""
    rows = await session.execute(_RUNNING, {"gone_after": GONE_AFTER_SECONDS})
    return [Running(place, FoldHealth(fold), seen) for _id, place, fold, seen in rows]
