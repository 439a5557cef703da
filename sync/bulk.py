"""Writing many rows at once: the port, and its plain implementation for any database.

The cloud brings another one that copies into a staging table (`cloud/replication/copying.py`). Statements here run on a
connection, beneath the session hook, because they write what the log already holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from sync.merge import MergedRow
from sync.tables import TableSpec

Keyed = tuple[bytes, MergedRow]
"""A merged row with the 16 bytes of its id; its fields are wire values."""


class Bulk(Protocol):
    """How a replica writes many rows."""

    async def append(self, connection: AsyncConnection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows of the log, which all name the same columns, as Python values."""
        ...

    async def create(
        self, connection: AsyncConnection, organization_id: UUID, spec: TableSpec, rows: Sequence[Keyed]
    ) -> None:
        """Insert merged rows."""
        ...

    async def edit(
        self,
        connection: AsyncConnection,
        organization_id: UUID,
        spec: TableSpec,
        names: tuple[str, ...],
        rows: Sequence[Keyed],
    ) -> None:
        """Set the fields `names` (and the stamps) of merged rows that exist."""
        ...


class PlainBulk:
    """One prepared statement, executed for a list of parameters."""

    async def append(self, connection: AsyncConnection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows of the log."""
        await connection.execute(table.insert(), list(rows))

    async def create(
        self, connection: AsyncConnection, organization_id: UUID, spec: TableSpec, rows: Sequence[Keyed]
    ) -> None:
        """Insert merged rows."""
        await connection.execute(
            spec.table.insert(),
            [
                {
                    "organization_id": organization_id,
                    "id": key,
                    **{name: field.wire.from_wire(row.fields.get(name)) for name, field in spec.fields.items()},
                    "stamps": row.pack_stamps() if spec.registers else b"",
                }
                for key, row in rows
            ],
        )

    async def edit(
        self,
        connection: AsyncConnection,
        organization_id: UUID,
        spec: TableSpec,
        names: tuple[str, ...],
        rows: Sequence[Keyed],
    ) -> None:
        """Set the fields `names` (and the stamps) of merged rows that exist."""
        table = spec.table
        columns = (*names, "stamps") if spec.registers else names
        statement = (
            table.update()
            .where(table.c.organization_id == organization_id, table.c.id == sa.bindparam("at_id"))
            .values({name: sa.bindparam(f"new_{name}") for name in columns})
        )
        await connection.execute(
            statement,
            [
                {
                    "at_id": key,
                    **{f"new_{name}": spec.fields[name].wire.from_wire(row.fields.get(name)) for name in names},
                    **({"new_stamps": row.pack_stamps()} if spec.registers else {}),
                }
                for key, row in rows
            ],
        )
