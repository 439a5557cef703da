"""What is set aside: parts of folded transactions that this program does not know, a table or a field.

They stay in the log and are relayed; the rest of their transaction folds. Each stream notes where they begin, and which
program noted it. Another program folds the stream again from there (`sync/upgrade.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from sync.change import Kind, RawChange
from sync.door import Door, shape
from sync.records import set_aside
from sync.tables import TableSpec

_SHAPE = shape(set_aside, ("organization_id", "stream_id", "first_seq", "program", "reached_seq", "left_seq"))
_SAY_ANEW = "(organization_id, stream_id) DO UPDATE SET " + ", ".join(
    f"{name} = excluded.{name}" for name in _SHAPE.columns[2:]
)
_COLUMNS = "stream_id, first_seq, program, reached_seq, left_seq"
_OF = f"SELECT {_COLUMNS} FROM sync_set_aside WHERE organization_id = ? AND stream_id {{keys}}"
_OTHERS = "FROM sync_set_aside WHERE organization_id = ? AND (program <> ? OR reached_seq IS NOT NULL)"
_NEXT = f"SELECT {_COLUMNS} {_OTHERS} ORDER BY stream_id LIMIT 1"
_ANY_OTHER = f"SELECT count(*) {_OTHERS}"
_REMOVE = "DELETE FROM sync_set_aside WHERE organization_id = ? AND stream_id = ?"


class Note(NamedTuple):
    """Where a stream has parts that a program did not know.

    Attributes:
        first: sequence number of the first change with such a part.
        program: who noted it, or folds the stream again just now.
        reached: how far that program has folded it again; None if it noted all of it itself.
        left: while it folds again, the first change with a part that it does not know either.
    """

    stream: bytes
    first: int
    program: bytes
    reached: int | None = None
    left: int | None = None

    def begun_by(self, program: bytes) -> Note:
        """The note as a program goes on with it: from the beginning, if another one made it."""
        return self if self.program == program else Note(self.stream, self.first, program, self.first - 1)

    def with_unknown(self, seq: int) -> Note:
        """The note after its program met another unknown part."""
        if self.reached is None:
            return self._replace(first=min(self.first, seq))
        return self._replace(left=min(self.left or seq, seq))


def has_unknown(tables: Mapping[str, TableSpec], change: RawChange) -> bool:
    """Whether a readable change names a table or a field that this program does not know."""
    table = tables.get(change.table)
    if table is None:
        return True
    try:
        return len(table.decode_edit(change.fields)) < fields_of(change)
    except msgspec.DecodeError:
        return False


def fields_of(change: RawChange) -> int:
    """How many fields a change names, from the header of its map."""
    raw = memoryview(change.fields)
    if raw[0] & 0xF0 == _FIXMAP:
        return raw[0] & 0x0F
    return int.from_bytes(raw[1 : 3 if raw[0] == _MAP16 else 5], "big")


_FIXMAP, _MAP16 = 0x80, 0xDE


def known_changes(tables: Mapping[str, TableSpec], changes: Iterable[RawChange]) -> list[RawChange]:
    """Those changes whose table this program knows."""
    return [change for change in changes if change.table in tables]


def created_rows(tables: Mapping[str, TableSpec], changes: Iterable[RawChange]) -> set[tuple[str, bytes]]:
    """Table and id of the rows that these changes create, of tables that this program knows."""
    return {(each.table, each.row) for each in changes if each.kind == Kind.CREATE and each.table in tables}


def note(door: Door, organization: bytes, program: bytes, unknown: Mapping[bytes, int]) -> None:
    """Note the first unknown part that a program met in each of these streams."""
    if not unknown:
        return
    rows = door.among(_OF + door.for_update, sorted(unknown), door.key(organization))
    held = {row[0]: Note(*row) for row in rows}
    for stream, seq in sorted(unknown.items()):
        before = held.get(stream)
        keep(door, organization, before.begun_by(program).with_unknown(seq) if before else Note(stream, seq, program))


def keep(door: Door, organization: bytes, kept: Note) -> None:
    """Write a note in the place of the one before."""
    door.insert(_SHAPE, [(organization, *kept)], _SAY_ANEW)


def next_of_another(door: Door, organization: bytes, program: bytes) -> Note | None:
    """The next stream that this program has to fold again, with how far it has come."""
    rows = door.rows(_NEXT + door.for_update, door.key(organization), program)
    return Note(*rows[0]).begun_by(program) if rows else None


def finish(door: Door, organization: bytes, done: Note) -> None:
    """End folding a stream again. What its program does not know either stays noted."""
    if done.left is None:
        door.run(_REMOVE, door.key(organization), door.key(done.stream))
    else:
        keep(door, organization, Note(done.stream, done.left, done.program))


def is_behind(door: Door, organization: bytes, program: bytes) -> bool:
    """Whether rows still lack what another program set aside: they are not yet what the log says."""
    return bool(door.value(_ANY_OTHER, door.key(organization), program))
