"""Who works where, and what a role may."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from shared.kernel.permissions import GRANTABLE, PERMISSIONS, Permission, Rights, Role

WORK_EVERYWHERE = frozenset({Role.ORGANIZATION_ADMIN, Role.SUPER_ADMIN})
"""Roles that need no assignment to a branch."""
WITH_ALL_RIGHTS = WORK_EVERYWHERE
"""Roles of which nothing is taken: there is always somebody who can put right what others did to roles."""
JOBS = tuple(role for role in Role if role not in WITH_ALL_RIGHTS)
"""Roles whose rights the organization decides, and on which roles of its own build."""
DISMISSED = "NO_LONGER_WORKS_HERE"
"""The code of the refusal after which nobody is logged in any more."""


class RoleKey(NamedTuple):
    """A role: one of the program's, or one of the organization's own with the job on which it builds."""

    job: Role
    own_role_id: UUID | None = None


class RightSaid(NamedTuple):
    """What the organization says of a right of a role.

    Attributes:
        limit_minor: up to which amount; None: any.
    """

    permission: Permission
    is_given: bool
    limit_minor: int | None = None


def rights_in(job: Role, said: Iterable[RightSaid] = ()) -> Rights:
    """What a role may do: as the program has it for the job, but for what the organization says."""
    if job in WITH_ALL_RIGHTS:
        return Rights(PERMISSIONS[job])
    permissions, limits = set(PERMISSIONS[job]), {}
    for right in said:
        if not right.is_given:
            permissions.discard(right.permission)
        elif right.permission in GRANTABLE:
            permissions.add(right.permission)
            if right.limit_minor is not None:
                limits[right.permission] = right.limit_minor
    return Rights(frozenset(permissions), limits)
