"""Accepts guests' orders that need no person, on every device of the branch, whatever stands on its screen.

All devices do, so that a display needs no till between; what they write is the same. One of them prints: the first till
by its letter. What it cannot take (late, sold out here, a table that is settled) waits for a person.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from shared.guests.accepting import accept_by_itself
from shared.guests.records import Asks
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Actor, DeviceKind
from shared.kernel.work import Work
from shared.tenancy.records import Device
from terminal.papers.kitchen_papers import print_sending
from terminal.snapshots.sources import GUESTS, ORDERS
from terminal.store.store import Store

if TYPE_CHECKING:
    from terminal.desks.desk import Desk

HEARS = frozenset({GUESTS.name, ORDERS.name})
"""Parts of the snapshot that say of a guest's order, or of the table's order on which it goes."""
BY_PHONE = "QR"
"""Who tells the kitchen, on tickets and papers, in every language."""


class GuestDuty:
    """See the module. One runs for each device folder, beside the print worker.

    Args:
        wake: called after something was accepted: papers may be queued, and changes are to be sent.

    Attributes:
        turn: watches a piece of its work.
    """

    def __init__(self, store: Store, desk: Desk, wake: Callable[[], None]) -> None:
        self._store = store
        self._desk = desk
        self._wake = wake
        self._news = asyncio.Event()
        self.turn: Callable[[], AbstractContextManager[object]] = nullcontext

    async def run(self) -> None:
        """Accept what comes until cancelled."""
        unsubscribe = self._desk.subscribe(self._heard)
        try:
            while True:
                self._news.clear()
                with self.turn():
                    if await self.take():
                        self._wake()
                await self._news.wait()
        finally:
            unsubscribe()

    async def take(self) -> int:
        """Accept what can be accepted now. Returns how many guests' orders were."""
        now = self.now()
        taken = 0
        for each in self._desk.seen[GUESTS].orders:
            if each.asks is Asks.NOBODY and each.waits and now <= each.deadline_at:
                taken += await self._accept(each.id, now)
        return taken

    def now(self) -> datetime:
        """The instant by corrected clock."""
        return self._store.clock.now() + timedelta(milliseconds=self._desk.state.skew_ms)

    async def _accept(self, guest_order_id: UUID, now: datetime) -> bool:
        printing = self._desk.print_context()

        async def accept(work: Work) -> bool:
            accepted = await accept_by_itself(work, guest_order_id, now)
            if accepted.sent is not None and printing is not None and await _prints(work):
                await print_sending(work, accepted.order_id, accepted.sent, printing)
            return accepted.sent is not None

        try:
            return await self._store.run(Actor.accepting(guest_order_id, BY_PHONE), accept)
        except DomainError:
            return False  # a person decides

    def _heard(self, topics: frozenset[str]) -> None:
        if not topics.isdisjoint(HEARS):
            self._news.set()


async def _prints(work: Work) -> bool:
    """Whether this device is the one that prints what nobody here accepted: the first till of the branch."""
    first = await work.session.scalar(
        sa.select(Device.id)
        .where(
            Device.organization_id == work.organization_id,
            Device.branch_id == work.branch_id,
            Device.kind == DeviceKind.TILL,
            Device.revoked.is_(sa.false()),
        )
        .order_by(sa.func.length(Device.letter), Device.letter)
        .limit(1)
    )
    return first == work.place.device_id
