"""The keys of sealed fields: which ones a frame needs, how they are stored and given, and how they are forgotten.

Keys travel in a message of their own, before the frames that need them, and are stored before these are acknowledged.
Which keys that are follows from the frame alone: a ciphertext begins with the name of its key. So a replay, a restored
replica and one that relays for others bring the keys along, without any book of what was sent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from shared.kernel.records import Scope
from shared.kernel.sealed import (
    FORGETS,
    NAME_BYTES,
    UNWRAPPED,
    KeyWrapping,
    PersonKey,
    SealBroken,
    Sealed,
    sealed_keys,
    sealed_subjects,
)
from sync.change import decode_raw
from sync.door import Door, shape
from sync.feed import RowChange
from sync.messages import Frame, SubjectKey
from sync.tables import TableSpec

_SUBJECT_SHAPE = shape(sealed_subjects, ("organization_id", "scope_id", "id", "forgotten"))
_KEY_SHAPE = shape(sealed_keys, ("organization_id", "id", "scope_id", "subject_id", "secret"))
_SUBJECT = "(organization_id, scope_id, id) DO UPDATE SET forgotten = "
_LOCKED = _SUBJECT + "sealed_subjects.forgotten"
_FORGOTTEN = _SUBJECT + "excluded.forgotten"
_FORGOTTEN_AMONG = """
    SELECT id FROM sealed_subjects WHERE organization_id = ? AND scope_id = ? AND forgotten AND id {keys}
"""
_DELETE_KEYS = "DELETE FROM sealed_keys WHERE organization_id = ? AND scope_id = ? AND subject_id {keys} RETURNING id"
_DELETE_LOOKUPS = (
    "DELETE FROM sealed_lookups WHERE organization_id = ? AND scope_id = ? AND subject_id {keys} RETURNING row_id"
)
_HELD = "SELECT id, scope_id, subject_id, secret FROM sealed_keys WHERE organization_id = ? AND id {keys}"
_NAMES_HELD = "SELECT id FROM sealed_keys WHERE organization_id = ? AND id {keys}"


class _Forgetting(NamedTuple):
    """A table whose rows forget a person, and the column that names them."""

    table: TableSpec
    field: str


class Forgetting:
    """Implements `sync.feed.Listener`: deletes keys and look-ups of a person once a row that forgets them is there.

    A row that was void from the beginning forgets nobody: then the keys may come again from whoever has them.
    """

    def __init__(self, organization: bytes, tables: Mapping[str, TableSpec]) -> None:
        self._organization = organization
        self._declared = [
            _Forgetting(table, name)
            for table in tables.values()
            for name, field in table.fields.items()
            if field.column.info.get(FORGETS)
        ]

    def prepare(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        """Read nothing."""

    def write(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        """Forget persons, and take back what voided rows had forgotten. No statement if no such row changed."""
        for declared in self._declared:
            changes = feed.get(declared.table.name)
            if changes:
                self._forget(door, declared, changes)

    def _forget(self, door: Door, declared: _Forgetting, changes: Sequence[RowChange]) -> None:
        named: dict[tuple[bytes, bytes], bool] = {}
        for _row, before, after in changes:
            values: Any = after if after is not None else before
            of_branch = declared.table.scope is Scope.BRANCH
            scope = values.branch_id if of_branch else self._organization
            named[scope, getattr(values, declared.field)] = after is not None
        standing = self._standing(
            door, declared, [subject for (_scope, subject), is_there in named.items() if not is_there]
        )
        rows = [
            (self._organization, scope, subject, is_there or subject in standing)
            for (scope, subject), is_there in sorted(named.items())
        ]
        door.insert(_SUBJECT_SHAPE, rows, _FORGOTTEN)
        for scope in sorted({scope for scope, _subject in named}):
            gone = [subject for _organization, of, subject, forgotten in rows if of == scope and forgotten]
            for sql in (_DELETE_KEYS, _DELETE_LOOKUPS):
                door.among(sql, gone, door.key(self._organization), door.key(scope))

    def _standing(self, door: Door, declared: _Forgetting, subjects: Sequence[bytes]) -> set[bytes]:
        """Those of whom another row still says that they are forgotten."""
        name, field = declared.table.name, declared.field
        sql = f'SELECT "{field}" FROM "{name}" WHERE organization_id = ? AND "{field}" {{keys}}'
        return {row[0] for row in door.among(sql, sorted(subjects), door.key(self._organization))}


def names_in(tables: Mapping[str, TableSpec], frames: Iterable[Frame]) -> set[bytes]:
    """The names of all keys that changes of these frames need. What cannot be read needs none."""
    sealed = {name: fields for name, table in tables.items() if (fields := _sealed_fields(table))}
    marks = [name.encode() for name in sealed]
    names: set[bytes] = set()
    for frame in frames:
        for body in frame.bodies:
            # One search of bytes instead of decoding: nearly no change has a sealed field.
            if any(mark in body for mark in marks):
                names |= _names_in_body(sealed, body)
    return names


def _names_in_body(sealed: Mapping[str, Sequence[str]], body: bytes) -> set[bytes]:
    try:
        change = decode_raw(body)
        fields = msgspec.msgpack.decode(change.fields)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return set()
    values = [fields.get(name) for name in sealed.get(change.table, ())] if isinstance(fields, dict) else []
    return {value[:NAME_BYTES] for value in values if isinstance(value, bytes) and len(value) > NAME_BYTES}


@cache
def _sealed_fields(table: TableSpec) -> tuple[str, ...]:
    return tuple(name for name, field in table.fields.items() if isinstance(field.wire, Sealed))


def missing(door: Door, organization: bytes, names: Collection[bytes]) -> list[bytes]:
    """Those of these keys that this replica does not have, in a fixed order."""
    held = {row[0] for row in door.among(_NAMES_HELD, sorted(names), door.key(organization))}
    return sorted(set(names) - held)


def held(
    door: Door,
    organization: bytes,
    names: Collection[bytes],
    scopes: Collection[bytes] | None = None,
    wrapping: KeyWrapping = UNWRAPPED,
) -> list[SubjectKey]:
    """Those of these keys that this replica has, in a fixed order.

    Args:
        scopes: whose keys may be given; by default all.
    """
    keys = []
    for name, scope, subject, stored in sorted(door.among(_HELD, sorted(names), door.key(organization))):
        if scopes is None or scope in scopes:
            try:
                keys.append(SubjectKey(scope, subject, wrapping.unwrap(name, stored)))
            except SealBroken:
                continue  # stored under another secret of this server: nobody can open it
    return keys


def store(door: Door, organization: bytes, keys: Sequence[SubjectKey], wrapping: KeyWrapping = UNWRAPPED) -> int:
    """Store keys, those that are held already included; those of forgotten persons are not taken.

    Returns how many were taken or held.
    """
    subjects = sorted({(key.scope_id, key.subject) for key in keys})
    if not subjects:
        return 0
    # Locks them, so that no transaction that forgets goes by beside this one.
    door.insert(_SUBJECT_SHAPE, [(organization, scope, subject, False) for scope, subject in subjects], _LOCKED)
    forgotten: set[tuple[bytes, bytes]] = set()
    for scope in sorted({scope for scope, _subject in subjects}):
        some = [subject for of, subject in subjects if of == scope]
        found = door.among(_FORGOTTEN_AMONG, some, door.key(organization), door.key(scope))
        forgotten |= {(scope, row[0]) for row in found}
    rows = []
    for key in keys:
        if (key.scope_id, key.subject) not in forgotten:
            name = name_of(organization, key)
            rows.append((organization, name, key.scope_id, key.subject, wrapping.wrap(name, key.secret)))
    if rows:
        # The name vouches for the secret; a key that was wrapped with an earlier secret of the server is wrapped anew.
        door.insert(_KEY_SHAPE, sorted(set(rows)), "(organization_id, id) DO UPDATE SET secret = excluded.secret")
    return len(rows)


def name_of(organization: bytes, key: SubjectKey) -> bytes:
    """The name under which sealed values ask for a key."""
    whose = UUID(bytes=organization), UUID(bytes=key.scope_id), UUID(bytes=key.subject)
    return PersonKey(*whose, key.secret).name
