"""Keeps the merged tables up with the log: finds what is stored and not folded, folds it, parks, judges, retries.

One batch is one database transaction. Killed at any moment, it goes on from `folded_seq`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.stamps import HybridClock
from sync.bulk import Bulk
from sync.change import Change, Kind, decode
from sync.fold import Folded, Judge, Objection, Transaction, fold_batch, transactions_of
from sync.projection import Projection
from sync.records import Judgement, Verdict, changes, streams
from sync.refold import refold
from sync.tables import TableSpec
from sync.verdicts import OnlyTheCloudJudges
from sync.waiting import Waiting, batches

BATCH_CHANGES = 4_000
"""How many changes one fold takes: large enough for bulk writes, small enough for a short lock."""
FOLD_FAILED = "FOLD_FAILED"
OF_THE_MOMENT = frozenset({"08", "40", "53", "55", "57", "58", "XX"})
"""Classes of SQLSTATE that say nothing of what was written: connection, rollback by others, resources, locks,
operators, system, damage."""
OF_THE_CONTENT = (sa.exc.IntegrityError, sa.exc.DataError, sa.exc.ProgrammingError, sa.exc.NotSupportedError)
"""What is left where an error has no SQLSTATE: SQLite is locked, full or damaged under the other names."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Progress:
    """What one `fold_next` did.

    Attributes:
        stream_id, first, last: the range of the stream that it covered.
        folded: rows, accepted and refused transactions, cured ones included.
        voided_rows: rows that were folded anew because of a void.
    """

    stream_id: UUID
    first: int
    last: int
    folded: Folded = field(default_factory=Folded)
    voided_rows: set[tuple[str, UUID]] = field(default_factory=set)


class Folder:
    """Folds one organization's streams.

    Args:
        judge: objections of this replica; by default those of a device.
        projections: sums kept by this replica.
        batch_changes: how many changes one fold takes; a device takes few, so that the next tap does not wait.
        seen: the clock of an author who should stamp above what was folded, if there is one.
    """

    def __init__(
        self,
        organization_id: UUID,
        specs: Mapping[str, TableSpec],
        bulk: Bulk,
        judge: Judge | None = None,
        projections: Sequence[Projection] = (),
        batch_changes: int = BATCH_CHANGES,
        seen: HybridClock | None = None,
    ) -> None:
        self._organization_id = organization_id
        self._specs = specs
        self._bulk = bulk
        self._judge = judge or OnlyTheCloudJudges(organization_id)
        self._projections = projections
        self._batch_changes = batch_changes
        self._seen = seen or HybridClock()
        self._waiting = Waiting(organization_id, specs, bulk)
        self._last_stream: UUID | None = None

    async def fold_next(self, connection: AsyncConnection, now_ms: int) -> Progress | None:
        """Fold the next batch of one stream inside the caller's transaction; None if nothing is left."""
        for projection in self._projections:
            projection.reset()  # a fold that broke off (a lost connection, say) was rolled back, its sums with it
        stream = await self._next_stream(connection)
        if stream is None:
            return None
        stream_id, folded_seq = stream
        stored = await self._read(connection, stream_id, folded_seq)
        transactions = [each for each in transactions_of(stream_id, stored) if each.first > folded_seq]
        progress = Progress(stream_id, folded_seq + 1, transactions[-1].last)
        self._seen.observe(max(change.stamp for change in stored), now_ms)
        voided = await self._voided(connection, stream_id, progress.first, progress.last)
        progress.folded = await self._fold(
            connection, [each for each in transactions if not _within(each, voided)], now_ms
        )
        if progress.folded.accepted:
            await self._retry_waiting(connection, progress, now_ms)
        await connection.execute(
            streams.update()
            .where(streams.c.organization_id == self._organization_id, streams.c.id == stream_id)
            .values(folded_seq=progress.last)
        )
        # Last, because folding anew looks at all that is folded, this batch included.
        progress.voided_rows = await self._obey_verdicts(connection, progress.folded.accepted, now_ms)
        return progress

    async def _next_stream(self, connection: AsyncConnection) -> tuple[UUID, int] | None:
        """A stream that is not folded to its end, and how far it is: the organization's first, then each in turn."""
        turn = () if self._last_stream is None else (streams.c.id <= self._last_stream,)
        row = (
            await connection.execute(
                sa.select(streams.c.id, streams.c.folded_seq)
                .where(streams.c.organization_id == self._organization_id, streams.c.folded_seq < streams.c.head_seq)
                .order_by(streams.c.scope.desc(), *turn, streams.c.id)
                .limit(1)
            )
        ).first()
        if row is None:
            return None
        self._last_stream = row[0]
        return row[0], row[1]

    async def _read(self, connection: AsyncConnection, stream_id: UUID, after: int) -> list[Change]:
        limit = self._batch_changes
        while True:
            rows = await connection.execute(
                sa.select(changes.c.body)
                .where(
                    changes.c.organization_id == self._organization_id,
                    changes.c.stream_id == stream_id,
                    changes.c.seq > after,
                )
                .order_by(changes.c.seq)
                .limit(limit)
            )
            stored = [decode(bytes(row[0])) for row in rows]
            if any(change.last for change in stored):
                return stored
            limit *= 2

    async def _fold(self, connection: AsyncConnection, transactions: list[Transaction], now_ms: int) -> Folded:
        folded = await self._fold_or_split(connection, transactions)
        await self._waiting.park(connection, [each for each in folded.objections if not each[1].voids], now_ms)
        return folded

    async def _fold_or_split(self, connection: AsyncConnection, transactions: list[Transaction]) -> Folded:
        """Fold; if something breaks on what our checks let pass, halve down to the one transaction that must park."""
        if not transactions:
            return Folded()
        try:
            async with connection.begin_nested():
                return await fold_batch(
                    connection,
                    self._bulk,
                    self._organization_id,
                    self._specs,
                    transactions,
                    self._judge,
                    self._projections,
                )
        except Exception as error:
            for projection in self._projections:
                projection.reset()
            if _is_of_the_moment(error):
                raise
            if len(transactions) == 1:
                return Folded(objections=[(transactions[0], _failed(transactions[0], error))])
        middle = len(transactions) // 2
        first = await self._fold_or_split(connection, transactions[:middle])
        return _both(first, await self._fold_or_split(connection, transactions[middle:]))

    async def _retry_waiting(self, connection: AsyncConnection, progress: Progress, now_ms: int) -> None:
        """Try those again whose missing row is there by now; what is cured may cure the next."""
        folded = progress.folded
        refused = {(each.stream_id, each.first): (each, why) for each, why in folded.objections}
        created = _created(folded.accepted)
        places = await self._waiting.ready(connection, progress.stream_id, progress.last, created)
        while places:
            again = Folded()
            for batch in batches(places, self._batch_changes):
                transactions = await self._waiting.read(connection, batch)
                again = _both(again, await self._fold(connection, transactions, now_ms))
            for transaction in again.accepted:
                refused.pop((transaction.stream_id, transaction.first), None)
            refused |= {(each.stream_id, each.first): (each, why) for each, why in again.objections}
            voided = [each for each, why in again.objections if why.voids]
            await self._waiting.release(connection, [*again.accepted, *voided])
            folded.accepted += again.accepted
            folded.rows |= again.rows
            places = await self._waiting.named(connection, _created(again.accepted))
        folded.objections = list(refused.values())

    async def _range(self, connection: AsyncConnection, stream_id: UUID, first: int, last: int) -> list[Change]:
        rows = await connection.execute(
            sa.select(changes.c.body)
            .where(
                changes.c.organization_id == self._organization_id,
                changes.c.stream_id == stream_id,
                changes.c.seq.between(first, last),
            )
            .order_by(changes.c.seq)
        )
        return [decode(bytes(row[0])) for row in rows]

    async def _voided(
        self, connection: AsyncConnection, stream_id: UUID, first: int, last: int
    ) -> list[tuple[int, int]]:
        table = Verdict.__table__
        rows = await connection.execute(
            sa.select(table.c.first_seq, table.c.last_seq).where(
                table.c.organization_id == self._organization_id,
                table.c.stream_id == stream_id,
                table.c.judgement == Judgement.VOIDED,
                table.c.first_seq <= last,
                table.c.last_seq >= first,
            )
        )
        return [(row[0], row[1]) for row in rows]

    async def _obey_verdicts(
        self, connection: AsyncConnection, accepted: Sequence[Transaction], now_ms: int
    ) -> set[tuple[str, UUID]]:
        """Voids that arrived with this batch: fold the rows that the voided changes touched anew, without them."""
        touched: set[tuple[str, UUID]] = set()
        for transaction in accepted:
            for change in transaction.changes:
                if change.table != Verdict.__tablename__ or change.kind != Kind.CREATE:
                    continue
                said = msgspec.convert(change.fields, _Said, strict=False)
                if said.judgement != Judgement.VOIDED:
                    continue
                stream_id = UUID(bytes=said.stream_id)
                voided = await self._range(connection, stream_id, said.first_seq, said.last_seq)
                rows = {(each.table, UUID(bytes=each.row)) for each in voided if each.table in self._specs}
                touched |= await refold(
                    connection, self._bulk, self._organization_id, self._specs, rows, self._projections, now_ms
                )
                await self._waiting.release(connection, transactions_of(stream_id, voided))
        return touched


class _Said(msgspec.Struct):
    """The part of a verdict that a fold obeys."""

    stream_id: bytes
    first_seq: int
    last_seq: int
    judgement: str


def _created(transactions: Iterable[Transaction]) -> Iterator[UUID]:
    """The rows that these transactions brought into being; mostly nobody asks, so they are not listed before."""
    return (UUID(bytes=each.row) for one in transactions for each in one.changes if each.kind == Kind.CREATE)


def _both(first: Folded, second: Folded) -> Folded:
    return Folded(first.rows | second.rows, first.objections + second.objections, first.accepted + second.accepted)


def _failed(transaction: Transaction, error: Exception) -> Objection:
    cause = getattr(error, "orig", None) or error
    logger.warning("%s/%s cannot be folded", transaction.stream_id, transaction.first, exc_info=error)
    return Objection(FOLD_FAILED, {"reason": type(cause).__name__})


def _is_of_the_moment(error: Exception) -> bool:
    """Whether an error says that the database is away, busy or full just now, and nothing of what was to be folded."""
    if not isinstance(error, sa.exc.DBAPIError):
        return isinstance(error, (OSError, sa.exc.TimeoutError))
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None)
    return state[:2] in OF_THE_MOMENT if state else not isinstance(error, OF_THE_CONTENT)


def _within(transaction: Transaction, ranges: list[tuple[int, int]]) -> bool:
    return any(first <= transaction.first and transaction.last <= last for first, last in ranges)
