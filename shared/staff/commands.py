"""Hiring staff, assigning them to branches, and limiting what a role may decide."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.errors import DomainError, NotFound
from shared.kernel.ids import derived_id
from shared.kernel.money import MAX_MINOR
from shared.kernel.permissions import Permission, Role
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.staff.pins import HashedPin, hashed_pin, pin_is_well_formed
from shared.staff.queries import actor_now
from shared.staff.records import Assignment, RoleLimit, StaffMember
from shared.staff.rules import WORK_EVERYWHERE


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
    """Hire somebody and assign them to branches. Hashes the PIN on the spot; for many people see `take_on`.

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
    member = await take_on(work, staff_id, name, role, hashed_pin(pin, pepper, salt))
    for branch_id in branch_ids:
        await assign(work, staff_id, branch_id)
    return member


async def take_on(work: Work, staff_id: UUID, name: str, role: Role, pin: HashedPin) -> StaffMember:
    """Hire somebody whose PIN was hashed beforehand, outside the transaction and the event loop.

    Raises:
        DomainError: NOT_PERMITTED, NAME_MISSING.
    """
    work.require(Permission.EDIT_STAFF)
    if not clean(name):
        raise DomainError("NAME_MISSING")
    return work.add(
        StaffMember(
            organization_id=work.organization_id,
            id=staff_id,
            name=clean(name),
            role=role,
            pin_hash=pin.encoded,
            pin_hint=pin.hint,
        )
    )


async def assign(work: Work, staff_id: UUID, branch_id: UUID) -> Assignment:
    """Assign somebody to a branch.

    Raises:
        DomainError: NOT_PERMITTED.
    """
    work.require(Permission.EDIT_STAFF)
    return work.add(
        Assignment(
            organization_id=work.organization_id,
            id=assignment_id(staff_id, branch_id),
            staff_id=staff_id,
            branch_id=branch_id,
        )
    )


def assignment_id(staff_id: UUID, branch_id: UUID) -> UUID:
    """Id of the assignment of somebody to a branch. Assigning twice gives the same id."""
    return derived_id("assignment", staff_id, branch_id)


async def limit_role(work: Work, role: Role, permission: Permission, amount_minor: int) -> RoleLimit:
    """Limit a right of a role to an amount (minor units of the organization's currency), or change the limit.

    Raises:
        DomainError: NOT_PERMITTED, LIMIT_NOT_SENSIBLE.
    """
    work.require(Permission.EDIT_STAFF)
    if not 0 <= amount_minor <= MAX_MINOR:
        raise DomainError("LIMIT_NOT_SENSIBLE")
    key = limit_id(role, permission)
    held = await work.session.get(RoleLimit, (work.organization_id, key))
    if held is not None:
        held.amount_minor, held.active = amount_minor, True
        return held
    return work.add(
        RoleLimit(
            organization_id=work.organization_id,
            id=key,
            role=role,
            permission=permission,
            amount_minor=amount_minor,
        )
    )


def limit_id(role: Role, permission: Permission) -> UUID:
    """Id of the limit of a right of a role. Limiting twice gives the same id."""
    return derived_id("limit", role, permission)


async def take_up_rights(work: Work) -> None:
    """Give the person who acts the rights that they have now. Those of the log-in may be of yesterday.

    Raises:
        DomainError: NO_LONGER_WORKS_HERE (params: name).
    """
    person = work.actor
    assert person.staff_id is not None, "the system has no rights to take up"
    now = await actor_now(work.session, work.organization_id, work.branch_id, person.staff_id)
    if now is None:
        raise DomainError("NO_LONGER_WORKS_HERE", name=person.name)
    work.actor = now


async def change_staff(
    work: Work, staff_id: UUID, *, name: str, role: Role, branch_ids: Collection[UUID]
) -> StaffMember:
    """Change name, role and branches of somebody. What is as it was stays unwritten.

    Raises:
        DomainError: NOT_PERMITTED, NAME_MISSING, NOT_FOUND, LOCKS_YOU_OUT: they would take their own role away.
    """
    work.require(Permission.EDIT_STAFF)
    if not clean(name):
        raise DomainError("NAME_MISSING")
    member = await _member(work, staff_id)
    if work.actor.staff_id == staff_id and role is not member.role:
        raise DomainError("LOCKS_YOU_OUT")
    member.name, member.role = clean(name), role
    wanted = set() if role in WORK_EVERYWHERE else set(branch_ids)
    of_them = sa.select(Assignment).where(
        Assignment.organization_id == work.organization_id, Assignment.staff_id == staff_id
    )
    held = {each.branch_id: each for each in await work.session.scalars(of_them)}
    for branch_id, assignment in held.items():
        assignment.active = branch_id in wanted
    for branch_id in sorted(wanted - held.keys()):
        await assign(work, staff_id, branch_id)
    return member


async def give_pin(work: Work, staff_id: UUID, pin: HashedPin) -> StaffMember:
    """Give somebody another PIN, everywhere. Hash it beforehand with `pin_setting.new_pin`.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND.
    """
    work.require(Permission.EDIT_STAFF)
    member = await _member(work, staff_id)
    member.pin_hash, member.pin_hint, member.pin_said = pin.encoded, pin.hint, ""
    return member


async def set_active(work: Work, staff_id: UUID, *, active: bool) -> StaffMember:
    """Dismiss somebody, or take them back. What they did stays theirs.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, LOCKS_YOU_OUT: it is the person who acts.
    """
    work.require(Permission.EDIT_STAFF)
    member = await _member(work, staff_id)
    if work.actor.staff_id == staff_id and not active:
        raise DomainError("LOCKS_YOU_OUT")
    member.active = active
    return member


async def _member(work: Work, staff_id: UUID) -> StaffMember:
    member = await work.session.get(StaffMember, (work.organization_id, staff_id), with_for_update=True)
    if member is None:
        raise NotFound("staff", staff_id)
    return member
