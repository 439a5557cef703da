"""Guests with phones: what they order, and what the cloud takes back when nobody answers in time.

Some schedules have them (`World.phones`). What devices say to it are deeds of the people there (`phone_deeds.py`).
"""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from shared.floor.records import DiningTable
from shared.guests.proposing import Proposal, Wish, propose, withdraw
from shared.guests.records import GuestAnswer, GuestOrder, answer_id
from shared.guests.sessions import sessions_at
from shared.guests.settings import TakesOrders
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Actor
from shared.kernel.quantity import ONE
from shared.kernel.work import Work
from shared.menu.queries import load_menu
from shared.menu.rules import default_modifiers
from shared.orders.placing import PlacedLine
from tests.simulation.house import SERVICE_CODES
from tests.simulation.places import BRANCH, ORGANIZATION

ORDERS_AFTER_SECONDS = 2.0
WITHDRAWALS = 0.3
"""How much of what guests' phones bring about is an order that is taken back."""
AT_TAKEN = 0.8
"""How often guests order where somebody sits."""
DEADLINES_SECONDS = (10, 10, 20, 90)

if TYPE_CHECKING:
    from tests.simulation.world import World


class Phones:
    """All guests of a branch, for as long as the server runs."""

    def __init__(self, world: World, rnd: random.Random) -> None:
        self._world = world
        self._rnd = rnd

    async def work(self) -> None:
        """Order, and be told no, until the restaurant closes."""
        while True:
            await asyncio.sleep(self._rnd.expovariate(1 / ORDERS_AFTER_SECONDS))
            if not self._world.is_open:
                return
            phone_id = UUID(int=self._rnd.getrandbits(128))
            cloud = self._world.cloud
            try:
                async with cloud.units.work(ORGANIZATION, Actor.guest(phone_id), BRANCH) as work:
                    await (self._take_back(work) if self._rnd.random() < WITHDRAWALS else self._order(work, phone_id))
            except DomainError as error:
                self._world.note("phone", "no", error.code)
                continue
            cloud.fold_worker.tell(ORGANIZATION)
            self._world.note("phone", "ordered")

    async def _order(self, work: Work, phone_id: UUID) -> None:
        tables = list(await work.session.scalars(sa.select(DiningTable.id).order_by(DiningTable.id)))
        here = (work.session, ORGANIZATION, BRANCH)
        sittings = {table: await sessions_at(*here, table, work.business_date) for table in tables}
        taken = [table for table, sitting in sittings.items() if sitting]
        table_id = self._rnd.choice(taken if taken and self._rnd.random() < AT_TAKEN else tables)
        there = sittings[table_id]
        session = there[0] if there else None
        menu = await load_menu(work.session, ORGANIZATION, BRANCH)
        dishes = [item for item in menu.items.values() if item.code not in SERVICE_CODES and not item.open_price]
        wishes = []
        for item in self._rnd.sample(dishes, min(len(dishes), self._rnd.choice((1, 1, 2)))):
            line = PlacedLine(item.id, self._rnd.choice((1, 2)) * ONE, default_modifiers(item))
            wishes.append(Wish(work.ids.new(), line))
        is_admitted = session is not None and self._rnd.random() < 0.7
        proposal = Proposal(
            table_id, phone_id, session.order_id if session is not None else None, is_admitted=is_admitted
        )
        seconds = self._rnd.choice(DEADLINES_SECONDS)
        takes = TakesOrders(direct=self._rnd.random() < 0.8, deadline_seconds=seconds, staff_seconds=seconds)
        await propose(work, work.ids.new(), proposal, wishes, takes)

    async def _take_back(self, work: Work) -> None:
        """Take back one that nobody has answered, as far as the cloud has heard."""
        since = work.now - timedelta(hours=1)
        for order in await work.session.scalars(
            sa.select(GuestOrder).where(GuestOrder.placed_at > since).order_by(GuestOrder.placed_at)
        ):
            answer = await work.session.get(GuestAnswer, (ORGANIZATION, answer_id(order.id)))
            if answer is None and not order.withdrawn and work.now > order.deadline_at:
                await withdraw(work, order)
                return
