"""Placing orders for programs: in the branch's scope, so that its devices learn of them by sync."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from cloud.accounts.identity import Person
from cloud.database.transaction import Database
from cloud.edge.idempotency import claim_for_ever, fact_of
from cloud.realtime.hub import Audience, Room
from cloud.replication.fold_worker import FoldWorker
from cloud.replication.units import CloudUnits
from shared.kernel.instants import Clock
from shared.orders.placing import PlacedOrder, place_order
from shared.orders.records import Order, OrderLine, OrderSource


@dataclass(frozen=True, slots=True)
class Placed:
    """An order, and whether this request made it."""

    order: Order
    lines: Sequence[OrderLine]
    is_new: bool


class OrderPlacing:
    """Places orders, each once."""

    def __init__(self, database: Database, units: CloudUnits, fold_worker: FoldWorker, clock: Clock) -> None:
        self._database = database
        self._units = units
        self._fold_worker = fold_worker
        self._clock = clock

    async def place(
        self, organization_id: UUID, person: Person, branch_id: UUID, key: str, body: bytes, placed: PlacedOrder
    ) -> Placed:
        """Place an order; the same request again gives the order that it made.

        Args:
            key: the caller's name for this request.
            body: the request.

        Raises:
            DomainError: IDEMPOTENCY_KEY_REUSED, and those of `place_order`.
        """
        order_id = fact_of("api_order", organization_id, person.actor_id, key)
        body = branch_id.bytes + body
        try:
            async with self._database.write(organization_id) as session:
                now = self._clock.now()
                if not await claim_for_ever(session, organization_id, person.actor_id, key, body, now):
                    return await _made(session, organization_id, order_id)
                async with self._units.on(session, organization_id, person.actor(), branch_id) as work:
                    order, lines = await place_order(work, order_id, placed, OrderSource.API)
        except IntegrityError:
            # A restored cloud has lost the key, and has the order from a device that held it.
            async with self._database.read(organization_id) as read:
                if await read.get(Order, (organization_id, order_id)) is None:
                    raise
                return await _made(read, organization_id, order_id)
        self._fold_worker.wake(organization_id, branch_id)
        self._fold_worker.hub.tell(Room.of_role(organization_id, branch_id, Audience.MANAGERS))
        return Placed(order, lines, is_new=True)


async def _made(session: AsyncSession, organization_id: UUID, order_id: UUID) -> Placed:
    """An order that was placed before."""
    order = await session.get_one(Order, (organization_id, order_id))
    lines = await session.scalars(
        sa.select(OrderLine)
        .where(
            OrderLine.organization_id == organization_id,
            OrderLine.order_id == order_id,
            OrderLine.part_of_id.is_(None),
            OrderLine.added_at == order.opened_at,
        )
        .order_by(OrderLine.id)
    )
    return Placed(order, list(lines), is_new=False)
