"""What pages and programs ask the audit, and how far they came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from cloud.accounts.branches import BranchSeen
from cloud.accounts.identity import Person
from cloud.audit.entries import Asked
from cloud.database.control_records import Membership
from cloud.database.transaction import ReadSession
from cloud.kernel.instants import instant_of
from shared.staff.records import Assignment, StaffMember


def seen_by(person: Person, branches: Iterable[BranchSeen], only: UUID | None) -> tuple[UUID, ...] | None:
    """Of which branches somebody reads: one that they chose, or theirs; None: of all, and of the organization."""
    if only is not None:
        return (only,)
    return None if person.sees_everything else tuple(branch.id for branch in branches)


async def with_account(read: ReadSession, organization_id: UUID, asked: Asked) -> Asked:
    """The filter with the account of the person, by which pages know them."""
    if asked.person is None:
        return asked
    of_them = Membership.organization_id == organization_id, Membership.staff_id == asked.person
    return replace(asked, account=await read.scalar(sa.select(Membership.account_id).where(*of_them)))


def works_in(organization_id: UUID, branch_ids: Iterable[UUID]) -> sa.ColumnElement[bool]:
    """Whether a member of staff works, or worked, in one of these branches."""
    return sa.exists().where(
        Assignment.organization_id == organization_id,
        Assignment.staff_id == StaffMember.id,
        Assignment.branch_id.in_(list(branch_ids)),
    )


def cursor_of(at: datetime) -> str:
    """The place in a list after which its next part begins."""
    return at.isoformat()


def instant_of_cursor(text: str) -> datetime | None:
    """The instant of a cursor or an address; None if it is none."""
    try:
        return instant_of(text.replace(" ", "+"))
    except ValueError:
        return None
