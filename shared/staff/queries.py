"""Reading who may log in at a device."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.permissions import Role
from shared.staff.records import Assignment, StaffMember


@dataclass(frozen=True, slots=True)
class StaffView:
    """A member of staff with the hash of their PIN."""

    id: UUID
    name: str
    role: Role
    pin_hash: str
    pin_hint: str


async def staff_of_branch(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID
) -> list[StaffView]:
    """Who may log in at a device of this branch, by name. Administrators may log in everywhere."""
    assigned = sa.exists().where(
        Assignment.organization_id == StaffMember.organization_id,
        Assignment.staff_id == StaffMember.id,
        Assignment.branch_id == branch_id,
        Assignment.active,
    )
    rows = await reader.execute(
        sa.select(StaffMember.id, StaffMember.name, StaffMember.role, StaffMember.pin_hash, StaffMember.pin_hint)
        .where(
            StaffMember.organization_id == organization_id,
            StaffMember.active,
            sa.or_(assigned, StaffMember.role == Role.ORGANIZATION_ADMIN),
        )
        .order_by(StaffMember.name, StaffMember.id)
    )
    return [StaffView(row.id, row.name, row.role, row.pin_hash, row.pin_hint) for row in rows]
