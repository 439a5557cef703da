"""The fold: stored changes become merged rows, transaction by transaction, restartable at any point.

One call folds a batch of whole transactions in the caller's database transaction. A transaction that cannot be folded
is named with its reason, for the caller to park; everything else flows.

Order of arrival never matters: an edit that comes before its row, or a child before its parent, parks and is tried
again with every later batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.text import clean
from sync.bulk import Bulk
from sync.change import MAX_NAME_CHARACTERS, Change, Kind
from sync.merge import MergedRow, merge
from sync.projection import Projection
from sync.rows import Rows
from sync.tables import TableSpec

ROW_UNKNOWN = "ROW_UNKNOWN"
PARENT_UNKNOWN = "PARENT_UNKNOWN"
TABLE_UNKNOWN = "TABLE_UNKNOWN"
VALUE_UNKNOWN = "VALUE_UNKNOWN"
KIND_UNKNOWN = "KIND_UNKNOWN"
ROW_VOIDED = "ROW_VOIDED"
PARENT_VOIDED = "PARENT_VOIDED"
WAITING = frozenset({ROW_UNKNOWN, PARENT_UNKNOWN, ROW_VOIDED, PARENT_VOIDED})
"""Reasons that a row cures that comes later: tried again once it is there. The first two are no cause for alarm while
young. Their objections name the missing row: `parent` (or `table`) and `row`, its id in hex."""
KINDS = frozenset(Kind)


@dataclass(frozen=True, slots=True)
class Transaction:
    """The changes of one unit of work, as they stand in one stream."""

    stream_id: UUID
    changes: tuple[Change, ...]

    @property
    def first(self) -> int:
        """Sequence number of its first change."""
        return self.changes[0].seq

    @property
    def last(self) -> int:
        """Sequence number of its last change."""
        return self.changes[-1].seq


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a transaction is not folded. `voids`: it never will be; otherwise it parks and may be tried again."""

    reason: str
    params: Mapping[str, Any] = field(default_factory=dict)
    voids: bool = False


class Judge(Protocol):
    """Says what a replica will not fold: the cloud's what its author had no right to, a device's foreign verdicts."""

    async def prepare(self, connection: AsyncConnection, transactions: Sequence[Transaction]) -> None:
        """Read what the judgements on these transactions need, in as few statements as possible."""
        ...

    def objection(self, transaction: Transaction, specs: Mapping[str, TableSpec], rows: Rows) -> Objection | None:
        """Why this transaction must not be folded, or None. All values that it names can be stored.

        Args:
            rows: what the transactions of this batch touch, as the ones before it left it.
        """
        ...


@dataclass(slots=True)
class Folded:
    """What a batch did.

    Attributes:
        rows: (table, row id) of each row written.
        objections: transactions that were not folded, with why.
        accepted: transactions that were.
    """

    rows: set[tuple[str, UUID]] = field(default_factory=set)
    objections: list[tuple[Transaction, Objection]] = field(default_factory=list)
    accepted: list[Transaction] = field(default_factory=list)


async def fold_batch(
    connection: AsyncConnection,
    bulk: Bulk,
    organization_id: UUID,
    specs: Mapping[str, TableSpec],
    transactions: Sequence[Transaction],
    judge: Judge | None = None,
    projections: Sequence[Projection] = (),
) -> Folded:
    """Fold whole transactions into the merged tables; the caller moves cursors and commits."""
    rows = Rows(connection, bulk, organization_id, specs)
    result = Folded()
    if judge:
        await judge.prepare(connection, transactions)
    await rows.load(change for transaction in transactions for change in transaction.changes)
    for transaction in transactions:
        unreadable, lacking = _values(transaction, specs)
        objection = (
            unreadable
            or (judge and judge.objection(transaction, specs, rows))
            or lacking
            or _unfoldable(transaction, specs, rows)
        )
        if objection:
            result.objections.append((transaction, objection))
            continue
        for change in transaction.changes:
            _fold_change(specs[change.table], rows, change, transaction.stream_id.bytes)
        result.accepted.append(transaction)
    result.rows = await rows.write(projections)
    for projection in projections:
        await projection.flush(connection)
    return result


def _fold_change(spec: TableSpec, rows: Rows, change: Change, stream: bytes) -> None:
    row = rows.get(change.table, change.row)
    if row is None:
        rows.put(change.table, change.row, born(spec, change, stream))
        return
    merge(spec, row, _complete(spec, change), (change.stamp, stream), creates=change.kind == Kind.CREATE)


def born(spec: TableSpec, change: Change, stream: bytes) -> MergedRow:
    """The row that a creation brings into being."""
    fields = _complete(spec, change)
    return MergedRow({name: fields[name] for name in fields.keys() & spec.fields.keys()}, (change.stamp, stream))


def _complete(spec: TableSpec, change: Change) -> Mapping[str, Any]:
    """The fields of a change; a creation by an older version gets the defaults of what that did not know."""
    if change.kind != Kind.CREATE or spec.defaults.keys() <= change.fields.keys():
        return change.fields
    return {**spec.defaults, **change.fields}


def _values(transaction: Transaction, specs: Mapping[str, TableSpec]) -> tuple[Objection | None, Objection | None]:
    """The first value (or kind of change) that cannot be stored, and the first field that lacks the value it must have.

    Run for every field of a backlog. Nobody may look at values before it is known that they can be stored.
    """
    lacking: Objection | None = None
    for change in transaction.changes:
        spec = specs.get(change.table)
        if spec is None:
            continue
        if change.kind not in KINDS:
            return Objection(KIND_UNKNOWN, {"table": change.table, "kind": change.kind}), None
        find, fields = spec.checks.get, change.fields
        for name, value in fields.items():
            check = find(name)
            if check is None or check(value):
                continue
            if value is not None:
                return Objection(VALUE_UNKNOWN, {"table": change.table, "field": name}), None
            if not spec.fields[name].nullable:
                lacking = lacking or Objection(VALUE_UNKNOWN, {"table": change.table, "field": name})
        if change.kind == Kind.CREATE and not lacking and not fields.keys() >= spec.required:
            first = next(name for name in spec.fields if name in spec.required and name not in fields)
            lacking = Objection(VALUE_UNKNOWN, {"table": change.table, "field": first})
    return None, lacking


def _unfoldable(transaction: Transaction, specs: Mapping[str, TableSpec], rows: Rows) -> Objection | None:
    """The first reason why a transaction cannot be folded here and now, or None."""
    # A row may stand before its parent in one transaction, but not an edit before its row.
    created = {(change.table, change.row) for change in transaction.changes if change.kind == Kind.CREATE}
    before: set[tuple[str, bytes]] = set()
    for change in transaction.changes:
        spec = specs.get(change.table)
        if spec is None:
            return Objection(TABLE_UNKNOWN, {"table": clean(change.table, MAX_NAME_CHARACTERS), "epoch": change.epoch})
        if change.kind == Kind.CREATE:
            before.add((change.table, change.row))
        elif (change.table, change.row) not in before and rows.get(change.table, change.row) is None:
            return Objection(ROW_UNKNOWN, {"table": change.table, "row": change.row.hex()})
        for name, parent in spec.parents:
            key = change.fields.get(name)
            if key is not None and (parent, key) not in created and not rows.exists(parent, key):
                return Objection(PARENT_UNKNOWN, {"table": change.table, "parent": parent, "row": key.hex()})
    return None


def transactions_of(stream_id: UUID, changes: Sequence[Change]) -> list[Transaction]:
    """Cut a run of changes into its whole transactions; an unfinished tail is left out."""
    whole: list[Transaction] = []
    open_changes: list[Change] = []
    for change in changes:
        open_changes.append(change)
        if change.last:
            whole.append(Transaction(stream_id, tuple(open_changes)))
            open_changes = []
    return whole
