"""The floor as a screen draws it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.floor.records import DiningTable, Space


@dataclass(frozen=True, slots=True)
class TableView:
    """A table and its space."""

    id: UUID
    name: str
    seats: int
    space_id: UUID
    space_name: str


async def tables(reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID) -> list[TableView]:
    """All tables of a branch, grouped by space, in order."""
    rows = await reader.execute(
        sa.select(
            DiningTable.id, DiningTable.name, DiningTable.seats, Space.id.label("space_id"), Space.name.label("s")
        )
        .join(Space, sa.and_(Space.organization_id == DiningTable.organization_id, Space.id == DiningTable.space_id))
        .where(
            DiningTable.organization_id == organization_id,
            DiningTable.branch_id == branch_id,
            DiningTable.active,
            Space.active,
        )
        .order_by(Space.position, Space.id, DiningTable.position, DiningTable.id)
    )
    return [TableView(row.id, row.name, row.seats, row.space_id, row.s) for row in rows]
