"""Folding anew from the log, as if voided changes had never been.

A row that loses all its creations disappears from the merged tables (the log keeps it), and what edits it or refers
to it parks. Transactions may hold each other up: each creates a row that the other needs. So the whole component is
looked at
anew, in one transaction: all that creates, edits or refers to a row whose creation is void, and so on from there.
What stands then is what a replica holds that knew the verdict from the beginning.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from sync.aside import created_rows, known_changes
from sync.change import Kind, RawChange
from sync.feed import Feed, joined
from sync.fold import PARENT_UNKNOWN, PARENT_VOIDED, ROW_VOIDED, Objection, missing_row, parents_of, unmet
from sync.log import Transaction, changes_between, effective_changes, transactions_around
from sync.merge import Row, apply, same
from sync.merged import MergedTables, Rows

RowKey = tuple[str, bytes]
"""The table and the id of a row."""
ChangesOfRow = Sequence[tuple[bytes, RawChange]]
"""Changes with their streams."""
Objections = list[tuple[Transaction, Objection]]


def voided_changes(merged: MergedTables, stream: bytes, first: int, last: int) -> list[RawChange]:
    """The changes of a voided range that are about tables which this program knows."""
    stored = changes_between(merged.door, merged.organization, stream, first, last)
    return known_changes(merged.tables, stored)


def without(merged: MergedTables, voided: Iterable[RawChange]) -> Component:
    """Find all that depends on voided changes. The verdict must be in the merged tables already."""
    component = Component(merged, list(voided))
    component.expand()
    component.settle()
    return component


class Component:
    """All transactions and rows that may depend on some voided changes.

    Attributes:
        refused: the transactions that no longer stand, each with its objection; the caller parks them before `rebuild`.
        touched: the rows that may change.
    """

    def __init__(self, merged: MergedTables, voided: Sequence[RawChange]) -> None:
        self.refused: Objections = []
        self._merged = merged
        self.touched: set[RowKey] = {(change.table, change.row) for change in voided}
        self._doubtful = {(change.table, change.row) for change in voided if change.kind == Kind.CREATE}
        self._transactions: dict[tuple[bytes, int], Transaction] = {}
        self._covered: defaultdict[bytes, set[int]] = defaultdict(set)
        self._around: defaultdict[bytes, dict[int, Transaction]] = defaultdict(dict)

    def expand(self) -> None:
        """Find the transactions that need a doubtful row; the rows that they create are doubtful, too."""
        todo = set(self._doubtful)
        while todo:
            found = [change for some in self._effective(todo).values() for change in some]
            found += self._references_to(todo)
            todo = set()
            for stream, change in found:
                if change.seq in self._covered[stream]:
                    continue
                transaction = self._take(stream, change.seq)
                created = created_rows(self._merged.tables, transaction.changes)
                todo |= created - self._doubtful
                self._doubtful |= created

    def settle(self) -> None:
        """Accept transactions that need only rows which exist, until no more can be accepted; refuse the others."""
        existing = self._existing()
        waiting: defaultdict[RowKey, list[Transaction]] = defaultdict(list)
        todo = [self._transactions[key] for key in sorted(self._transactions, reverse=True)]
        refused: dict[tuple[bytes, int], tuple[Transaction, Objection]] = {}
        while todo:
            transaction = todo.pop()
            objection = unmet(self._merged.tables, transaction, existing)
            if objection is not None:
                waiting[missing_row(objection.params)].append(transaction)
                refused[transaction.stream, transaction.first] = transaction, objection
                continue
            refused.pop((transaction.stream, transaction.first), None)
            for name, row in created_rows(self._merged.tables, transaction.changes):
                if row not in existing[name]:
                    existing[name].add(row)
                    todo += waiting.pop((name, row), ())
        for _key, (transaction, objection) in sorted(refused.items()):
            reason = PARENT_VOIDED if objection.reason == PARENT_UNKNOWN else ROW_VOIDED
            self.refused.append((transaction, Objection(reason, objection.params)))
            known = known_changes(self._merged.tables, transaction.changes)
            self.touched |= {(change.table, change.row) for change in known}

    def rebuild(self) -> Feed:
        """Make each touched row what its effective changes make of it."""
        return rebuild(self._merged, self.touched)

    def _take(self, stream: bytes, seq: int) -> Transaction:
        around = self._around[stream]
        if seq not in around:
            # Neighbours mostly hang on the same row: read them with one statement.
            for transaction in transactions_around(self._merged.door, self._merged.organization, stream, seq):
                around |= dict.fromkeys(range(transaction.first, transaction.last + 1), transaction)
        transaction = around[seq]
        self._transactions[stream, transaction.first] = transaction
        self._covered[stream].update(range(transaction.first, transaction.last + 1))
        return transaction

    def _effective(self, rows: Collection[RowKey]) -> Mapping[RowKey, ChangesOfRow]:
        return effective_changes(self._merged.door, self._merged.organization, rows)

    def _references_to(self, parents: Collection[RowKey]) -> list[tuple[bytes, RawChange]]:
        """Effective changes that name one of these rows as a parent, whether or not their row shows it."""
        by_table: defaultdict[str, set[bytes]] = defaultdict(set)
        for name, row in parents:
            by_table[name].add(row)
        children = set(self._merged.hidden({row for _name, row in parents}))
        for name, table in self._merged.tables.items():
            for parent in table.parents:
                if parent.table in by_table:
                    found = self._merged.referring(table, parent.field, by_table[parent.table])
                    children |= {(name, row) for row in found}
        tables = self._merged.tables
        return [
            (stream, change)
            for some in self._effective(children).values()
            for stream, change in some
            if any(parent in parents for parent in parents_of(tables[change.table], change))
        ]

    def _existing(self) -> dict[str, set[bytes]]:
        """Rows that the transactions need and that exist whatever becomes of them."""
        needed: defaultdict[str, set[bytes]] = defaultdict(set)
        for transaction in self._transactions.values():
            for change in known_changes(self._merged.tables, transaction.changes):
                needed[change.table].add(change.row)
                for parent, row in parents_of(self._merged.tables[change.table], change):
                    needed[parent].add(row)
        existing: dict[str, set[bytes]] = {name: set() for name in self._merged.tables}
        for name, rows in needed.items():
            certain = {row for row in rows if (name, row) not in self._doubtful}
            if certain:
                existing[name] = set(self._merged.branches(self._merged.tables[name], certain))
        return existing


def rebuild(merged: MergedTables, keys: Collection[RowKey]) -> Feed:
    """Make each row what its effective changes make of it; take away those that nothing creates any more."""
    by_table: defaultdict[str, set[bytes]] = defaultdict(set)
    for name, row in keys:
        by_table[name].add(row)
    # Lock before reading the log: what somebody else is writing to these rows is in the log once the locks are ours.
    locked = {name: merged.load(merged.tables[name], by_table[name]) for name in sorted(by_table)}
    effective = effective_changes(merged.door, merged.organization, keys)
    rows: Rows = {}
    gone: dict[str, dict[bytes, Row]] = {}
    for name, ids in by_table.items():
        table, held = merged.tables[name], locked[name]
        made = {row: _made(merged, name, effective.get((name, row), ())) for row in sorted(ids)}
        rows[name] = {row: each for row, each in made.items() if each is not None}
        gone[name] = {row: held[row] for row in ids if made[row] is None and row in held}
        for row, each in rows[name].items():
            each.seal(table)
            if row in held:
                _compare(each, held[row], table.names)
    return joined(merged.write(rows), merged.delete(gone))


def _made(merged: MergedTables, name: str, effective: ChangesOfRow) -> Row | None:
    table = merged.tables[name]
    row: Row | None = None
    for stream, change in sorted(effective, key=lambda each: each[1].kind):
        stamp = change.stamp_in(stream)
        if change.kind == Kind.CREATE:
            values = table.decode_creation(change.fields)
            values.stamps = b""
            row = apply(table, row, change.kind, values, stamp)
        elif row is not None:
            row = apply(table, row, change.kind, table.decode_edit(change.fields), stamp)
    return row


def _compare(made: Row, held: Row, names: Sequence[str]) -> None:
    """Note in what a row that was made anew differs from the one that the database holds."""
    made.before = held.before
    made.dirty = frozenset(name for name in names if not same(getattr(made.values, name), getattr(held.values, name)))
    made.restamped = made.values.stamps != held.values.stamps
