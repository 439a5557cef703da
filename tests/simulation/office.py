"""The people at the cloud: they change prices and names, put dishes on the menu, say where dishes are made, and move
staff between jobs.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from shared.floor.commands import add_table
from shared.floor.records import Space
from shared.kernel.ids import derived_id
from shared.kernel.permissions import SYSTEM, Role
from shared.kernel.work import Work
from shared.kitchen.records import Route, Station
from shared.kitchen.stations import end_route, set_route
from shared.menu.commands import add_item
from shared.menu.records import Item
from shared.orders.records import OrderKind
from shared.staff.records import StaffMember
from tests.simulation.house import CASHIER, EMPLOYED, SERVICE_CODES, WAITRESS
from tests.simulation.places import BRANCH, ORGANIZATION, OTHER_BRANCH

TABLES, ROUTES = 0.12, 0.2
"""How many edits of the office add a table, or say where dishes are made."""
ROUTED = 0.4
"""How often the office does so before anything else."""
EDITS_AFTER_SECONDS, REROUTES_AFTER_SECONDS = 6.0, 1.5
MOST_ROUTES = 2
"""Of a branch: few, so that they are changed."""
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
        if self._rnd.random() < ROUTED:
            await self.reroute()
        pause = REROUTES_AFTER_SECONDS if self._world.reroutes else EDITS_AFTER_SECONDS
        while True:
            await asyncio.sleep(self._rnd.expovariate(1 / pause))
            if not self._world.is_open:
                return
            await self._do(self._some_edit())

    async def reroute(self) -> None:
        """Say at once that something is made elsewhere."""
        await self._do(self._set_a_route)

    async def _do(self, edit: Callable[[Work], Awaitable[None]]) -> None:
        cloud = self._world.cloud
        async with cloud.units.work(ORGANIZATION, SYSTEM) as work:
            await edit(work)
        cloud.fold_worker.tell(ORGANIZATION)
        self._world.note("office", "edited")

    def _some_edit(self) -> Callable[[Work], Awaitable[None]]:
        if self._world.reroutes and self._rnd.random() < 1 - ROUTES:
            return self._set_a_route
        if self._rnd.random() < self._world.demotion:
            return self._move_the_cashier
        what = self._rnd.random()
        if what < TABLES:
            return self._add_a_table
        return self._set_a_route if what < TABLES + ROUTES else self._edit_the_menu

    async def _edit_the_menu(self, work: Work) -> None:
        items = await self._everyday(work)
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

    async def _set_a_route(self, work: Work) -> None:
        """Let a dish or a category be made elsewhere, often at two stations; or as the menu says again."""
        branch_id = self._rnd.choice((BRANCH, BRANCH, OTHER_BRANCH))
        route_id = derived_id("simulated route", branch_id, self._rnd.randrange(MOST_ROUTES))
        if self._rnd.random() < 0.2 and await work.session.get(Route, (ORGANIZATION, route_id)) is not None:
            await end_route(work, route_id)
            return
        stations = list(await work.session.scalars(sa.select(Station.id).order_by(Station.id)))
        items = await self._everyday(work)
        self._rnd.shuffle(stations)
        item, also_at = self._rnd.choice(items), stations[1:] if self._rnd.random() < 0.6 else ()
        of_dish = self._rnd.random() < 0.5
        await set_route(
            work,
            route_id,
            stations[0],
            also_at,
            item_id=item.id if of_dish else None,
            category_id=None if of_dish else item.category_id,
            kind=self._rnd.choice((None, None, OrderKind.DINE_IN)),
            branch_id=branch_id,
        )

    async def _everyday(self, work: Work) -> Sequence[Item]:
        """The dishes of all schedules."""
        everyday = sa.select(Item).where(Item.code.not_in(SERVICE_CODES)).order_by(Item.id)
        return (await work.session.scalars(everyday)).all()

    async def _move_the_cashier(self, work: Work) -> None:
        """To another job and back. Now and then the waitress is dismissed, or comes back."""
        if self._rnd.random() < DISMISSALS:
            waitress = await work.get(StaffMember, UUID(int=WAITRESS.int))
            waitress.active = not waitress.active
            return
        member = await work.get(StaffMember, UUID(int=CASHIER.int))
        member.role = Role.KITCHEN if member.role is EMPLOYED[CASHIER] else EMPLOYED[CASHIER]
