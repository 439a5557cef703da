"""The doors of branches: random names in the addresses that are printed, and which branch each is of."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa

from cloud.database.guest_records import GuestDoorName
from cloud.database.transaction import Database
from cloud.kernel.recent import Recent
from cloud.lookups.houses import Houses
from cloud.replication.units import CloudUnits
from shared.floor.queries import tables
from shared.guests.codes import DOOR_CHARACTERS, MOST_DOOR_CHARACTERS, new_code
from shared.guests.codes_of_tables import codes_of_tables, door_id, door_of, issue_code
from shared.guests.records import GuestDoor
from shared.kernel.permissions import SYSTEM, Actor

MOST_DOORS = 5_000


class Door(NamedTuple):
    """A branch, as an address of its guests names it."""

    name: str
    organization_id: UUID
    branch_id: UUID


class Doors:
    """Opens doors, and finds them."""

    def __init__(self, database: Database, units: CloudUnits, houses: Houses) -> None:
        self._database = database
        self._units = units
        self._houses = houses
        self._known: Recent[str, Door] = Recent(MOST_DOORS)

    async def called(self, name: str) -> Door | None:
        """The door of this name, of a branch that is open; None: there is none."""
        if not 0 < len(name) <= MOST_DOOR_CHARACTERS or not name.isalnum():
            return None
        door = self._known.get(name)
        if door is None:
            async with self._database.control() as session:
                row = await session.get(GuestDoorName, name)
            if row is None:
                return None
            door = Door(name, row.organization_id, row.branch_id)
            self._known.put(name, door)
        house = await self._houses.of(door.organization_id)
        is_open = any(each.id == door.branch_id and not each.is_closed for each in house.branches)
        return door if is_open and not house.is_closed and not house.is_suspended else None

    async def of_branch(self, organization_id: UUID, branch_id: UUID) -> Door:
        """The door of a branch, opened if it has none yet."""
        async with self._database.read(organization_id) as read:
            name = await door_of(read, organization_id, branch_id)
        if name is None:
            name = await self._open(organization_id, branch_id)
        return Door(name, organization_id, branch_id)

    async def _open(self, organization_id: UUID, branch_id: UUID) -> str:
        async with self._units.work(organization_id, SYSTEM, branch_id) as work:
            taken = await work.session.scalar(
                sa.select(GuestDoorName.door)
                .where(GuestDoorName.organization_id == organization_id, GuestDoorName.branch_id == branch_id)
                .with_for_update()
            )
            name = taken or new_code(work.ids.secret, DOOR_CHARACTERS)
            if taken is None:
                work.session.add(GuestDoorName(door=name, organization_id=organization_id, branch_id=branch_id))
                same = {"organization_id": organization_id, "branch_id": branch_id, "id": door_id(branch_id)}
                work.add(GuestDoor(**same, door=name))
        return name

    async def codes(self, actor: Actor, organization_id: UUID, branch_id: UUID) -> dict[UUID, str]:
        """The code of each table of a branch; tables without one get it.

        Raises:
            DomainError: NOT_PERMITTED.
        """
        async with self._units.work(organization_id, actor, branch_id) as work:
            codes = dict(await codes_of_tables(work.session, organization_id, branch_id))
            for table in await tables(work.session, organization_id, branch_id):
                if table.id not in codes:
                    codes[table.id] = (await issue_code(work, table.id)).code
        return codes
