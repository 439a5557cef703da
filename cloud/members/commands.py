"""Changing the people of an organization: staff by the commands of the domain, their access by those of accounts."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from cloud.accounts.identity import Person
from cloud.accounts.links import Links
from cloud.accounts.opening import close_membership, join
from cloud.control.audit import Audit, Doer
from cloud.control.plans import Counted, require_room
from cloud.database.control_records import Account, ControlOrganization, Membership
from cloud.database.transaction import Database
from cloud.members.listing import member
from cloud.replication.units import CloudUnits
from shared.kernel.errors import DomainError
from shared.kernel.ids import IdSource
from shared.kernel.instants import Clock
from shared.kernel.permissions import Role
from shared.staff.commands import assign, change_staff, give_pin, set_active, take_on
from shared.staff.pin_setting import new_pin
from shared.staff.pins import NO_PIN, HashedPin
from shared.staff.queries import StaffView, rights_of_role
from shared.staff.records import Assignment, StaffMember
from shared.staff.rules import WORK_EVERYWHERE, RoleKey
from shared.tenancy.records import Branch

_SALT_BYTES = 16
ROLES = tuple(role for role in Role if role is not Role.SUPER_ADMIN)
"""Those that somebody of an organization may have."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a form says of somebody.

    Attributes:
        own_role_id: a role of the organization's own; `role` is the job on which it builds.
        pin: empty leaves it as it is.
    """

    name: str
    role: Role
    branch_ids: Collection[UUID]
    pin: str = ""
    own_role_id: UUID | None = None


class Members:
    """Changes people.

    Args:
        told: tells all processes that something of an account has changed.
    """

    def __init__(
        self,
        database: Database,
        units: CloudUnits,
        links: Links,
        ids: IdSource,
        clock: Clock,
        told: Callable[[UUID], None],
        staff_told: Callable[[UUID], None],
        audit: Audit,
    ) -> None:
        self._database = database
        self._units = units
        self._links = links
        self._ids = ids
        self._clock = clock
        self._told = told
        self._staff_told = staff_told
        self._audit = audit

    async def add(self, person: Person, organization_id: UUID, wanted: Wanted) -> UUID:
        """Take somebody on. Returns who it is.

        Raises:
            DomainError: NOT_PERMITTED, NAME_MISSING, BRANCH_UNKNOWN, BRANCH_NOT_CHOSEN, PIN_NOT_WELL_FORMED, PIN_TAKEN,
                ROLE_ABOVE_YOURS (params: right), NOT_FOUND (there is no such role).
        """
        staff_id = self._ids.new()
        branches = await self._checked(person, organization_id, wanted)
        pin = await self._pin(organization_id, staff_id, wanted, branches)
        async with self._units.work(organization_id, person.actor()) as work:
            await take_on(work, staff_id, wanted.name, wanted.role, pin or NO_PIN, wanted.own_role_id)
            for branch_id in branches:
                await assign(work, staff_id, branch_id)
        self._staff_told(organization_id)
        return staff_id

    async def change(self, person: Person, organization_id: UUID, staff_id: UUID, wanted: Wanted) -> None:
        """Change somebody. Who is logged in by their account may from now on what the new role says.

        Raises:
            DomainError: NOT_PERMITTED, NAME_MISSING, NOT_FOUND, LOCKS_YOU_OUT, BRANCH_UNKNOWN, BRANCH_NOT_CHOSEN,
                PIN_NOT_WELL_FORMED, PIN_TAKEN, ROLE_ABOVE_YOURS (params: right), LAST_ADMINISTRATOR (params: name),
                MEMBER_UNKNOWN.
        """
        await self._require_seen(person, organization_id, staff_id)
        branches = await self._checked(person, organization_id, wanted)
        pin = await self._pin(organization_id, staff_id, wanted, branches)
        async with self._units.work(organization_id, person.actor()) as work:
            await change_staff(
                work,
                staff_id,
                name=wanted.name,
                role=wanted.role,
                branch_ids=branches,
                own_role_id=wanted.own_role_id,
            )
            if pin is not None:
                await give_pin(work, staff_id, pin)
        self._staff_told(organization_id)

    async def set_active(self, person: Person, organization_id: UUID, staff_id: UUID, *, active: bool) -> None:
        """Dismiss somebody, or take them back.

        Raises:
            DomainError: NOT_PERMITTED, NOT_FOUND, LOCKS_YOU_OUT, ROLE_ABOVE_YOURS (params: right),
                LAST_ADMINISTRATOR (params: name), MEMBER_UNKNOWN.
        """
        await self._require_seen(person, organization_id, staff_id)
        async with self._units.work(organization_id, person.actor()) as work:
            await set_active(work, staff_id, active=active)
        self._staff_told(organization_id)

    async def invite(self, person: Person, organization_id: UUID, staff_id: UUID, email: str) -> None:
        """Mail somebody of the staff an invitation.

        Raises:
            DomainError: MEMBER_UNKNOWN, STAFF_HAS_ACCOUNT, EMAIL_WRONG, TOO_MANY_TRIES (params: seconds),
                PLAN_HAS_NO_MORE_ACCOUNTS, ROLE_ABOVE_YOURS (params: right).
        """
        await self._require_within(person, organization_id, staff_id)
        async with self._database.write(organization_id) as write:
            await require_room(write, organization_id, Counted.ACCOUNTS, self._clock.now())
        async with self._database.control() as session:
            held = sa.select(Membership).where(
                Membership.organization_id == organization_id, Membership.staff_id == staff_id
            )
            if await session.scalar(held) is not None:
                raise DomainError("STAFF_HAS_ACCOUNT")
            await self._links.invite(session, email, organization_id, staff_id, person.account_id)

    async def set_access(self, person: Person, organization_id: UUID, staff_id: UUID, *, is_open: bool) -> None:
        """Close the account of somebody for this organization, or open it again.

        Raises:
            DomainError: MEMBER_UNKNOWN, LOCKS_YOU_OUT, ROLE_ABOVE_YOURS (params: right).
        """
        if person.staff_id == staff_id and not is_open:
            raise DomainError("LOCKS_YOU_OUT")
        await self._require_within(person, organization_id, staff_id, or_dismissed=True)
        async with self._database.control() as session:
            held = await session.scalar(
                sa.select(Membership).where(
                    Membership.organization_id == organization_id, Membership.staff_id == staff_id
                )
            )
            if held is None:
                raise DomainError("MEMBER_UNKNOWN")
            account = await session.get_one(Account, held.account_id)
            if is_open:
                await join(session, account, organization_id, staff_id, self._clock.now())
            else:
                await close_membership(session, organization_id, held.account_id, self._clock.now())
            self._audit.note(
                session,
                Doer(person.name, "page", person.account_id),
                "member.reopen" if is_open else "member.close",
                organization_id=organization_id,
                subject_id=staff_id,
                subject=account.email,
            )
        self._told(held.account_id)

    async def _require_seen(self, person: Person, organization_id: UUID, staff_id: UUID) -> None:
        """Refuse somebody who works in a branch that the person does not see, as if there were no such member."""
        if person.sees_everything:
            return
        async with self._database.read(organization_id) as read:
            if await member(read, organization_id, staff_id, self._clock.now(), within=person.branches) is None:
                raise DomainError("MEMBER_UNKNOWN")

    async def _require_within(
        self, person: Person, organization_id: UUID, staff_id: UUID, *, or_dismissed: bool = False
    ) -> None:
        """Refuse somebody who may do more than the person: who gave them access would have their rights."""
        await self._require_seen(person, organization_id, staff_id)
        async with self._database.read(organization_id) as read:
            found = await read.get(StaffMember, (organization_id, staff_id))
            if found is None or not (found.active or or_dismissed):
                raise DomainError("MEMBER_UNKNOWN")
            rights = await rights_of_role(read, organization_id, RoleKey(found.role, found.own_role_id))
        beyond = rights.beyond(person.rights)
        if beyond:
            raise DomainError("ROLE_ABOVE_YOURS", right=beyond[0].value)

    async def _checked(self, person: Person, organization_id: UUID, wanted: Wanted) -> list[UUID]:
        """The branches, each of this organization, and of those that the person sees."""
        if wanted.role in WORK_EVERYWHERE:
            return []
        if not wanted.branch_ids:
            raise DomainError("BRANCH_NOT_CHOSEN")
        of_them = sa.select(Branch.id).where(
            Branch.organization_id == organization_id, Branch.id.in_(list(wanted.branch_ids))
        )
        async with self._database.read(organization_id) as read:
            known = set(await read.scalars(of_them))
        if known != set(wanted.branch_ids) or not all(map(person.sees_branch, known)):
            raise DomainError("BRANCH_UNKNOWN")
        return sorted(known)

    async def _pin(
        self, organization_id: UUID, staff_id: UUID, wanted: Wanted, branch_ids: Collection[UUID]
    ) -> HashedPin | None:
        """The hash of a PIN that nobody else has who works in one of these branches; None for an empty one."""
        if not wanted.pin:
            return None
        works_there = sa.exists().where(
            Assignment.organization_id == organization_id,
            Assignment.staff_id == StaffMember.id,
            Assignment.branch_id.in_(list(branch_ids)),
            Assignment.active,
        )
        beside = (
            sa.true()
            if wanted.role in WORK_EVERYWHERE
            else sa.or_(works_there, StaffMember.role.in_(sorted(WORK_EVERYWHERE)))
        )
        async with self._database.control() as session:
            organization = await session.get_one(ControlOrganization, organization_id)
        async with self._database.read(organization_id) as read:
            rows = await read.execute(
                sa.select(
                    StaffMember.id, StaffMember.name, StaffMember.role, StaffMember.pin_hash, StaffMember.pin_hint
                ).where(StaffMember.organization_id == organization_id, StaffMember.active, beside)
            )
            staff = [StaffView(*row) for row in rows]
        salt = os.urandom(_SALT_BYTES)
        return await asyncio.to_thread(new_pin, wanted.pin, organization.pin_pepper, salt, staff_id, staff)
