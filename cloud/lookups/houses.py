"""What every page asks of an organization: its name, state and language, and its branches with their short names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from cloud.accounts.branches import BranchSeen
from cloud.accounts.identity import Person
from cloud.database.control_records import ControlOrganization
from cloud.database.tenant_records import ControlBranch, FormerBranchSlug
from cloud.database.transaction import Database, ReadSession
from cloud.lookups.lookups import Lookups
from shared.tenancy.records import Branch, Organization


@dataclass(frozen=True, slots=True)
class House:
    """An organization.

    Attributes:
        branches: all of them, by name.
        slug: its short name.
        language, country: empty until its restaurant is founded.
        is_suspended, is_closed: with the reason in `why`.
        admins_need_code_from: from when on its administrators need a second factor; None: they need none.
    """

    name: str
    branches: tuple[BranchSeen, ...]
    slug: str = ""
    language: str = ""
    country: str = ""
    is_suspended: bool = False
    is_closed: bool = False
    why: str = ""
    admins_need_code_from: datetime | None = None

    def seen_by(self, person: Person) -> list[BranchSeen]:
        """The branches that somebody may see, by name."""
        return [branch for branch in self.branches if person.sees_branch(branch.id)]


class Houses:
    """Looks up organizations."""

    def __init__(self, database: Database, lookups: Lookups) -> None:
        self._database = database
        self._lookups = lookups

    async def of(self, organization_id: UUID, read: ReadSession | None = None) -> House:
        """The organization, as it was some seconds ago at most.

        Args:
            read: the transaction of the request. A second one beside it would take a second connection.
        """

        async def from_database() -> House:
            if read is not None:
                return await _house(read, organization_id)
            async with self._database.read(organization_id) as own:
                return await _house(own, organization_id)

        return await self._lookups.of(organization_id, "house", House, from_database)


async def _house(read: ReadSession, organization_id: UUID) -> House:
    given = {"organization": organization_id}
    branches = [
        BranchSeen(
            row.id, row.name, row.zone, row.cutoff_minutes, row.slug or "", tuple(row.former or ()), row.is_closed
        )
        for row in await read.execute(_BRANCHES, given)
    ]
    row = (await read.execute(_ORGANIZATION, given)).first()
    return House("", tuple(branches)) if row is None else House(row.name or "", tuple(branches), *row[1:])


_IS_OF_BRANCH = sa.and_(ControlBranch.organization_id == Branch.organization_id, ControlBranch.branch_id == Branch.id)
_FORMER = (
    sa.select(sa.func.array_agg(FormerBranchSlug.slug))
    .where(FormerBranchSlug.organization_id == Branch.organization_id, FormerBranchSlug.branch_id == Branch.id)
    .scalar_subquery()
)
_BRANCHES = (
    sa.select(
        Branch.id,
        Branch.name,
        Branch.zone,
        Branch.cutoff_minutes,
        ControlBranch.slug,
        _FORMER.label("former"),
        ControlBranch.closed_at.is_not(None).label("is_closed"),
    )
    .outerjoin(ControlBranch, _IS_OF_BRANCH)
    .where(Branch.organization_id == sa.bindparam("organization"))
    .order_by(Branch.name, Branch.id)
)
_ORGANIZATION = (
    sa.select(
        Organization.name,
        ControlOrganization.slug,
        sa.func.coalesce(Organization.language, ""),
        sa.func.coalesce(Organization.country, ""),
        ControlOrganization.suspended_at.is_not(None),
        ControlOrganization.closed_at.is_not(None),
        ControlOrganization.why,
        ControlOrganization.admins_need_code_from,
    )
    .outerjoin_from(ControlOrganization, Organization, Organization.organization_id == ControlOrganization.id)
    .where(ControlOrganization.id == sa.bindparam("organization"))
)
