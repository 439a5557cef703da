"""Taking staff on and letting them work in branches."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.ids import derived_id
from shared.kernel.permissions import Permission, Role
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.staff.pins import hash_pin, pin_hint, pin_is_well_formed
from shared.staff.records import Assignment, StaffMember


async def add_staff(
    work: Work,
    staff_id: UUID,
    name: str,
    role: Role,
    branch_ids: Sequence[UUID],
    pin: str,
    pepper: bytes,
    salt: bytes,
) -> StaffMember:
    """Take somebody on.

    Args:
        pin: four to eight digits; never stored.
        pepper: the organization's secret.
        salt: 16 random bytes.

    Raises:
        DomainError: NOT_PERMITTED, NAME_MISSING, PIN_NOT_WELL_FORMED.
    """
    work.require(Permission.EDIT_STAFF)
    if not clean(name):
        raise DomainError("NAME_MISSING")
    if not pin_is_well_formed(pin):
        raise DomainError("PIN_NOT_WELL_FORMED")
    member = work.add(
        StaffMember(
            organization_id=work.organization_id,
            id=staff_id,
            name=clean(name),
            role=role,
            pin_hash=hash_pin(pin, pepper, salt),
            pin_hint=pin_hint(pin, pepper),
        )
    )
    for branch_id in branch_ids:
        work.add(
            Assignment(
                organization_id=work.organization_id,
                id=derived_id("assignment", staff_id, branch_id),
                staff_id=staff_id,
                branch_id=branch_id,
            )
        )
    return member
