"""Reading the staff of an organization with their branches, accounts and invitations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from cloud.database.control_records import Account, LinkKind, MailedLink, Membership
from cloud.database.transaction import ReadSession
from shared.kernel.permissions import Role
from shared.kernel.text import clean
from shared.staff.records import Assignment, OwnRole, StaffMember
from shared.staff.rules import WORK_EVERYWHERE

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
        role_name: of a role of the organization's own; else empty.
        email: of their account, else of the invitation that waits; empty if there is neither.
    """

    id: UUID
    name: str
    role: Role
    own_role_id: UUID | None
    role_name: str
    active: bool
    has_pin: bool
    branches: frozenset[UUID] = field(default=frozenset())
    access: Access = Access.NONE
    email: str = ""
    account_id: UUID | None = None
    has_code: bool = False


async def members(
    read: ReadSession,
    organization_id: UUID,
    now: datetime,
    *,
    skip: int = 0,
    branch_id: UUID | None = None,
    within: Collection[UUID] | None = None,
) -> tuple[list[Member], bool]:
    """A part of the staff, those who work there first, by name; and whether there are more.

    Args:
        within: only who works in these branches and in no other.
    """
    wanted = _STAFF.where(StaffMember.organization_id == organization_id)
    if branch_id is not None:
        here = sa.exists().where(
            Assignment.organization_id == organization_id,
            Assignment.staff_id == StaffMember.id,
            Assignment.branch_id == branch_id,
            Assignment.active,
        )
        wanted = wanted.where(here)
    wanted = _within(wanted, within).order_by(StaffMember.active.desc(), StaffMember.name, StaffMember.id)
    rows = (await read.execute(wanted.offset(skip).limit(MOST_SHOWN + 1))).all()
    return await _with_access(read, organization_id, rows[:MOST_SHOWN], now), len(rows) > MOST_SHOWN


async def member(
    read: ReadSession,
    organization_id: UUID,
    staff_id: UUID,
    now: datetime,
    *,
    within: Collection[UUID] | None = None,
) -> Member | None:
    """One of the staff; None if there is no such person.

    Args:
        within: only if they work in these branches and in no other.
    """
    wanted = _STAFF.where(StaffMember.organization_id == organization_id, StaffMember.id == staff_id)
    rows = (await read.execute(_within(wanted, within))).all()
    found = await _with_access(read, organization_id, rows, now)
    return found[0] if found else None


async def _with_access(read: ReadSession, organization_id: UUID, rows: Sequence[Any], now: datetime) -> list[Member]:
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
                row.own_role_id,
                clean(row.role_name or ""),
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


def _within(wanted: Any, branch_ids: Collection[UUID] | None) -> Any:
    """The same, of those alone who work in these branches and in no other."""
    if branch_ids is None:
        return wanted
    works = sa.exists().where(
        Assignment.organization_id == StaffMember.organization_id,
        Assignment.staff_id == StaffMember.id,
        Assignment.active,
    )
    elsewhere = works.where(Assignment.branch_id.not_in(list(branch_ids)))
    return wanted.where(works, ~elsewhere, StaffMember.role.not_in(sorted(WORK_EVERYWHERE)))


async def own_roles(read: ReadSession, organization_id: UUID) -> list[tuple[UUID, str, Role]]:
    """The roles of the organization's own, by name: id, name and job."""
    of_them = sa.select(OwnRole.id, OwnRole.name, OwnRole.job).where(
        OwnRole.organization_id == organization_id, OwnRole.active
    )
    rows = await read.execute(of_them.order_by(OwnRole.name, OwnRole.id))
    return [(row.id, clean(row.name), row.job) for row in rows]


_STAFF = sa.select(
    StaffMember.id,
    StaffMember.name,
    StaffMember.role,
    StaffMember.own_role_id,
    OwnRole.name.label("role_name"),
    StaffMember.active,
    StaffMember.pin_hash,
).outerjoin_from(
    StaffMember,
    OwnRole,
    sa.and_(OwnRole.organization_id == StaffMember.organization_id, OwnRole.id == StaffMember.own_role_id),
)
