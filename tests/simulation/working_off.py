"""After all have met, people work off what they see and nothing else: then nothing may be left to see.

One person with all rights of a branch does it at one device. What the kitchen was not told is sent, what it sees is
confirmed and made, what is owed is paid, what is too much is given back, what is missing is written off, what cannot be
undone is explained by a note, and who has left is let go.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from shared.books.differences import OpenDifference, open_differences
from shared.books.queries import open_orders
from shared.books.views import CheckView, OrderView
from shared.exceptions.commands import settle
from shared.exceptions.queries import settled_up_to
from shared.kernel.errors import DomainError
from shared.kernel.work import Work
from shared.kitchen import commands as kitchen
from shared.kitchen import sending
from shared.kitchen.queries import open_tickets
from shared.kitchen.ticket_views import TicketView
from shared.orders.correcting import cancel_order, leave
from shared.payments import commands as payments
from shared.payments import losses, refunding
from shared.payments.pricing import due_of_check
from shared.payments.queries import payment_methods
from shared.payments.rules import Tender, TenderKind
from shared.taxes.queries import rates_in_force
from shared.truth.balances import CheckState
from shared.truth.family import Difference
from terminal.store.errors import StoreError
from tests.simulation.device import SimulatedDevice
from tests.simulation.house import MANAGER, actor
from tests.simulation.observer import Broken
from tests.simulation.places import ORGANIZATION

ROUNDS = 5
"""What one round does may show what another must do: portions that are paid are sent first."""


class WorkingOff:
    """The person who works off a branch, at one device."""

    def __init__(self, device: SimulatedDevice) -> None:
        self._device = device
        self._branch = device.enrolment.branch_id

    async def run(self) -> None:
        """Work until nothing is seen any more.

        Raises:
            Broken: something is still seen after some rounds.
        """
        async with self._device.store.reading() as connection:
            methods = await payment_methods(connection, ORGANIZATION)
        self._card = next(each for each in methods if each.kind is TenderKind.CARD)
        for _round in range(ROUNDS):
            if not await self.seen():
                break
            await self._one_round()
        left = await self.seen()
        if left:
            raise Broken(f"{self._device.name}: worked off, and still to do: {left[0]}")
        self._device.acknowledged = self._device.end_of_own_log()

    async def seen(self) -> list[object]:
        """All that this device still shows to people as something to do."""
        return [*await self._orders(), *await self._tickets(), *await self._differences()]

    async def _one_round(self) -> None:
        for order in await self._orders():
            await self._do(sending.send_order, order.id)
            for waiting in order.held_courses:
                await self._do(sending.fire_course, order.id, waiting.course)
        for ticket in await self._tickets():
            await self._do(kitchen.confirm, ticket.id)
            await self._do(kitchen.bump, ticket.id)
        for order in await self._orders():
            for check in order.checks:
                await self._settle_money(check)
        for difference in await self._differences():
            if difference.kind is Difference.CHARGED_TOO_MUCH and difference.size % 2:
                await self._do(refunding.give_back, difference.check_id, self._device.store.ids.new(), None)
            elif difference.ends_by_note:
                await self._do(settle, difference.kind, difference.id, difference.size, "talked to them")
        for order in await self._orders():
            if not order.is_free and not await self._do(cancel_order, order.id, "left"):
                await self._do(leave, order.id)

    async def _settle_money(self, check: CheckView) -> None:
        check_id = check.id

        async def pay(work: Work) -> None:
            due = await due_of_check(work, check_id)
            amount = due.bill.total_minor - due.credit_minor
            tenders = [Tender(self._card.id, self._card.name, TenderKind.CARD, amount)] if amount > 0 else []
            await payments.pay(work, check_id, work.ids.new(), tenders)

        if check.bill.lines:
            await self._do(pay)
        elif check.state is CheckState.TO_GIVE_BACK:
            await self._do(lambda work: refunding.give_back(work, check_id, work.ids.new(), None))
        elif check.state is CheckState.SHORT:
            await self._do(losses.write_off, check_id)

    async def _do(self, command: Callable[..., Awaitable[object]], *arguments: object) -> bool:
        """Whether the command was taken."""
        try:
            await self._device.store.run(actor(MANAGER), lambda work: command(work, *arguments))
        except DomainError as error:
            if isinstance(error, StoreError):
                raise
            return False
        return True

    async def _orders(self) -> Sequence[OrderView]:
        async with self._device.store.reading() as connection:
            taxes = await rates_in_force(connection, ORGANIZATION, self._device.clock.now().date())
            return await open_orders(connection, ORGANIZATION, self._branch, taxes)

    async def _tickets(self) -> Sequence[TicketView]:
        async with self._device.store.reading() as connection:
            return await open_tickets(connection, ORGANIZATION, self._branch)

    async def _differences(self) -> list[OpenDifference]:
        async with self._device.store.reading() as connection:
            found = await open_differences(connection, ORGANIZATION, self._branch)
            settled = await settled_up_to(connection, ORGANIZATION, [each.id for each in found])
        return [each for each in found if each.size > settled.get(each.id, 0)]
