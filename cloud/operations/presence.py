"""Which processes of the server run: each says so every twenty seconds, in a row of the control plane."""

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

BEAT_SECONDS = 20.0
"""A transaction each, also at night."""
CHANGE_SECONDS = 0.5
"""So soon it is said that the fold began, fails or has stopped."""
SECONDS_A_PROCESS = 5.0
"""Many processes say it more seldom, so that all of them together say it once every five seconds."""
GONE_AFTER_BEATS = 3
"""Whoever has missed so many does not run any more, or cannot reach the database."""
PATIENCE_BEATS = 4
"""So long a web process waits for a worker before the log says that nobody folds: they may start together."""

_BEAT = text(
    """
    with beat as (
        insert into control.process (id, place, fold, begun_at, beat_at, until)
        values (:id, :place, :fold, now(), now(), now() + make_interval(secs => :lasts))
        on conflict (id) do update set fold = excluded.fold, beat_at = excluded.beat_at, until = excluded.until
    ), gone as (
        delete from control.process where id <> :id and beat_at < now() - interval '1 day'
    )
    select count(*), count(*) filter (where fold <> 'idle') from control.process
    where id <> :id and until > now()
    """
)
_END = text("delete from control.process where id = :id")
_RUNNING = text(
    "select id, place, fold, ceil(extract(epoch from until - now()))::int from control.process"
    " where until > now() order by begun_at"
)
_CONNECTED = text(
    "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'comanda-hints'"
)
_CLOSING_SECONDS = 0.3
_LOOKS = 5
logger = logging.getLogger(__name__)


class Running(NamedTuple):
    """A process of the server that was seen lately.

    Attributes:
        place: host and number of the process.
        lasts_seconds: after how long it is forgotten, if it is not seen again.
    """

    place: str
    fold: FoldHealth
    lasts_seconds: int

    @property
    def works(self) -> bool:
        """Whether it is a worker."""
        return self.fold is not FoldHealth.IDLE


class Presence:
    """Says that this process runs: every twenty seconds, or more seldom if many do, and when its fold changes."""

    def __init__(self, database: Database, fold_worker: FoldWorker, ids: IdSource) -> None:
        self._database = database
        self._fold_worker = fold_worker
        self._id = ids.new()
        self._place = f"{socket.gethostname()[:80]} {os.getpid()}"
        self._alone = 0
        self._every = BEAT_SECONDS

    async def run(self) -> None:
        """Say it for as long as the process runs."""
        said, due_at = None, 0.0
        try:
            while True:
                now, health = asyncio.get_running_loop().time(), self._fold_worker.health
                if health is not said or now >= due_at:
                    await self._beat(health)
                    said, due_at = health, now + self._every
                await asyncio.sleep(CHANGE_SECONDS)
        finally:
            with suppress(SQLAlchemyError, OSError):
                async with self._database.control() as session:
                    await session.execute(_END, {"id": self._id})

    async def _beat(self, health: FoldHealth) -> None:
        lasts = GONE_AFTER_BEATS * self._every
        values = {"id": self._id, "place": self._place, "fold": health.value, "lasts": lasts}
        try:
            async with self._database.control() as session:
                others, workers = (await session.execute(_BEAT, values)).one()
        except (SQLAlchemyError, OSError) as error:
            logger.debug("the database was not told that this process runs: %s", error)
            return
        self._every = max(BEAT_SECONDS, (others + 1) * SECONDS_A_PROCESS)
        self._alone = 0 if workers or health is not FoldHealth.IDLE else self._alone + 1
        if self._alone == PATIENCE_BEATS:
            logger.warning("no worker runs: what devices push is stored and not folded; start comanda-cloud worker")


async def running(session: ControlSession) -> Sequence[Running]:
    """All processes of the server that were seen lately, those first that began first."""
    rows = await session.execute(_RUNNING)
    return [Running(place, FoldHealth(fold), lasts) for _id, place, fold, lasts in rows]


async def still_connected(session: ControlSession) -> bool:
    """Whether a server or worker hears hints just now: one that is frozen tells nobody that it runs, and may wake up.

    A connection that is being closed is given a moment.
    """
    for _look in range(_LOOKS):
        if not (await session.execute(_CONNECTED)).scalar_one():
            return False
        await asyncio.sleep(_CLOSING_SECONDS)
        await session.execute(text("select pg_stat_clear_snapshot()"))
    return True
