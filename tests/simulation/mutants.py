"""Planted bugs: each breaks one rule of the engine, and the simulation must notice.

A simulation that a mutant survives is the bug. `FOUND_WITHIN` says how many seeds each may take. `make test` hunts
those that show themselves soon, `make simulate` all of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import pairwise
from typing import Any
from unittest.mock import patch
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sync.rows import Rows

from cloud.replication import replies
from shared.kernel.records import Merge
from shared.kernel.stamps import HybridClock, Stamp
from sync import fold, folder, log, merge, refold
from sync.change import Position, Vector, decode
from sync.fold import Objection, Transaction
from sync.folder import Folder
from sync.messages import Ack, Frame, Mark
from sync.protocol import Gap, Replay, assess
from sync.records import changes, streams
from terminal import agent
from terminal.store.counters import DeviceNumbers, counters


@contextmanager
def no_replay_check() -> Iterator[None]:
    """A frame that was received before is appended again."""

    def assessed(frame: Frame, head: Position, _chains: Any = None) -> Any:
        outcome = assess(frame, head)
        if isinstance(outcome, Replay):
            return assess(frame, Position(frame.first - 1, frame.previous))
        return outcome

    with patch.object(log, "assess", assessed):
        yield


@contextmanager
def acknowledged_without_storing() -> Iterator[None]:
    """The cloud says that it holds a frame which it has thrown away."""
    honest, pushes = log.receive, [0]

    async def receive(
        connection: AsyncConnection, bulk: Any, organization_id: UUID, frame: Frame, now_ms: int, chains: Any
    ) -> Any:
        pushes[0] += 1
        if pushes[0] % 5 == 0:
            return Ack(Mark(frame.key.id.bytes, frame.last, bytes(16)))
        return await honest(connection, bulk, organization_id, frame, now_ms, chains)

    with patch.object(replies, "receive", receive):
        yield


@contextmanager
def cursor_before_data() -> Iterator[None]:
    """A device marks what it received as folded in one transaction and folds it in the next, a little later."""
    honest = Folder.fold_next

    async def mark(connection: AsyncConnection) -> Any:
        row = (
            await connection.execute(
                sa.select(streams.c.id, streams.c.folded_seq)
                .where(streams.c.folded_seq < streams.c.head_seq)
                .order_by(streams.c.scope.desc(), streams.c.id)
                .limit(1)
            )
        ).first()
        if row is not None:
            await _set_folded(connection, row.id, streams.c.head_seq)
        return row

    async def fold_next(self: agent.Agent) -> bool:
        row = await self._store.write(mark)
        if row is None:
            return False

        async def fold_it(connection: AsyncConnection) -> None:
            await _set_folded(connection, row.id, row.folded_seq)
            while await honest(self._folder, connection, 0):
                pass

        await asyncio.sleep(0.2)
        await self._store.write(fold_it)
        return True

    with patch.object(agent.Agent, "_fold_next", fold_next):
        yield


async def _set_folded(connection: AsyncConnection, stream_id: UUID, seq: Any) -> None:
    await connection.execute(streams.update().where(streams.c.id == stream_id).values(folded_seq=seq))


@contextmanager
def tie_break_dropped() -> Iterator[None]:
    """Of two writes with one clock value, the one that arrived first stays."""

    def newer(stamp: merge.FieldStamp, value: Any, than: merge.FieldStamp, than_value: Any) -> bool:
        return stamp[0] > than[0]

    with patch.object(merge, "newer", newer):
        yield


@contextmanager
def last_arrival_wins() -> Iterator[None]:
    """Register fields take whatever came last."""

    def newer(stamp: merge.FieldStamp, value: Any, than: merge.FieldStamp, than_value: Any) -> bool:
        return True

    with patch.object(merge, "newer", newer):
        yield


@contextmanager
def waiting_forgotten() -> Iterator[None]:
    """What waits for its row is never tried again."""

    async def nothing(*_arguments: object) -> None:
        return None

    with patch.object(Folder, "_retry_waiting", nothing):
        yield


@contextmanager
def edit_skips_missing_rows() -> Iterator[None]:
    """A transaction that edits a row which is not there is folded without that edit."""
    honest, fold_change = fold._unfoldable, fold._fold_change

    def unfoldable(transaction: Transaction, specs: Any, rows: Any) -> Objection | None:
        objection = honest(transaction, specs, rows)
        return None if objection and objection.reason == fold.ROW_UNKNOWN else objection

    def fold_known(spec: Any, rows: Any, change: Any, stream: bytes) -> None:
        if change.kind == 0 or rows.get(change.table, change.row) is not None:
            fold_change(spec, rows, change, stream)

    with patch.object(fold, "_unfoldable", unfoldable), patch.object(fold, "_fold_change", fold_known):
        yield


@contextmanager
def edit_creates_row() -> Iterator[None]:
    """An edit of a row that is not there brings a row into being, with whatever fields it has."""
    honest = fold._unfoldable

    def unfoldable(transaction: Transaction, specs: Any, rows: Any) -> Objection | None:
        objection = honest(transaction, specs, rows)
        return None if objection and objection.reason == fold.ROW_UNKNOWN else objection

    with patch.object(fold, "_unfoldable", unfoldable):
        yield


@contextmanager
def clock_not_above_field() -> Iterator[None]:
    """A write is stamped by the clock alone, though the field bears a later stamp."""
    honest = HybridClock.tick

    def tick(self: HybridClock, now_ms: int, above: int = 0) -> Stamp:
        return honest(self, now_ms)

    with patch.object(HybridClock, "tick", tick):
        yield


@contextmanager
def state_takes_latest() -> Iterator[None]:
    """A status is whatever came last, not the furthest."""
    honest = merge.merge

    def merged(
        spec: Any, row: merge.MergedRow, fields: Mapping[str, Any], stamp: merge.FieldStamp, *, creates: bool
    ) -> None:
        honest(spec, row, fields, stamp, creates=creates)
        for name, value in fields.items():
            known = spec.fields.get(name)
            if known is not None and known.merge is Merge.STATE and value is not None:
                merge._put(row, name, value)

    with patch.object(fold, "merge", merged), patch.object(refold, "merge", merged):
        yield


@contextmanager
def transaction_cut() -> Iterator[None]:
    """Frames end anywhere, also in the middle of a transaction, and what is there is folded."""
    honest = assess

    def assessed(frame: Frame, head: Position, _chains: Any = None) -> Any:
        with patch("sync.protocol.decode", _as_last):
            return honest(frame, head)

    async def any_changes(
        connection: AsyncConnection, organization_id: UUID, stream_id: UUID, after: int, limit: int, _most_bytes: int
    ) -> tuple[list[bytes], list[bytes]]:
        rows = (
            await connection.execute(
                sa.select(changes.c.body, changes.c.chain)
                .where(changes.c.stream_id == stream_id, changes.c.seq > after)
                .order_by(changes.c.seq)
                .limit(min(limit, 3))
            )
        ).all()
        return [bytes(row[0]) for row in rows], [bytes(row[1]) for row in rows]

    def whatever_there_is(stream_id: UUID, stored: Any) -> list[Transaction]:
        return [Transaction(stream_id, (change,)) for change in stored]

    with ExitStack() as stack:
        stack.enter_context(patch.object(log, "assess", assessed))
        stack.enter_context(patch.object(log, "_whole_transactions", any_changes))
        stack.enter_context(patch.object(folder, "transactions_of", whatever_there_is))
        stack.enter_context(patch.object(folder, "decode", _as_last))
        yield


def _as_last(body: bytes) -> Any:
    return msgspec.structs.replace(decode(body), last=True)


@contextmanager
def void_not_obeyed() -> Iterator[None]:
    """Devices keep what the cloud has voided."""

    async def none(*_arguments: object) -> set[Any]:
        return set()

    with patch.object(Folder, "_obey_verdicts", none):
        yield


@contextmanager
def void_heard_too_late() -> Iterator[None]:
    """A void that arrives before the voided transaction is forgotten by the time that comes."""

    async def none(*_arguments: object) -> list[Any]:
        return []

    with patch.object(Folder, "_voided", none):
        yield


@contextmanager
def stamps_not_kept() -> Iterator[None]:
    """Folded rows lose the stamps of their fields."""
    with patch.object(merge.MergedRow, "pack_stamps", lambda _self: b""):
        yield


@contextmanager
def numbers_in_memory() -> Iterator[None]:
    """Receipts and orders are numbered by the running program, not by its disk."""

    async def following(self: Any, session: AsyncSession, series: str) -> int:
        known: dict[str, int] = self.__dict__.setdefault("known", {})
        if series not in known:
            stored = await session.scalar(sa.select(counters.c.value).where(counters.c.series == series))
            known[series] = int(stored or 0)
        known[series] += 1
        return known[series]

    with patch.object(DeviceNumbers, "next", following):
        yield


@contextmanager
def acknowledged_before_commit() -> Iterator[None]:
    """The cloud answers a push before the transaction that stores it has ended."""
    honest = replies.Replies._push

    async def push(self: replies.Replies, device: Any, public_key: Any, frame: Frame) -> Any:
        task = asyncio.ensure_future(honest(self, device, public_key, frame))
        await asyncio.wait({task}, timeout=0.001)
        if task.done():
            return task.result()
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return Ack(Mark(frame.key.id.bytes, frame.last, bytes(16)))

    with patch.object(replies.Replies, "_push", push):
        yield


@contextmanager
def gap_accepted() -> Iterator[None]:
    """A frame that does not join what is held is stored all the same."""

    def assessed(frame: Frame, head: Position, _chains: Any = None) -> Any:
        outcome = assess(frame, head)
        return assess(frame, Position(frame.first - 1, frame.previous)) if isinstance(outcome, Gap) else outcome

    async def all_but_one(self: agent.Agent, frames: list[Frame]) -> Vector:
        lost = [at for at, (frame, after) in enumerate(pairwise(frames)) if frame.key == after.key][:1]
        return await store_frames(self, [frame for at, frame in enumerate(frames) if at not in lost])

    store_frames = agent.Agent._store_frames
    with patch.object(log, "assess", assessed), patch.object(agent.Agent, "_store_frames", all_but_one):
        yield


@contextmanager
def derived_twice() -> Iterator[None]:
    """A row that was folded is told to the projections as if it were new: sums count it again."""
    honest = Rows._load_rows

    async def load_rows(self: Rows, spec: Any, keys: list[bytes]) -> None:
        await honest(self, spec, keys)
        for row in self._rows[spec.name].values():
            row.before = None

    with patch.object(Rows, "_load_rows", load_rows):
        yield


MUTANTS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    each.__name__: each
    for each in (
        no_replay_check,
        acknowledged_without_storing,
        acknowledged_before_commit,
        cursor_before_data,
        tie_break_dropped,
        last_arrival_wins,
        waiting_forgotten,
        edit_creates_row,
        edit_skips_missing_rows,
        clock_not_above_field,
        state_takes_latest,
        transaction_cut,
        void_not_obeyed,
        void_heard_too_late,
        stamps_not_kept,
        numbers_in_memory,
        gap_accepted,
        derived_twice,
    )
}
"""By name; see each function's first line."""

FOUND_WITHIN: dict[str, int] = {
    "no_replay_check": 10,
    "acknowledged_without_storing": 5,
    "acknowledged_before_commit": 40,
    "cursor_before_data": 60,
    "tie_break_dropped": 30,
    "last_arrival_wins": 10,
    "waiting_forgotten": 10,
    "edit_creates_row": 10,
    "edit_skips_missing_rows": 5,
    "clock_not_above_field": 10,
    "state_takes_latest": 10,
    "transaction_cut": 5,
    "void_not_obeyed": 5,
    "void_heard_too_late": 40,
    "stamps_not_kept": 5,
    "numbers_in_memory": 5,
    "gap_accepted": 10,
    "derived_twice": 5,
}
"""Schedules of `run.HUNTING_MINUTES` by planted bug: a few times what it takes today, since any change of the code
makes other schedules of the same seeds."""
