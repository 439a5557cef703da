"""Founding an organization: the control plane's rows in one transaction, then its restaurant in a few units of work.

Founding again finishes a founding that was killed: every unit writes the missing records and leaves the others as they
are, also those that somebody has changed since. So a longer plan adds to an organization that was founded from a
shorter one, and no plan ever takes anything away.
"""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import sqlalchemy as sa

from cloud.accounts.opening import account_of, create_account, join
from cloud.accounts.passwords import Passwords
from cloud.control.commands import create_organization
from cloud.control.plans import Counted, require_room
from cloud.database.control_records import ControlOrganization, Membership
from cloud.database.transaction import ControlSession, Database, WriteSession, enter_organization
from cloud.enrolment.commands import Enrolment
from cloud.founding.outcome import Founded, FoundedBranch, FoundedDevice
from cloud.founding.pairings import pair_devices
from cloud.founding.plan import Plan
from cloud.founding.step import PlanIds, Step
from cloud.founding.steps import account_staff_id, modifier_names, steps
from cloud.founding.walk import placed_categories
from cloud.kernel.operator_error import OperatorError
from cloud.replication.units import CloudUnits
from shared.kernel.errors import DomainError
from shared.kernel.ids import IdSource
from shared.kernel.instants import Clock
from shared.kernel.permissions import SYSTEM
from shared.menu.records import Item, Modifier
from shared.payments.records import PaymentMethod
from shared.staff.pins import HashedPin, hashed_pin
from shared.staff.records import StaffMember
from shared.tenancy.records import Branch, Organization

MOST_RECORDS = 300
"""Most records of one unit of work: an enrolment or a second founding waits for the organization's stream meanwhile,
less than half a second."""
SALT_BYTES = 16
_ONE_AT_A_TIME = sa.text("select pg_advisory_xact_lock(hashtextextended('founding ' || :slug, 0))")


class Founding:
    """Founds organizations.

    Args:
        database: opens its own transactions, several for one organization.
        enrolment: gives out pairing codes.
    """

    def __init__(
        self,
        database: Database,
        units: CloudUnits,
        passwords: Passwords,
        enrolment: Enrolment,
        ids: IdSource,
        clock: Clock,
    ) -> None:
        self._database = database
        self._units = units
        self._passwords = passwords
        self._enrolment = enrolment
        self._ids = ids
        self._clock = clock

    async def found(self, slug: str, plan: Plan) -> Founded:
        """Found the organization of a plan under a short name, or finish founding it.

        Raises:
            DomainError: SLUG_WRONG; SLUG_TAKEN (params: slug), if the short name belongs to another restaurant.
            OperatorError: plan.email_taken (params: email).
        """
        organization, existed = await self._enter(slug, plan)
        pins = await self._hashed_pins(organization, plan)
        written = list(steps(plan, organization.id, pins))
        added = 0
        for first in range(0, len(written), MOST_RECORDS):
            part = written[first : first + MOST_RECORDS]
            added += await self._write(organization.id, part)
        devices = await pair_devices(self._database, self._enrolment, self._clock, organization.id, plan)
        return _outcome(organization, existed, added, plan, devices)

    async def _enter(self, slug: str, plan: Plan) -> tuple[ControlOrganization, bool]:
        """The organization of that short name, with its accounts, and whether it existed before."""
        async with self._database.control() as session:
            await session.execute(_ONE_AT_A_TIME, {"slug": slug})
            found = await session.scalar(sa.select(ControlOrganization).where(ControlOrganization.slug == slug))
            organization = found or await create_organization(
                session,
                organization_id=self._ids.new(),
                slug=slug,
                name=plan.organization.name,
                now=self._clock.now(),
            )
            if found is not None and not await _is_of(session, found, plan):
                raise DomainError("SLUG_TAKEN", slug=slug)
            await self._open_accounts(session, organization.id, plan)
        return organization, found is not None

    async def _open_accounts(self, session: ControlSession, organization_id: UUID, plan: Plan) -> None:
        """Make the accounts that are missing, and let all of them work here. A membership that was closed stays so."""
        ids, now = PlanIds(organization_id), self._clock.now()
        for each in plan.accounts:
            account = await account_of(session, each.email)
            if account is None:
                account = await create_account(
                    session,
                    self._passwords,
                    self._ids,
                    self._clock,
                    email=each.email,
                    name=each.name,
                    password=each.password,
                )
            elif await session.get(Membership, (organization_id, account.id)) is not None:
                continue
            try:
                await join(session, account, organization_id, account_staff_id(each, ids), now)
            except DomainError as error:
                raise OperatorError("plan.email_taken", email=account.email) from error

    async def _hashed_pins(self, organization: ControlOrganization, plan: Plan) -> dict[str, HashedPin]:
        """Hash the PINs of the people who do not exist yet, by their keys: outside transactions, on all processors."""
        ids = PlanIds(organization.id)
        async with self._database.read(organization.id) as session:
            mine = StaffMember.organization_id == organization.id
            known = set(await session.scalars(sa.select(StaffMember.id).where(mine)))
        missing = [member for member in plan.staff if ids.of(StaffMember, member.plan_key) not in known]
        loop, pepper = asyncio.get_running_loop(), organization.pin_pepper
        with ThreadPoolExecutor(os.cpu_count(), "pins") as pool:
            hashed = await asyncio.gather(
                *(
                    loop.run_in_executor(pool, hashed_pin, member.pin, pepper, os.urandom(SALT_BYTES))
                    for member in missing
                )
            )
        return {member.plan_key: pin for member, pin in zip(missing, hashed, strict=True)}

    async def _write(self, organization_id: UUID, part: Sequence[Step]) -> int:
        """Write the missing records of some steps in one unit of work. Returns how many were written."""
        async with self._database.write(organization_id) as session:
            # Two foundings of one organization write one after the other, so that each sees what the other wrote.
            mine = sa.select(ControlOrganization.id).where(ControlOrganization.id == organization_id)
            await session.execute(mine.with_for_update(key_share=True))
            known = await _known(session, organization_id, part)
            missing = [step for step in part if step.id not in known]
            branches = sum(step.kind is Branch for step in missing)
            if branches:
                await require_room(session, organization_id, Counted.BRANCHES, self._clock.now(), branches)
            async with self._units.on(session, organization_id, SYSTEM) as work:
                for step in missing:
                    await step.write(work)
        return len(missing)


async def _is_of(session: ControlSession, organization: ControlOrganization, plan: Plan) -> bool:
    """Whether an organization is the one that the plan founds, so that a mistyped short name does not mix two tenants.

    It has the plan's name and, if it has a currency or branches already, the plan's currency and one of its branches.
    """
    if organization.name != plan.organization.name:
        return False
    await enter_organization(session, organization.id)
    currency = await session.scalar(sa.select(Organization.currency).where(Organization.id == organization.id))
    branches = set(await session.scalars(sa.select(Branch.id).where(Branch.organization_id == organization.id)))
    if currency is None and not branches:
        return True
    ids = PlanIds(organization.id)
    same_branch = any(ids.of(Branch, branch.key) in branches for branch in plan.branches)
    return same_branch and currency == plan.organization.currency


async def _known(session: WriteSession, organization_id: UUID, part: Sequence[Step]) -> set[UUID]:
    """Which of the records exist already, with one statement per table."""
    wanted = defaultdict(list)
    for step in part:
        wanted[step.kind].append(step.id)
    known: set[UUID] = set()
    for kind, ids in wanted.items():
        there = sa.select(kind.id).where(kind.organization_id == organization_id, kind.id.in_(ids))
        known.update(await session.scalars(there))
    return known


def _outcome(
    organization: ControlOrganization, existed: bool, added: int, plan: Plan, devices: dict[str, FoundedDevice]
) -> Founded:
    ids = PlanIds(organization.id)
    return Founded(
        organization_id=organization.id,
        slug=organization.slug,
        name=organization.name,
        existed=existed,
        added=added,
        branches={branch.key: FoundedBranch(ids.of(Branch, branch.key), branch.name) for branch in plan.branches},
        devices=devices,
        items={
            item.plan_key: ids.of(Item, item.plan_key)
            for placed in placed_categories(plan.categories)
            for item in placed.category.items
        },
        modifiers={
            modifier.key or f"{group.key}/{modifier.name}": ids.of(
                Modifier, *modifier_names(group.key, modifier.name, modifier.key)
            )
            for group in plan.modifier_groups
            for modifier in group.modifiers
        },
        staff={member.plan_key: ids.of(StaffMember, member.plan_key) for member in plan.staff},
        payment_methods={way.name: ids.of(PaymentMethod, way.name) for way in plan.payment_methods},
        accounts=tuple(account.email for account in plan.accounts),
    )
