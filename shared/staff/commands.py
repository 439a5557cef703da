"""Hiring staff, assigning them to branches, giving them roles. Nobody gives a role that may do more than they may."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.errors import DomainError, NotFound
from shared.kernel.ids import derived_id
from shared.kernel.permissions import Permission, Role
from shared.kernel.records import say_whole
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.staff.pins import HashedPin, hashed_pin, pin_is_well_formed
from shared.staff.queries import actor_now
from shared.staff.records import Assignment, StaffMember
from shared.staff.role_commands import refuse_role_beyond
from shared.staff.rules import WORK_EVERYWHERE, RoleKey


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


async def take_on(
    work: Work, staff_id: UUID, name: str, role: Role, pin: HashedPin, own_role_id: UUID | None = None
) -> StaffMember:
    """Hire somebody whose PIN was hashed beforehand, outside the transaction and the event loop.

    Args:
        own_role_id: a role of the organization's own, which builds on `role`.

    Raises:
        DomainError: NOT_PERMITTED, NAME_MISSING, NOT_FOUND (no such role), ROLE_ABOVE_YOURS (params: right).
    """
    work.require(Permission.EDIT_STAFF)
    if not clean(name):
        raise DomainError("NAME_MISSING")
    await refuse_role_beyond(work, RoleKey(role, own_role_id))
    return work.add(
        StaffMember(
            organization_id=work.organization_id,
            id=staff_id,
            name=clean(name),
            role=role,
            own_role_id=own_role_id,
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
    work: Work,
    staff_id: UUID,
    *,
    name: str,
    role: Role,
    branch_ids: Collection[UUID],
    own_role_id: UUID | None = None,
) -> StaffMember:
    """Change name, role and branches of somebody. What is as it was stays unwritten.

    Args:
        own_role_id: a role of the organization's own, which builds on `role`.

    Raises:
        DomainError: NOT_PERMITTED, NAME_MISSING, NOT_FOUND, LOCKS_YOU_OUT: they would take their own role away,
            LAST_ADMINISTRATOR (params: name), ROLE_ABOVE_YOURS (params: right).
    """
    work.require(Permission.EDIT_STAFF)
    if not clean(name):
        raise DomainError("NAME_MISSING")
    if role is not Role.ORGANIZATION_ADMIN and work.actor.staff_id != staff_id:
        await _keep_an_administrator(work, staff_id)
    member, wanted_role = await _member(work, staff_id), RoleKey(role, own_role_id)
    if wanted_role != RoleKey(member.role, member.own_role_id):
        if work.actor.staff_id == staff_id:
            raise DomainError("LOCKS_YOU_OUT")
        await refuse_role_beyond(work, wanted_role)
        say_whole(member, role=role, own_role_id=own_role_id)
    member.name = clean(name)
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
        DomainError: NOT_PERMITTED, NOT_FOUND, ROLE_ABOVE_YOURS (params: right).
    """
    work.require(Permission.EDIT_STAFF)
    member = await _member(work, staff_id)
    member.pin_hash, member.pin_hint, member.pin_said = pin.encoded, pin.hint, ""
    return member


async def set_active(work: Work, staff_id: UUID, *, active: bool) -> StaffMember:
    """Dismiss somebody, or take them back. What they did stays theirs.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, LOCKS_YOU_OUT: it is the person who acts, ROLE_ABOVE_YOURS (params:
            right), LAST_ADMINISTRATOR (params: name).
    """
    work.require(Permission.EDIT_STAFF)
    if work.actor.staff_id == staff_id and not active:
        raise DomainError("LOCKS_YOU_OUT")
    if not active:
        await _keep_an_administrator(work, staff_id)
    member = await _member(work, staff_id)
    member.active = active
    return member


async def _member(work: Work, staff_id: UUID) -> StaffMember:
    """Somebody of the staff who may do no more than the person who acts: with their PIN one would be them."""
    member = await work.session.get(StaffMember, (work.organization_id, staff_id), with_for_update=True)
    if member is None:
        raise NotFound("staff", staff_id)
    if work.actor.staff_id != staff_id:
        await refuse_role_beyond(work, RoleKey(member.role, member.own_role_id), is_held=True)
    return member


async def _keep_an_administrator(work: Work, staff_id: UUID) -> None:
    """Refuse to take the last administrator away.

    Before anything else is locked, all of them are, in one order: two who dismiss each other at once would each find
    the other still there, or wait for each other.
    """
    of_them = sa.select(StaffMember).where(
        StaffMember.organization_id == work.organization_id,
        StaffMember.role == Role.ORGANIZATION_ADMIN,
        StaffMember.active,
    )
    ordered = of_them.order_by(StaffMember.id).with_for_update().execution_options(populate_existing=True)
    found = list(await work.session.scalars(ordered))
    if [each.id for each in found] == [staff_id]:
        raise DomainError("LAST_ADMINISTRATOR", name=found[0].name)
