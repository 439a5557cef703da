"""Who works beside somebody, and which PINs they have: one PIN names one person in each branch."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.permissions import Role
from shared.kernel.work import Work
from shared.staff.pin_records import PinChange
from shared.staff.pin_stamps import hashed_of
from shared.staff.pins import HashedPin
from shared.staff.records import Assignment, StaffMember
from shared.staff.rules import WORK_EVERYWHERE
from shared.tenancy.records import Branch


async def branches_of(work: Work, staff_id: UUID) -> set[UUID]:
    """The branches to which somebody is assigned."""
    found = await work.session.scalars(
        sa.select(Assignment.branch_id).where(
            Assignment.organization_id == work.organization_id, Assignment.staff_id == staff_id, Assignment.active
        )
    )
    return set(found)


async def new_places(work: Work, staff_id: UUID, role: Role, branch_ids: Collection[UUID]) -> set[UUID]:
    """The branches in which somebody comes to work by a change, and did not work before; all for an administrator."""
    member = await work.get(StaffMember, staff_id)
    if member.role in WORK_EVERYWHERE:
        return set()
    if role in WORK_EVERYWHERE:
        of_all = sa.select(Branch.id).where(Branch.organization_id == work.organization_id)
        return set(await work.session.scalars(of_all))
    return set(branch_ids) - await branches_of(work, staff_id)


async def pins_beside(work: Work, staff_id: UUID, role: Role, branch_ids: Collection[UUID]) -> list[HashedPin]:
    """The PINs of all others who log in where somebody does, those that were set in a branch, too."""
    works_there = sa.exists().where(
        Assignment.organization_id == work.organization_id,
        Assignment.staff_id == StaffMember.id,
        Assignment.branch_id.in_(list(branch_ids)),
        Assignment.active,
    )
    everywhere = StaffMember.role.in_(sorted(WORK_EVERYWHERE))
    beside = sa.true() if role in WORK_EVERYWHERE else sa.or_(works_there, everywhere)
    others = (
        StaffMember.organization_id == work.organization_id,
        StaffMember.active,
        StaffMember.id != staff_id,
        beside,
    )
    own = await work.session.execute(sa.select(StaffMember.pin_hash, StaffMember.pin_hint).where(*others))
    of_branches = sa.select(PinChange.pin).join(
        StaffMember,
        sa.and_(StaffMember.organization_id == PinChange.organization_id, StaffMember.id == PinChange.person_id),
    )
    set_there = await work.session.scalars(of_branches.where(*others))
    return [*(HashedPin(row.pin_hash, row.pin_hint) for row in own if row.pin_hint), *map(hashed_of, set_there)]
