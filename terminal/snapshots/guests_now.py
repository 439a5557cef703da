"""What guests want, as a part of the snapshot: orders and calls that nobody has answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.guests.queries import GuestOrderView, RequestView, open_requests, waiting_for_staff
from shared.guests.settings import TakesOrders, takes_orders


@dataclass(frozen=True, slots=True)
class GuestsNow:
    """The orders and calls of guests that nobody has answered, the oldest first, and how the branch takes them."""

    orders: tuple[GuestOrderView, ...] = ()
    requests: tuple[RequestView, ...] = ()
    takes: TakesOrders = field(default_factory=TakesOrders)


async def guests_now(connection: AsyncConnection, organization_id: UUID, branch_id: UUID, now: datetime) -> GuestsNow:
    """Read it."""
    orders = await waiting_for_staff(connection, organization_id, branch_id, now)
    requests = await open_requests(connection, organization_id, branch_id, now)
    return GuestsNow(tuple(orders), tuple(requests), await takes_orders(connection, organization_id, branch_id))
