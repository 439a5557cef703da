"""The people at the cloud: they change prices and names, put dishes on the menu, and move staff between jobs."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from shared.floor.commands import add_table
from shared.floor.records import Space
from shared.kernel.permissions import SYSTEM, Role
from shared.kernel.work import Work
from shared.menu.commands import add_item
from shared.menu.records import Item
from shared.staff.records import StaffMember
from tests.simulation.house import CASHIER, EMPLOYED, WAITRESS
from tests.simulation.places import ORGANIZATION

TABLES = 0.15
"""How many edits of the office add a table."""
DISMISSALS = 0.3
"""Of all edits of the staff."""

if TYPE_CHECKING:
    from tests.simulation.world import World


class Office:
    """Somebody at the organization's office, for as long as the server runs."""

    def __init__(self, world: World, rnd: random.Random) -> None:
        self._world = world
        self._rnd = rnd

    async def work(self) -> None:
        """Edit, and let the devices know, until the restaurant closes."""
        while True:
            await asyncio.sleep(self._rnd.expovariate(1 / 6))
            if not self._world.is_open:
                return
            cloud = self._world.cloud
            async with cloud.units.work(ORGANIZATION, SYSTEM) as work:
                if self._rnd.random() < self._world.demotion:
                    await self._move_the_cashier(work)
                elif self._rnd.random() < TABLES:
                    await self._add_a_table(work)
                else:
                    await self._edit_the_menu(work)
            cloud.fold_worker.tell(ORGANIZATION)
            self._world.note("office", "edited")

    async def _edit_the_menu(self, work: Work) -> None:
        items = (await work.session.scalars(sa.select(Item).order_by(Item.id))).all()
        item = self._rnd.choice(items)
        what = self._rnd.random()
        if what < 0.5:
            item.price_minor = self._rnd.randrange(100, 9_000)
        elif what < 0.75:
            item.name = f"Plato {self._rnd.randrange(100)}"
        else:
            await add_item(
                work, "Plato del día", item.category_id, item.tax_category_id, 2_500, station_id=item.station_id
            )

    async def _add_a_table(self, work: Work) -> None:
        space = (await work.session.scalars(sa.select(Space).order_by(Space.id))).first()
        assert space is not None
        await add_table(work, space.branch_id, space.id, f"{self._rnd.randrange(100)}")

    async def _move_the_cashier(self, work: Work) -> None:
        """To another job and back. Now and then the waitress is dismissed, or comes back."""
        if self._rnd.random() < DISMISSALS:
            waitress = await work.get(StaffMember, UUID(int=WAITRESS.int))
            waitress.active = not waitress.active
            return
        member = await work.get(StaffMember, UUID(int=CASHIER.int))
        member.role = Role.KITCHEN if member.role is EMPLOYED[CASHIER] else EMPLOYED[CASHIER]
