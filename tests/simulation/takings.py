"""A projection as the cloud's reports keep them, on any database: what was sold, kept by the fold, row by row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from sync.tables import TableSpec

metadata = sa.MetaData()
takings = sa.Table(
    "simulated_takings",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("minor", sa.Integer, nullable=False),
)
SUMMED = {
    "receipts": "total_minor",
    "receipt_lines": "total_minor",
    "payments": "amount_minor",
    "order_lines": "quantity_milli",
}
"""The field of each table whose sum is kept."""


class TakingsProjection:
    """Implements `sync.fold.Projection`."""

    def __init__(self, organization_id: UUID) -> None:
        self._deltas: dict[str, list[int]] = {}

    def changed(
        self, spec: TableSpec, row: UUID, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
    ) -> None:
        field = SUMMED.get(spec.name)
        if field is None:
            return
        delta = self._deltas.setdefault(spec.name, [0, 0])
        for sign, fields in ((-1, before), (1, after)):
            if fields is not None:
                delta[0] += sign
                delta[1] += sign * fields[field]

    async def flush(self, connection: AsyncConnection) -> None:
        deltas, self._deltas = self._deltas, {}
        for name, (rows, minor) in deltas.items():
            changed = await connection.execute(
                takings.update()
                .where(takings.c.name == name)
                .values(rows=takings.c.rows + rows, minor=takings.c.minor + minor)
            )
            if not changed.rowcount:
                await connection.execute(takings.insert().values(name=name, rows=rows, minor=minor))

    def reset(self) -> None:
        self._deltas = {}
