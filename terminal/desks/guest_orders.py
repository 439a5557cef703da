"""Guests who order and call from their phones, as the desk shows and answers them. No Textual."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from shared.guests import accepting
from shared.guests.queries import GuestOrderView, RequestView
from shared.guests.records import Asks
from shared.guests.settings import pause
from shared.kernel.permissions import Permission
from shared.kernel.work import Work
from terminal.desks.part import DeskPart, Run
from terminal.desks.pending_commands import PendingCommand
from terminal.papers.kitchen_papers import print_sending
from terminal.papers.tasks import PrintContext
from terminal.snapshots.sources import GUESTS

if TYPE_CHECKING:
    from terminal.desks.desk import Desk

TAKEN_WITHIN = timedelta(seconds=4)
"""What a device takes by itself is no work for people so long."""
EVERYBODYS_AFTER = timedelta(seconds=60)
"""A request that the table's waiter has not answered by then is everybody's: they may be away."""


class GuestOrderDesk(DeskPart):
    """See the module. Made by the desk, which also says who is logged in."""

    def __init__(
        self, desk: Desk, run: Run, pending: Callable[..., PendingCommand], printing: Callable[[], PrintContext | None]
    ) -> None:
        super().__init__(desk, run, pending, printing)
        self._who = desk

    def waiting(self) -> tuple[GuestOrderView, ...]:
        """The guests' orders that a person must answer, the oldest first, for who may."""
        if not self._may(Permission.SEND_ORDER):
            return ()
        now = self._now()
        return tuple(each for each in self._desk.seen[GUESTS].orders if _is_for_people(each, now))

    def requests(self) -> tuple[RequestView, ...]:
        """The guests who call: those at the tables of who is logged in, and all who have waited long."""
        actor = self._who.actor
        if actor is None or not self._may(Permission.TAKE_ORDER):
            return ()
        old = self._now() - EVERYBODYS_AFTER
        return tuple(
            each
            for each in self._desk.seen[GUESTS].requests
            if each.asked_at < old or self._server(each) in (None, actor.staff_id)
        )

    def keys(self) -> tuple[UUID, ...]:
        """The ids of all that waits for who is logged in."""
        return (*(each.id for each in self.waiting()), *(each.id for each in self.requests()))

    @property
    def is_paused(self) -> bool:
        """Whether the branch takes no orders by phone for now."""
        return self._desk.seen[GUESTS].takes.paused

    async def accept(self, guest_order_id: UUID) -> None:
        """Accept a guest's order: its lines stand on the table's order, the kitchen is told.

        Raises:
            DomainError: those of `accept`.
        """
        printing = self._printing()

        async def accept(work: Work) -> None:
            accepted = await accepting.accept(work, guest_order_id)
            if accepted.sent is not None and printing is not None and accepted.sent.tickets:
                await print_sending(work, accepted.order_id, accepted.sent, printing)

        order_id = next((each.order_id for each in self._desk.seen[GUESTS].orders if each.id == guest_order_id), None)
        if order_id is not None:
            self._desk.printing.follow(order_id)
        await self._run(order_id, accept, also=(GUESTS,))

    async def refuse(self, guest_order_id: UUID, reason: str) -> None:
        """Refuse a guest's order with a reason, which the guest reads.

        Raises:
            DomainError: those of `refuse`.
        """
        await self._run(None, lambda work: accepting.refuse(work, guest_order_id, reason), also=(GUESTS,))

    async def go_to(self, request_id: UUID) -> None:
        """Who is logged in goes to a guest who called.

        Raises:
            DomainError: those of `go_to`.
        """
        await self._run(None, lambda work: accepting.go_to(work, request_id), also=(GUESTS,))

    async def pause(self, *, paused: bool) -> None:
        """Take no orders by phone for now, or again.

        Raises:
            DomainError: NOT_PERMITTED.
        """

        async def said(work: Work) -> None:
            await pause(work, paused=paused)

        await self._run(None, said, also=(GUESTS,))

    def _may(self, right: Permission) -> bool:
        actor = self._who.actor
        return actor is not None and actor.staff_id is not None and actor.may(right)

    def _now(self) -> datetime:
        return self._desk.now() + timedelta(milliseconds=self._desk.state.skew_ms)

    def _server(self, request: RequestView) -> UUID | None:
        """Who serves the table of a guest who calls; None: nobody is known to."""
        order = self._desk.orders.get(request.order_id) if request.order_id is not None else None
        return order.server_id if order is not None else None


def _is_for_people(order: GuestOrderView, now: datetime) -> bool:
    """Whether a person must answer an order: at once, or since no device has taken it."""
    return order.asks is not Asks.NOBODY or order.is_withdrawn or now > order.placed_at + TAKEN_WITHIN
