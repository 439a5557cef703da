"""Folding again, after an upgrade, what an older program set aside: tables and fields that it did not know.

In small steps beside the work, each in one transaction with its place in the log, so that it goes on after a kill. A
step takes the next transactions of a stream and makes their rows anew from the log. Before that it checks them as the
fold would have, and the judge looks at the rows that nobody has made yet. A transaction that would not have been folded
is void, or parks whole with all that needs it: what stands then is what a replica holds that knew everything from the
beginning.

One case is left out: two transactions each of which needs a row that only the other creates. A program that knows
everything parks both for ever. If an older one folded the known part of the first, both stand after the upgrade. To
find such a circle, a step would have to fold all again on which it hangs, and no honest author writes one: who edits a
row or refers to it has folded its creation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sync.aside import Note, finish, has_unknown, keep, known_changes, next_of_another
from sync.change import Kind, RawChange
from sync.feed import Feed, Listener, joined, tell
from sync.fold import WAITING, Batch, Judge, JudgementWriter, Objection, missing_row
from sync.guard import Folded, fold_guarded
from sync.log import Transaction, effective_changes, transactions_after, transactions_around
from sync.merge import Row
from sync.merged import MergedTables
from sync.refold import ChangesOfRow, RowKey, rebuild, without
from sync.tables import TableSpec
from sync.waiting import Waiting

CHANGES_A_STEP = 170
"""Short enough for the next tap: as many as a till folds at once."""
_FOLDED_TO = "SELECT folded_seq FROM sync_streams WHERE organization_id = ? AND id = ?"

Objections = Sequence[tuple[Transaction, Objection]]


class _Place(NamedTuple):
    """A transaction, by its stream and its number there."""

    stream: bytes
    number: int


class Upgrade:
    """The steps of one organization.

    Args:
        judgements: writes verdicts and questions, on the cloud.
        listeners: stand on the feed.
        program: sixteen bytes that tell this program from every other.
    """

    def __init__(
        self,
        merged: MergedTables,
        waiting: Waiting,
        judge: Judge,
        judgements: JudgementWriter | None,
        listeners: Sequence[Listener],
        program: bytes,
        now_ms: int,
    ) -> None:
        self._merged = merged
        self._door = merged.door
        self._organization = merged.organization
        self._waiting = waiting
        self._judge = judge
        self._judgements = judgements
        self._listeners = listeners
        self._program = program
        self._now_ms = now_ms

    def step(self) -> Folded | None:
        """Fold the next transactions again; None if nothing is left. Its objections have parked or are void."""
        note = next_of_another(self._door, self._organization, self._program)
        if note is None:
            return None
        transactions = self._next(note)
        if not transactions:
            finish(self._door, self._organization, note)
            return Folded()
        folded = fold_guarded(self._door, transactions, self._fold)
        if folded.objections:
            broken = self._set_apart(folded.objections, folded.feed)
            joined(folded.feed, self.make_anew(broken).feed)
        keep(self._door, self._organization, self._reached(note, transactions))
        return folded

    def make_anew(self, rows: Collection[RowKey]) -> Folded:
        """Make these rows anew, and those that they need and nobody has made yet.

        What a program that knew all of the log would not have folded is void or parks first, with what needs it.
        """
        rows, feed = set(rows), Feed()
        while True:
            check = _Check(_Standing(self._merged, rows), self._judge, rows)
            refused = check.refused()
            if not refused:
                break
            rows |= self._set_apart(refused, feed)
        joined(feed, rebuild(self._merged, check.rows))
        if check.asked and self._judgements is not None:
            joined(feed, self._judgements.write(self._door, (), check.asked))
        tell(self._door, feed, self._listeners)
        return Folded(feed, check.made)

    def _next(self, note: Note) -> list[Transaction]:
        """The next transactions of a stream that were folded and are not folded again yet."""
        assert note.reached is not None
        at = (self._door.key(self._organization), self._door.key(note.stream))
        folded = self._door.value(_FOLDED_TO, *at) or 0
        if note.reached >= folded:
            return []
        room = min(CHANGES_A_STEP, folded - note.reached)
        found = transactions_after(self._door, self._organization, note.stream, note.reached, room)
        return [each for each in found if each.last <= folded]

    def _reached(self, note: Note, transactions: Sequence[Transaction]) -> Note:
        note = note._replace(reached=transactions[-1].last)
        changes = [change for one in transactions for change in one.changes]
        unknown = next((change.seq for change in changes if has_unknown(self._merged.tables, change)), None)
        return note if unknown is None else note.with_unknown(unknown)

    def _fold(self, transactions: Sequence[Transaction]) -> Folded:
        changes = [change for one in transactions for change in one.changes]
        return self.make_anew({(change.table, change.row) for change in known_changes(self._merged.tables, changes)})

    def _set_apart(self, refused: Objections, feed: Feed) -> set[RowKey]:
        """Void or park transactions, and park what needs them. Returns the rows that change by it."""
        voided = [each for each in refused if each[1].voids]
        if voided and self._judgements is not None:
            joined(feed, self._judgements.write(self._door, voided, ()))
        self._waiting.park([each for each in refused if not each[1].voids], self._now_ms)
        changes = [change for one, _objection in refused for change in one.changes]
        component = without(self._merged, known_changes(self._merged.tables, changes))
        self._waiting.park(component.refused, self._now_ms)
        return component.touched


class _Standing(MergedTables):
    """The merged tables without those of some rows that nothing creates any more: they are deleted in the end."""

    def __init__(self, merged: MergedTables, rows: Collection[RowKey]) -> None:
        super().__init__(merged.door, merged.organization, merged.tables)
        effective = effective_changes(merged.door, merged.organization, rows)
        made = {key for key, some in effective.items() if any(change.kind == Kind.CREATE for _stream, change in some)}
        self._gone = set(rows) - made

    def load(self, table: TableSpec, keys: Collection[bytes], *, locks: bool = True) -> dict[bytes, Row]:
        """The rows that stand."""
        found = super().load(table, keys, locks=locks)
        return {key: row for key, row in found.items() if (table.name, key) not in self._gone}

    def branches(self, table: TableSpec, keys: Collection[bytes]) -> dict[bytes, bytes | None]:
        """The branch of each row that stands."""
        found = super().branches(table, keys)
        return {key: branch for key, branch in found.items() if (table.name, key) not in self._gone}


class _Check:
    """Checks rows that are made anew, and those that they need and nobody has made yet.

    Attributes:
        rows: the rows to make anew.
        made: the parts of transactions that make rows which do not exist yet.
        asked: what people are asked about these.
    """

    def __init__(self, merged: MergedTables, judge: Judge, rows: Collection[RowKey]) -> None:
        self.rows: set[RowKey] = set()
        self.made: list[Transaction] = []
        self.asked: Sequence[tuple[Transaction, Any]] = ()
        self._merged = merged
        self._judge = judge
        self._parts: list[Transaction] = []
        self._add(rows)

    def refused(self) -> Objections:
        """The transactions that a fold which knows all of them would refuse."""
        while True:
            whole = Batch(self._merged, self._parts)
            objections = whole.check()
            missing = {missing_row(each.params) for each in objections.values() if each.reason in WAITING}
            if not self._add(missing - self.rows):
                break
        found = {_place(self._parts[at]): objection for at, objection in sorted(objections.items())}
        if self.made:
            batch = Batch(self._merged, self.made, self._judge)
            judged = {_place(self.made[at]): objection for at, objection in batch.check().items()}
            found |= {place: each for place, each in judged.items() if each.voids or place not in found}
            self.asked = batch.asked()
        return [(self._whole(place), objection) for place, objection in sorted(found.items(), key=lambda each: each[0])]

    def _add(self, rows: Collection[RowKey]) -> bool:
        """Take these rows in, before the others that may need them; False if the log has nothing of them."""
        effective = effective_changes(self._merged.door, self._merged.organization, rows) if rows else {}
        existing = self._existing(effective)
        new = {key: changes for key, changes in effective.items() if key not in existing}
        self.rows |= set(rows)
        self._parts = [*_by_transaction(effective), *self._parts]
        self.made = [*_by_transaction(new), *self.made]
        return bool(effective)

    def _existing(self, rows: Collection[RowKey]) -> set[RowKey]:
        by_table: defaultdict[str, set[bytes]] = defaultdict(set)
        for name, row in rows:
            by_table[name].add(row)
        tables = self._merged.tables
        return {(name, row) for name, ids in by_table.items() for row in self._merged.branches(tables[name], ids)}

    def _whole(self, place: _Place) -> Transaction:
        seq = next(each.first for each in self._parts if _place(each) == place)
        around = transactions_around(self._merged.door, self._merged.organization, place.stream, seq)
        return next(each for each in around if each.first <= seq <= each.last)


def _place(part: Transaction) -> _Place:
    return _Place(part.stream, part.changes[0].transaction)


def _by_transaction(effective: Mapping[RowKey, ChangesOfRow]) -> list[Transaction]:
    """The changes of rows as parts of their transactions, creations before edits as far as streams go."""
    parts: defaultdict[_Place, list[RawChange]] = defaultdict(list)
    for changes in effective.values():
        for stream, change in changes:
            parts[_Place(stream, change.transaction)].append(change)
    found = [Transaction(place.stream, sorted(some, key=lambda each: each.seq)) for place, some in parts.items()]
    return sorted(found, key=lambda part: (not _creates(part), part.changes[0].stamp))


def _creates(part: Transaction) -> bool:
    return any(change.kind == Kind.CREATE for change in part.changes)
