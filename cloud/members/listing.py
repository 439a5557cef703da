"""Reading the staff of an organization with their branches, accounts and invitations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa

from cloud.database.control_records import Account, LinkKind, MailedLink, Membership
from cloud.database.transaction import ReadSession
from shared.kernel.permissions import Role
from shared.kernel.text import clean
from shared.staff.records import Assignment, StaffMember

MOST_SHOWN = 50


class Access(StrEnum):
    """How somebody logs in to the cloud."""

    NONE = "none"
    INVITED = "invited"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff.

    Attributes:
        email: of their account, else of the invitation that waits; empty if there is neither.
    """

    id: UUID
    name: str
    role: Role
    active: bool
    has_pin: bool
    branches: frozenset[UUID] = field(default=frozenset())
    access: Access = Access.NONE
    email: str = ""
    account_id: UUID | None = None
    has_code: bool = False


async def members(
    read: ReadSession, organization_id: UUID, now: datetime, *, skip: int = 0, branch_id: UUID | None = None
) -> tuple[list[Member], bool]:
    """A part of the staff, those who work there first, by name; and whether there are more."""
    wanted = _STAFF.where(StaffMember.organization_id == organization_id)
    if branch_id is not None:
        here = sa.exists().where(
            Assignment.organization_id == organization_id,
            Assignment.staff_id == StaffMember.id,
            Assignment.branch_id == branch_id,
            Assignment.active,
        )
        wanted = wanted.where(here)
    wanted = wanted.order_by(StaffMember.active.desc(), StaffMember.name, StaffMember.id)
    rows = (await read.execute(wanted.offset(skip).limit(MOST_SHOWN + 1))).all()
    return await _with_access(read, organization_id, rows[:MOST_SHOWN], now), len(rows) > MOST_SHOWN


async def member(read: ReadSession, organization_id: UUID, staff_id: UUID, now: datetime) -> Member | None:
    """One of the staff; None if there is no such person."""
    wanted = _STAFF.where(StaffMember.organization_id == organization_id, StaffMember.id == staff_id)
    rows = (await read.execute(wanted)).all()
    found = await _with_access(read, organization_id, rows, now)
    return found[0] if found else None


async def _with_access(
    read: ReadSession, organization_id: UUID, rows: Sequence[sa.Row[*tuple[UUID, str, Role, bool, str]]], now: datetime
) -> list[Member]:
    ids = [row.id for row in rows]
    assigned = await read.execute(
        sa.select(Assignment.staff_id, Assignment.branch_id).where(
            Assignment.organization_id == organization_id, Assignment.staff_id.in_(ids), Assignment.active
        )
    )
    branches: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for staff_id, branch_id in assigned:
        branches[staff_id].add(branch_id)
    accounts = await read.execute(
        sa.select(
            Membership.staff_id,
            Account.id,
            Account.email,
            Account.totp_sealed.is_not(None).label("has_code"),
            sa.and_(Membership.closed_at.is_(None), Account.closed_at.is_(None)).label("is_open"),
        )
        .join(Account, Account.id == Membership.account_id)
        .where(Membership.organization_id == organization_id, Membership.staff_id.in_(ids))
    )
    of_staff = {row.staff_id: row for row in accounts}
    invited = await read.execute(
        sa.select(MailedLink.staff_id, MailedLink.email).where(
            MailedLink.organization_id == organization_id,
            MailedLink.kind == LinkKind.INVITATION,
            MailedLink.staff_id.in_(ids),
            MailedLink.used_at.is_(None),
            MailedLink.ends_at > now,
        )
    )
    waiting = {row.staff_id: row.email for row in invited}
    found = []
    for row in rows:
        account = of_staff.get(row.id)
        access = Access.INVITED if row.id in waiting else Access.NONE
        if account is not None:
            access = Access.OPEN if account.is_open and row.active else Access.CLOSED
        found.append(
            Member(
                row.id,
                clean(row.name),
                row.role,
                row.active,
                bool(row.pin_hash),
                frozenset(branches[row.id]),
                access,
                account.email if account is not None else waiting.get(row.id, ""),
                account.id if account is not None else None,
                bool(account is not None and account.has_code),
            )
        )
    return found


_STAFF = sa.select(StaffMember.id, StaffMember.name, StaffMember.role, StaffMember.active, StaffMember.pin_hash)
