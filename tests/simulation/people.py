"""The people at simulated devices: they open orders, change each other's lines, send, cook, pay and make mistakes.

Each action is a real command in a real unit of work. What the command said before the person went on is a promise that
the end of the schedule holds against every replica.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Actor
from shared.kernel.work import Work
from shared.kitchen import commands as kitchen
from shared.kitchen.queries import bumped_tickets, open_tickets
from shared.menu.queries import load_menu
from shared.menu.rules import MenuItem, default_modifiers
from shared.orders import commands as orders
from shared.orders.queries import OrderView, open_orders
from shared.orders.records import LineStatus, OrderKind
from shared.payments.queries import payment_methods
from shared.payments.rules import Tender, TenderKind
from shared.taxes.queries import rates_in_force
from terminal import tasks
from terminal.store.errors import StoreError
from tests.simulation.device import SimulatedDevice
from tests.simulation.house import CASHIER, COOK, INTRUDER, MANAGER, WAITRESS, actor
from tests.simulation.places import ORGANIZATION

if TYPE_CHECKING:
    from tests.simulation.world import World

NOTES = ("", "sin cebolla", "para llevar", "mesa del fondo")


class Person:
    """Somebody at one device, for as long as its program runs."""

    def __init__(self, world: World, device: SimulatedDevice, rnd: random.Random) -> None:
        self._world = world
        self._device = device
        self._rnd = rnd
        self._items: list[MenuItem] = []
        self._methods: list[Any] = []

    async def work(self) -> None:
        """Act, think, act, until the device dies or the restaurant closes."""
        actions: dict[Callable[[], Awaitable[None]], int] = {
            self._order: 5,
            self._add: 4,
            self._change: 6,
            self._remove: 1,
            self._send: 5,
            self._cook: 6,
            self._recall: 1,
            self._pay: 6,
            self._cancel: 1,
            self._discount: 1,
        }
        action: Callable[[], Awaitable[None]] = self._order
        while self._world.is_open:
            try:
                await action()
            except DomainError as error:
                if isinstance(error, StoreError):
                    raise
                self._world.note(self._device.name, "no", error.code)
            await asyncio.sleep(self._rnd.expovariate(1 / self._world.think_seconds))
            action = self._rnd.choices(list(actions), list(actions.values()))[0]

    async def _do(self, who: UUID, what: str, command: Callable[[Work], Awaitable[Any]]) -> Any:
        person = self._person(who)
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

    # -- what they do --------------------------------------------------------------------------------------------------

    async def _order(self) -> None:
        await self._read_menu()
        order_id = self._device.store.ids.new()
        kind = self._rnd.choice((OrderKind.DINE_IN, self._world.taken_away(self._device)))
        who = self._rnd.choice((CASHIER, WAITRESS))
        guests = 0 if self._device.is_old else 2
        await self._do(who, "open", lambda work: orders.open_order(work, order_id, kind, guests=guests))
        for _line in range(self._rnd.randint(1, 2)):
            await self._add_to(order_id, who)

    async def _add(self) -> None:
        await self._read_menu()
        order = await self._some_order()
        if order is not None:
            await self._add_to(order.id, WAITRESS)

    async def _add_to(self, order_id: UUID, who: UUID) -> None:
        item = self._rnd.choice(self._items)
        modifiers, line_id = default_modifiers(item), self._device.store.ids.new()
        quantity = self._rnd.choice((1_000, 2_000, 500))
        await self._do(who, "add", lambda work: orders.add_line(work, order_id, line_id, item.id, modifiers, quantity))

    async def _change(self) -> None:
        line = await self._some_open_line()
        if line is not None:
            quantity = self._rnd.choice((None, 1_000, 2_000, 3_000))
            notes = self._rnd.choice((None, *NOTES))
            changed = await self._do(WAITRESS, "change", lambda work: orders.change_line(work, line, quantity, notes))
            if (changed.quantity_milli, changed.notes) != (quantity or changed.quantity_milli, notes or changed.notes):
                self._world.complaints.append(f"{self._device.name}: what was written to line {line} is lost at once")

    async def _remove(self) -> None:
        line = await self._some_open_line()
        if line is not None:
            await self._do(WAITRESS, "remove", lambda work: orders.remove_line(work, line))

    async def _send(self) -> None:
        order = await self._some_order()
        if order is not None:
            await self._do(WAITRESS, "send", lambda work: tasks.send(work, order.id, None))

    async def _cook(self) -> None:
        ticket = await self._some_ticket(open_tickets)
        if ticket is not None:
            command = self._rnd.choice((kitchen.bump, kitchen.bump, kitchen.start))
            await self._do(COOK, command.__name__, lambda work: command(work, ticket))

    async def _recall(self) -> None:
        ticket = await self._some_ticket(bumped_tickets)
        if ticket is not None:
            await self._do(COOK, "recall", lambda work: kitchen.recall(work, ticket))

    async def _pay(self) -> None:
        order = await self._some_order()
        if order is None or order.due_minor <= 0:
            return
        if not self._methods:
            async with self._device.store.reading() as connection:
                self._methods = await payment_methods(connection, ORGANIZATION)
        receipt_id = self._device.store.ids.new()
        tenders = self._tenders(order.due_minor)
        await self._do(CASHIER, "pay", lambda work: tasks.send_and_pay(work, order.id, receipt_id, tenders, None))

    def _tenders(self, due_minor: int) -> list[Tender]:
        way = self._rnd.random()
        if way < 0.4:
            return [self._tender(TenderKind.CASH, -(-due_minor // 1_000) * 1_000)]
        if way < 0.7:
            return [self._tender(TenderKind.CARD, due_minor)]
        if way < 0.85 and due_minor > 200:
            return [self._tender(TenderKind.WALLET, due_minor // 2)]
        return [self._tender(TenderKind.CARD, max(1, due_minor // 3)), self._tender(TenderKind.CASH, due_minor)]

    def _tender(self, kind: TenderKind, amount_minor: int) -> Tender:
        method = next(each for each in self._methods if each.kind is kind)
        return Tender(method.id, method.name, kind, amount_minor)

    async def _cancel(self) -> None:
        order = await self._some_order()
        if order is not None:
            await self._do(MANAGER, "cancel", lambda work: orders.cancel_order(work, order.id))

    async def _discount(self) -> None:
        order = await self._some_order()
        if order is not None and order.lines:
            line = self._rnd.choice(order.lines)
            amount = self._rnd.randrange(0, 300)
            await self._do(MANAGER, "discount", lambda work: orders.discount_line(work, line.id, amount))

    # -- what they see -------------------------------------------------------------------------------------------------

    async def _read_menu(self) -> None:
        if not self._items or self._rnd.random() < 0.1:
            async with self._device.store.reading() as connection:
                menu = await load_menu(connection, ORGANIZATION)
            self._items = list(menu.items.values())

    async def _orders(self) -> Sequence[OrderView]:
        async with self._device.store.reading() as connection:
            taxes = await rates_in_force(connection, ORGANIZATION, self._device.clock.now().date())
            return await open_orders(connection, ORGANIZATION, self._device.enrolment.branch_id, taxes)

    async def _some_order(self) -> OrderView | None:
        """Mostly the oldest ones: all devices turn to the same few orders, so that they get in each other's way."""
        found = await self._orders()
        return self._rnd.choice(found[:3] if self._rnd.random() < 0.7 else found) if found else None

    async def _some_open_line(self) -> UUID | None:
        found = [line.id for order in await self._orders() for line in order.lines if line.status is LineStatus.OPEN]
        return self._rnd.choice(found[:4]) if found else None

    async def _some_ticket(self, query: Callable[..., Awaitable[Sequence[Any]]]) -> UUID | None:
        async with self._device.store.reading() as connection:
            found = await query(connection, ORGANIZATION, self._device.enrolment.branch_id)
        return self._rnd.choice(found[:3]).id if found else None
