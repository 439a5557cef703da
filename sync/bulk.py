"""Writing many rows at once: the port, and its plain implementation for any database.

The cloud brings another one that copies into a staging table (`cloud/replication/copying.py`). Values are Python values
of the column types; statements here run on a connection, beneath the session hook, because they write what the log
already holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection


class Bulk(Protocol):
    """How a replica writes many rows."""

    async def insert(self, connection: AsyncConnection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows that all name the same columns."""
        ...

    async def update(
        self, connection: AsyncConnection, table: sa.Table, columns: tuple[str, ...], rows: Sequence[Mapping[str, Any]]
    ) -> None:
        """Set `columns` of rows given by organization_id and id; every row names all of them."""
        ...


class PlainBulk:
    """One prepared statement, executed for a list of parameters."""

    async def insert(self, connection: AsyncConnection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows that all name the same columns."""
        await connection.execute(table.insert(), list(rows))

    async def update(
        self, connection: AsyncConnection, table: sa.Table, columns: tuple[str, ...], rows: Sequence[Mapping[str, Any]]
    ) -> None:
        """Set `columns` of rows given by organization_id and id."""
        statement = (
            table.update()
            .where(table.c.organization_id == sa.bindparam("at_organization"), table.c.id == sa.bindparam("at_id"))
            .values({name: sa.bindparam(f"new_{name}") for name in columns})
        )
        await connection.execute(
            statement,
            [
                {
                    "at_organization": row["organization_id"],
                    "at_id": row["id"],
                    **{f"new_{name}": row[name] for name in columns},
                }
                for row in rows
            ],
        )
