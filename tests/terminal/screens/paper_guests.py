"""Guests who order and call from their phones, on paper."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from shared.guests.queries import GuestLineView, GuestOrderState, GuestOrderView, RequestView
from shared.guests.records import Asks, RequestKind
from shared.kernel.permissions import Permission
from tests.terminal.screens.paper_menu import key


class PaperGuestOrders:
    """As `terminal.desks.guest_orders`."""

    def __init__(self, desk) -> None:
        self._desk = desk
        self.orders: list[GuestOrderView] = []
        self.calls: list[RequestView] = []
        self.is_paused = False
        self.answers: list[tuple[str, str]] = []

    def order(self, table: str, name: str, *dishes: tuple[str, int, int], asks: Asks = Asks.FIRST) -> UUID:
        """A guest orders: dishes by name, pieces and price of all of them."""
        at, number = self._desk.time, len(self.orders) + 1
        lines = tuple(
            GuestLineView(
                key(71, 10 * number + place), key(72, place), key(73, place), dish, pieces * 1_000, (), "", "", price
            )
            for place, (dish, pieces, price) in enumerate(dishes)
        )
        made = GuestOrderView(
            key(70, number),
            key(74, number),
            key(75, number),
            table,
            key(76, number),
            name,
            asks,
            at,
            at + timedelta(seconds=90),
            GuestOrderState.PLACED,
            False,
            "",
            "",
            lines,
        )
        self.orders.append(made)
        self._desk.publish("guests")
        return made.id

    def call(self, table: str, kind: RequestKind = RequestKind.WAITER) -> UUID:
        made = RequestView(key(77, len(self.calls) + 1), None, key(75, 1), table, kind, self._desk.time)
        self.calls.append(made)
        self._desk.publish("guests")
        return made.id

    def waiting(self) -> tuple[GuestOrderView, ...]:
        return tuple(self.orders) if self._may(Permission.SEND_ORDER) else ()

    def requests(self) -> tuple[RequestView, ...]:
        return tuple(self.calls) if self._may(Permission.TAKE_ORDER) else ()

    def keys(self) -> tuple[UUID, ...]:
        return (*(each.id for each in self.waiting()), *(each.id for each in self.requests()))

    async def accept(self, guest_order_id: UUID) -> None:
        await self._answer(guest_order_id, "accepted")

    async def refuse(self, guest_order_id: UUID, reason: str) -> None:
        await self._answer(guest_order_id, reason)

    async def go_to(self, request_id: UUID) -> None:
        await self._desk._turn("go to", Permission.TAKE_ORDER)
        self.calls = [each for each in self.calls if each.id != request_id]
        self._desk._did("go to", "guests")

    async def pause(self, *, paused: bool) -> None:
        await self._desk._turn("pause", Permission.SET_AVAILABILITY)
        self.is_paused = paused
        self._desk._did("pause", "guests")

    async def _answer(self, guest_order_id: UUID, said: str) -> None:
        await self._desk._turn("answer", Permission.SEND_ORDER)
        (order,) = (each for each in self.orders if each.id == guest_order_id)
        self.answers.append((order.table_name, said))
        self.orders = [each for each in self.orders if each.id != guest_order_id]
        self._desk._did(f"answer {order.table_name}", "guests")

    def _may(self, right: Permission) -> bool:
        actor = self._desk.actor
        return actor is not None and actor.may(right)
