"""The fold: stored changes become merged rows. A batch of whole transactions is checked by sets and columns, then
applied.

A batch asks with sets whether all is well. Only if not, it finds the transactions that are to blame and leaves them
out, each with its objection; so there is one way through the code, and it is slow only for what is wrong.

Order of arrival never matters: an edit that comes before its row, or a child before its parent, parks and is tried
again when that row comes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple, Protocol

import msgspec
from msgspec.structs import astuple

from shared.kernel.columns import Wired
from shared.kernel.stamps import MAX_STAMP
from sync.aside import created_rows, fields_of, known_changes
from sync.causes import CAUSE_UNKNOWN, Said, ahead, can_wait, may_wait
from sync.change import Kind, RawChange
from sync.door import Door
from sync.feed import Feed
from sync.log import Transaction
from sync.merge import apply
from sync.merged import MergedTables, Rows
from sync.tables import TableSpec, Values

ROW_UNKNOWN = "ROW_UNKNOWN"
PARENT_UNKNOWN = "PARENT_UNKNOWN"
VALUE_UNKNOWN = "VALUE_UNKNOWN"
KIND_UNKNOWN = "KIND_UNKNOWN"
ROW_VOIDED = "ROW_VOIDED"
PARENT_VOIDED = "PARENT_VOIDED"
WAITING = frozenset({ROW_UNKNOWN, PARENT_UNKNOWN, ROW_VOIDED, PARENT_VOIDED, CAUSE_UNKNOWN})
"""Reasons that a row cures that comes later: tried again once it is there. The first two are no cause for alarm while
young. Their objections name the missing row: `parent` (or `table`) and `row`, its id in hex."""
Columns = Mapping[str, Sequence[Any]]
"""Values of several rows by field, in one order."""
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a transaction is not folded. `voids`: it never will be; otherwise it parks and may be tried again."""

    reason: str
    params: Mapping[str, Any] = field(default_factory=dict)
    voids: bool = False


class Creation(NamedTuple):
    """A creation of a batch. `at`: the place of its transaction in the batch."""

    row: bytes
    stamp: tuple[int, bytes]
    values: Values
    at: int
    actor: bytes | None = None


class Edit(NamedTuple):
    """An edit of a batch."""

    row: bytes
    stamp: tuple[int, bytes]
    fields: dict[str, Any]
    at: int
    actor: bytes | None = None


class Judge(Protocol):
    """Says what a replica will not fold: the cloud what cannot be a sale, a device foreign verdicts."""

    def look(self, batch: Batch) -> None:
        """Call `batch.refuse` for each transaction that must not be folded, and `batch.question` for what is folded
        and people are asked about. All values of the batch are readable, except those that it refuses already.
        """
        ...


class JudgementWriter(Protocol):
    """Writes what the cloud's judge found, in the transaction of the fold."""

    def write(
        self, door: Door, voided: Sequence[tuple[Transaction, Objection]], asked: Sequence[tuple[Transaction, Any]]
    ) -> Feed:
        """Write a verdict for each voided transaction, and what people are asked. Returns the feed of these rows.

        Args:
            asked: about transactions that are folded, in the words of the judge.
        """
        ...


class Batch:
    """Whole transactions, of one stream or of several, on their way into the merged tables.

    Attributes:
        creations, edits: the decoded changes by table.
        columns: the values of the creations by table and field, for who asks about all of them at once.
        rows: the rows that the database holds of those that are created or edited, locked.
        refused: objections by the place of the transaction.
        aside: by the place of the transaction, its first change with a table or a field that this program does not
            know. That part is left out, the rest of the transaction folds.
        questions: what people are asked about, with the place of the transaction.
        lacking: objections to what lacks a table, a value, a row or a parent; the judge's objections come before them.
    """

    def __init__(self, merged: MergedTables, transactions: Sequence[Transaction], judge: Judge | None = None) -> None:
        self.merged = merged
        self.transactions = transactions
        self.creations: defaultdict[str, list[Creation]] = defaultdict(list)
        self.edits: defaultdict[str, list[Edit]] = defaultdict(list)
        self.columns: dict[str, Columns] = {}
        self.rows: Rows = defaultdict(dict)
        self.refused: dict[int, Objection] = {}
        self.lacking: dict[int, Objection] = {}
        self.aside: dict[int, int] = {}
        self.questions: list[tuple[int, Any]] = []
        self._judge = judge
        self._tables = merged.tables
        self._born: defaultdict[str, dict[bytes, int]] = defaultdict(dict)
        self._wanted: defaultdict[str, dict[bytes, list[int]]] = defaultdict(dict)
        self._parents: defaultdict[str, dict[bytes, list[tuple[int, str]]]] = defaultdict(dict)
        self._branches: dict[str, dict[bytes, bytes | None]] = {}
        self._branches_of: dict[str, Mapping[bytes, bytes | None]] = {}

    @property
    def door(self) -> Door:
        """The door of the merged tables."""
        return self.merged.door

    def refuse(self, at: int, objection: Objection) -> None:
        """Leave a transaction out of the fold. The first objection to it is kept."""
        self.refused.setdefault(at, objection)

    def question(self, at: int, question: Any) -> None:
        """Ask people about a transaction, if it is folded. Who judges knows what a question is."""
        self.questions.append((at, question))

    def asked(self) -> list[tuple[Transaction, Any]]:
        """The questions about transactions that are not refused."""
        return [(self.transactions[at], question) for at, question in self.questions if at not in self.refused]

    def check(self) -> dict[int, Objection]:
        """Check the batch without writing. Returns the objections by the place of their transaction."""
        self._decode()
        self._look_at_columns()
        self._look_up()
        if self._judge is not None:
            self._judge.look(self)
        for at, objection in self.lacking.items():
            self.refuse(at, objection)
        if self.refused:
            self._refuse_what_depends()
        while self._refuse_what_is_ahead():
            self._refuse_what_depends()
        return self.refused

    def stream_of(self, change: Creation | Edit) -> bytes:
        """The stream in which a change of the batch stands. Its stamp may name another, that of its origin."""
        return self.transactions[change.at].stream

    def accepted(self) -> list[Transaction]:
        """The transactions that are not refused."""
        if not self.refused:
            return list(self.transactions)
        return [each for at, each in enumerate(self.transactions) if at not in self.refused]

    def unknown(self) -> dict[bytes, int]:
        """By stream: its first change with a part that was set aside, of those that are not refused."""
        first: dict[bytes, int] = {}
        for at, seq in self.aside.items():
            if at not in self.refused:
                stream = self.transactions[at].stream
                first[stream] = min(seq, first.get(stream, seq))
        return first

    def fold(self) -> Feed:
        """Apply the transactions that are not refused, and write the rows. Returns the feed."""
        refused, rows = self.refused, self.rows
        for name, creations in self.creations.items():
            table, held = self._tables[name], rows[name]
            for row, stamp, values, at, _actor in creations:
                if at not in refused:
                    held[row] = apply(table, held.get(row), Kind.CREATE, values, stamp)
        for name, edits in self.edits.items():
            table, held = self._tables[name], rows[name]
            for row, stamp, fields, at, _actor in edits:
                if at not in refused:
                    apply(table, held[row], Kind.EDIT, fields, stamp)
            assert not any(held[each.row].is_lowered(table.states) for each in edits if each.at not in refused), name
        return self.merged.write(rows)

    def branches_of(self, table: str) -> Mapping[bytes, bytes | None]:
        """The branch of each row that this batch names, if it exists or comes with the batch. For a judge."""
        known = self._branches_of.get(table)
        if known is None:
            held = {row: getattr(each.values, "branch_id", None) for row, each in self.rows[table].items()}
            known = self._branches_of[table] = {**self._branches.get(table, {}), **self._branches_born(table), **held}
        return known

    def _branches_born(self, table: str) -> Mapping[bytes, bytes | None]:
        """The branch of each row that this batch creates, as its first creation says."""
        first_last = reversed(self.creations.get(table, []))
        return {each.row: getattr(each.values, "branch_id", None) for each in first_last}

    def first_of(self, table: str, row: bytes) -> int | None:
        """The place of the first transaction of this batch that creates a row."""
        return self._born[table].get(row)

    # -- decoding and values -----------------------------------------------------------------------------------------

    def _decode(self) -> None:
        tables = self._tables
        for at, transaction in enumerate(self.transactions):
            stream = transaction.stream
            for change in transaction.changes:
                name, row = change.table, change.row
                table = tables.get(name)
                if table is None:
                    self.aside.setdefault(at, change.seq)
                    continue
                if change.stamp > MAX_STAMP:
                    self.refuse(at, Objection(VALUE_UNKNOWN, {"table": name, "field": "stamp"}))
                    continue
                try:
                    if change.kind == Kind.CREATE:
                        values = self._read_creation(table, change, at)
                        values.stamps = b""
                        self.creations[name].append(Creation(row, change.stamp_in(stream), values, at, change.actor))
                        self._born[name].setdefault(row, at)
                    elif change.kind == Kind.EDIT:
                        fields = self._read_edit(table, change, at)
                        self.edits[name].append(Edit(row, change.stamp_in(stream), fields, at, change.actor))
                        if row not in self._born[name]:
                            self._wanted[name].setdefault(row, []).append(at)
                    else:
                        self.refuse(at, Objection(KIND_UNKNOWN, {"table": name, "kind": change.kind}))
                except UNREADABLE:
                    self._blame(at, table, change)

    def _read_creation(self, table: TableSpec, change: RawChange, at: int) -> Values:
        try:
            return table.decode_exactly(change.fields)
        except msgspec.ValidationError:
            values = table.decode_creation(change.fields)
        self.aside.setdefault(at, change.seq)
        return values

    def _read_edit(self, table: TableSpec, change: RawChange, at: int) -> dict[str, Any]:
        fields = table.decode_edit(change.fields)
        if len(fields) < fields_of(change):
            self.aside.setdefault(at, change.seq)
        return fields

    def _blame(self, at: int, table: TableSpec, change: RawChange) -> None:
        """Refuse a transaction with the name of the value that cannot be stored, or that is missing."""
        wrong, lacking = _unreadable_field(table, change)
        if wrong is not None:
            self.refuse(at, Objection(VALUE_UNKNOWN, {"table": table.name, "field": wrong}))
        else:
            self.lacking.setdefault(at, Objection(VALUE_UNKNOWN, {"table": table.name, "field": lacking}))

    def _look_at_columns(self) -> None:
        """Check by column what decoding does not check, and collect the parents that must be there."""
        for name, creations in self.creations.items():
            table = self._tables[name]
            cells = zip(*[astuple(each.values) for each in creations], strict=True)
            columns = self.columns[name] = dict(zip(table.names, cells, strict=False))
            for field_name, wire in _checked(table):
                self._check(table, field_name, wire, columns[field_name], creations)
            for field_name, parent in table.parents:
                self._ask(name, parent, columns[field_name], creations)
        for name, edits in self.edits.items():
            table = self._tables[name]
            for field_name, wire in _checked(table):
                some = [each for each in edits if field_name in each.fields]
                if some:
                    self._check(table, field_name, wire, [each.fields[field_name] for each in some], some)
            for field_name, parent in table.parents:
                some = [each for each in edits if each.fields.get(field_name) is not None]
                self._ask(name, parent, [each.fields[field_name] for each in some], some)

    def _check(
        self, table: TableSpec, name: str, wire: Wired, column: Sequence[Any], of: Sequence[Creation | Edit]
    ) -> None:
        if wire.accepts_column(column):
            return
        for value, change in zip(column, of, strict=True):
            if value is not None and not wire.accepts(value):
                self.refuse(change.at, Objection(VALUE_UNKNOWN, {"table": table.name, "field": name}))

    def _ask(self, table: str, parent: str, column: Sequence[bytes | None], of: Sequence[Creation | Edit]) -> None:
        """Collect the parents that neither this transaction nor an earlier one creates: the database must have them."""
        born, asked = self._born[parent], self._parents[parent]
        for key, change in zip(column, of, strict=True):
            if key is None:
                continue
            begun = born.get(key)
            if begun is None or begun > change.at:
                asked.setdefault(key, []).append((change.at, table))

    # -- rows and parents --------------------------------------------------------------------------------------------

    def _look_up(self) -> None:
        """Load the rows, and find out which parents there are: at most two statements a table."""
        for name, spec in self._tables.items():
            if name not in self._born and name not in self._wanted and name not in self._parents:
                continue
            keys = self._born[name].keys() | self._wanted[name].keys()
            if keys:
                self.rows[name] = self.merged.load(spec, keys)
            parents = self._parents[name].keys() - self.rows[name].keys()
            if parents:
                self._branches[name] = self.merged.branches(spec, parents)
        for name, wanted in self._wanted.items():
            for row in wanted.keys() - self.rows[name].keys():
                for at in wanted[row]:
                    self.lacking.setdefault(at, Objection(ROW_UNKNOWN, {"table": name, "row": row.hex()}))
        for name, asked in self._parents.items():
            for row in asked.keys() - self.rows[name].keys() - self._branches.get(name, {}).keys():
                for at, table in asked[row]:
                    params = {"table": table, "parent": name, "row": row.hex()}
                    self.lacking.setdefault(at, Objection(PARENT_UNKNOWN, params))

    def _refuse_what_is_ahead(self) -> bool:
        """Refuse what says more than its cause allows, as far as it is known; False if there is nothing of the kind."""
        found = False
        for name in self.creations.keys() | self.edits.keys():
            table = self._tables[name]
            if not can_wait(table) or not (self.edits.get(name) or may_wait(table, self.columns[name])):
                continue
            said = [
                *(Said(each.row, _Fields(each.values), each.at) for each in self.creations[name]),
                *(Said(each.row, each.fields, each.at) for each in self.edits[name]),
            ]
            for each in ahead(table, self.rows[name], [each for each in said if each.at not in self.refused]):
                self.refuse(each.at, Objection(CAUSE_UNKNOWN, {"table": name, "row": each.row.hex()}))
                found = True
        return found

    def _refuse_what_depends(self) -> None:
        """Refuse what needs a row that only refused transactions create: one look at each transaction, in order."""
        existing = {name: set(self.rows[name]) | self._branches.get(name, {}).keys() for name in self._tables}
        for at, transaction in enumerate(self.transactions):
            if at in self.refused:
                continue
            objection = unmet(self._tables, transaction, existing)
            if objection is not None:
                self.refuse(at, objection)
                continue
            for name, row in created_rows(self._tables, transaction.changes):
                existing[name].add(row)


class _Fields:
    """The values of a new row, read like the fields of an edit."""

    __slots__ = ("_values",)

    def __init__(self, values: Values) -> None:
        self._values = values

    def get(self, name: str) -> Any:
        """The value of a field."""
        return getattr(self._values, name)

    __getitem__ = get


def unmet(
    tables: Mapping[str, TableSpec], transaction: Transaction, existing: Mapping[str, Collection[bytes]]
) -> Objection | None:
    """The first row that a readable transaction needs and that does not exist.

    A row may come after its child within a transaction, but not after its edit.
    """
    changes = known_changes(tables, transaction.changes)
    own = created_rows(tables, changes)
    before: set[tuple[str, bytes]] = set()
    for change in changes:
        key = (change.table, change.row)
        if change.kind == Kind.CREATE:
            before.add(key)
        elif key not in before and change.row not in existing[change.table]:
            return Objection(ROW_UNKNOWN, {"table": change.table, "row": change.row.hex()})
        for parent, row in parents_of(tables[change.table], change):
            if (parent, row) not in own and row not in existing[parent]:
                return Objection(PARENT_UNKNOWN, {"table": change.table, "parent": parent, "row": row.hex()})
    return None


def missing_row(params: Mapping[str, str]) -> tuple[str, bytes]:
    """The table and id of the row that a waiting transaction lacks."""
    return params.get("parent", params["table"]), bytes.fromhex(params["row"])


def parents_of(table: TableSpec, change: RawChange) -> list[tuple[str, bytes]]:
    """The parents that a readable change names."""
    if not table.parents:
        return []
    fields = table.decode_edit(change.fields)
    return [(each.table, fields[each.field]) for each in table.parents if fields.get(each.field) is not None]


def _unreadable_field(table: TableSpec, change: RawChange) -> tuple[str | None, str]:
    """The first field with a value that cannot be stored; else None and the first that lacks its value."""
    try:
        fields = msgspec.msgpack.decode(change.fields)
    except UNREADABLE:
        return "", ""
    if type(fields) is not dict:
        return "", ""
    lacking = ""
    for name, value in fields.items():
        check = table.checks.get(name)
        if check is None or check(value):
            continue
        if value is not None:
            return name, ""
        if not table.fields[name].nullable:
            lacking = lacking or name
    if change.kind == Kind.CREATE and not lacking:
        lacking = next((name for name in table.fields if name in table.required and name not in fields), "")
    # What the decoder refuses and the checks let pass is unreadable all the same.
    return (None, lacking) if lacking else ("", "")


@cache
def _checked(table: TableSpec) -> list[tuple[str, Wired]]:
    """The fields of which decoding alone does not say whether they can be stored."""
    wires = [(name, table.fields[name].wire) for name in table.names]
    return [(name, wire) for name, wire in wires if type(wire).accepts_column is not Wired.accepts_column]
