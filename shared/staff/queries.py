"""Reading who may log in at a device, and what somebody may do now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.kernel.language import Language
from shared.kernel.permissions import Actor, Role
from shared.staff.hours import Entry
from shared.staff.pin_records import PinChange
from shared.staff.pin_stamps import pin_in_force
from shared.staff.records import Assignment, PersonSettings, RoleLimit, StaffMember, TimeEntry
from shared.staff.rules import WORK_EVERYWHERE

HOURS_SHOWN = timedelta(days=8)
"""How far back forgotten entries are told. What is older is for the reports."""


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
    set_here = sa.and_(
        PinChange.organization_id == StaffMember.organization_id,
        PinChange.person_id == StaffMember.id,
        PinChange.branch_id == branch_id,
    )
    rows = await reader.execute(
        sa.select(
            StaffMember.id,
            StaffMember.name,
            StaffMember.role,
            StaffMember.pin_hash,
            StaffMember.pin_hint,
            StaffMember.pin_said,
            StaffMember.stamps,
            PinChange.pin.label("branch_pin"),
            PinChange.stamps.label("branch_stamps"),
            PinChange.knew,
        )
        .outerjoin_from(StaffMember, PinChange, set_here)
        .where(StaffMember.organization_id == organization_id, StaffMember.active, _works_in(branch_id))
        .order_by(StaffMember.name, StaffMember.id)
    )
    return [StaffView(row.id, row.name, row.role, *pin_in_force(row)) for row in rows]


async def actor_now(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID, staff_id: UUID
) -> Actor | None:
    """Somebody with the rights and limits that they have now; None if they do not work in this branch."""
    # Each key press asks; reading through the session takes longer.
    connection = await reader.connection() if isinstance(reader, AsyncSession) else reader
    given = {"organization": organization_id, "branch": branch_id, "person": staff_id}
    rows = (await connection.execute(_now(), given)).all()
    if not rows:
        return None
    limits = {row.permission: row.amount_minor for row in rows if row.permission is not None}
    return Actor.in_role(staff_id, rows[0].name, rows[0].role, limits)


@cache
def _now() -> sa.Select[*tuple[Any, ...]]:
    """The statement, built once: building it takes longer than running it."""
    limited = sa.and_(
        RoleLimit.organization_id == StaffMember.organization_id,
        RoleLimit.role == StaffMember.role,
        RoleLimit.active,
    )
    return (
        sa.select(StaffMember.name, StaffMember.role, RoleLimit.permission, RoleLimit.amount_minor)
        .outerjoin_from(StaffMember, RoleLimit, limited)
        .where(
            StaffMember.organization_id == sa.bindparam("organization"),
            StaffMember.id == sa.bindparam("person"),
            StaffMember.active,
            _works_in(sa.bindparam("branch")),
        )
    )


async def languages_of_people(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID
) -> list[tuple[UUID, Language]]:
    """In which language people want the screens of a branch, of those who have said so."""
    of = PersonSettings.__table__.c
    rows = await reader.execute(
        sa.select(of.person_id, of.language).where(
            of.organization_id == organization_id, of.branch_id == branch_id, of.language.in_([*Language])
        )
    )
    return [(row.person_id, Language(row.language)) for row in rows]


async def time_entries_of(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID, person_id: UUID, now: datetime
) -> list[Entry]:
    """What somebody noted lately of their hours in a branch, and what lies ahead because a clock was wrong."""
    of = TimeEntry.__table__.c
    rows = await reader.execute(
        sa.select(of.id, of.kind, of.at, of.typed_at, of.business_date, of.corrects_id).where(
            of.organization_id == organization_id,
            of.branch_id == branch_id,
            of.person_id == person_id,
            of.at >= now - HOURS_SHOWN,
        )
    )
    return [Entry(row.id, row.kind, row.at, row.typed_at, row.business_date, row.corrects_id) for row in rows]


async def time_entries_of_branch(
    reader: AsyncConnection | AsyncSession, organization_id: UUID, branch_id: UUID, now: datetime
) -> dict[UUID, list[Entry]]:
    """What everybody noted lately of their hours in a branch, by person."""
    of = TimeEntry.__table__.c
    rows = await reader.execute(
        sa.select(of.person_id, of.id, of.kind, of.at, of.typed_at, of.business_date, of.corrects_id).where(
            of.organization_id == organization_id, of.branch_id == branch_id, of.at >= now - HOURS_SHOWN
        )
    )
    found: dict[UUID, list[Entry]] = {}
    for row in rows:
        entry = Entry(row.id, row.kind, row.at, row.typed_at, row.business_date, row.corrects_id)
        found.setdefault(row.person_id, []).append(entry)
    return found


def _works_in(branch_id: Any) -> sa.ColumnElement[bool]:
    """The condition that a member of staff is assigned to a branch, or needs no assignment."""
    assigned = sa.exists().where(
        Assignment.organization_id == StaffMember.organization_id,
        Assignment.staff_id == StaffMember.id,
        Assignment.branch_id == branch_id,
        Assignment.active,
    )
    return sa.or_(assigned, *(StaffMember.role == role for role in sorted(WORK_EVERYWHERE)))
