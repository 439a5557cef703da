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
from typing import Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from cloud.control.records import ControlOrganization
from cloud.database.transaction import Database
from cloud.replication.copying import CopyBulk
from cloud.replication.judge import CloudJudge
from cloud.replication.units import CloudUnits
from shared.kernel.ids import derived_id
from shared.kernel.instants import Clock
from shared.kernel.permissions import SYSTEM
from shared.kernel.records import Scope
from shared.kernel.work import Work
from shared.records import metadata
from sync.author import cloud_device
from sync.bulk import Bulk
from sync.fold import Objection, Projection, Transaction
from sync.folder import Folder, Progress
from sync.records import Judgement, Verdict, streams
from sync.tables import specs

FIRST_RETRY_SECONDS = 0.5
LONGEST_RETRY_SECONDS = 30.0
_FOLD_LOCK = 0x666F6C64
"""An arbitrary number ("fold"), first half of the advisory lock of an organization."""

logger = logging.getLogger(__name__)


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
        self._waiting: set[UUID] = set()
        self._stopping = False
        self._bell = asyncio.Event()
        self._news: defaultdict[UUID, asyncio.Event] = defaultdict(asyncio.Event)

    def wake(self, organization_id: UUID) -> None:
        """Something was stored for this organization."""
        self._waiting.add(organization_id)
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

    async def news(self, organization_id: UUID, seconds: float) -> bool:
        """Wait until something was stored for this organization, at most so long; False: it is no use waiting on."""
        if self._stopping:
            return False
        with suppress(TimeoutError):
            # Not `wait_for`: when news comes with a cancellation, Python 3.11's forgets the cancellation.
            async with asyncio.timeout(seconds):
                await self._news[organization_id].wait()
        return not self._stopping

    async def run(self) -> None:
        """Fold for ever: first what an earlier process left, then what is pushed."""
        failures = 0
        self._waiting |= set(await self._organizations())
        self._bell.set()
        while True:
            await self._bell.wait()
            self._bell.clear()
            organizations, self._waiting = self._waiting, set()
            for organization_id in organizations:
                try:
                    await self.fold_all(organization_id)
                    failures = 0
                except Exception:
                    logger.exception("folding %s failed", organization_id)
                    failures += 1
                    self._waiting.add(organization_id)
                    self._bell.set()
                    await asyncio.sleep(min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** min(failures, 10)))

    async def fold_all(self, organization_id: UUID) -> None:
        """Fold whatever is stored and not folded, batch by batch."""
        while await self._fold_next(organization_id):
            self.tell(organization_id)

    async def _fold_next(self, organization_id: UUID) -> bool:
        async with self._database.write(organization_id) as session:
            connection = await session.connection()
            if not await self._turn.take(connection, organization_id):
                return False
            progress = await self._folder(organization_id).fold_next(connection, self._clock.milliseconds())
            if progress is None:
                return False
            await self._answer(session, connection, organization_id, progress)
        return True

    def _folder(self, organization_id: UUID) -> Folder:
        folder = self._folders.get(organization_id)
        if folder is None:
            judge = CloudJudge(organization_id)
            folder = self._folders[organization_id] = Folder(
                organization_id, self._specs, self._bulk, judge, self._projections(organization_id)
            )
        return folder

    async def _answer(
        self, session: AsyncSession, connection: AsyncConnection, organization_id: UUID, progress: Progress
    ) -> None:
        """Write the verdicts on what was folded into the cloud's own stream of the branch."""
        row = (
            await connection.execute(
                sa.select(streams.c.device_id, streams.c.scope, streams.c.scope_id).where(
                    streams.c.organization_id == organization_id, streams.c.id == progress.stream_id
                )
            )
        ).one()
        if row.device_id == cloud_device(organization_id) or row.scope is not Scope.BRANCH:
            return
        async with self._units.on(session, organization_id, SYSTEM, row.scope_id) as work:
            for verdict in _verdicts(work, progress):
                work.add(verdict)

    async def _organizations(self) -> Sequence[UUID]:
        async with self._database.control() as session:
            return (await session.scalars(sa.select(ControlOrganization.id))).all()


def _verdicts(work: Work, progress: Progress) -> list[Verdict]:
    """Accepted ranges of the batch, and one verdict for each transaction that was refused or has been cured."""
    refused = {
        transaction.first: (transaction, objection)
        for transaction, objection in progress.folded.objections
        if transaction.stream_id == progress.stream_id and progress.first <= transaction.first <= progress.last
    }
    verdicts, begin = [], progress.first
    for first in sorted(refused):
        transaction, objection = refused[first]
        if begin < first:
            verdicts.append(_verdict(work, progress.stream_id, begin, first - 1, Judgement.ACCEPTED, None))
        verdicts.append(_refusal(work, transaction, objection))
        begin = transaction.last + 1
    if begin <= progress.last:
        verdicts.append(_verdict(work, progress.stream_id, begin, progress.last, Judgement.ACCEPTED, None))
    verdicts.extend(
        _verdict(work, cured.stream_id, cured.first, cured.last, Judgement.ACCEPTED, None)
        for cured in progress.folded.accepted
        if cured.stream_id != progress.stream_id or cured.last < progress.first
    )
    return verdicts


def _refusal(work: Work, transaction: Transaction, objection: Objection) -> Verdict:
    judgement = Judgement.VOIDED if objection.voids else Judgement.PARKED
    return _verdict(work, transaction.stream_id, transaction.first, transaction.last, judgement, objection)


def _verdict(
    work: Work, stream_id: UUID, first: int, last: int, judgement: Judgement, objection: Objection | None
) -> Verdict:
    return Verdict(
        organization_id=work.organization_id,
        branch_id=work.branch_id,
        id=derived_id("verdict", stream_id, first, last, judgement),
        stream_id=stream_id,
        first_seq=first,
        last_seq=last,
        judgement=judgement,
        reason=objection.reason if objection else "",
        params=dict(objection.params) if objection else {},
        judged_at=work.now,
    )


def _half(organization_id: UUID) -> int:
    """Thirty-one bits of an id, for the second half of an advisory lock."""
    return organization_id.int & 0x7FFF_FFFF
