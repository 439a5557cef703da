"""The caller of a route: a person or a device, as their token says."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from cloud.accounts.tokens import DeviceClaims, PersonClaims
from shared.kernel.permissions import PERMISSIONS, Actor, Permission, Role

_WHOLE_ORGANIZATION = frozenset({Role.SUPER_ADMIN, Role.ORGANIZATION_ADMIN})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account.

    Attributes:
        organization_id: their tenant; None for a super admin who has chosen no organization for this request.
        branches: those of a branch manager and of staff.
    """

    account_id: UUID
    role: Role
    organization_id: UUID | None
    branches: frozenset[UUID]

    @classmethod
    def of(cls, claims: PersonClaims) -> Person:
        """The person of a token. Those whose branches it does not name see none until they are looked up."""
        return cls(claims.sub, claims.role, claims.organization, frozenset(claims.branches or ()))

    def may(self, permission: Permission) -> bool:
        """Whether their role has the permission."""
        return permission in PERMISSIONS[self.role]

    def sees_branch(self, branch_id: UUID) -> bool:
        """Whether they may see that branch of their organization."""
        return self.role in _WHOLE_ORGANIZATION or branch_id in self.branches

    def actor(self, name: str = "") -> Actor:
        """This person as the actor of a unit of work."""
        return Actor(self.account_id, name, PERMISSIONS[self.role])


@dataclass(frozen=True, slots=True)
class EnrolledDevice:
    """A device of a branch."""

    device_id: UUID
    organization_id: UUID
    branch_id: UUID

    @classmethod
    def of(cls, claims: DeviceClaims) -> EnrolledDevice:
        """The device of a token."""
        return cls(claims.sub, claims.organization, claims.branch)
