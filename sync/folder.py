"""Keeps the merged tables up with the log: finds what is stored and not folded, folds it, parks, judges, retries.

One batch is one database transaction. Killed at any moment, it goes on from `folded_seq`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.stamps import HybridClock
from sync.bulk import Bulk
from sync.change import Change, Kind, decode
from sync.fold import WAITING, Folded, Judge, Objection, Projection, Transaction, fold_batch, transactions_of
from sync.records import Judgement, Verdict, changes, parked, streams
from sync.refold import refold
from sync.rows import Rows
from sync.tables import TableSpec
from sync.verdicts import OnlyTheCloudJudges

BATCH_CHANGES = 4_000
"""How many changes one fold takes: large enough for bulk writes, small enough for a short lock."""
FOLD_FAILED = "FOLD_FAILED"


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

    async def fold_next(self, connection: AsyncConnection, now_ms: int) -> Progress | None:
        """Fold the next batch of one stream inside the caller's transaction; None if nothing is left."""
        for projection in self._projections:
            projection.reset()  # a fold that broke off (a lost connection, say) was rolled back, its sums with it
        stream = (
            await connection.execute(
                sa.select(streams.c.id, streams.c.folded_seq)
                .where(streams.c.organization_id == self._organization_id, streams.c.folded_seq < streams.c.head_seq)
                .order_by(streams.c.scope.desc(), streams.c.id)
                .limit(1)
            )
        ).first()
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
            await self._retry_waiting(connection, progress.folded, now_ms)
        await connection.execute(
            streams.update()
            .where(streams.c.organization_id == self._organization_id, streams.c.id == stream_id)
            .values(folded_seq=progress.last)
        )
        # Last, because folding anew looks at all that is folded, this batch included.
        progress.voided_rows = await self._obey_verdicts(connection, progress.folded.accepted, now_ms)
        return progress

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
        for transaction, objection in folded.objections:
            if not objection.voids:
                await self._park(connection, transaction, objection, now_ms)
        return folded

    async def _fold_or_split(self, connection: AsyncConnection, transactions: list[Transaction]) -> Folded:
        """Fold; if the database refuses a value that our checks let pass, halve down to the one that must park."""
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
        except (sa.exc.IntegrityError, sa.exc.DataError) as error:
            for projection in self._projections:
                projection.reset()
            if len(transactions) == 1:
                reason = type(error.orig).__name__
                return Folded(objections=[(transactions[0], Objection(FOLD_FAILED, {"reason": reason}))])
        middle = len(transactions) // 2
        first = await self._fold_or_split(connection, transactions[:middle])
        second = await self._fold_or_split(connection, transactions[middle:])
        return Folded(first.rows | second.rows, first.objections + second.objections, first.accepted + second.accepted)

    async def _park(
        self, connection: AsyncConnection, transaction: Transaction, objection: Objection, now_ms: int
    ) -> None:
        at = _parked_at(self._organization_id, transaction.stream_id, transaction.first)
        known = await connection.scalar(sa.select(sa.literal(1)).select_from(parked).where(*at))
        values = {"reason": objection.reason, "params": dict(objection.params), "last_seq": transaction.last}
        if known:
            await connection.execute(parked.update().where(*at).values(values))
            return
        identity = {
            "organization_id": self._organization_id,
            "stream_id": transaction.stream_id,
            "first_seq": transaction.first,
        }
        await connection.execute(parked.insert(), {**identity, **values, "parked_ms": now_ms})

    async def _retry_waiting(self, connection: AsyncConnection, folded: Folded, now_ms: int) -> None:
        """Try those again whose missing row is there by now, for as long as that cures one (it may cure the next)."""
        refused: dict[tuple[UUID, int], tuple[Transaction, Objection]] = {
            (each.stream_id, each.first): (each, why) for each, why in folded.objections
        }
        cured = True
        while cured:
            ready = await self._ready(connection)
            if not ready:
                break
            again = await self._fold(connection, ready, now_ms)
            cured = bool(again.accepted) or any(why.voids for _each, why in again.objections)
            for transaction in again.accepted:
                refused.pop((transaction.stream_id, transaction.first), None)
                await self._unpark(connection, transaction)
            for transaction, objection in again.objections:
                refused[transaction.stream_id, transaction.first] = (transaction, objection)
                if objection.voids:
                    await self._unpark(connection, transaction)
            folded.accepted += again.accepted
            folded.rows |= again.rows
        folded.objections = list(refused.values())

    async def _unpark(self, connection: AsyncConnection, transaction: Transaction) -> None:
        at = _parked_at(self._organization_id, transaction.stream_id, transaction.first)
        await connection.execute(parked.delete().where(*at))

    async def _ready(self, connection: AsyncConnection) -> list[Transaction]:
        """The waiting transactions whose missing row exists, at most a batch of changes."""
        waiting = (
            await connection.execute(
                sa.select(parked.c.stream_id, parked.c.first_seq, parked.c.last_seq, parked.c.params)
                .where(parked.c.organization_id == self._organization_id, parked.c.reason.in_(WAITING))
                .order_by(parked.c.parked_ms, parked.c.stream_id, parked.c.first_seq)
            )
        ).all()
        present = Rows(connection, self._bulk, self._organization_id, self._specs)
        await present.look(_missing(row.params) for row in waiting)
        ready: list[Transaction] = []
        taken = 0
        for stream_id, first, last, params in waiting:
            if taken < self._batch_changes and present.exists(*_missing(params)):
                ready.append(Transaction(stream_id, tuple(await self._range(connection, stream_id, first, last))))
                taken += last - first + 1
        return ready

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
                for each in transactions_of(stream_id, voided):
                    await self._unpark(connection, each)
        return touched


class _Said(msgspec.Struct):
    """The part of a verdict that a fold obeys."""

    stream_id: bytes
    first_seq: int
    last_seq: int
    judgement: str


def _parked_at(organization_id: UUID, stream_id: UUID, first: int) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        parked.c.organization_id == organization_id,
        parked.c.stream_id == stream_id,
        parked.c.first_seq == first,
    )


def _missing(params: Mapping[str, str]) -> tuple[str, bytes]:
    """The table and id of the row that a waiting transaction lacks."""
    return params.get("parent", params["table"]), bytes.fromhex(params["row"])


def _within(transaction: Transaction, ranges: list[tuple[int, int]]) -> bool:
    return any(first <= transaction.first and transaction.last <= last for first, last in ranges)
