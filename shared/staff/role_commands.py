"""Roles of the organization's own, and what any role may do.

Nobody gives more than they have: to a role that people have, to a role of one's own, or to a person by giving them a
role. Administrators have all rights and nothing is taken from them, so that somebody can always put it right.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from shared.kernel.errors import DomainError, NotFound
from shared.kernel.ids import derived_id
from shared.kernel.money import MAX_MINOR
from shared.kernel.permissions import GRANTABLE, Permission, Rights, Role
from shared.kernel.records import say_whole
from shared.kernel.text import clean
from shared.kernel.work import Work
from shared.staff.queries import rights_of_role
from shared.staff.records import OwnRole, RoleRight, StaffMember
from shared.staff.rules import WITH_ALL_RIGHTS, RoleKey

MOST_NAMED = 3
"""People whom a refusal names."""


async def found_role(work: Work, role_id: UUID, name: str, job: Role) -> OwnRole:
    """Found a role of the organization's own. It begins with the rights that the job has here.

    Raises:
        DomainError: NOT_PERMITTED, NAME_MISSING, ROLE_NAME_TAKEN (params: name), ROLE_HAS_ALL_RIGHTS,
            ROLE_ABOVE_YOURS (params: right).
    """
    work.require(Permission.EDIT_STAFF)
    if job in WITH_ALL_RIGHTS:
        raise DomainError("ROLE_HAS_ALL_RIGHTS")
    rights = await rights_of_role(work.session, work.organization_id, RoleKey(job))
    refuse_beyond(work, rights)
    role = work.add(
        OwnRole(organization_id=work.organization_id, id=role_id, name=await _free_name(work, role_id, name), job=job)
    )
    for permission in sorted(GRANTABLE):
        await _say(work, RoleKey(job, role_id), permission, rights)
    return role


async def rename_role(work: Work, role_id: UUID, name: str) -> OwnRole:
    """Give a role of the organization's own another name.

    Raises:
        DomainError: NOT_PERMITTED, NAME_MISSING, NOT_FOUND, ROLE_NAME_TAKEN (params: name).
    """
    work.require(Permission.EDIT_STAFF)
    role = await _own_role(work, role_id)
    named = await _free_name(work, role_id, name)
    if role.name != named:
        role.name = named
    return role


async def say_rights(work: Work, role: RoleKey, rights: Rights) -> None:
    """Say all that a role may do. What is as it was stays unwritten.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, ROLE_HAS_ALL_RIGHTS, LIMIT_NOT_SENSIBLE, ROLE_WITHOUT_RIGHTS,
            ROLE_ABOVE_YOURS (params: right): the role may do what the person may not, before or afterwards,
            LOCKS_YOU_OUT: it is their own role, and they would take the staff out of their own hands.
    """
    work.require(Permission.EDIT_STAFF)
    if role.job in WITH_ALL_RIGHTS:
        raise DomainError("ROLE_HAS_ALL_RIGHTS")
    if role.own_role_id is not None and (await _own_role(work, role.own_role_id)).job is not role.job:
        raise NotFound("own_roles", role.own_role_id)
    if any(not 0 <= amount_minor <= MAX_MINOR for amount_minor in rights.limits.values()):
        raise DomainError("LIMIT_NOT_SENSIBLE")
    if not rights.permissions:
        raise DomainError("ROLE_WITHOUT_RIGHTS")
    held = await rights_of_role(work.session, work.organization_id, role)
    refuse_beyond(work, held)
    refuse_beyond(work, rights)
    if Permission.EDIT_STAFF not in rights.permissions and await _is_own(work, role):
        raise DomainError("LOCKS_YOU_OUT")
    for permission in sorted(GRANTABLE):
        if _of(held, permission) != _of(rights, permission):
            await _say(work, role, permission, rights)


async def limit_role(work: Work, role: Role, permission: Permission, amount_minor: int) -> RoleRight:
    """Limit a right of one of the program's roles to an amount (minor units of the organization's currency).

    Raises:
        DomainError: NOT_PERMITTED, LIMIT_NOT_SENSIBLE, ROLE_HAS_ALL_RIGHTS.
    """
    work.require(Permission.EDIT_STAFF)
    if role in WITH_ALL_RIGHTS:
        raise DomainError("ROLE_HAS_ALL_RIGHTS")
    if not 0 <= amount_minor <= MAX_MINOR:
        raise DomainError("LIMIT_NOT_SENSIBLE")
    held = await rights_of_role(work.session, work.organization_id, RoleKey(role))
    limited = Rights(held.permissions, {**held.limits, permission: amount_minor})
    return await _say(work, RoleKey(role), permission, limited)


async def retire_role(work: Work, role_id: UUID) -> OwnRole:
    """Take a role of the organization's own out of the lists. It can be taken up again by its name.

    Raises:
        DomainError: NOT_PERMITTED, NOT_FOUND, ROLE_IN_USE (params: names).
    """
    work.require(Permission.EDIT_STAFF)
    role = await _own_role(work, role_id)
    refuse_beyond(work, await rights_of_role(work.session, work.organization_id, RoleKey(role.job, role_id)))
    names = await _names_of(work, role_id)
    if names:
        more = f" +{len(names) - MOST_NAMED}" if len(names) > MOST_NAMED else ""
        raise DomainError("ROLE_IN_USE", names=", ".join(names[:MOST_NAMED]) + more)
    role.active = False
    return role


def right_id(role: RoleKey, permission: Permission) -> UUID:
    """Id of what is said of a right of a role. Saying it twice gives the same id."""
    return derived_id("right", role.own_role_id or role.job, permission)


def refuse_beyond(work: Work, rights: Rights) -> None:
    """Refuse to give, or to take from somebody, rights that the person who acts lacks.

    Raises:
        DomainError: ROLE_ABOVE_YOURS (params: right, the first of them).
    """
    beyond = rights.beyond(work.actor.rights)
    if beyond:
        raise DomainError("ROLE_ABOVE_YOURS", right=beyond[0].value)


async def refuse_role_beyond(work: Work, role: RoleKey, *, is_held: bool = False) -> None:
    """Refuse a role that may do what the person who acts may not, or that is none.

    Args:
        is_held: it is that of somebody already, and may be retired since.

    Raises:
        DomainError: ROLE_ABOVE_YOURS (params: right), NOT_FOUND.
    """
    if role.own_role_id is not None and not is_held:
        own = await _own_role(work, role.own_role_id)
        if own.job is not role.job:
            raise NotFound("own_roles", role.own_role_id)
    if work.actor.permissions >= GRANTABLE and not work.actor.limits:
        return
    refuse_beyond(work, await rights_of_role(work.session, work.organization_id, role))


async def _say(work: Work, role: RoleKey, permission: Permission, rights: Rights) -> RoleRight:
    is_given, limit_minor = _of(rights, permission)
    said = {"is_given": is_given, "is_limited": limit_minor is not None, "limit_minor": limit_minor or 0}
    key = right_id(role, permission)
    held = await work.session.get(RoleRight, (work.organization_id, key))
    if held is not None:
        say_whole(held, **said)
        return held
    return work.add(
        RoleRight(
            organization_id=work.organization_id,
            id=key,
            job=role.job,
            own_role_id=role.own_role_id,
            permission=permission,
            **said,
        )
    )


def _of(rights: Rights, permission: Permission) -> tuple[bool, int | None]:
    is_given = permission in rights.permissions
    return is_given, rights.limits.get(permission) if is_given else None


async def _own_role(work: Work, role_id: UUID) -> OwnRole:
    """The role, held against others who give or retire it at the same time."""
    role = await work.session.get(OwnRole, (work.organization_id, role_id), with_for_update=True)
    if role is None or not role.active:
        raise NotFound("own_roles", role_id)
    return role


async def _is_own(work: Work, role: RoleKey) -> bool:
    """Whether it is the role of the person who acts."""
    if work.actor.staff_id is None:
        return False
    me = await work.session.get(StaffMember, (work.organization_id, work.actor.staff_id))
    return me is not None and RoleKey(me.role, me.own_role_id) == role


async def _free_name(work: Work, role_id: UUID, name: str) -> str:
    named = clean(name)
    if not named:
        raise DomainError("NAME_MISSING")
    others = await work.session.scalars(
        sa.select(OwnRole.name).where(
            OwnRole.organization_id == work.organization_id, OwnRole.active, OwnRole.id != role_id
        )
    )
    if named.casefold() in {each.casefold() for each in others}:
        raise DomainError("ROLE_NAME_TAKEN", name=named)
    return named


async def _names_of(work: Work, role_id: UUID) -> Sequence[str]:
    found = await work.session.scalars(
        sa.select(StaffMember.name)
        .where(
            StaffMember.organization_id == work.organization_id,
            StaffMember.own_role_id == role_id,
            StaffMember.active,
        )
        .order_by(StaffMember.name, StaffMember.id)
    )
    return list(found)
