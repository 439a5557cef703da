"""What is new for the guests of a branch: read once for all phones that wait, and told to those whom it concerns.

Each process reads for the branches whose guests wait in it, when a worker has folded something there: one transaction
with three statements, whatever the number of phones. Who waits costs nothing by themselves.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from cloud.database.transaction import Database
from cloud.realtime.hub import Audience, Hub, Room
from shared.guests.queries import SHOWN_FOR
from shared.guests.records import GuestAnswer, GuestOrder, GuestOrderLine
from shared.kernel.instants import Clock
from shared.kitchen.records import KitchenEvent, TicketLine
from shared.orders.records import Order

PAUSE_SECONDS = 0.25
"""Between two looks at a branch."""
LOOK_AGAIN_SECONDS = 10.0
"""Without any hint; hints may be lost."""
Places = Mapping[UUID, tuple[object, ...]]

logger = logging.getLogger(__name__)


class GuestNews:
    """Watches branches for as long as guests of theirs wait here."""

    def __init__(self, database: Database, hub: Hub, clock: Clock) -> None:
        self._database = database
        self._hub = hub
        self._clock = clock
        self._watching: dict[tuple[UUID, UUID], tuple[asyncio.Task[None], int]] = {}

    @asynccontextmanager
    async def watched(self, organization_id: UUID, branch_id: UUID) -> AsyncIterator[None]:
        """Watch a branch for the block; several blocks share one watch."""
        key = (organization_id, branch_id)
        task, waiting = self._watching.get(key, (None, 0))
        if task is None or task.done():
            task = asyncio.get_running_loop().create_task(self._watch(*key))
        self._watching[key] = (task, waiting + 1)
        try:
            yield
        finally:
            task, waiting = self._watching.pop(key)
            if waiting > 1:
                self._watching[key] = (task, waiting - 1)
            else:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def _watch(self, organization_id: UUID, branch_id: UUID) -> None:
        known: Places | None = None
        folded = Room.of_role(organization_id, branch_id, Audience.MANAGERS)
        with self._hub.waiting([folded, Room.of_organization(organization_id)], lambda _hint: True) as waiting:
            while not self._hub.is_closing:
                try:
                    now = await self._places(organization_id, branch_id)
                except Exception as error:  # noqa: BLE001 - the next look may succeed; phones ask by themselves meanwhile
                    logger.warning("guests of a branch hear no news: %s", error)
                else:
                    for order_id in (key for key, said in now.items() if known is not None and known.get(key) != said):
                        self._hub.hear(Room.of_session(organization_id, branch_id, order_id))
                    known = now
                await asyncio.sleep(PAUSE_SECONDS)
                await waiting.news(LOOK_AGAIN_SECONDS)

    async def _places(self, organization_id: UUID, branch_id: UUID) -> Places:
        """What stands of each order on which guests ordered by phone of late, in figures that change with it."""
        given: dict[str, object] = {"organization": organization_id, "branch": branch_id, "since": self._since()}
        found: dict[UUID, tuple[object, ...]] = {}
        async with self._database.read(organization_id) as read:
            for statement in (_answers(), _dishes(), _parties()):
                for row in await read.execute(statement, given):
                    found[row.order_id] = (*found.get(row.order_id, ()), *row[1:])
        return found

    def _since(self) -> datetime:
        return self._clock.now() - SHOWN_FOR


def _of_branch(of: Any) -> tuple[Any, ...]:
    here = of.organization_id == sa.bindparam("organization"), of.branch_id == sa.bindparam("branch")
    return (*here, of.placed_at > sa.bindparam("since"))


@cache
def _answers() -> sa.Select[Any]:
    of, answer = GuestOrder.__table__.c, GuestAnswer.__table__.c
    same = sa.and_(answer.organization_id == of.organization_id, answer.guest_order_id == of.id)
    return (
        sa.select(
            of.order_id,
            sa.func.count(of.id),
            sa.func.count(of.id).filter(of.withdrawn),
            sa.func.count(answer.id),
            sa.func.sum(sa.type_coerce(answer.status, sa.Integer)),
        )
        .select_from(GuestOrder.__table__)
        .outerjoin(GuestAnswer.__table__, same)
        .where(*_of_branch(of))
        .group_by(of.order_id)
    )


@cache
def _dishes() -> sa.Select[Any]:
    of, line, told, event = (each.__table__.c for each in (GuestOrder, GuestOrderLine, TicketLine, KitchenEvent))
    lines = sa.and_(line.organization_id == of.organization_id, line.guest_order_id == of.id)
    tells = sa.and_(told.organization_id == of.organization_id, told.root_id == line.id)
    happened = sa.and_(event.organization_id == of.organization_id, event.ticket_id == told.ticket_id)
    return (
        sa.select(
            of.order_id,
            sa.func.sum(told.told_milli),
            sa.func.sum(told.back_milli),
            sa.func.sum(sa.type_coerce(told.made, sa.BigInteger)),
            sa.func.sum(told.served_milli - told.returned_milli),
            sa.func.count(event.id),
        )
        .select_from(GuestOrder.__table__)
        .join(GuestOrderLine.__table__, lines)
        .join(TicketLine.__table__, tells)
        .outerjoin(KitchenEvent.__table__, happened)
        .where(*_of_branch(of))
        .group_by(of.order_id)
    )


@cache
def _parties() -> sa.Select[Any]:
    of, order = GuestOrder.__table__.c, Order.__table__.c
    same = sa.and_(order.organization_id == of.organization_id, order.id == of.order_id)
    return (
        sa.select(of.order_id, order.table_id, order.joined_to_id, order.has_left)
        .distinct()
        .select_from(GuestOrder.__table__)
        .join(Order.__table__, same)
        .where(*_of_branch(of))
    )
