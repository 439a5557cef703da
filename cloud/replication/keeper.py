"""Keeps the merged tables up with the log: one task that folds, judges and answers, woken by every push.

Storing and folding are separate transactions: a push is acknowledged as soon as it is stored. Killed between the two,
the fold goes on at the next start. Several servers may run; a lock an organization lets one of them fold at a time.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import Enum, StrEnum
from typing import Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sync.bulk import Bulk
from sync.projection import Projection

from cloud.control.records import ControlOrganization
from cloud.database.transaction import Database
from cloud.replication.answers import answer
from cloud.replication.copying import CopyBulk
from cloud.replication.judge import CloudJudge
from cloud.replication.turns import FAILING_AFTER, Turns
from cloud.replication.units import CloudUnits
from shared.kernel.instants import Clock
from shared.kernel.retries import retry_seconds
from shared.records import metadata
from sync.folder import Folder
from sync.tables import specs

BUSY_SECONDS = 0.25
"""How soon to look again at an organization that another server is folding."""
SWEEP_SECONDS = 30.0
"""How often every organization gets a turn, asked or not: the server that took a push may have died before its fold."""
_FOLD_LOCK = 0x666F6C64
"""An arbitrary number ("fold"), first half of the advisory lock of an organization."""

logger = logging.getLogger(__name__)


class Keeping(StrEnum):
    """How the keeper is."""

    IDLE = "idle"
    WELL = "well"
    FAILING = "failing"
    STOPPED = "stopped"


class _Did(Enum):
    """What a turn came to."""

    FOLDED = 1
    NOTHING_LEFT = 2
    BUSY = 3


class FoldTurn(Protocol):
    """How the servers of one database agree on who folds an organization."""

    async def take(self, connection: AsyncConnection, organization_id: UUID) -> bool:
        """Make this transaction ready to fold and say whether it is its turn, to its end."""
        ...


class AdvisoryTurn:
    """Implements `FoldTurn` by an advisory lock of PostgreSQL that ends with the transaction."""

    async def take(self, connection: AsyncConnection, organization_id: UUID) -> bool:
        """Whether no other server folds this organization just now."""
        locked = await connection.scalar(
            sa.select(sa.func.pg_try_advisory_xact_lock(_FOLD_LOCK, _half(organization_id)))
        )
        if locked:
            # A reference that fails must fail here, inside the fold's savepoint, and not at the commit.
            await connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
        return bool(locked)


class Keeper:
    """Folds the streams of all organizations.

    Args:
        projections: makes the sums that a fold keeps; new ones for each organization.
        bulk: how many rows are written at once; by default through COPY.
        turn: who folds; by default an advisory lock says so.
    """

    def __init__(
        self,
        database: Database,
        units: CloudUnits,
        clock: Clock,
        projections: Callable[[UUID], Sequence[Projection]] = lambda _organization_id: (),
        *,
        bulk: Bulk | None = None,
        turn: FoldTurn | None = None,
    ) -> None:
        self._database = database
        self._units = units
        self._clock = clock
        self._projections = projections
        self._bulk = bulk or CopyBulk()
        self._turn = turn or AdvisoryTurn()
        self._specs = specs(metadata)
        self._folders: dict[UUID, Folder] = {}
        self._turns = Turns()
        self._sweeps_failed = 0
        self._sweep_at = 0.0
        self._running: bool | None = None
        self._stopping = False
        self._bell = asyncio.Event()
        self._news: defaultdict[UUID, asyncio.Event] = defaultdict(asyncio.Event)

    @property
    def keeping(self) -> Keeping:
        """Whether it runs, and whether what it does has been failing for some time."""
        if self._running is None:
            return Keeping.IDLE
        if not self._running:
            return Keeping.STOPPED
        failing = self._turns.failing or self._sweeps_failed >= FAILING_AFTER
        return Keeping.FAILING if failing else Keeping.WELL

    def wake(self, organization_id: UUID) -> None:
        """Something was stored for this organization."""
        self._turns.ask(organization_id, asyncio.get_running_loop().time())
        self._bell.set()
        self.tell(organization_id)

    def tell(self, organization_id: UUID) -> None:
        """Whoever waits for news of this organization should look again."""
        event = self._news.pop(organization_id, None)
        if event is not None:
            event.set()

    def stop_waiting(self) -> None:
        """Whoever waits for news is answered now, and nobody waits any more: the server is stopping."""
        self._stopping = True
        for organization_id in list(self._news):
            self.tell(organization_id)

    def listen(self, organization_id: UUID) -> asyncio.Event:
        """What the next news of this organization sets. Listen before you look, so that none falls in between."""
        return self._news[organization_id]

    async def news(self, heard: asyncio.Event, seconds: float) -> bool:
        """Wait until what was listened for has come, at most so long; False: it is no use waiting on."""
        if self._stopping:
            return False
        with suppress(TimeoutError):
            # Not `wait_for`: when news comes with a cancellation, Python 3.11's forgets the cancellation.
            async with asyncio.timeout(seconds):
                await heard.wait()
        return not self._stopping

    async def run(self) -> None:
        """Fold for ever: first what an earlier process left, then what is pushed. One batch of each in turn."""
        loop = asyncio.get_running_loop()
        self._running, self._sweep_at = True, loop.time()
        spread_seconds = 0.0
        try:
            while True:
                self._bell.clear()
                if loop.time() >= self._sweep_at:
                    await self._sweep(loop.time(), spread_seconds)
                    spread_seconds = SWEEP_SECONDS
                for organization_id in self._turns.due(loop.time()):
                    await self._take_turn(organization_id)
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(min(self._turns.next_due, self._sweep_at)):
                        await self._bell.wait()
        finally:
            self._running = False

    async def fold_all(self, organization_id: UUID) -> None:
        """Fold whatever is stored and not folded, batch by batch, unless another server is at it."""
        while await self._fold_next(organization_id) is _Did.FOLDED:
            self.tell(organization_id)

    async def _sweep(self, now: float, spread_seconds: float) -> None:
        """Give every organization a turn within so many seconds."""
        try:
            organizations = await self._organizations()
        except Exception:
            logger.exception("the organizations cannot be read")
            self._sweeps_failed += 1
            self._sweep_at = now + retry_seconds(self._sweeps_failed)
            return
        self._sweeps_failed = 0
        self._sweep_at = now + SWEEP_SECONDS
        for at, organization_id in enumerate(organizations):
            self._turns.ask(organization_id, now + spread_seconds * at / len(organizations))

    async def _take_turn(self, organization_id: UUID) -> None:
        loop = asyncio.get_running_loop()
        self._turns.begin(organization_id)
        try:
            did = await self._fold_next(organization_id)
        except Exception:
            logger.exception("folding %s failed", organization_id)
            self._folders.pop(organization_id, None)  # what it remembers of this turn did not happen
            self._turns.failed(organization_id, loop.time())
            return
        match did:
            case _Did.FOLDED:
                self._turns.again(organization_id, loop.time())
                self.tell(organization_id)
            case _Did.BUSY:
                self._turns.again(organization_id, loop.time() + BUSY_SECONDS)
            case _Did.NOTHING_LEFT:
                self._turns.rest(organization_id)

    async def _fold_next(self, organization_id: UUID) -> _Did:
        async with self._database.write(organization_id) as session:
            connection = await session.connection()
            if not await self._turn.take(connection, organization_id):
                return _Did.BUSY
            progress = await self._folder(organization_id).fold_next(connection, self._clock.milliseconds())
            if progress is None:
                return _Did.NOTHING_LEFT
            await answer(session, self._units, organization_id, progress)
        return _Did.FOLDED

    def _folder(self, organization_id: UUID) -> Folder:
        folder = self._folders.get(organization_id)
        if folder is None:
            judge = CloudJudge(organization_id)
            folder = self._folders[organization_id] = Folder(
                organization_id, self._specs, self._bulk, judge, self._projections(organization_id)
            )
        return folder

    async def _organizations(self) -> Sequence[UUID]:
        async with self._database.control() as session:
            return (await session.scalars(sa.select(ControlOrganization.id))).all()


def _half(organization_id: UUID) -> int:
    """Thirty-one bits of an id, for the second half of an advisory lock."""
    return organization_id.int & 0x7FFF_FFFF
