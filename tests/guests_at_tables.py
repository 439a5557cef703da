"""Guests with phones at the tables of a branch, and the cloud that writes down what they want."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from uuid import UUID

from evening import Hands
from replicas import BRANCH, MANAGER, ORGANIZATION, CountedNumbers, Replica
from restaurant import House
from sqlalchemy.ext.asyncio import AsyncSession

from shared.guests.accepting import Accepted, accept, accept_by_itself, refuse
from shared.guests.proposing import Proposal, Wish, propose, withdraw
from shared.guests.queries import GuestOrderView, orders_of_phone
from shared.guests.records import GuestOrder
from shared.guests.sessions import TableSession, session_of_phone, sessions_at
from shared.guests.settings import TakesOrders
from shared.kernel.permissions import SYSTEM, Actor
from shared.kernel.work import Work
from shared.orders.placing import PlacedLine, PlacedPart
from sync.unit import unit_of_work

DIRECT = TakesOrders(direct=True)


@dataclass
class Phone:
    """A guest's phone at a table, and what it does through the cloud."""

    cloud: Replica
    house: House
    table: str
    phone_id: UUID
    name: str = ""
    lines: list[Wish] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.house = replace(self.house, items=dict(self.house.items))

    def wants(self, code: str, pieces: int = 1, *modifiers: str, parts: Sequence[PlacedPart] = ()) -> None:
        chosen = tuple(self.house.modifiers[name] for name in modifiers)
        line = PlacedLine(self.house.items[code], pieces * 1_000, chosen, parts=tuple(parts))
        self.lines.append(Wish(self.cloud.ids.new(), line))

    async def session(self) -> TableSession | None:
        async with self.cloud.connection() as connection:
            return await session_of_phone(connection, ORGANIZATION, BRANCH, self.phone_id)

    async def order(self, takes: TakesOrders = DIRECT, *, is_idle: bool = False, order_id: UUID | None = None) -> UUID:
        """Order what is in the cart, at a table where nobody sits on the order that others wait to open."""
        admitted, key = await self.session(), self.cloud.ids.new()
        async with at_branch(self.cloud, Actor.guest(self.phone_id)) as work:
            table_id = self.house.tables[self.table]
            there = await sessions_at(work.session, ORGANIZATION, BRANCH, table_id, work.business_date)
            session = admitted or (there[0] if len(there) == 1 else None)
            proposal = Proposal(
                session.table_id if session is not None and session.table_id else table_id,
                self.phone_id,
                session.order_id if session is not None else order_id,
                is_admitted=admitted is not None,
                is_idle=is_idle,
                name=self.name,
            )
            await propose(work, key, proposal, self.lines, takes)
        self.lines = []
        return key

    async def orders(self) -> list[GuestOrderView]:
        async with self.cloud.connection() as connection:
            now = self.cloud.clock.now()
            return await orders_of_phone(connection, ORGANIZATION, BRANCH, self.phone_id, now)


@asynccontextmanager
async def at_branch(cloud: Replica, actor: Actor = SYSTEM) -> AsyncIterator[Work]:
    """A unit of work of the cloud in its stream of the branch."""
    place = replace(cloud.place, branch_id=BRANCH, letter="N")
    async with (
        AsyncSession(cloud.engine, expire_on_commit=False) as session,
        unit_of_work(session, cloud.author, actor, place, cloud.ids, CountedNumbers()) as unit,
    ):
        yield unit.work


async def accepted(hands: Hands, guest_order_id: UUID, actor: Actor = MANAGER) -> Accepted:
    async with hands.replica.work(actor) as work:
        return await accept(work, guest_order_id)


async def taken(hands: Hands, guest_order_id: UUID) -> Accepted:
    """A device accepts by itself."""
    async with hands.replica.work(Actor.accepting(guest_order_id)) as work:
        return await accept_by_itself(work, guest_order_id, hands.replica.clock.now())


async def refused(hands: Hands, guest_order_id: UUID, reason: str = "La cocina cerró", actor: Actor = MANAGER) -> None:
    async with hands.replica.work(actor) as work:
        await refuse(work, guest_order_id, reason)


async def withdrawn(cloud: Replica, guest_order_id: UUID) -> None:
    async with at_branch(cloud, Actor.guest(guest_order_id)) as work:
        await withdraw(work, await work.get(GuestOrder, guest_order_id))
