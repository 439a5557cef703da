"""How two replicas agree on a row: pure functions on wire values, the same on every side.

Ledger fields are written once. Register fields take the newest (stamp, stream, value). State fields take the greater
number. All three are commutative, associative and idempotent, so that the order of arrival never matters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from shared.kernel.records import Merge
from sync.tables import TableSpec

FieldStamp = tuple[int, bytes]
"""(hybrid logical clock, 16 bytes of the writing stream): who wrote a field last, and when."""

NEVER: FieldStamp = (0, b"")

_content = msgspec.msgpack.Encoder(order="deterministic").encode
"""What a tie is broken by; a database may give a document back with its names in another order."""
_stamps_decoder = msgspec.msgpack.Decoder(tuple[int, bytes, dict[str, tuple[int, bytes]]])


class MergedRow:
    """A row as the merged tables hold it, in wire values, with the stamps of its register fields.

    Attributes:
        fields: wire value by field name; a missing name is None.
        created: the stamp of all register fields that were not edited since.
        edited: stamps of those that were.
        fresh: not in the database yet.
        dirty: fields that differ from the database.
        before: the fields as the database holds them (None if fresh); for projections.
    """

    __slots__ = ("before", "created", "dirty", "edited", "fields", "fresh")

    def __init__(
        self,
        fields: dict[str, Any],
        created: FieldStamp,
        edited: dict[str, FieldStamp] | None = None,
        *,
        fresh: bool = True,
    ) -> None:
        self.fields = fields
        self.created = created
        self.edited = edited or {}
        self.fresh = fresh
        self.dirty: set[str] = set()
        self.before: dict[str, Any] | None = None

    def stamp_of(self, field: str) -> FieldStamp:
        """Who wrote a register field last, and when."""
        return self.edited.get(field, self.created)

    def pack_stamps(self) -> bytes:
        """The stamps as the `stamps` column stores them."""
        return msgspec.msgpack.encode((*self.created, self.edited))


def unpack_stamps(packed: bytes) -> tuple[FieldStamp, dict[str, FieldStamp]]:
    """The stamps of a stored row: (of its creation, of its edited fields)."""
    if not packed:
        return NEVER, {}
    stamp, stream, edited = _stamps_decoder.decode(packed)
    return (stamp, stream), edited


def newer(stamp: FieldStamp, value: Any, than: FieldStamp, than_value: Any) -> bool:
    """Whether a write wins over another: by clock, then by stream, then by content, so that all replicas agree."""
    if stamp != than:
        return stamp > than
    return _content(value) > _content(than_value)


def merge(spec: TableSpec, row: MergedRow, fields: Mapping[str, Any], stamp: FieldStamp, *, creates: bool) -> None:
    """Fold one change into a row; fields that the table does not have are ignored here (the log keeps them).

    Args:
        creates: the change brings the row into being, so it also decides the fields that it does not name.
    """
    if creates and row.created != stamp and row.created == NEVER:
        row.created = stamp
    names = spec.fields.keys() if creates else fields.keys() & spec.fields.keys()
    for name in names:
        field = spec.fields[name]
        value, held = fields.get(name), row.fields.get(name)
        if field.merge is Merge.REGISTER:
            if newer(stamp, value, row.stamp_of(name), held):
                row.edited[name] = stamp
                _put(row, name, value)
        elif field.merge is Merge.STATE:
            if value is not None and (held is None or value > held):
                _put(row, name, value)
        elif creates and _settles(value, held):
            _put(row, name, value)


def _settles(value: Any, held: Any) -> bool:
    """Two replicas that derive one ledger row derive the same content; if they did not, the greater bytes stand."""
    return bool(value != held and _content(value) > _content(held))


def _put(row: MergedRow, name: str, value: Any) -> None:
    if row.fields.get(name) != value:
        row.fields[name] = value
    row.dirty.add(name)
