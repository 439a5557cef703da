"""Giving tables to waiters, by the command of the domain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from cloud.accounts.identity import Person
from cloud.replication.units import CloudUnits
from shared.floor.commands import assign_tables
from shared.floor.queries import tables
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.kernel.text import clean
from shared.staff.queries import StaffView, staff_of_branch
from shared.staff.records import StaffMember


async def servers_of(reader: AsyncSession, organization_id: UUID, branch_id: UUID) -> list[StaffView]:
    """Who may serve in a branch: whoever works there and takes orders, as the organization's roles say."""
    staff = await staff_of_branch(reader, organization_id, branch_id)
    return [each for each in staff if each.may(Permission.TAKE_ORDER)]


class Sections:
    """Gives tables.

    Args:
        told: tells the workers that something of an organization is to be folded.
    """

    def __init__(self, units: CloudUnits, told: Callable[[UUID], None]) -> None:
        self._units = units
        self._told = told

    async def give(
        self, person: Person, organization_id: UUID, branch_id: UUID, servers: Mapping[UUID, UUID | None]
    ) -> None:
        """Give tables of a branch to who serves them; None: to whoever comes.

        Raises:
            DomainError: NOT_PERMITTED, NO_LONGER_WORKS_HERE (params: name), SERVES_NO_TABLES (params: name): somebody
                takes no orders in that branch; NOT_FOUND: one is no table of that branch, or nobody's id.
        """
        async with self._units.work(organization_id, person.actor(), branch_id) as work:
            known = {each.id for each in await tables(work.session, organization_id, branch_id)}
            if not known >= servers.keys():
                raise DomainError("NOT_FOUND")
            serving = {each.id for each in await servers_of(work.session, organization_id, branch_id)}
            for person_id in sorted({each for each in servers.values() if each is not None} - serving):
                member = await work.get(StaffMember, person_id)
                if member.active:
                    raise DomainError("SERVES_NO_TABLES", name=clean(member.name))
            for table_id, server_id in servers.items():
                await assign_tables(work, [table_id], server_id)
        self._told(organization_id)
