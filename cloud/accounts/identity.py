"""The caller of a route: a person or a device, as their token or session and the present state of things say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cloud.accounts.api_keys import KeySeen
from cloud.accounts.scopes import opens, rights_of
from cloud.accounts.standings import OpenVisit, Standing
from cloud.accounts.tokens import DeviceClaims
from shared.kernel.permissions import Actor, Permission, Rights, Role
from shared.staff.rules import rights_in

_WHOLE_ORGANIZATION = frozenset({Role.SUPER_ADMIN, Role.ORGANIZATION_ADMIN})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account, in one organization; or a program with a key that they made, which acts as itself.

    Attributes:
        organization_id: their tenant; None for a super admin who has chosen no organization for this request.
        branches: those of a branch manager and of staff.
        role_rights: what the role may do, as the organization says; None: as the program has it.
        staff_id: who they are to devices and to the log; None for a super admin.
        session_id: the log-in session of their browser; None for a program.
        key: the API key by which a program calls; None for the person.
        visits: of a super admin, see `Standing`.
        language: that they chose, else that of their organization; empty: neither says.
    """

    account_id: UUID
    role: Role
    organization_id: UUID | None
    branches: frozenset[UUID]
    staff_id: UUID | None = None
    name: str = ""
    role_rights: Rights | None = None
    session_id: UUID | None = None
    key: KeySeen | None = None
    language: str = ""
    visits: tuple[OpenVisit, ...] = ()

    @classmethod
    def of(
        cls,
        account_id: UUID,
        organization_id: UUID | None,
        standing: Standing,
        session_id: UUID | None = None,
        key: KeySeen | None = None,
    ) -> Person:
        """The person of an account with that standing."""
        return cls(
            account_id,
            standing.role,
            organization_id,
            standing.branches,
            standing.staff_id,
            standing.name,
            standing.rights,
            session_id,
            key,
            standing.language,
            standing.visits,
        )

    @property
    def actor_id(self) -> UUID:
        """By which the log names them."""
        return self.key.id if self.key is not None else self.staff_id or self.account_id

    @property
    def rights(self) -> Rights:
        """What they may do: of a key what its scopes stand for, as far as its maker may do it."""
        of_role = self.role_rights or rights_in(self.role)
        return of_role if self.key is None else Rights(of_role.permissions & rights_of(self.key.scopes), of_role.limits)

    @property
    def permissions(self) -> frozenset[Permission]:
        """The same, without amounts."""
        return self.rights.permissions

    @property
    def sees_everything(self) -> bool:
        """Whether they may see all branches of the organization."""
        return self.role in _WHOLE_ORGANIZATION and (self.key is None or self.key.branches is None)

    def may(self, permission: Permission) -> bool:
        """Whether they have the permission."""
        return permission in self.permissions

    def has_scope(self, scope: str) -> bool:
        """Whether a scope is open to them: to people all are."""
        return self.key is None or opens(self.key.scopes, scope)

    def sees_branch(self, branch_id: UUID) -> bool:
        """Whether they may see that branch of their organization."""
        if self.key is not None and self.key.branches is not None and branch_id not in self.key.branches:
            return False
        return self.role in _WHOLE_ORGANIZATION or branch_id in self.branches

    def visit(self, organization_id: UUID, now: datetime) -> OpenVisit | None:
        """The visit of a super admin to an organization, if they are there now."""
        return next((visit for visit in self.visits if visit.lasts(organization_id, now)), None)

    def actor(self, name: str = "") -> Actor:
        """This person, or the program with their key, as the actor of a unit of work, with the limits of their role."""
        if self.key is not None:
            return Actor.of_integration(self.key.id, self.key.name, self.permissions, self.rights.limits)
        return Actor.having(self.actor_id, name or self.name or self.role.value, self.rights)


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
