"""The merged rows that a fold touches: loaded once, changed in memory, written once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.columns import Key
from shared.kernel.records import Scope
from sync.bulk import Bulk, Keyed
from sync.change import Change
from sync.merge import MergedRow, unpack_stamps
from sync.projection import Projection
from sync.tables import TableSpec

IDS_A_STATEMENT = 5_000
"""Below SQLite's 32,766 parameters a statement, above every usual batch."""


class Rows:
    """A fold's working set.

    Args:
        specs: all replicated tables, parents before children.
    """

    def __init__(
        self, connection: AsyncConnection, bulk: Bulk, organization_id: UUID, specs: Mapping[str, TableSpec]
    ) -> None:
        self._connection = connection
        self._bulk = bulk
        self._organization_id = organization_id
        self._specs = specs
        self._rows: dict[str, dict[bytes, MergedRow]] = {name: {} for name in specs}
        self._present: dict[str, dict[bytes, bytes | None]] = {name: {} for name in specs}

    async def load(self, changes: Iterable[Change]) -> None:
        """Read the rows that these changes touch, and learn which of their parents exist: two statements a table."""
        wanted: dict[str, set[bytes]] = defaultdict(set)
        parents: dict[str, set[bytes]] = defaultdict(set)
        for change in changes:
            spec = self._specs.get(change.table)
            if spec is None:
                continue
            wanted[change.table].add(change.row)
            for name, parent in spec.parents:
                key = change.fields.get(name)
                if isinstance(key, bytes) and len(key) == 16:
                    parents[parent].add(key)
        for name, keys in wanted.items():
            await self._load_rows(self._specs[name], sorted(keys))
        await self._look_for(parents)

    async def look(self, keys: Iterable[tuple[str, bytes]]) -> None:
        """Learn which of these rows exist: one statement a table."""
        wanted: dict[str, set[bytes]] = defaultdict(set)
        for table, key in keys:
            wanted[table].add(key)
        await self._look_for(wanted)

    async def _look_for(self, wanted: Mapping[str, set[bytes]]) -> None:
        for name, keys in wanted.items():
            unknown = keys - self._rows[name].keys()
            if unknown:
                await self._load_presence(self._specs[name], sorted(unknown))

    def get(self, table: str, key: bytes) -> MergedRow | None:
        """The row, if it exists by now."""
        return self._rows[table].get(key)

    def put(self, table: str, key: bytes, row: MergedRow) -> None:
        """A row that has come into being."""
        self._rows[table][key] = row

    def exists(self, table: str, key: bytes) -> bool:
        """Whether a parent exists by now."""
        return key in self._rows[table] or key in self._present[table]

    def branch_of(self, table: str, key: bytes) -> bytes | None:
        """The branch of a row that exists by now; None if there is no such row, or none of a branch."""
        row = self._rows[table].get(key)
        return row.fields.get("branch_id") if row is not None else self._present[table].get(key)

    async def write(self, projections: Sequence[Projection] = ()) -> set[tuple[str, UUID]]:
        """Write what changed, parents first, and tell the projections; (table, row id) of each row written."""
        written: set[tuple[str, UUID]] = set()
        for name, spec in self._specs.items():
            fresh: list[Keyed] = []
            edited: dict[tuple[str, ...], list[Keyed]] = defaultdict(list)
            for key, row in self._rows[name].items():
                if row.fresh:
                    fresh.append((key, row))
                elif row.dirty:
                    edited[tuple(sorted(row.dirty))].append((key, row))
                else:
                    continue
                row_id = UUID(bytes=key)
                written.add((name, row_id))
                for projection in projections:
                    projection.changed(spec, row_id, row.before, row.fields)
            if fresh:
                await self._bulk.create(self._connection, self._organization_id, spec, fresh)
            for names, rows in edited.items():
                await self._bulk.edit(self._connection, self._organization_id, spec, names, rows)
        return written

    async def _load_rows(self, spec: TableSpec, keys: list[bytes]) -> None:
        columns = [spec.table.c.id, spec.table.c.stamps, *(known.column for known in spec.fields.values())]
        wires = [(name, known.wire.to_wire) for name, known in spec.fields.items()]
        for found in await self._select(spec.table, columns, keys, lock=True):
            held: Sequence[Any] = found[2:]
            fields = {name: to_wire(value) for (name, to_wire), value in zip(wires, held, strict=True)}
            row = MergedRow(fields, *unpack_stamps(bytes(found[1])), fresh=False)
            row.before = dict(fields)
            self._rows[spec.name][found[0].bytes] = row

    async def _load_presence(self, spec: TableSpec, keys: list[bytes]) -> None:
        branch = spec.table.c.branch_id if spec.scope is Scope.BRANCH else sa.null()
        for row in await self._select(spec.table, [spec.table.c.id, branch], keys, lock=False):
            self._present[spec.name][row[0].bytes] = row[1].bytes if row[1] else None

    async def _select(
        self, table: sa.Table, columns: Sequence[sa.ColumnElement[Any]], keys: list[bytes], *, lock: bool
    ) -> list[Any]:
        found: list[Any] = []
        for start in range(0, len(keys), IDS_A_STATEMENT):
            ids = [UUID(bytes=key) for key in keys[start : start + IDS_A_STATEMENT]]
            query = sa.select(*columns).where(
                table.c.organization_id == self._organization_id, among(self._connection, table.c.id, ids)
            )
            if lock:
                query = query.with_for_update()
            found.extend(await self._connection.execute(query))
        return found


def among(connection: AsyncConnection, column: sa.ColumnElement[Any], ids: list[UUID]) -> sa.ColumnElement[bool]:
    """Whether a column is one of these ids: on PostgreSQL one parameter however many, elsewhere one each."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import ARRAY

        return column == sa.any_(sa.literal(ids, ARRAY(Key())))
    return column.in_(ids)
