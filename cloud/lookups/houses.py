"""What every page asks of an organization: its name and its branches."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from cloud.accounts.branches import BranchSeen
from cloud.accounts.identity import Person
from cloud.database.transaction import Database, ReadSession
from cloud.lookups.lookups import Lookups
from shared.tenancy.records import Branch, Organization


@dataclass(frozen=True, slots=True)
class House:
    """An organization.

    Attributes:
        branches: all of them, by name.
    """

    name: str
    branches: tuple[BranchSeen, ...]

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
    branches = (
        sa.select(Branch.id, Branch.name, Branch.zone, Branch.cutoff_minutes)
        .where(Branch.organization_id == organization_id)
        .order_by(Branch.name, Branch.id)
    )
    name = sa.select(Organization.name).where(Organization.organization_id == organization_id)
    rows = await read.execute(branches)
    return House(await read.scalar(name) or "", tuple(BranchSeen(*row) for row in rows))
