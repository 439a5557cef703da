"""Adding spaces and tables to a branch. Run on the cloud."""

from __future__ import annotations

from uuid import UUID

from shared.floor.records import DiningTable, Space
from shared.kernel.permissions import Permission
from shared.kernel.text import clean
from shared.kernel.work import Work


async def add_space(work: Work, branch_id: UUID, name: str, position: int = 0, space_id: UUID | None = None) -> Space:
    """Add a room, terrace or bar."""
    work.require(Permission.EDIT_FLOOR)
    return work.add(
        Space(
            organization_id=work.organization_id,
            branch_id=branch_id,
            id=space_id or work.ids.new(),
            name=clean(name),
            position=position,
        )
    )


async def add_table(
    work: Work,
    branch_id: UUID,
    space_id: UUID,
    name: str,
    seats: int = 4,
    position: int = 0,
    table_id: UUID | None = None,
) -> DiningTable:
    """Add a table to a space."""
    work.require(Permission.EDIT_FLOOR)
    return work.add(
        DiningTable(
            organization_id=work.organization_id,
            branch_id=branch_id,
            id=table_id or work.ids.new(),
            space_id=space_id,
            name=clean(name, 40),
            seats=seats,
            position=position,
        )
    )
