"""Where the floor leads: to an order that begins, to the kitchen, to today's sales, to what is handed over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.orders.records import OrderKind
from terminal.actions import ScreenName
from terminal.screens.base import Keyed
from terminal.screens.customers import CustomerForm
from terminal.screens.requests import Draft

if TYPE_CHECKING:
    from terminal.desks.desk import Desk


class Leaving(Keyed):
    """Mixed into the floor."""

    desk: Desk

    async def do_takeout(self) -> None:
        """A new order to take away."""
        await self._begin_for(OrderKind.TAKEOUT)

    async def do_delivery(self) -> None:
        """A new order to deliver."""
        await self._begin_for(OrderKind.DELIVERY)

    async def _begin_for(self, kind: OrderKind) -> None:
        """Ask for whom and for when, then begin. At a counter nobody waits for that: it can be noted later."""
        if self.desk.sells_at_counter and kind is OrderKind.TAKEOUT:
            await self._begin(Draft(kind))
            return
        form = CustomerForm(self.desk, kind, at_first=True)

        async def taken(given: Mapping[str, str]) -> None:
            contact, promised_at = form.answer(given)
            await self._begin(Draft(kind, contact=contact, promised_at=promised_at))

        await self.host.ask(form.question(), taken)

    async def _begin(self, draft: Draft) -> None:
        await self.host.go_to(ScreenName.ORDER, draft)

    def _require_taking(self) -> None:
        actor = self.desk.actor
        if actor is None or not actor.may(Permission.TAKE_ORDER):
            raise DomainError("NOT_PERMITTED")

    async def do_today(self) -> None:
        """Look at today's sales."""
        await self.host.go_to(ScreenName.TODAY)

    async def do_handover(self) -> None:
        """Look at what is paid and not handed over."""
        await self.host.show_dialog(ScreenName.HANDOVER)

    async def do_kitchen(self) -> None:
        """Look at the kitchen's wall."""
        await self.host.go_to(ScreenName.KITCHEN)
