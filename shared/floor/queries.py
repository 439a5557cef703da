"""The floor as a screen draws it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.floor.records import DiningTable, Section, Space, TableShape


@dataclass(frozen=True, slots=True)
class TableView:
    """A table and its space.

    Attributes:
        place: left, top, width and height on the plan of its space, in cells; empty: it has none.
        out_of_service: whether nobody is to be seated there.
        server_id: whose section it belongs to.
    """

    id: UUID
    name: str
    seats: int
    space_id: UUID
    space_name: str
    place: tuple[int, ...] = ()
    shape: TableShape = TableShape.SQUARE
    out_of_service: bool = False
    server_id: UUID | None = None


_OWN = ("id", "name", "seats", "place", "shape", "out_of_service")


async def tables(reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID) -> list[TableView]:
    """All tables of a branch, grouped by space, in order."""
    in_space = sa.and_(Space.organization_id == DiningTable.organization_id, Space.id == DiningTable.space_id)
    served = sa.and_(Section.organization_id == DiningTable.organization_id, Section.table_id == DiningTable.id)
    rows = await reader.execute(
        sa.select(
            *(getattr(DiningTable, name) for name in _OWN),
            Space.id.label("space_id"),
            Space.name.label("space_name"),
            Section.person_id.label("server_id"),
        )
        .join(Space, in_space)
        .join(Section, served, isouter=True)
        .where(
            DiningTable.organization_id == organization_id,
            DiningTable.branch_id == branch_id,
            DiningTable.active,
            Space.active,
        )
        .order_by(Space.position, Space.id, DiningTable.position, DiningTable.id)
    )
    return [TableView(**{**row._mapping, "place": tuple(row.place)}) for row in rows]
