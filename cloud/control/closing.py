"""Closing organizations and branches, opening them again, and suspending organizations.

| | pages and API | devices | new devices |
|---|---|---|---|
| suspended | answer with the reason | sell and sync | none |
| closed | answer that it is closed | keep what they sell, and send it once it is open again | none |

Nothing is deleted: sales and history of what is closed stay in the reports. The caller tells of a change after the
commit (`hub.tell_organization`), so that all processes look again.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cloud.database.control_records import ControlOrganization, Pairing, RefreshFamily
from cloud.database.tenant_records import LONGEST_REASON_CHARACTERS, ControlBranch
from cloud.database.transaction import ControlSession
from shared.kernel.errors import DomainError
from shared.kernel.text import clean


async def suspend_organization(session: ControlSession, organization_id: UUID, why: str, now: datetime) -> None:
    """Suspend an organization. Doing it again changes the reason.

    Raises:
        DomainError: ORGANIZATION_CLOSED, REASON_MISSING, ORGANIZATION_UNKNOWN.
    """
    organization = await locked(session, organization_id)
    if organization.closed_at is not None:
        raise DomainError("ORGANIZATION_CLOSED")
    organization.why = _reason(why)
    organization.suspended_at = organization.suspended_at or now
    await session.flush()


async def close_organization(session: ControlSession, organization_id: UUID, why: str, now: datetime) -> None:
    """Close an organization: its people, programs and devices are out. Doing it again changes the reason.

    Raises:
        DomainError: REASON_MISSING, ORGANIZATION_UNKNOWN.
    """
    organization = await locked(session, organization_id)
    organization.why = _reason(why)
    organization.closed_at = organization.closed_at or now
    families = sa.update(RefreshFamily).where(
        RefreshFamily.organization_id == organization_id, RefreshFamily.ended_at.is_(None)
    )
    await session.execute(families.values(ended_at=now))
    await _end_codes(session, organization_id, None, now)
    await session.flush()


async def reopen_organization(session: ControlSession, organization_id: UUID) -> None:
    """Open an organization that is suspended or closed. A deletion that was asked for is off. Opening again changes
    nothing.

    Raises:
        DomainError: ORGANIZATION_UNKNOWN.
    """
    organization = await locked(session, organization_id)
    organization.suspended_at = organization.closed_at = organization.delete_after = None
    organization.why = ""
    await session.flush()


async def close_branch(session: AsyncSession, organization_id: UUID, branch_id: UUID, why: str, now: datetime) -> None:
    """Close a branch of the transaction's tenant. Doing it again changes the reason.

    Raises:
        DomainError: REASON_MISSING.
    """
    branch = await branch_row(session, organization_id, branch_id)
    branch.why = _reason(why)
    branch.closed_at = branch.closed_at or now
    await _end_codes(session, organization_id, branch_id, now)
    await session.flush()


async def reopen_branch(session: AsyncSession, organization_id: UUID, branch_id: UUID) -> None:
    """Open a closed branch again. Doing it again changes nothing."""
    branch = await branch_row(session, organization_id, branch_id)
    branch.closed_at, branch.why = None, ""
    await session.flush()


async def refuse_closed(session: AsyncSession, organization_id: UUID, branch_id: UUID) -> None:
    """Refuse what no device of a closed branch, or of a closed organization, may do. The transaction is that tenant's.

    Raises:
        DomainError: ORGANIZATION_CLOSED, BRANCH_CLOSED.
    """
    organization = sa.select(ControlOrganization.closed_at).where(ControlOrganization.id == organization_id)
    if await session.scalar(organization) is not None:
        raise DomainError("ORGANIZATION_CLOSED")
    branch = sa.select(ControlBranch.closed_at).where(
        ControlBranch.organization_id == organization_id, ControlBranch.branch_id == branch_id
    )
    if await session.scalar(branch) is not None:
        raise DomainError("BRANCH_CLOSED")


async def closed_branches(session: AsyncSession, organization_id: UUID) -> set[UUID]:
    """The branches of the transaction's tenant that are closed."""
    closed = sa.select(ControlBranch.branch_id).where(
        ControlBranch.organization_id == organization_id, ControlBranch.closed_at.is_not(None)
    )
    return set(await session.scalars(closed))


async def locked(session: AsyncSession, organization_id: UUID) -> ControlOrganization:
    """The row of an organization, locked to the end of the transaction.

    Raises:
        DomainError: ORGANIZATION_UNKNOWN.
    """
    found = await session.get(ControlOrganization, organization_id, with_for_update={"key_share": True})
    if found is None:
        raise DomainError("ORGANIZATION_UNKNOWN", slug=organization_id)
    return found


async def branch_row(session: AsyncSession, organization_id: UUID, branch_id: UUID) -> ControlBranch:
    """The row of a branch, made if there is none yet, under the lock of its organization."""
    await locked(session, organization_id)
    found = await session.get(ControlBranch, (organization_id, branch_id))
    if found is None:
        found = ControlBranch(organization_id=organization_id, branch_id=branch_id, why="")
        session.add(found)
    return found


async def _end_codes(session: AsyncSession, organization_id: UUID, branch_id: UUID | None, now: datetime) -> None:
    """End the pairing codes that nobody has used yet."""
    waiting = sa.update(Pairing).where(
        Pairing.organization_id == organization_id, Pairing.used_at.is_(None), Pairing.expires_at > now
    )
    if branch_id is not None:
        waiting = waiting.where(Pairing.branch_id == branch_id)
    await session.execute(waiting.values(expires_at=now))


def _reason(why: str) -> str:
    reason = clean(why, LONGEST_REASON_CHARACTERS)
    if not reason:
        raise DomainError("REASON_MISSING")
    return reason
