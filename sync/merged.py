"""The merged tables of one organization on a door: rows are loaded once, changed in memory, written once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from msgspec.structs import astuple

from shared.kernel.records import Scope
from sync.door import Door, ResultRow, shape
from sync.feed import Feed
from sync.merge import Row, held
from sync.records import hidden_references
from sync.tables import STAMPS, TableSpec, Values

Rows = dict[str, dict[bytes, Row]]
"""Rows by table and id."""


class MergedTables:
    """See the module."""

    def __init__(self, door: Door, organization: bytes, tables: Mapping[str, TableSpec]) -> None:
        self.door = door
        self.organization = organization
        self.tables = tables
        self._organization = door.key(organization)

    def load(self, table: TableSpec, keys: Collection[bytes], *, locks: bool = True) -> dict[bytes, Row]:
        """Load rows by id and lock them to the end of the transaction; leave out ids without a row."""
        sql = _load(table, "id") + self.door.for_update if locks else _load(table, "id")
        rows = self.door.among(sql, sorted(keys), self._organization)
        return {row: held(values) for row, values in read(self.door, table, rows)}

    def load_by(self, table: TableSpec, field: str, keys: Collection[bytes]) -> list[tuple[bytes, Values]]:
        """Return id and values of each row with one of these ids in a field, without locking it."""
        return read(self.door, table, self.door.among(_load(table, field), sorted(keys), self._organization))

    def branches(self, table: TableSpec, keys: Collection[bytes]) -> dict[bytes, bytes | None]:
        """Return the branch of each of these rows that exists (None: the row belongs to the organization)."""
        found = self.door.among(_look(table), sorted(keys), self._organization)
        return {row[0]: row[1] for row in found}

    def rows_after(self, table: TableSpec, scope_id: bytes, row: bytes, limit: int) -> list[bytes]:
        """The next rows of a table in a scope, by id."""
        door = self.door
        branch = (door.key(scope_id),) if table.scope is Scope.BRANCH else ()
        found = door.rows(_rows_after(table), self._organization, *branch, door.key(row), limit)
        return [each[0] for each in found]

    def referring(self, table: TableSpec, field: str, parents: Collection[bytes]) -> list[bytes]:
        """The rows of a table that refer to one of these parents by that field."""
        return [row[0] for row in self.door.among(_referring(table, field), sorted(parents), self._organization)]

    def hidden(self, parents: Collection[bytes]) -> list[tuple[str, bytes]]:
        """Rows that do not show a reference to one of these parents, though a change of theirs names it."""
        found = self.door.among(_HIDDEN, sorted(parents), self._organization)
        return [(row[0], row[1]) for row in found]

    def write(self, rows: Rows) -> Feed:
        """Write the rows that differ from the database, parents first, and the references that rows do not show."""
        feed: Feed = {}
        for name, table in self.tables.items():
            of_table = rows.get(name)
            if not of_table:
                continue
            changed = [(key, row) for key, row in of_table.items() if row.changed]
            self.hide(table, of_table.items())
            if changed:
                self._write(table, changed)
                feed[name] = [(key, row.before, row.values) for key, row in changed]
        return feed

    def delete(self, rows: Mapping[str, Mapping[bytes, Row]]) -> Feed:
        """Delete rows, children first."""
        feed: Feed = {}
        for name, table in reversed(list(self.tables.items())):
            gone = rows.get(name)
            if gone:
                self.door.among(_delete(table), sorted(gone), self._organization)
                feed[name] = [(key, row.before, None) for key, row in gone.items()]
        return feed

    def _write(self, table: TableSpec, changed: Sequence[tuple[bytes, Row]]) -> None:
        edited: dict[tuple[str, ...], list[tuple[bytes, Row]]] = defaultdict(list)
        created: list[tuple[Any, ...]] = []
        for key, row in changed:
            row.seal(table)
            if row.before is None:
                created.append((self.organization, key, *astuple(row.values)))
            else:
                edited[tuple(sorted(row.dirty))].append((key, row))
        if created:
            self.door.insert(_whole(table), created)
        for names, rows in edited.items():
            needed = [name for name in names if not table.fields[name].nullable]
            assert all(getattr(row.values, name) is not None for _key, row in rows for name in needed), table.name
            columns = (*names, STAMPS)
            cells = [(self.organization, key, *(getattr(row.values, name) for name in columns)) for key, row in rows]
            self.door.update(shape(table.table, ("organization_id", "id", *columns)), 2, cells)

    def hide(self, table: TableSpec, rows: Iterable[tuple[bytes, Row]]) -> None:
        """Remember the references that these rows no longer show."""
        hidden = sorted(
            {(self.organization, parent, table.name, key) for key, row in rows for _table, parent in row.hidden}
        )
        if hidden:
            self.door.insert(_HIDDEN_SHAPE, hidden, "DO NOTHING")


def read(door: Door, table: TableSpec, rows: Sequence[ResultRow]) -> list[tuple[bytes, Values]]:
    """Return id and values of each of these rows, whose columns are `listed`."""
    converters = door.converted(_whole(table))
    values = table.values
    if not converters:
        return [(row[0], values(*row[1:])) for row in rows]
    kinds = _whole(table).kinds
    found: list[tuple[bytes, Values]] = []
    for row in rows:
        cells = list(row)
        for at in converters:
            # The shape begins with the organization, the row with its id.
            cells[at - 1] = door.read_value(kinds[at], cells[at - 1])
        found.append((row[0], values(*cells[1:])))
    return found


@cache
def listed(table: TableSpec) -> str:
    """The columns of a row, its id first, as a statement names them."""
    return ", ".join(f'"{name}"' for name in ("id", *table.names, STAMPS))


@cache
def _whole(table: TableSpec) -> Any:
    return shape(table.table, ("organization_id", "id", *table.names, STAMPS))


@cache
def _load(table: TableSpec, field: str) -> str:
    return f'SELECT {listed(table)} FROM "{table.name}" WHERE organization_id = ? AND "{field}" {{keys}}'


@cache
def _look(table: TableSpec) -> str:
    branch = "branch_id" if table.scope is Scope.BRANCH else "NULL"
    return f'SELECT id, {branch} FROM "{table.name}" WHERE organization_id = ? AND id {{keys}}'


@cache
def _rows_after(table: TableSpec) -> str:
    branch = " AND branch_id = ?" if table.scope is Scope.BRANCH else ""
    return f'SELECT id FROM "{table.name}" WHERE organization_id = ?{branch} AND id > ? ORDER BY id LIMIT ?'


@cache
def _referring(table: TableSpec, field: str) -> str:
    return f'SELECT id FROM "{table.name}" WHERE organization_id = ? AND "{field}" {{keys}}'


@cache
def _delete(table: TableSpec) -> str:
    return f'DELETE FROM "{table.name}" WHERE organization_id = ? AND id {{keys}} RETURNING id'


_HIDDEN = "SELECT table_name, row_id FROM sync_hidden_references WHERE organization_id = ? AND parent_id {keys}"
_HIDDEN_SHAPE = shape(hidden_references, ("organization_id", "parent_id", "table_name", "row_id"))
