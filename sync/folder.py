"""Keeps the merged tables up with the log: finds what is stored and not folded, folds it, parks, judges, obeys,
retries.

One batch is one database transaction, of one stream or of several. Killed at any moment, it goes on from `folded_seq`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from shared.kernel.stamps import HybridClock
from sync.anew import TableAnew
from sync.aside import has_unknown, is_behind, note
from sync.causes import causes
from sync.change import Kind, RawChange
from sync.digest import stale
from sync.door import Door, shape
from sync.feed import Feed, Listener, joined, tell
from sync.fold import Batch, Judge, JudgementWriter, Objection
from sync.guard import Folded, fold_guarded
from sync.log import Transaction, changes_between, transactions_after, unfolded_transactions
from sync.merged import MergedTables
from sync.records import streams
from sync.refold import Component, voided_changes, without
from sync.tables import TableSpec, program_fingerprint
from sync.upgrade import Upgrade
from sync.verdicts import VERDICTS, OnlyTheCloudJudges, voided_ranges, with_verdicts
from sync.waiting import UNTRIED_AT_ONCE, ParkingKey, Waiting

BATCH_CHANGES = 4_000
"""How many changes one fold takes: large enough for few statements a change, small enough for a short lock."""
_UNFOLDED = """
    SELECT id, folded_seq, head_seq, scope FROM sync_streams WHERE organization_id = ? AND folded_seq < head_seq
"""
_IN_SCOPE = " AND scope_id = ?"
_IN_TURN = " ORDER BY scope DESC, id"
_FOLDED = shape(streams, ("organization_id", "id", "folded_seq"))

FoldBatch = Callable[[Sequence[Transaction]], Folded]


@dataclass(slots=True)
class Progress:
    """Result of one `fold_next`.

    Attributes:
        changes: how many changes of the log it went past.
        is_last: whether all that was stored then is folded now.
        feed: the rows that changed, cured and voided ones included.
        accepted, objections: transactions, those that had waited included.
    """

    changes: int
    is_last: bool = True
    feed: Feed = field(default_factory=dict)
    accepted: list[Transaction] = field(default_factory=list)
    objections: list[tuple[Transaction, Objection]] = field(default_factory=list)

    @property
    def tables(self) -> frozenset[str]:
        """Names of the tables of which rows changed."""
        return frozenset(self.feed)


class Folder:
    """Folds one organization's streams.

    Args:
        judge: objections of this replica; by default those of a device.
        listeners: stand on the feed.
        judgements: writes verdicts and questions; only the cloud has one.
        batch_changes: how many changes one fold takes; a device takes few, so that the next tap does not wait. May be
            set anew between two folds.
        seen: the clock of an author who should stamp above what was folded, if there is one.
        program: sixteen bytes that tell this program from every other; by default made of the tables.
        scope: the scope whose streams it folds, and whose parked transactions it tries again; by default all.

    Attributes:
        has_parked: whether anything was parked before or after the last `fold_next`.
        has_woken: whether it brought rows for which something waits in other scopes.
    """

    def __init__(
        self,
        organization_id: UUID,
        tables: Mapping[str, TableSpec],
        judge: Judge | None = None,
        listeners: Sequence[Listener] = (),
        *,
        judgements: JudgementWriter | None = None,
        batch_changes: int = BATCH_CHANGES,
        seen: HybridClock | None = None,
        program: bytes | None = None,
        scope: bytes | None = None,
    ) -> None:
        self._organization = organization_id.bytes
        self._scope = scope
        self.has_parked = False
        self.has_woken = False
        self._tables = tables
        self._judge = judge or OnlyTheCloudJudges(organization_id)
        self._listeners = listeners
        self._judgements = judgements
        self.batch_changes = batch_changes
        self._seen = seen or HybridClock()
        self._program = program or program_fingerprint(tables)
        self._last_stream = b""
        self._counting: TableAnew | None = None
        self._is_counted = False

    def fold_next(self, door: Door, now_ms: int) -> Progress | None:
        """Fold the next batch inside the caller's transaction; None if nothing is left."""
        heads = self._unfolded(door)
        turn = _Turn(self, door, now_ms)
        is_anything_parked, is_untried, is_any_elsewhere = turn.waiting.look()
        self.has_parked, self.has_woken = is_anything_parked, False
        if not heads and not is_untried:
            return None
        progress = Progress(0)
        if heads:
            turn.fold_stored(progress, self._read(door, heads))
            progress.is_last = progress.changes == sum(head - folded for _stream, folded, head in heads)
        if is_untried:
            untried = turn.waiting.untried()
            progress.is_last = progress.is_last and len(untried) < UNTRIED_AT_ONCE
            turn.retry(progress, untried)
        if is_anything_parked or progress.objections:
            turn.retry(progress, turn.waiting.named(turn.brought(progress.accepted)))
            self.has_parked = True
        if is_any_elsewhere and progress.accepted:
            self.has_woken = turn.waiting.wake_elsewhere(turn.brought(progress.accepted))
        return progress

    def look_for_arrived(self, door: Door, now_ms: int) -> bool:
        """Let the next `fold_next` try what waits for rows that are there; False if there is no such case.

        While this replica parked it, somebody else may have been writing its row: neither saw the other.
        """
        waiting = _Turn(self, door, now_ms).waiting
        arrived = waiting.arrived()
        if arrived:
            waiting.mark_untried(arrived)
        return bool(arrived)

    def fold_again(self, door: Door, now_ms: int) -> Progress | None:
        """Fold again the next part of the log that another program could not read in full; None if nothing is left.

        Then digests are counted anew that add up the columns of another program.
        """
        progress = _Turn(self, door, now_ms).fold_again()
        return self._count_again(door) if progress is None else progress

    def undo(self, door: Door, ranges: Sequence[tuple[bytes, int, int]], now_ms: int) -> Feed:
        """Fold the rows anew that these ranges touched: this replica has just written verdicts on them itself."""
        return _Turn(self, door, now_ms).undo(ranges)

    def _count_again(self, door: Door) -> Progress | None:
        if self._is_counted:
            return None
        organization = self._organization
        if self._counting is None or self._counting.is_done:
            found = stale(door, organization, self._tables)
            self._counting = TableAnew.counting(found[1], found[0]) if found else None
            self._is_counted = found is None
        if self._counting is None:
            return None
        self._counting.step(MergedTables(door, organization, self._tables))
        return Progress(0, is_last=False)

    def _unfolded(self, door: Door) -> list[tuple[bytes, int, int]]:
        """Streams that are not folded to their ends: the organization's first, then each branch's in turn."""
        scope = () if self._scope is None else (door.key(self._scope),)
        sql = _UNFOLDED + (_IN_SCOPE if scope else "") + _IN_TURN
        found = door.rows(sql, door.key(self._organization), *scope)
        first = [row for row in found if row[3] == "organization"]
        others = [row for row in found if row[3] != "organization"]
        begin = next((at for at, row in enumerate(others) if row[0] > self._last_stream), 0)
        return [(row[0], row[1], row[2]) for row in (*first, *others[begin:], *others[:begin])]

    def _read(self, door: Door, heads: Sequence[tuple[bytes, int, int]]) -> list[Transaction]:
        """The next transactions of as many streams as fit into a batch."""
        transactions: list[Transaction] = []
        room = self.batch_changes
        if len(heads) > 1 and sum(head - folded for _stream, folded, head in heads) <= room:
            of_streams = unfolded_transactions(door, self._organization, [stream for stream, _folded, _head in heads])
            # What was stored since the heads were read is for the next turn.
            return [each for stream, _folded, head in heads for each in of_streams[stream] if each.last <= head]
        for stream, folded, head in heads:
            if room <= 0:
                break
            found = transactions_after(door, self._organization, stream, folded, min(room, head - folded))
            assert found, "the log ends within a transaction"
            assert found[0].first == folded + 1, "the log has a gap"
            length = found[-1].last - folded
            if length > room and transactions:
                break
            transactions += found
            room -= length
            self._last_stream = stream
        return transactions


class _Turn:
    """The steps of one `fold_next`, in one transaction of the database."""

    def __init__(self, folder: Folder, door: Door, now_ms: int) -> None:
        self._folder = folder
        self._door = door
        self._now_ms = now_ms
        self._organization = folder._organization
        self._merged = MergedTables(door, folder._organization, folder._tables)
        self.waiting = Waiting(self._merged, folder._program, folder._scope)

    def fold_stored(self, progress: Progress, transactions: Sequence[Transaction]) -> None:
        """Fold what was stored since, move the streams' folded heads, and park what cannot be folded."""
        self._folder._seen.observe(max(each.stamp for one in transactions for each in one.changes), self._now_ms)
        ends = {each.stream: each.last for each in transactions}
        verdicts, others = self._apart(transactions)
        folded = self._fold(others, self._fold_batch)
        self._door.update(_FOLDED, 2, [(self._organization, stream, seq) for stream, seq in sorted(ends.items())])
        # What verdicts are about is folded or parked by now, and stands or not.
        folded.join(self._fold(verdicts, self._obey_batch))
        progress.changes = sum(len(each.changes) for each in transactions)
        progress.feed, progress.accepted, progress.objections = folded.feed, folded.accepted, folded.objections

    def fold_again(self) -> Progress | None:
        """Take the next step of an upgrade, and fold what waits for the rows that it made."""
        folded = self._upgrade().step()
        if folded is None:
            return None
        progress = Progress(0, False, folded.feed, folded.accepted, folded.objections)
        self.retry(progress, self.waiting.named(self.brought(folded.accepted)))
        return progress

    def brought(self, transactions: Iterable[Transaction]) -> set[bytes]:
        """The rows by which transactions may cure what waits."""
        return causes(self._merged.tables, (each for one in transactions for each in one.changes))

    def retry(self, progress: Progress, keys: Sequence[ParkingKey]) -> None:
        """Fold parked transactions again: those whose row came, those new to this program, then what waits for them.

        At most a batch of changes; what is left is marked for the next fold, so that no chain holds the lock for long.
        """
        refused = {(each.stream, each.first): (each, why) for each, why in progress.objections}
        room = self._folder.batch_changes
        while keys and room > 0:
            some, keys = _first_changes(keys, room)
            again = self._fold_parked(some)
            for transaction in again.accepted:
                refused.pop((transaction.stream, transaction.first), None)
            refused |= {(each.stream, each.first): (each, why) for each, why in again.objections}
            room -= sum(key.last - key.first + 1 for key in some)
            progress.accepted += again.accepted
            joined(progress.feed, again.feed)
            keys = list(dict.fromkeys((*keys, *self.waiting.named(self.brought(again.accepted)))))
        if keys:
            self.waiting.mark_untried(keys)
            progress.is_last = False
        progress.objections = list(refused.values())

    def _fold_parked(self, keys: Sequence[ParkingKey]) -> Folded:
        verdicts, others = self._apart(self.waiting.read(keys))
        return self._fold_again(others, self._fold_batch).join(self._fold_again(verdicts, self._obey_batch))

    def _fold(self, transactions: Sequence[Transaction], fold: FoldBatch) -> Folded:
        folded = fold_guarded(self._door, transactions, fold)
        self.waiting.park([each for each in folded.objections if not each[1].voids], self._now_ms)
        return folded

    def _fold_again(self, transactions: Sequence[Transaction], fold: FoldBatch) -> Folded:
        again = self._fold(transactions, fold)
        self.waiting.release([*again.accepted, *(each for each, why in again.objections if why.voids)])
        return again

    def _fold_batch(self, transactions: Sequence[Transaction]) -> Folded:
        batch = Batch(self._merged, transactions, self._folder._judge)
        refused = batch.check()
        objections = [(transactions[at], objection) for at, objection in sorted(refused.items())]
        with self._door.ahead():
            feed = batch.fold()
            note(self._door, self._organization, self._folder._program, batch.unknown())
            voided = [each for each in objections if each[1].voids]
            asked = batch.asked()
            if (voided or asked) and self._folder._judgements is not None:
                joined(feed, self._folder._judgements.write(self._door, voided, asked))
            tell(self._door, feed, self._folder._listeners)
        return Folded(feed, batch.accepted(), objections)

    def _obey_batch(self, transactions: Sequence[Transaction]) -> Folded:
        """Fold verdicts, and fold the rows anew that the voided changes touched, all at once."""
        folded = self._fold_batch(transactions)
        # The cloud may have written verdicts on these; it never folded what those are about.
        created = _created(folded.accepted)
        verdicts = [
            after
            for row, before, after in folded.feed.get(VERDICTS, ())
            if before is None and after is not None and row in created
        ]
        ranges = [(each.stream_id, each.first_seq, each.last_seq) for each in verdicts]
        joined(folded.feed, self.undo(ranges))
        return folded

    def undo(self, ranges: Sequence[tuple[bytes, int, int]]) -> Feed:
        """Fold the rows anew that voided ranges touched. The verdicts are in the merged tables."""
        component = without(self._merged, [each for some in ranges for each in voided_changes(self._merged, *some)])
        self.waiting.park(component.refused, self._now_ms)
        feed = self._rebuild(component)
        note(self._door, self._organization, self._folder._program, self._unknown(ranges, component))
        for some in ranges:
            self.waiting.release_between(*some)
        return feed

    def _unknown(self, ranges: Sequence[tuple[bytes, int, int]], component: Component) -> dict[bytes, int]:
        """By stream: the first part of what stands no longer that this program does not know.

        A later program may have folded it before this one was put back: its fields are not made anew here.
        """
        ended = [(stream, each) for stream, first, last in ranges for each in self._changes(stream, first, last)]
        ended += [(one.stream, each) for one, _objection in component.refused for each in one.changes]
        unknown = sorted((stream, each.seq) for stream, each in ended if has_unknown(self._merged.tables, each))
        return dict(reversed(unknown))

    def _changes(self, stream: bytes, first: int, last: int) -> list[RawChange]:
        return changes_between(self._door, self._organization, stream, first, last)

    def _rebuild(self, component: Component) -> Feed:
        """Make the rows of a component anew. During an upgrade with care: some of the log is not checked yet."""
        if is_behind(self._door, self._organization, self._folder._program):
            return self._upgrade().make_anew(component.touched).feed
        feed = component.rebuild()
        tell(self._door, feed, self._folder._listeners)
        return feed

    def _upgrade(self) -> Upgrade:
        folder = self._folder
        return Upgrade(
            self._merged,
            self.waiting,
            folder._judge,
            folder._judgements,
            folder._listeners,
            folder._program,
            self._now_ms,
        )

    def _apart(self, transactions: Sequence[Transaction]) -> tuple[list[Transaction], list[Transaction]]:
        """Split into transactions with verdicts and others; leave out those that are void."""
        ends = {each.stream: each.last for each in transactions}
        begins = {each.stream: each.first for each in reversed(transactions)}
        judged = ends.keys() if len(ends) == 1 else with_verdicts(self._door, self._organization, ends)
        ranges = {
            stream: voided_ranges(self._door, self._organization, stream, begins[stream], ends[stream])
            for stream in judged
        }
        verdicts: list[Transaction] = []
        others: list[Transaction] = []
        for each in transactions:
            if any(first <= each.first and each.last <= last for first, last in ranges.get(each.stream, ())):
                continue
            (verdicts if any(change.table == VERDICTS for change in each.changes) else others).append(each)
        return verdicts, others


def _created(transactions: Iterable[Transaction]) -> set[bytes]:
    """Ids of the rows that these transactions created."""
    return {each.row for one in transactions for each in one.changes if each.kind == Kind.CREATE}


def _first_changes(keys: Sequence[ParkingKey], room: int) -> tuple[list[ParkingKey], list[ParkingKey]]:
    """Split keys into those of at most so many changes (or the first alone) and the rest."""
    count = size = 0
    for key in keys:
        size += key.last - key.first + 1
        if count and size > room:
            break
        count += 1
    return list(keys[:count]), list(keys[count:])
