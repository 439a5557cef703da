"""Additive digests of merged tables: equal vectors must mean equal digests, whatever the order of arrival.

The feed keeps them, one row a scope. A digest detects; the log repairs: a mismatch is an alarm and a fold of the table
anew, never a choice of sides. Each is kept with the fingerprint of the columns that it adds up. One of other columns,
left by another program, is `stale`: nobody adds to it or compares it, and it is counted anew.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import astuple

from shared.kernel.records import Scope
from sync.door import Door, shape
from sync.feed import RowChange
from sync.merged import MergedTables
from sync.records import digests
from sync.tables import TableSpec, Values

MODULUS = 1 << 64
_SHAPE = shape(digests, ("organization_id", "scope_id", "tables"))
_READ = "SELECT tables FROM sync_digests WHERE organization_id = ? AND scope_id = ?"
_KEEP = "UPDATE sync_digests SET tables = ? WHERE organization_id = ? AND scope_id = ?"
_encode = msgspec.msgpack.Encoder(order="deterministic").encode
_ALL = "SELECT scope_id, tables FROM sync_digests WHERE organization_id = ? ORDER BY scope_id"


class _Kept(NamedTuple):
    """A digest as it is kept: the fingerprint of the columns that it adds up, and the sum."""

    fingerprint: bytes
    value: int


_OF_NOBODY = _Kept(b"", 1)
"""In the place of a stale digest whose table was written since: its own program may come back before it is counted."""
_decode = msgspec.msgpack.Decoder(dict[str, _Kept]).decode


def row_digest(row: bytes, values: Values) -> int:
    """Hash a row's id, values and stamps to 64 bits."""
    return int.from_bytes(hashlib.blake2b(_encode((row, *astuple(values))), digest_size=8).digest(), "big")


class Digests:
    """Implements `sync.feed.Listener`: keeps the digests of one organization."""

    def __init__(self, organization: bytes, tables: Mapping[str, TableSpec]) -> None:
        self._organization = organization
        self._tables = tables

    def prepare(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        """Read nothing: `write` reads the digest under its lock."""

    def write(self, door: Door, feed: Mapping[str, Sequence[RowChange]]) -> None:
        """Add each row as it is now and subtract it as it was, with two statements per scope."""
        grown: defaultdict[bytes, dict[str, int]] = defaultdict(dict)
        for name, changes in feed.items():
            for scope, delta in self._grown(self._tables[name], changes).items():
                grown[scope][name] = delta
        for scope in sorted(grown):
            self._add(door, scope, grown[scope])

    def _grown(self, table: TableSpec, changes: Sequence[RowChange]) -> Mapping[bytes, int]:
        """By scope, what changes of a table add to its digest."""
        grown: defaultdict[bytes, int] = defaultdict(int)
        of_branch, organization = table.scope is Scope.BRANCH, self._organization
        before: Any
        after: Any
        for row, before, after in changes:
            if before is not None:
                grown[before.branch_id if of_branch else organization] -= row_digest(row, before)
            if after is not None:
                grown[after.branch_id if of_branch else organization] += row_digest(row, after)
        return grown

    def _add(self, door: Door, scope: bytes, grown: Mapping[str, int]) -> None:
        at = (door.key(self._organization), door.key(scope))
        held = door.rows(_READ + door.for_update, *at)
        if not held:
            # Of two first writers at once the second waits here, and then finds the first one's row.
            door.insert(_SHAPE, [(self._organization, scope, _encode({}))], "DO NOTHING")
            held = door.rows(_READ + door.for_update, *at)
        tables = _decode(held[0][0])
        for name, delta in grown.items():
            fingerprint = self._tables[name].fingerprint
            kept = tables.get(name, _Kept(fingerprint, 0))
            if kept.fingerprint == fingerprint:
                tables[name] = _Kept(fingerprint, (kept.value + delta) % MODULUS)
            else:
                tables[name] = _OF_NOBODY
        _keep(door, at, tables)


def lock(door: Door, organization: bytes, scope_id: bytes) -> None:
    """Let nobody else add to the digests of a scope until this transaction ends."""
    door.rows(_READ + door.for_update, door.key(organization), door.key(scope_id))


def _keep(door: Door, at: tuple[Any, Any], tables: Mapping[str, _Kept]) -> None:
    door.run(_KEEP, _encode({name: kept for name, kept in tables.items() if kept.value}), *at)


def keep_counted(door: Door, organization: bytes, scope_id: bytes, table: TableSpec, total: int) -> None:
    """Put a counted digest of a table in the place of the kept one."""
    at = (door.key(organization), door.key(scope_id))
    held = door.rows(_READ + door.for_update, *at)
    if held:
        _keep(door, at, {**_decode(held[0][0]), table.name: _Kept(table.fingerprint, total % MODULUS)})


def read(door: Door, organization: bytes, scope_id: bytes) -> dict[str, int]:
    """The digest of each table of a scope that has rows."""
    return {name: kept.value for name, kept in _read(door, organization, scope_id).items()}


def _read(door: Door, organization: bytes, scope_id: bytes) -> Mapping[str, _Kept]:
    held: Any = door.value(_READ, door.key(organization), door.key(scope_id))
    return _decode(held) if held else {}


def stale(door: Door, organization: bytes, tables: Mapping[str, TableSpec]) -> tuple[bytes, str] | None:
    """The scope and the table of the next digest that adds up other columns than this program's."""
    for scope_id, held in door.rows(_ALL, door.key(organization)):
        for name, kept in sorted(_decode(held).items()):
            if name in tables and kept.fingerprint != tables[name].fingerprint:
                return scope_id, name
    return None


def of_scope(door: Door, organization: bytes, scope_id: bytes, tables: Mapping[str, TableSpec]) -> dict[str, int]:
    """The digest of each table of a scope, 0 for a table without rows. Stale ones are left out."""
    held = _read(door, organization, scope_id)
    scope = Scope.ORGANIZATION if scope_id == organization else Scope.BRANCH
    found = {
        name: held.get(name, _Kept(table.fingerprint, 0)) for name, table in tables.items() if table.scope is scope
    }
    return {name: kept.value for name, kept in found.items() if kept.fingerprint == tables[name].fingerprint}


def recount(merged: MergedTables, scope: Scope, scope_id: bytes) -> dict[str, int]:
    """The digest of each table of a scope, counted from its rows: for tests, and for a table that is new."""
    counted: dict[str, int] = {}
    for name, table in merged.tables.items():
        if table.scope is not scope:
            continue
        where = " AND branch_id = ?" if scope is Scope.BRANCH else ""
        sql = f'SELECT id FROM "{name}" WHERE organization_id = ?{where}'
        at = (scope_id,) if scope is Scope.BRANCH else ()
        door = merged.door
        ids = [row[0] for row in door.rows(sql, door.key(merged.organization), *map(door.key, at))]
        rows = merged.load(table, ids)
        total = sum(row_digest(row, each.values) for row, each in rows.items()) % MODULUS
        if total:
            counted[name] = total
    return counted
