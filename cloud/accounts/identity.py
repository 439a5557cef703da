"""The caller of a route: a person or a device, as their token or session and the present state of things say."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from cloud.accounts.standings import Standing
from cloud.accounts.tokens import DeviceClaims
from shared.kernel.permissions import PERMISSIONS, Actor, Permission, Role

_WHOLE_ORGANIZATION = frozenset({Role.SUPER_ADMIN, Role.ORGANIZATION_ADMIN})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account, in one organization.

    Attributes:
        organization_id: their tenant; None for a super admin who has chosen no organization for this request.
        branches: those of a branch manager and of staff.
        staff_id: who they are to devices and to the log; None for a super admin.
        session_id: the log-in session of their browser; None for a program.
    """

    account_id: UUID
    role: Role
    organization_id: UUID | None
    branches: frozenset[UUID]
    staff_id: UUID | None = None
    name: str = ""
    limits: tuple[tuple[Permission, int], ...] = ()
    session_id: UUID | None = None

    @classmethod
    def of(
        cls, account_id: UUID, organization_id: UUID | None, standing: Standing, session_id: UUID | None = None
    ) -> Person:
        """The person of an account with that standing."""
        return cls(
            account_id,
            standing.role,
            organization_id,
            standing.branches,
            standing.staff_id,
            standing.name,
            standing.limits,
            session_id,
        )

    @property
    def actor_id(self) -> UUID:
        """By which the log names them."""
        return self.staff_id or self.account_id

    def may(self, permission: Permission) -> bool:
        """Whether their role has the permission."""
        return permission in PERMISSIONS[self.role]

    def sees_branch(self, branch_id: UUID) -> bool:
        """Whether they may see that branch of their organization."""
        return self.role in _WHOLE_ORGANIZATION or branch_id in self.branches

    def actor(self, name: str = "") -> Actor:
        """This person as the actor of a unit of work, with the limits of their role."""
        return Actor(self.actor_id, name or self.name or self.role.value, PERMISSIONS[self.role], dict(self.limits))


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
