"""Planted bugs of the engine: folding, merging, voiding, and the feed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.records import Merge
from shared.kernel.stamps import HybridClock, Stamp
from sync import dating, families, fold, folder, log, merge, merged, refold, verdicts, writing
from sync.change import decode_raw
from sync.door import Door
from sync.fold import Objection
from sync.folder import Folder
from terminal.store import store
from terminal.store.counters import DeviceNumbers, counters
from terminal.syncing import agent
from tests.simulation import disk


@contextmanager
def cursor_before_data() -> Iterator[None]:
    """A device marks what it received as folded in one transaction and folds it in the next, a little later."""
    first = "SELECT id, folded_seq FROM sync_streams WHERE folded_seq < head_seq ORDER BY scope DESC, id LIMIT 1"

    def mark(door: Door) -> Any:
        found = door.rows(first)
        if found:
            door.run("UPDATE sync_streams SET folded_seq = head_seq WHERE id = ?", found[0][0])
        return found

    def fold_it(door: Door, folder: Folder, stream: bytes, seq: int) -> None:
        door.run("UPDATE sync_streams SET folded_seq = ? WHERE id = ?", seq, stream)
        while folder.fold_next(door, 0):
            pass

    async def fold_next(self: agent.Agent) -> bool:
        found = await self._store.through(mark)
        if not found:
            return False
        await asyncio.sleep(0.2)
        await self._store.through(fold_it, self._folder, *found[0])
        return True

    with patch.object(agent.Agent, "_fold_next", fold_next):
        yield


@contextmanager
def tie_break_dropped() -> Iterator[None]:
    """Of two writes with one clock value, the one that arrived first stays."""

    def newer(stamp: merge.FieldStamp, value: Any, than: merge.FieldStamp, than_value: Any) -> bool:
        return stamp[0] > than[0]

    with patch.object(merge, "_is_newer", newer):
        yield


@contextmanager
def last_arrival_wins() -> Iterator[None]:
    """Register fields take whatever came last."""

    def newer(stamp: merge.FieldStamp, value: Any, than: merge.FieldStamp, than_value: Any) -> bool:
        return True

    with patch.object(merge, "_is_newer", newer):
        yield


@contextmanager
def waiting_forgotten() -> Iterator[None]:
    """What waits for its row is never tried again."""
    with patch.object(folder._Turn, "retry", lambda *_arguments: None):
        yield


@contextmanager
def set_aside_for_ever() -> Iterator[None]:
    """What an older program set aside is not folded after its upgrade."""
    with patch.object(folder.Folder, "fold_again", lambda *_arguments: None):
        yield


@contextmanager
def unknown_fields_unnoted() -> Iterator[None]:
    """A fold notes unknown tables only, so that an upgraded program begins to fold again too late."""
    with patch.object(fold, "fields_of", lambda _change: 0):
        yield


@contextmanager
def older_digests_uncounted() -> Iterator[None]:
    """The digests that another program kept of other columns are not counted anew."""
    with patch.object(folder, "stale", lambda *_arguments: None):
        yield


@contextmanager
def edit_skips_missing_rows() -> Iterator[None]:
    """A transaction that edits a row which is not there is folded without that edit."""
    honest = fold.Batch.check

    def check(self: fold.Batch) -> dict[int, Objection]:
        honest(self)
        for at, objection in list(self.refused.items()):
            if objection.reason == fold.ROW_UNKNOWN:
                del self.refused[at]
        for name, edits in self.edits.items():
            there = self.rows[name].keys() | {each.row for each in self.creations[name]}
            edits[:] = [each for each in edits if each.row in there]
        return self.refused

    with patch.object(fold.Batch, "check", check):
        yield


@contextmanager
def child_before_parent() -> Iterator[None]:
    """A row whose parent is not there is folded all the same, and no key of the database stops it."""
    with patch.object(fold.Batch, "_ask", lambda *_arguments: None), _without_keys():
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
    honest = merge._edit

    def edit(table: Any, row: merge.Row, fields: Mapping[str, Any], stamp: merge.FieldStamp) -> None:
        honest(table, row, fields, stamp)
        for name, value in fields.items():
            if table.policies[name] is Merge.STATE:
                row.put(name, value)

    with patch.object(merge, "_edit", edit):
        yield


@contextmanager
def transaction_cut() -> Iterator[None]:
    """Frames end anywhere, also in the middle of a transaction, and what is there is folded."""

    def any_changes(door: Door, organization: bytes, stream: bytes, after: int, limit: int, _most_bytes: int) -> Any:
        return door.rows(log._AFTER, organization, stream, after, min(limit, 3))

    def whatever_there_is(stream: bytes, stored: Any) -> list[log.Transaction]:
        return [log.Transaction(stream, [change]) for change in stored]

    with ExitStack() as stack:
        stack.enter_context(patch("sync.assessing.decode_raw", _as_last))
        stack.enter_context(patch.object(log, "_whole_transactions", any_changes))
        stack.enter_context(patch.object(log, "transactions_of", whatever_there_is))
        yield


def _as_last(body: bytes) -> Any:
    return msgspec.structs.replace(decode_raw(body), last=True)


@contextmanager
def void_not_obeyed() -> Iterator[None]:
    """Devices keep what the cloud has voided."""
    with patch.object(folder._Turn, "_obey_batch", folder._Turn._fold_batch):
        yield


@contextmanager
def void_heard_too_late() -> Iterator[None]:
    """A void that arrives before the voided transaction is forgotten by the time that comes."""
    with patch.object(folder, "voided_ranges", lambda *_arguments: []):
        yield


@contextmanager
def stamps_not_kept() -> Iterator[None]:
    """Folded rows lose the stamps of their fields."""

    def seal(self: merge.Row, table: Any) -> None:
        self._own().stamps = b""

    with patch.object(merge.Row, "seal", seal):
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
def told_as_new() -> Iterator[None]:
    """A row that changed is told to the feed as if it were new: sums count it again."""
    honest = merged.MergedTables.write

    def write(self: merged.MergedTables, rows: Any) -> Any:
        return {name: [(row, None, after) for row, _before, after in told] for name, told in honest(self, rows).items()}

    with patch.object(merged.MergedTables, "write", write):
        yield


@contextmanager
def own_writing_untold() -> Iterator[None]:
    """What a replica writes itself is not told to the feed: sums and digests know only what was received."""
    with patch.object(writing.OwnWriting, "_feed", lambda _self: {}):
        yield


@contextmanager
def derived_by_the_last() -> Iterator[None]:
    """Of two creations of a derived row the later one stands."""

    def derive_again(table: Any, row: merge.Row, fields: Any, stamp: merge.FieldStamp) -> None:
        if stamp > row.created:
            row.created, row.restamped = stamp, True

    with patch.object(merge, "_derive_again", derive_again):
        yield


@contextmanager
def void_alone() -> Iterator[None]:
    """What hangs on a voided change stays as it is: only the voided rows are made anew."""
    with patch.object(refold.Component, "expand", lambda _self: None), _without_keys():
        yield


@contextmanager
def clock_not_moved_by_others() -> Iterator[None]:
    """What others wrote moves no clock, so that an answer may be stamped before its question."""
    with patch.object(HybridClock, "observe", lambda *_arguments: None):
        yield


@contextmanager
def started_clock_knows_nothing() -> Iterator[None]:
    """A program that has just started stamps by its own clock alone, whatever it had folded before."""
    with patch.object(store, "newest_stamp", lambda *_arguments: 0):
        yield


@contextmanager
def any_device_judges() -> Iterator[None]:
    """A verdict counts, whoever wrote it."""
    with patch.object(verdicts.OnlyTheCloudJudges, "look", lambda *_arguments: None), _without_keys():
        yield


@contextmanager
def orphans_stay() -> Iterator[None]:
    """A row that nothing creates any more stays where it is."""
    with patch.object(merged.MergedTables, "delete", lambda *_arguments: {}):
        yield


@contextmanager
def told_is_a_register() -> Iterator[None]:
    """What the kitchen was told is the newest word, not the greatest total."""
    honest = merge._derive_again

    def derive_again(table: Any, row: merge.Row, fields: Any, stamp: merge.FieldStamp) -> None:
        honest(table, row, fields, stamp)
        if table.name == "ticket_lines":
            row.put("told_milli", fields.told_milli)

    with patch.object(merge, "_derive_again", derive_again):
        yield


@contextmanager
def sums_forget_the_before() -> Iterator[None]:
    """What a family added to the sums before it changed is not taken off."""
    honest = families.Families.shares

    def shares(self: families.Families, *given: Any) -> Any:
        return [(sign, share) for sign, share in honest(self, *given) if sign > 0]

    with patch.object(families.Families, "shares", shares):
        yield


@contextmanager
def family_of_the_batch() -> Iterator[None]:
    """A family is compared by the rows of the batch alone, without those that are there."""
    honest = families.Families.touched

    def touched(self: families.Families, feed: Any) -> Any:
        found = honest(self, feed)
        return found and families.Touched(found.before, found.after, set(found.after))

    with patch.object(families.Families, "touched", touched):
        yield


@contextmanager
def closed_days_stay() -> Iterator[None]:
    """A close that comes after receipts which it does not know leaves them on their day."""
    with patch.object(dating.Days, "moved", lambda *_arguments: {}):
        yield


def _without_keys() -> AbstractContextManager[Any]:
    """Databases that check no foreign key: the books must notice."""
    return patch.object(disk, "PRAGMAS", tuple(each for each in disk.PRAGMAS if not each.startswith("foreign_keys")))
