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
from shared.kernel.permissions import Actor, Permission, Rights, Role
from shared.staff.hours import Entry
from shared.staff.pin_records import PinChange
from shared.staff.pin_stamps import pin_in_force
from shared.staff.records import Assignment, OwnRole, PersonSettings, RoleRight, StaffMember, TimeEntry
from shared.staff.rules import WORK_EVERYWHERE, RightSaid, RoleKey, rights_in

HOURS_SHOWN = timedelta(days=8)
"""How far back forgotten entries are told. What is older is for the reports."""


@dataclass(frozen=True, slots=True)
class StaffView:
    """A member of staff with the hash of their PIN.

    Attributes:
        role: the program's, on which one of the organization's own may build.
        rights: what they may do as the house says; None: as the program has it for the role.
        role_name: of a role of the organization's own; else empty.
    """

    id: UUID
    name: str
    role: Role
    pin_hash: str
    pin_hint: str
    rights: Rights | None = None
    role_name: str = ""

    def may(self, permission: Permission, amount_minor: int = 0) -> bool:
        """Whether they have the permission, for this amount if it is limited."""
        return (self.rights or rights_in(self.role)).may(permission, amount_minor)

    @property
    def actor(self) -> Actor:
        """Who they are in a unit of work."""
        return Actor.having(self.id, self.name, self.rights or rights_in(self.role))


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
            StaffMember.own_role_id,
            OwnRole.name.label("role_name"),
            PinChange.pin.label("branch_pin"),
            PinChange.stamps.label("branch_stamps"),
            PinChange.knew,
        )
        .outerjoin_from(StaffMember, PinChange, set_here)
        .outerjoin(OwnRole, _OWN_ROLE)
        .where(StaffMember.organization_id == organization_id, StaffMember.active, _works_in(branch_id))
        .order_by(StaffMember.name, StaffMember.id)
    )
    said = await said_of_roles(reader, organization_id)

    def rights(row: Any) -> Rights:
        return rights_in(row.role, said.get(RoleKey(row.role, row.own_role_id), ()))

    return [StaffView(row.id, row.name, row.role, *pin_in_force(row), rights(row), row.role_name or "") for row in rows]


async def said_of_roles(
    reader: AsyncConnection | AsyncSession, organization_id: UUID
) -> dict[RoleKey, list[RightSaid]]:
    """What the organization says of rights, by role."""
    of = RoleRight.__table__.c
    rows = await reader.execute(
        sa.select(of.job, of.own_role_id, of.permission, of.is_given, of.is_limited, of.limit_minor).where(
            of.organization_id == organization_id
        )
    )
    found: dict[RoleKey, list[RightSaid]] = {}
    for row in rows:
        found.setdefault(RoleKey(row.job, row.own_role_id), []).append(_right_said(row))
    return found


async def rights_of_role(reader: AsyncConnection | AsyncSession, organization_id: UUID, role: RoleKey) -> Rights:
    """What a role may do now."""
    rows = await reader.execute(
        sa.select(*RIGHT_COLUMNS).where(
            RoleRight.organization_id == organization_id,
            RoleRight.job == role.job,
            RoleRight.own_role_id.is_not_distinct_from(role.own_role_id),
        )
    )
    return rights_in(role.job, (_right_said(row) for row in rows))


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
    rights = rights_in(rows[0].role, (_right_said(row) for row in rows if row.permission is not None))
    return Actor.having(staff_id, rows[0].name, rights)


@cache
def _now() -> sa.Select[*tuple[Any, ...]]:
    """The statement, built once: building it takes longer than running it."""
    of_role = sa.and_(
        RoleRight.organization_id == StaffMember.organization_id,
        RoleRight.job == StaffMember.role,
        RoleRight.own_role_id.is_not_distinct_from(StaffMember.own_role_id),
    )
    return (
        sa.select(StaffMember.name, StaffMember.role, *RIGHT_COLUMNS)
        .outerjoin_from(StaffMember, RoleRight, of_role)
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


def _right_said(row: Any) -> RightSaid:
    return RightSaid(row.permission, row.is_given, row.limit_minor if row.is_limited else None)


RIGHT_COLUMNS = (RoleRight.permission, RoleRight.is_given, RoleRight.is_limited, RoleRight.limit_minor)
_OWN_ROLE = sa.and_(OwnRole.organization_id == StaffMember.organization_id, OwnRole.id == StaffMember.own_role_id)


def _works_in(branch_id: Any) -> sa.ColumnElement[bool]:
    """The condition that a member of staff is assigned to a branch, or needs no assignment."""
    assigned = sa.exists().where(
        Assignment.organization_id == StaffMember.organization_id,
        Assignment.staff_id == StaffMember.id,
        Assignment.branch_id == branch_id,
        Assignment.active,
    )
    return sa.or_(assigned, *(StaffMember.role == role for role in sorted(WORK_EVERYWHERE)))
