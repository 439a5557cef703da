"""Closing, suspending and opening tenants and their branches, their plans and short names: each noted in the audit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from cloud.control import closing
from cloud.control.audit import NOTHING, Audit, Doer
from cloud.control.slugs import name_branch, name_organization
from cloud.database.control_records import Account, ControlOrganization, Tier
from cloud.database.transaction import ControlSession, Database, enter_organization
from cloud.replication.units import CloudUnits
from cloud.tenants.open_affairs import OpenAffairs, open_affairs
from shared.kernel.errors import DomainError
from shared.kernel.language import Language
from shared.kernel.permissions import Actor
from shared.kernel.text import clean
from shared.tenancy.commands import set_language
from shared.tenancy.records import Branch


class Tenants:
    """Changes tenants.

    Args:
        told: tells all processes that something of an organization has changed, after the commit.
    """

    def __init__(self, database: Database, units: CloudUnits, audit: Audit, told: Callable[[UUID], None]) -> None:
        self._database = database
        self._units = units
        self._audit = audit
        self._told = told

    async def open_in_branch(self, organization_id: UUID, branch_id: UUID) -> OpenAffairs:
        """What is open in a branch."""
        async with self._database.read(organization_id) as read:
            return await open_affairs(read, organization_id, [branch_id], self._audit.now())

    async def open_in_organization(self, organization_id: UUID) -> OpenAffairs:
        """What is open in all branches of an organization."""
        async with self._database.read(organization_id) as read:
            ids = (await read.scalars(sa.select(Branch.id).where(Branch.organization_id == organization_id))).all()
            return await open_affairs(read, organization_id, ids, self._audit.now())

    async def close_branch(
        self, doer: Doer, organization_id: UUID, branch_id: UUID, why: str, agreed: str | None = None
    ) -> None:
        """Close a branch.

        Args:
            agreed: the mark of what is open (`OpenAffairs`), if somebody agreed to close in spite of it.

        Raises:
            DomainError: BRANCH_UNKNOWN, REASON_MISSING, STILL_OPEN (params: orders, behind, silent).
        """
        affairs = await self.open_in_branch(organization_id, branch_id)
        _refuse_open(affairs, agreed)
        async with self._of(organization_id) as session:
            name = await _branch_name(session, organization_id, branch_id)
            await closing.close_branch(session, organization_id, branch_id, why, self._audit.now())
            details = {"open": affairs.mark}
            self._note(session, doer, "branch.close", organization_id, branch_id, name, why, details)

    async def reopen_branch(self, doer: Doer, organization_id: UUID, branch_id: UUID) -> None:
        """Open a closed branch again: its devices get answers, and send what they kept.

        Raises:
            DomainError: BRANCH_UNKNOWN.
        """
        async with self._of(organization_id) as session:
            name = await _branch_name(session, organization_id, branch_id)
            await closing.reopen_branch(session, organization_id, branch_id)
            self._note(session, doer, "branch.reopen", organization_id, branch_id, name)

    async def suspend(self, doer: Doer, organization_id: UUID, why: str) -> None:
        """Suspend an organization: its pages and API answer with the reason, its devices sell and sync on.

        Raises:
            DomainError: NOT_PERMITTED, ORGANIZATION_CLOSED, ORGANIZATION_UNKNOWN, REASON_MISSING.
        """
        _require_operator(doer)
        async with self._of(organization_id) as session:
            await closing.suspend_organization(session, organization_id, why, self._audit.now())
            await self._note_organization(session, doer, "organization.suspend", organization_id, why)

    async def close(self, doer: Doer, organization_id: UUID, why: str, agreed: str | None = None) -> None:
        """Close an organization: its people, programs and devices are out.

        Args:
            agreed: see `close_branch`.

        Raises:
            DomainError: NOT_PERMITTED, ORGANIZATION_UNKNOWN, REASON_MISSING, STILL_OPEN.
        """
        _require_operator(doer)
        affairs = await self.open_in_organization(organization_id)
        _refuse_open(affairs, agreed)
        async with self._of(organization_id) as session:
            await closing.close_organization(session, organization_id, why, self._audit.now())
            details = {"open": affairs.mark}
            await self._note_organization(session, doer, "organization.close", organization_id, why, details)

    async def reopen(self, doer: Doer, organization_id: UUID) -> None:
        """Open an organization that was suspended or closed; a deletion that was asked for is off.

        Raises:
            DomainError: NOT_PERMITTED, ORGANIZATION_UNKNOWN.
        """
        _require_operator(doer)
        async with self._of(organization_id) as session:
            await closing.reopen_organization(session, organization_id)
            await self._note_organization(session, doer, "organization.reopen", organization_id)

    async def set_plan(self, doer: Doer, organization_id: UUID, tier: Tier) -> None:
        """Give an organization another plan. What stands goes on, also what is more than the plan has.

        Raises:
            DomainError: NOT_PERMITTED, ORGANIZATION_UNKNOWN.
        """
        _require_operator(doer)
        async with self._of(organization_id) as session:
            organization = await closing.locked(session, organization_id)
            before, organization.tier = organization.tier, tier
            details = {"before": before.value, "after": tier.value}
            await self._note_organization(session, doer, "organization.plan", organization_id, details=details)

    async def name(self, doer: Doer, organization_id: UUID, slug: str) -> None:
        """Give an organization another short name. The former one leads here until somebody else takes it.

        Raises:
            DomainError: SLUG_WRONG, SLUG_TAKEN (params: slug), ORGANIZATION_UNKNOWN.
        """
        async with self._of(organization_id) as session:
            before = await name_organization(session, organization_id, slug)
            details = {"before": before, "after": slug}
            await self._note_organization(session, doer, "organization.slug", organization_id, details=details)

    async def name_branch(self, doer: Doer, organization_id: UUID, branch_id: UUID, slug: str) -> None:
        """Give a branch a short name; an empty one follows from its name. The former one leads here, too.

        Raises:
            DomainError: SLUG_WRONG, BRANCH_SLUG_TAKEN (params: slug), BRANCH_UNKNOWN.
        """
        async with self._of(organization_id) as session:
            name = await _branch_name(session, organization_id, branch_id)
            before = await name_branch(session, organization_id, branch_id, slug)
            details = {"before": before, "after": slug}
            self._note(session, doer, "branch.slug", organization_id, branch_id, name, details=details)

    async def demand_code(self, doer: Doer, organization_id: UUID, days: int | None, shown: str | None = None) -> None:
        """Demand a second factor of the administrators, in so many days; None: demand none.

        Args:
            shown: `demand_mark` of what the asker was shown; None: of nothing.

        Raises:
            DomainError: OWN_CODE_FIRST: who demands it at once has none; DEMAND_CHANGED: somebody else has said
                otherwise since it was shown; ORGANIZATION_UNKNOWN.
        """
        async with self._of(organization_id) as session:
            own = await session.get(Account, doer.account_id) if doer.account_id is not None else None
            if days == 0 and own is not None and not own.is_operator and own.totp_sealed is None:
                raise DomainError("OWN_CODE_FIRST")
            organization = await closing.locked(session, organization_id)
            before, now = organization.admins_need_code_from, self._audit.now()
            if shown is not None and shown != demand_mark(before):
                raise DomainError("DEMAND_CHANGED")
            if days == 0 and before is not None and before <= now:
                return
            since = now + timedelta(days=days) if days is not None else None
            organization.admins_need_code_from = since
            details = {
                "before": before.isoformat() if before is not None else None,
                "after": since.isoformat() if since is not None else None,
            }
            await self._note_organization(session, doer, "organization.code", organization_id, details=details)

    async def set_language(self, doer: Doer, actor: Actor, organization_id: UUID, language: Language) -> None:
        """Choose the language of pages and mails where a person has chosen none, and of new devices.

        Raises:
            DomainError: NOT_PERMITTED.
        """
        async with self._of(organization_id) as session:
            async with self._units.on(session, organization_id, actor) as work:
                before = await set_language(work, language.value)
            details = {"before": before, "after": language.value}
            await self._note_organization(session, doer, "organization.language", organization_id, details=details)

    @asynccontextmanager
    async def _of(self, organization_id: UUID) -> AsyncIterator[ControlSession]:
        """A transaction of the control plane and that tenant; all processes are told when it is committed."""
        async with self._database.control() as session:
            await enter_organization(session, organization_id)
            yield session
        self._told(organization_id)

    def _note(
        self,
        session: ControlSession,
        doer: Doer,
        act: str,
        organization_id: UUID,
        subject_id: UUID,
        subject: str,
        reason: str = "",
        details: Mapping[str, object] = NOTHING,
    ) -> None:
        self._audit.note(
            session,
            doer,
            act,
            organization_id=organization_id,
            subject_id=subject_id,
            subject=subject,
            reason=reason,
            details=details,
        )

    async def _note_organization(
        self,
        session: ControlSession,
        doer: Doer,
        act: str,
        organization_id: UUID,
        reason: str = "",
        details: Mapping[str, object] = NOTHING,
    ) -> None:
        organization = await session.get_one(ControlOrganization, organization_id)
        self._note(session, doer, act, organization_id, organization_id, organization.name, reason, details)


def demand_mark(since: datetime | None) -> str:
    """What stands for from when on a second factor is demanded, in a form that shows it."""
    return "" if since is None else since.isoformat()


def _require_operator(doer: Doer) -> None:
    if not doer.may_all:
        raise DomainError("NOT_PERMITTED", permission="operator")


def _refuse_open(affairs: OpenAffairs, agreed: str | None) -> None:
    if affairs.is_any and agreed != affairs.mark:
        raise DomainError("STILL_OPEN", orders=affairs.orders, behind=len(affairs.behind), silent=len(affairs.silent))


async def _branch_name(session: ControlSession, organization_id: UUID, branch_id: UUID) -> str:
    query = sa.select(Branch.name).where(Branch.organization_id == organization_id, Branch.id == branch_id)
    name: str | None = await session.scalar(query)
    if name is None:
        raise DomainError("BRANCH_UNKNOWN")
    return clean(name)
