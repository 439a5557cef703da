"""Somebody at a simulated device: how they give a command, what they hear of it, and what the device shows them."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa

from shared.books.queries import open_orders
from shared.books.views import CheckView, LineView, OrderView
from shared.kernel.permissions import Actor
from shared.kernel.work import Work
from shared.kitchen.ticket_views import TicketView
from shared.menu.queries import load_menu
from shared.menu.rules import MenuItem
from shared.payments.queries import MethodView
from shared.staff.approving import Approving
from shared.taxes.queries import rates_in_force
from tests.simulation.device import SimulatedDevice
from tests.simulation.house import INTRUDER, MANAGER, SERVICE_CODES, WAITRESS, actor
from tests.simulation.places import ORGANIZATION

if TYPE_CHECKING:
    from tests.simulation.world import World

LENT = 0.25
"""How much of what takes the manager's right is done by somebody else, with an approval."""
FEW = 4
"""People turn to the same few rows, so that they get in each other's way."""


class AtDevice:
    """Somebody at one device, for as long as its program runs."""

    def __init__(self, world: World, device: SimulatedDevice, rnd: random.Random) -> None:
        self._world = world
        self._device = device
        self._rnd = rnd
        self._lending = random.Random(f"lend {device.name} {device.starts}")
        self._items: list[MenuItem] = []
        self._methods: list[MethodView] = []

    async def do(self, who: UUID, what: str, command: Callable[[Work], Awaitable[Any]]) -> Any:
        """Give a command. What it returns is acknowledged."""
        person = self._person(who)
        if who == MANAGER and person == actor(MANAGER):
            person, command = self._with_approval(person, command)
        result = await self._device.store.run(person, command)
        self._device.acknowledged = max(self._device.acknowledged, self._device.end_of_own_log())
        self._world.note(self._device.name, what, self._device.acknowledged)
        if self._rnd.random() < 0.8:
            self._device.agent.wake()
        return result

    def _person(self, usual: UUID) -> Actor:
        """Who gives the command: now and then somebody who may not, on a device that does not care."""
        if self._rnd.random() < self._world.intrusion:
            return actor(INTRUDER)
        return actor(usual)

    def _with_approval(
        self, person: Actor, command: Callable[[Work], Awaitable[Any]]
    ) -> tuple[Actor, Callable[[Work], Awaitable[Any]]]:
        """Now and then the waitress does it, and the manager approves; or the intruder does, who may not."""
        if self._device.is_old or self._lending.random() >= LENT:
            return person, command
        is_forged = self._lending.random() < 5 * self._world.intrusion
        approver = Approving(actor(INTRUDER if is_forged else MANAGER))

        async def approved(work: Work) -> Any:
            work.approver = approver
            return await command(work)

        return actor(WAITRESS), approved

    def _promised(self, kept: bool, what: str) -> None:
        if not kept:
            self._world.complaints.append(f"{self._device.name}: {what}")

    # -- what they see -----------------------------------------------------------------------------------------------

    async def orders(self) -> Sequence[OrderView]:
        """The orders about which something is to be done."""
        async with self._device.store.reading() as connection:
            taxes = await rates_in_force(connection, ORGANIZATION, self._device.clock.now().date())
            return await open_orders(connection, ORGANIZATION, self._device.enrolment.branch_id, taxes)

    async def _read_menu(self) -> None:
        if not self._items or self._rnd.random() < 0.1:
            async with self._device.store.reading() as connection:
                menu = await load_menu(connection, ORGANIZATION)
            self._items = [item for item in menu.items.values() if item.code not in SERVICE_CODES]

    async def _some_order(self) -> OrderView | None:
        """Mostly one of the oldest: all devices turn to the same few."""
        found = await self.orders()
        return self._rnd.choice(found[:3] if self._rnd.random() < 0.7 else found) if found else None

    async def _some_check(self) -> CheckView | None:
        order = await self._some_order()
        return self._rnd.choice(order.checks) if order else None

    async def _some_line(self, wanted: Callable[[LineView], bool] = lambda _line: True) -> LineView | None:
        found = [line for order in await self.orders() for line in order.lines if line.quantity_milli and wanted(line)]
        return self._rnd.choice(found[:FEW]) if found else None

    async def _some_ticket(self, query: Callable[..., Awaitable[Sequence[TicketView]]]) -> TicketView | None:
        async with self._device.store.reading() as connection:
            found = await query(connection, ORGANIZATION, self._device.enrolment.branch_id)
        return self._rnd.choice(found[:3]) if found else None

    async def _newest(self, kind: Any, *where: Any) -> Any:
        """One of the newest rows of a table in this branch, by their ids."""
        here = kind.branch_id == self._device.enrolment.branch_id
        async with self._device.store.reading() as connection:
            rows = await connection.execute(
                sa.select(kind.__table__).where(here, *where).order_by(kind.id.desc()).limit(FEW)
            )
            found = rows.all()
        return self._rnd.choice(found) if found else None
