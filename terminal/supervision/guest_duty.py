"""Accepts guests' orders that need no person, on every device of the branch, whatever stands on its screen.

All devices do, so that a display needs no till between; what they write is the same. One of them prints: the first till
by its letter. What it cannot take (late, sold out here, a table that is settled) waits for a person.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa

from shared.guests.accepting import accept_by_itself
from shared.guests.records import Asks, GuestAnswer, GuestOrder
from shared.kernel.errors import DomainError
from shared.kernel.permissions import Actor, DeviceKind
from shared.kernel.work import Work
from shared.kitchen.records import KitchenTicket, TicketLine
from shared.kitchen.sending import Sent
from shared.printers.rules import Paper
from shared.tenancy.records import Device
from terminal.papers.kitchen_papers import print_sending
from terminal.printing.told import kitchen_paper
from terminal.snapshots.sources import GUESTS, ORDERS
from terminal.store.store import Store

if TYPE_CHECKING:
    from terminal.desks.desk import Desk
    from terminal.papers.tasks import PrintContext

PRINTED_WITHIN = timedelta(minutes=30)
"""What was taken longer ago, nobody begins to cook from a paper that comes now."""
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
                    if await self.take() or await self.print_what_others_took():
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

    async def print_what_others_took(self) -> int:
        """Queue the papers of what another device accepted by itself, if this is the one that prints.

        Returns how many guests' orders.
        """
        printing, since = self._desk.print_context(), self.now() - PRINTED_WITHIN
        if printing is None or not (printing.plan.kitchen or printing.plan.default_kitchen or printing.plan.ruled):
            return 0
        async with self._store.reading(briefly=True) as connection:
            identity = self._store.identity
            given = {"organization": identity.organization_id, "branch": identity.branch_id, "since": since}
            rows = (await connection.execute(_unprinted(), given)).all()
        waiting = {
            row.guest_order_id: row.order_id for row in rows if printing.plan.printers_of(Paper.KITCHEN, row.station_id)
        }
        for guest_order_id, order_id in waiting.items():
            command = partial(_print_tickets, guest_order_id=guest_order_id, order_id=order_id, printing=printing)
            await self._store.run(Actor.accepting(guest_order_id, BY_PHONE), command)
        return len(waiting)

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


async def _print_tickets(work: Work, guest_order_id: UUID, order_id: UUID, printing: PrintContext) -> None:
    """Queue the papers of the tickets of a guest's order, as its sending would have."""
    if not await _prints(work):
        return
    of_order = KitchenTicket.organization_id == work.organization_id, KitchenTicket.guest_order_id == guest_order_id
    tickets = {each.id: each for each in await work.session.scalars(sa.select(KitchenTicket).where(*of_order))}
    told = await work.session.scalars(
        sa.select(TicketLine).where(
            TicketLine.organization_id == work.organization_id, TicketLine.ticket_id.in_(sorted(tickets))
        )
    )
    sent = Sent(max((each.part for each in tickets.values()), default=1), tickets=tickets, new=set(tickets))
    for line in told:
        if line.ticket_id is not None and line.told_milli > line.back_milli:
            sent.lines.setdefault(line.ticket_id, []).append((line, line.told_milli - line.back_milli))
    await print_sending(work, order_id, sent, printing)


@cache
def _unprinted() -> sa.Select[Any]:
    """The tickets of what devices accepted by themselves of late, of which no paper of this device tells."""
    of, answer = GuestOrder.__table__.c, GuestAnswer.__table__.c
    ticket, paper = KitchenTicket.__table__.c, kitchen_paper.c
    by_itself = sa.and_(
        answer.organization_id == of.organization_id, answer.guest_order_id == of.id, answer.answered_by == BY_PHONE
    )
    sent = sa.and_(
        ticket.organization_id == of.organization_id, ticket.order_id == of.order_id, ticket.guest_order_id == of.id
    )
    told = sa.exists().where(paper.ticket_id == ticket.id)
    return (
        sa.select(ticket.guest_order_id, ticket.order_id, ticket.station_id)
        .select_from(GuestOrder.__table__)
        .join(GuestAnswer.__table__, by_itself)
        .join(KitchenTicket.__table__, sent)
        .where(
            of.organization_id == sa.bindparam("organization"),
            of.branch_id == sa.bindparam("branch"),
            of.placed_at > sa.bindparam("since"),
            ~told,
        )
    )


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
