"""Changing the people of an organization: staff by the commands of the domain, their access by those of accounts."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from cloud.accounts.identity import Person
from cloud.accounts.links import Links, lock, withdraw_invitations
from cloud.accounts.opening import close_membership, join
from cloud.accounts.passwords import normal_email
from cloud.control.audit import Audit, doer_now
from cloud.control.plans import Counted, require_room
from cloud.database.control_records import Account, ControlOrganization, Membership
from cloud.database.transaction import ControlSession, Database
from cloud.members.beside import branches_of, new_places, pins_beside
from cloud.members.listing import member
from cloud.replication.units import CloudUnits
from shared.kernel.errors import DomainError
from shared.kernel.ids import IdSource
from shared.kernel.instants import Clock
from shared.kernel.permissions import Role
from shared.kernel.work import Work
from shared.staff.commands import assign, change_staff, give_pin, set_active, take_on
from shared.staff.pins import NO_PIN, HashedPin, hashed_pin, pin_is_well_formed, pin_matches
from shared.staff.queries import rights_of_role
from shared.staff.records import StaffMember
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

    async def add(self, person: Person, organization_id: UUID, wanted: Wanted, staff_id: UUID) -> None:
        """Take somebody on. Doing it again with the same id changes nothing: somebody pressed twice.

        Raises:
            DomainError: NOT_PERMITTED, NAME_MISSING, BRANCH_UNKNOWN, BRANCH_NOT_CHOSEN, PIN_NOT_WELL_FORMED, PIN_TAKEN,
                ROLE_ABOVE_YOURS (params: right), NOT_FOUND (there is no such role).
        """
        branches = await self._checked(person, organization_id, wanted)
        pin = await self._hashed(organization_id, wanted.pin)
        async with self._units.work(organization_id, person.actor()) as work:
            await lock(work.session, organization_id)
            if await work.session.get(StaffMember, (organization_id, staff_id)) is not None:
                return
            if pin is not None:
                await self._refuse_taken(work, staff_id, wanted, pin, branches)
            await take_on(work, staff_id, wanted.name, wanted.role, pin or NO_PIN, wanted.own_role_id)
            for branch_id in branches:
                await assign(work, staff_id, branch_id)
        self._staff_told(organization_id)

    async def change(self, person: Person, organization_id: UUID, staff_id: UUID, wanted: Wanted) -> bool:
        """Change somebody. Who is logged in by their account may from now on what the new role says.

        Returns whether they keep a PIN: one that somebody may have who works where they come to is taken from them.

        Raises:
            DomainError: NOT_PERMITTED, NAME_MISSING, NOT_FOUND, LOCKS_YOU_OUT, BRANCH_UNKNOWN, BRANCH_NOT_CHOSEN,
                PIN_NOT_WELL_FORMED, PIN_TAKEN, ROLE_ABOVE_YOURS (params: right), LAST_ADMINISTRATOR (params: name),
                MEMBER_UNKNOWN.
        """
        await self._require_seen(person, organization_id, staff_id)
        branches = await self._checked(person, organization_id, wanted)
        pin = await self._hashed(organization_id, wanted.pin)
        async with self._units.work(organization_id, person.actor()) as work:
            await lock(work.session, organization_id)
            if pin is not None:
                await self._refuse_taken(work, staff_id, wanted, pin, branches)
            new = await new_places(work, staff_id, wanted.role, branches)
            await change_staff(
                work,
                staff_id,
                name=wanted.name,
                role=wanted.role,
                branch_ids=branches,
                own_role_id=wanted.own_role_id,
            )
            is_kept = True
            if pin is not None:
                await give_pin(work, staff_id, pin)
            elif new:
                is_kept = await self._keep_pin(work, staff_id, wanted.role, new)
        self._staff_told(organization_id)
        return is_kept

    async def set_active(self, person: Person, organization_id: UUID, staff_id: UUID, *, active: bool) -> bool:
        """Dismiss somebody, or take them back. An invitation that waits for them counts no more.

        Returns whether they keep a PIN: one that somebody got meanwhile is taken from them.

        Raises:
            DomainError: NOT_PERMITTED, NOT_FOUND, LOCKS_YOU_OUT, ROLE_ABOVE_YOURS (params: right),
                LAST_ADMINISTRATOR (params: name), MEMBER_UNKNOWN.
        """
        await self._require_seen(person, organization_id, staff_id)
        async with self._units.work(organization_id, person.actor()) as work:
            await lock(work.session, organization_id)
            member = await set_active(work, staff_id, active=active)
            is_kept = True
            if active:
                branches = await branches_of(work, staff_id)
                is_kept = await self._keep_pin(work, staff_id, member.role, branches)
            else:
                await withdraw_invitations(work.session, staff_id, self._clock.now())
        self._staff_told(organization_id)
        return is_kept

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
            self._audit.note(
                session,
                doer_now(),
                "member.invite",
                organization_id=organization_id,
                subject_id=staff_id,
                subject=normal_email(email),
            )

    async def set_access(self, person: Person, organization_id: UUID, staff_id: UUID, *, is_open: bool) -> None:
        """Close the account of somebody for this organization, or open it again.

        Raises:
            DomainError: MEMBER_UNKNOWN, LOCKS_YOU_OUT, ROLE_ABOVE_YOURS (params: right), LAST_ADMINISTRATOR (params:
                name).
        """
        if person.staff_id == staff_id and not is_open:
            raise DomainError("LOCKS_YOU_OUT")
        await self._require_within(person, organization_id, staff_id, or_dismissed=True)
        async with self._database.control() as session:
            await lock(session, organization_id)
            held = await session.scalar(
                sa.select(Membership).where(
                    Membership.organization_id == organization_id, Membership.staff_id == staff_id
                )
            )
            if held is None:
                raise DomainError("MEMBER_UNKNOWN")
            account = await session.get_one(Account, held.account_id)
            if not is_open:
                await self._keep_an_administrator(session, organization_id, held)
                await withdraw_invitations(session, staff_id, self._clock.now())
            if is_open:
                await join(session, account, organization_id, staff_id, self._clock.now())
            else:
                await close_membership(session, organization_id, held.account_id, self._clock.now())
            self._audit.note(
                session,
                doer_now(),
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

    async def _keep_an_administrator(self, session: ControlSession, organization_id: UUID, held: Membership) -> None:
        """Refuse to close the last access of an administrator: nobody could open one again."""
        of_them = sa.select(StaffMember.id, StaffMember.name).where(
            StaffMember.organization_id == organization_id,
            StaffMember.role == Role.ORGANIZATION_ADMIN,
            StaffMember.active,
        )
        async with self._database.read(organization_id) as read:
            names = {row.id: row.name for row in await read.execute(of_them)}
        others = sa.select(sa.func.count()).where(
            Membership.organization_id == organization_id,
            Membership.staff_id.in_(names.keys() - {held.staff_id}),
            Membership.closed_at.is_(None),
        )
        if held.staff_id in names and not await session.scalar(others):
            raise DomainError("LAST_ADMINISTRATOR", name=names[held.staff_id])

    async def _hashed(self, organization_id: UUID, pin: str) -> HashedPin | None:
        """The hash of a PIN that was typed; None for an empty one.

        Raises:
            DomainError: PIN_NOT_WELL_FORMED.
        """
        if not pin:
            return None
        if not pin_is_well_formed(pin):
            raise DomainError("PIN_NOT_WELL_FORMED")
        return await asyncio.to_thread(hashed_pin, pin, await self._pepper(organization_id), os.urandom(_SALT_BYTES))

    async def _pepper(self, organization_id: UUID) -> bytes:
        async with self._database.control() as session:
            return (await session.get_one(ControlOrganization, organization_id)).pin_pepper

    async def _refuse_taken(
        self, work: Work, staff_id: UUID, wanted: Wanted, pin: HashedPin, branch_ids: Collection[UUID]
    ) -> None:
        """Refuse a PIN that somebody has who works beside them. The caller holds the lock of PINs.

        Raises:
            DomainError: PIN_TAKEN.
        """
        beside = await pins_beside(work, staff_id, wanted.role, branch_ids)
        alike = [each.encoded for each in beside if each.hint == pin.hint]
        if not alike:
            return
        pepper = await self._pepper(work.organization_id)
        for encoded in alike:
            if await asyncio.to_thread(pin_matches, encoded, wanted.pin, pepper):
                raise DomainError("PIN_TAKEN")

    async def _keep_pin(self, work: Work, staff_id: UUID, role: Role, branch_ids: Collection[UUID]) -> bool:
        """Take the PIN from somebody who comes to where another may have it; whether they keep it.

        Two hashes do not show whether their PINs are one, only that they are not (the hint differs): so it is taken
        once in 256 times for nothing, which is better than one PIN for a waiter and a manager.
        """
        member = await work.get(StaffMember, staff_id)
        if not member.pin_hint:
            return True
        beside = await pins_beside(work, staff_id, role, branch_ids)
        if all(each.hint != member.pin_hint for each in beside):
            return True
        await give_pin(work, staff_id, NO_PIN)
        return False
