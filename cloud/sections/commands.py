"""Giving tables to waiters, by the command of the domain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from cloud.accounts.identity import Person
from cloud.replication.units import CloudUnits
from shared.floor.commands import assign_tables
from shared.floor.queries import tables
from shared.kernel.errors import DomainError


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
            DomainError: NOT_PERMITTED, NO_LONGER_WORKS_HERE (params: name), NOT_FOUND: one is no table of that branch.
        """
        async with self._units.work(organization_id, person.actor(), branch_id) as work:
            known = {each.id for each in await tables(work.session, organization_id, branch_id)}
            if not known >= servers.keys():
                raise DomainError("NOT_FOUND")
            for table_id, server_id in servers.items():
                await assign_tables(work, [table_id], server_id)
        self._told(organization_id)
