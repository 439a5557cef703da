"""The one function that knows how a change meets a row: for local writes, the fold, and folding anew.

Ledger fields are written once. Register fields take the newest (stamp, stream, content). State fields take the greater
number. All three are commutative, associative and idempotent, so that the order of arrival never matters. Pure: no
database, no clock.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from shared.kernel.records import Merge
from sync.change import Kind
from sync.tables import TableSpec, Values

FieldStamp = tuple[int, bytes]
"""(hybrid logical clock, 16 bytes of the writing stream): who wrote a field last, and when."""
Reference = tuple[str, bytes]
"""The table and the id of a parent."""

_content = msgspec.msgpack.Encoder(order="deterministic").encode
"""Breaks a tie; a database may give a document back with its names in another order."""
_pack = msgspec.msgpack.Encoder(order="deterministic").encode
_unpack = msgspec.msgpack.Decoder(tuple[int, bytes, dict[str, tuple[int, bytes]]]).decode
NEVER: FieldStamp = (0, b"")
_NOTHING: frozenset[Any] = frozenset()


class Row:
    """A row of a merged table, in wire values, with the stamps of its register fields.

    Attributes:
        values: the struct of its table.
        created: the greatest stamp of its creations (of a derived row: the lowest). Fields not in `edited` have it.
        edited: stamps of the fields that were edited since.
        before: the values that the database holds; None if it holds none. Never changed.
        dirty: fields that differ from the database.
        restamped: whether the stamps differ from the database.
        hidden: parents that a change of this row names and the row does not show (another change won).
    """

    __slots__ = ("before", "created", "dirty", "edited", "hidden", "restamped", "values")

    def __init__(
        self, values: Values, created: FieldStamp, edited: dict[str, FieldStamp], before: Values | None
    ) -> None:
        self.values = values
        self.created = created
        self.edited = edited
        self.before = before
        self.dirty: frozenset[str] = _NOTHING
        self.restamped = before is None
        self.hidden: frozenset[Reference] = _NOTHING

    @property
    def changed(self) -> bool:
        """Whether the database holds something else."""
        return self.before is None or bool(self.dirty) or self.restamped

    def stamp_of(self, field: str) -> FieldStamp:
        """Who wrote a register field last, and when."""
        return self.edited.get(field, self.created)

    def seal(self, table: TableSpec) -> None:
        """Write the stamps into the values, as they are stored: equal stamps make equal bytes."""
        if self.restamped and table.stamped:
            self._own().stamps = _pack((*self.created, self.edited))

    def is_lowered(self, states: Sequence[str]) -> bool:
        """Whether a state is below what the database holds; only folding anew may do that."""
        before, values = self.before, self.values
        return before is not None and any(getattr(values, name) < getattr(before, name) for name in states)

    def put(self, field: str, value: Any) -> None:
        """Set a field."""
        setattr(self._own(), field, value)
        self.dirty |= {field}

    def _own(self) -> Values:
        if self.values is self.before:
            self.values = copy.copy(self.values)
        return self.values


def held(values: Values) -> Row:
    """The row that the database holds."""
    if not values.stamps:
        return Row(values, NEVER, {}, values)
    stamp, stream, edited = _unpack(values.stamps)
    return Row(values, (stamp, stream), edited, values)


def edits_of(stamps: bytes) -> dict[str, FieldStamp]:
    """The stamps of the register fields that were edited since their row was created, of its packed stamps."""
    return _unpack(stamps)[2] if stamps else {}


def register_stamps(table: TableSpec, values: Values) -> dict[str, FieldStamp]:
    """The stamp of each register field of a row."""
    row = held(values)
    return {name: row.stamp_of(name) for name in table.registers}


def apply(table: TableSpec, row: Row | None, kind: int, fields: Any, stamp: FieldStamp) -> Row:
    """Apply a change to a row and return the row. Any write may lose, a local one included.

    Args:
        row: None if there is no such row yet; then the change must be a creation.
        fields: the `Values` of a creation, or the mapping of an edit.
    """
    if row is None:
        assert kind == Kind.CREATE, "an edit never creates a row"
        return Row(fields, stamp, {}, None)
    if kind == Kind.CREATE:
        _create_again(table, row, fields, stamp)
    else:
        _edit(table, row, fields, stamp)
    return row


def _edit(table: TableSpec, row: Row, fields: Mapping[str, Any], stamp: FieldStamp) -> None:
    values, policies = row.values, table.policies
    for name, value in fields.items():
        policy, old = policies[name], getattr(values, name)
        if policy is Merge.REGISTER:
            # An edit of a derived row is later than whatever derived it.
            last = row.edited.get(name, NEVER if table.derived else row.created)
            _write(table, row, name, old, value, wins=_is_newer(stamp, value, last, old))
            if stamp > last:
                row.edited[name] = stamp
                row.restamped = True
        elif policy is Merge.STATE:
            _write(table, row, name, old, value, wins=value > old)
        else:
            _write(table, row, name, old, value, wins=False)
        values = row.values


def _create_again(table: TableSpec, row: Row, fields: Values, stamp: FieldStamp) -> None:
    if table.derived:
        _derive_again(table, row, fields, stamp)
        return
    ledger_wins = _is_greater(table, fields, row.values) if table.whole else None
    for name, policy in table.policies.items():
        value, old = getattr(fields, name), getattr(row.values, name)
        if policy is Merge.REGISTER:
            wins = _is_newer(stamp, value, row.stamp_of(name), old)
        elif policy is Merge.STATE:
            wins = value > old
        else:
            # Two replicas that make one ledger row make the same content; if they did not, the greater bytes stand.
            greater = _content(value) > _content(old) if ledger_wins is None else ledger_wins
            wins = greater and not same(value, old)
        _write(table, row, name, old, value, wins=wins)
    if stamp > row.created and table.registers:
        row.created = stamp
        row.edited = {name: last for name, last in row.edited.items() if last > stamp}
        row.restamped = True


def _is_greater(table: TableSpec, new: Values, old: Values) -> bool:
    """Whether the ledger fields of another creation stand: two replicas that make one ledger row make the same content;
    if they did not, the greater bytes of all these fields together do, so that no row is torn."""
    names = [name for name, policy in table.policies.items() if policy is Merge.LEDGER]
    first = next((name for name in names if not same(getattr(new, name), getattr(old, name))), None)
    return first is not None and _content(getattr(new, first)) > _content(getattr(old, first))


def _derive_again(table: TableSpec, row: Row, fields: Values, stamp: FieldStamp) -> None:
    """Apply another creation of a derived row: the one with the lowest stamp wins, and edits stay."""
    for name, policy in table.policies.items():
        value, old = getattr(fields, name), getattr(row.values, name)
        if policy is Merge.STATE:
            wins = value > old
        elif name in row.edited:
            wins = False
        else:
            wins = stamp < row.created or (stamp == row.created and _content(value) > _content(old))
        _write(table, row, name, old, value, wins=wins)
    if stamp < row.created:
        row.created = stamp
        row.restamped = True


def same(value: Any, other: Any) -> bool:
    """Whether two wire values are the same. In a document, true is not 1, though Python calls them equal."""
    return bool(value == other) and (type(value) not in (list, dict) or _content(value) == _content(other))


def _write(table: TableSpec, row: Row, name: str, old: Any, value: Any, *, wins: bool) -> None:
    if same(value, old):
        return
    loser = old if wins else value
    if loser is not None:
        row.hidden |= {(parent.table, loser) for parent in table.parents if parent.field == name}
    if wins:
        row.put(name, value)


def _is_newer(stamp: FieldStamp, value: Any, than: FieldStamp, than_value: Any) -> bool:
    """Whether a write wins over another: by clock, then by stream, then by content, so that all replicas agree."""
    if stamp != than:
        return stamp > than
    return bool(_content(value) > _content(than_value))
