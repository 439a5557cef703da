"""What an account may do in an organization now: who that is there, in which role and branches.

Each request compares the versions in its token or session with this. It is kept in memory and dropped by hints: of the
organization (role, branches, dismissal, suspension) and of the account (password, second factor, closing). So who is
closed or moved is out at once in the process that did it, and in the others as soon as the hint has come.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from cloud.database.control_records import Account, ControlOrganization, Membership, Visit
from cloud.database.transaction import Database
from cloud.kernel.recent import Recent
from shared.kernel.permissions import PERMISSIONS, Rights, Role
from shared.staff.queries import rights_of_role
from shared.staff.records import Assignment, OwnRole, StaffMember
from shared.staff.rules import RoleKey
from shared.tenancy.records import Organization

LINKED_SECONDS = 10.0
"""So long a standing is believed at most while hints of other processes come in."""
UNLINKED_SECONDS = 0.8
"""And while none come in: who is closed by another process is out within a second."""
MOST_ORGANIZATIONS = 5_000
MOST_VISITS = 100
"""Of an operator at once: the newest count."""


@dataclass(frozen=True, slots=True)
class OpenVisit:
    """An operator's visit that nobody ended."""

    organization_id: UUID
    began_at: datetime
    ends_at: datetime

    def lasts(self, organization_id: UUID, now: datetime) -> bool:
        """Whether it is a visit there, and now: one that begins later was begun while the clock was wrong."""
        return self.organization_id == organization_id and self.began_at <= now < self.ends_at


@dataclass(frozen=True, slots=True)
class Standing:
    """What an account may do in one organization.

    Attributes:
        staff_id: as whom; None for an operator.
        language: of the account, else of the organization; empty: neither says.
        rights: what the role may do, as the organization says.
        role_name: of a role of the organization's own; else empty.
        reopened_at: when their access was opened again; sessions from before that do not count here.
        has_code: whether they have a second factor.
        admins_need_code_from: from when on the organization demands one of its administrators; None: never.
        is_suspended, is_closed: the organization; `why`, if it is.
        visits: organizations in which an operator is for the time being, each with the instants of beginning and end.
    """

    account_version: int
    membership_version: int
    role: Role
    staff_id: UUID | None
    name: str
    language: str
    branches: frozenset[UUID]
    rights: Rights
    role_name: str = ""
    is_suspended: bool = False
    reopened_at: datetime | None = None
    is_closed: bool = False
    why: str = ""
    has_code: bool = False
    admins_need_code_from: datetime | None = None
    visits: tuple[OpenVisit, ...] = ()

    def visit(self, organization_id: UUID, now: datetime) -> OpenVisit | None:
        """The visit of an operator to an organization, if they are there now."""
        return next((visit for visit in self.visits if visit.lasts(organization_id, now)), None)


@dataclass(frozen=True, slots=True)
class _Kept:
    standing: Standing | None
    read_at: float


class Standings:
    """Reads standings, and keeps them.

    Args:
        is_linked: whether hints of other processes come in.
        seconds: a clock that only goes forward.
    """

    def __init__(
        self, database: Database, is_linked: Callable[[], bool], seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._is_linked = is_linked
        self._seconds = seconds
        self._places: Recent[UUID, dict[UUID, _Kept]] = Recent(MOST_ORGANIZATIONS)

    async def of(self, account_id: UUID, organization_id: UUID | None) -> Standing | None:
        """The standing of an account in an organization, or of an operator (None: in no organization).

        None, if there is no such account, it is closed, or does not work there (any more).
        """
        place = organization_id or account_id
        kept = self._places.get(place)
        if kept is None:
            kept = {}
            self._places.put(place, kept)
        lasts, now = LINKED_SECONDS if self._is_linked() else UNLINKED_SECONDS, self._seconds()
        found = kept.get(account_id)
        if found is None or now - found.read_at >= lasts:
            # A hint that comes while this is read drops `kept`, and with it what is put into it afterwards.
            found = kept[account_id] = _Kept(await self._read(account_id, organization_id), now)
        return found.standing

    def forget_organization(self, organization_id: UUID) -> None:
        """Forget what is known of the people of an organization."""
        self._places.forget(organization_id)

    def forget_account(self, account_id: UUID) -> None:
        """Forget what is known of an account, wherever it works."""
        for place in self._places:
            kept = self._places.get(place)
            if kept is not None and (place == account_id or account_id in kept):
                self._places.forget(place)

    def forget_all(self) -> None:
        """Forget what is known of everybody: hints may have been lost."""
        self._places.clear()

    async def _read(self, account_id: UUID, organization_id: UUID | None) -> Standing | None:
        if organization_id is None:
            return await self._operator(account_id)
        async with self._database.write(organization_id) as session:
            row = (await session.execute(_MEMBER, {"account": account_id, "organization": organization_id})).first()
            if row is None:
                return None
            rights = await rights_of_role(session, organization_id, RoleKey(row.role, row.own_role_id))
            return Standing(
                account_version=row.account_version,
                membership_version=row.version,
                role=row.role,
                staff_id=row.staff_id,
                name=row.name,
                language=row.language,
                branches=frozenset(row.branches or ()),
                rights=rights,
                role_name=row.role_name or "",
                is_suspended=row.is_suspended,
                reopened_at=row.reopened_at,
                is_closed=row.is_closed,
                why=row.why,
                has_code=row.has_code,
                admins_need_code_from=row.admins_need_code_from,
            )

    async def _operator(self, account_id: UUID) -> Standing | None:
        wanted = sa.select(Account).where(
            Account.id == account_id, Account.is_operator.is_(sa.true()), Account.closed_at.is_(None)
        )
        async with self._database.control() as session:
            account = await session.scalar(wanted)
            if account is None:
                return None
            open_visits = await session.execute(_OPEN_VISITS, {"account": account_id})
            visits = tuple(OpenVisit(*row) for row in open_visits)
        return Standing(
            account_version=account.version,
            membership_version=0,
            role=Role.SUPER_ADMIN,
            staff_id=None,
            name=account.name,
            language=account.language,
            branches=frozenset(),
            rights=Rights(PERMISSIONS[Role.SUPER_ADMIN]),
            has_code=account.totp_sealed is not None,
            visits=visits,
        )


_OPEN_VISITS = (
    sa.select(Visit.organization_id, Visit.began_at, Visit.ends_at)
    .where(Visit.account_id == sa.bindparam("account"), Visit.ended_at.is_(None))
    .order_by(Visit.ends_at.desc(), Visit.id)
    .limit(MOST_VISITS)
)
_BRANCHES = (
    sa.select(sa.func.array_agg(Assignment.branch_id))
    .where(
        Assignment.organization_id == StaffMember.organization_id,
        Assignment.staff_id == StaffMember.id,
        Assignment.active,
    )
    .scalar_subquery()
)
_HOUSE_LANGUAGE = (
    sa.select(Organization.language).where(Organization.organization_id == Membership.organization_id).scalar_subquery()
)
_MEMBER = (
    sa.select(
        Account.version.label("account_version"),
        sa.func.coalesce(sa.func.nullif(Account.language, ""), _HOUSE_LANGUAGE, "").label("language"),
        Account.totp_sealed.is_not(None).label("has_code"),
        Membership.version,
        Membership.reopened_at,
        Membership.staff_id,
        StaffMember.name,
        StaffMember.role,
        StaffMember.own_role_id,
        OwnRole.name.label("role_name"),
        ControlOrganization.admins_need_code_from,
        ControlOrganization.suspended_at.is_not(None).label("is_suspended"),
        ControlOrganization.closed_at.is_not(None).label("is_closed"),
        ControlOrganization.why,
        _BRANCHES.label("branches"),
    )
    .join_from(Account, Membership, Membership.account_id == Account.id)
    .join(ControlOrganization, ControlOrganization.id == Membership.organization_id)
    .join(
        StaffMember,
        sa.and_(StaffMember.organization_id == Membership.organization_id, StaffMember.id == Membership.staff_id),
    )
    .outerjoin(
        OwnRole,
        sa.and_(OwnRole.organization_id == StaffMember.organization_id, OwnRole.id == StaffMember.own_role_id),
    )
    .where(
        Account.id == sa.bindparam("account"),
        Account.closed_at.is_(None),
        Membership.organization_id == sa.bindparam("organization"),
        Membership.closed_at.is_(None),
        StaffMember.active,
    )
)
