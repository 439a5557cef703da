"""What the merged tables must say: a naive fold of the union of all logs, written apart from `sync/`.

No order of arrival, no batches, no restarts. Voided transactions never happened; of the rest, those fold whose rows and
parents exist, over and over until nothing more does. Each field is then the greatest of all that was written to it.
Tables that this version does not know are left out of their transactions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from shared.kernel.records import Merge
from shared.records import metadata
from sync.change import Change
from sync.tables import TableSpec, specs
from tests.simulation.observer import Union

SPECS = specs(metadata)
Row = tuple[str, bytes]


@dataclass(frozen=True, eq=False)
class Sale:
    """A transaction, wherever it stands."""

    stream: bytes
    changes: tuple[Change, ...]

    @property
    def known(self) -> list[Change]:
        """Those in tables that this version knows; all others are set aside alone."""
        return [change for change in self.changes if change.table in SPECS]

    @property
    def first(self) -> int:
        return self.changes[0].seq

    @property
    def last(self) -> int:
        return self.changes[-1].seq


@dataclass
class Reference:
    """The outcome of a naive fold.

    Attributes:
        rows: wire values by table and row id.
        stamps: (stamp, stream) of the write that won each register field.
        aside: transactions that cannot be folded, though nobody voided them.
        voided: those that the cloud voided.
    """

    rows: dict[Row, dict[str, Any]] = field(default_factory=dict)
    stamps: dict[Row, dict[str, tuple[int, bytes]]] = field(default_factory=dict)
    accepted: list[Sale] = field(default_factory=list)
    aside: list[Sale] = field(default_factory=list)
    voided: list[Sale] = field(default_factory=list)


def transactions(union: Union, streams: Iterable[bytes]) -> list[Sale]:
    """All whole transactions of these streams."""
    found, open_changes = [], []
    for stream in streams:
        for change in union.changes(stream):
            open_changes.append(change)
            if change.last:
                found.append(Sale(stream, tuple(open_changes)))
                open_changes = []
    return found


def naive_fold(union: Union, streams: Sequence[bytes]) -> Reference:
    """Fold these streams from nothing."""
    outcome = Reference()
    standing: list[Sale] = []
    for each in transactions(union, streams):
        (outcome.voided if union.is_voided(each.stream, each.first) else standing).append(each)
    alive: set[Row] = set()
    todo = [each for each in standing if is_readable(each)]
    outcome.aside = [each for each in standing if not is_readable(each)]
    while True:
        possible = [each for each in todo if _fits(each, alive)]
        if not possible:
            break
        for each in possible:
            alive |= {(change.table, change.row) for change in each.known}
            outcome.accepted.append(each)
        todo = [each for each in todo if each not in possible]
    outcome.aside += todo
    _merge(outcome)
    return outcome


def is_readable(sale: Sale) -> bool:
    """Whether this version can read all values of the tables and fields that it knows."""
    for change in sale.known:
        spec = SPECS[change.table]
        for name, known in spec.fields.items():
            value = _said(change, name)
            if value is None:
                if not known.nullable and (name in change.fields or change.kind == 0):
                    return False
            elif not known.wire.accepts(value):
                return False
    return True


def _fits(sale: Sale, alive: set[Row]) -> bool:
    """A row may come after its child within a transaction, but not after its edit."""
    own = {(change.table, change.row) for change in sale.known if change.kind == 0}
    born: set[Row] = set()
    for change in sale.known:
        row = (change.table, change.row)
        if change.kind == 0:
            born.add(row)
        elif row not in alive and row not in born:
            return False
        for name, parent in SPECS[change.table].parents:
            key = change.fields.get(name)
            if key is not None and (parent, key) not in alive and (parent, key) not in own:
                return False
    return True


def _merge(outcome: Reference) -> None:
    written: defaultdict[Row, list[tuple[Change, bytes]]] = defaultdict(list)
    for sale in outcome.accepted:
        for change in sale.known:
            written[change.table, change.row].append((change, change.origin.stream if change.origin else sale.stream))
    for row, changes in written.items():
        spec = SPECS[row[0]]
        outcome.rows[row], outcome.stamps[row] = {}, {}
        for name in spec.fields:
            value, stamp = _winner(spec, name, changes)
            outcome.rows[row][name] = value
            if stamp is not None:
                outcome.stamps[row][name] = stamp


def _winner(spec: TableSpec, name: str, changes: list[tuple[Change, bytes]]) -> tuple[Any, tuple[int, bytes] | None]:
    merge = spec.fields[name].merge
    if spec.derived and merge is not Merge.STATE:
        return _winner_of_derived(name, changes)
    if merge is Merge.LEDGER:
        creations = [change for change, _stream in changes if change.kind == 0]
        if spec.whole:
            return _said(max(creations, key=lambda change: _ledger_of(spec, change)), name), None
        return max((_said(change, name) for change in creations), key=_bytes), None
    if merge is Merge.STATE:
        return max(_said(change, name) for change, _stream in changes if _said(change, name) is not None), None
    writes = [
        ((change.stamp, stream), _said(change, name))
        for change, stream in changes
        if change.kind == 0 or name in change.fields
    ]
    stamp, value = max(writes, key=lambda write: (write[0], _bytes(write[1])))
    return value, stamp


def _ledger_of(spec: TableSpec, change: Change) -> list[bytes]:
    """All ledger fields of a creation, to be compared one after the other."""
    return [_bytes(_said(change, name)) for name in spec.fields if spec.fields[name].merge is Merge.LEDGER]


def _winner_of_derived(name: str, changes: list[tuple[Change, bytes]]) -> tuple[Any, tuple[int, bytes] | None]:
    """Of the creations the lowest stamp stands; an edit is later than any creation."""
    stamped = [((change.stamp, stream), change) for change, stream in changes]
    edits = [each for each in stamped if each[1].kind == 1 and name in each[1].fields]
    creations = [each for each in stamped if each[1].kind == 0]
    stamp, change = max(edits, key=lambda each: each[0]) if edits else min(creations, key=lambda each: each[0])
    return _said(change, name), stamp if SPECS[change.table].fields[name].merge is Merge.REGISTER else None


def _said(change: Change, name: str) -> Any:
    """What a change says of a field. What an older writer does not know has its default in a new row."""
    defaults = SPECS[change.table].defaults if change.kind == 0 else {}
    return change.fields.get(name, defaults.get(name))


def _bytes(value: Any) -> bytes:
    return msgspec.msgpack.encode(value, order="deterministic")
