"""Guests who order and call from their phones: a row for each, what it says, and what to answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.guests.records import Asks, RequestKind
from shared.kernel.quantity import format_quantity
from shared.orders.records import OrderKind
from terminal.dialogs.questions import Choice, Pick, Picked
from terminal.screens.base import Keyed
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone

if TYPE_CHECKING:
    from shared.guests.queries import GuestLineView, GuestOrderView, RequestView
    from terminal.desks.desk import Desk

_ACCEPT, _REFUSE = "accept", "refuse"
MOST_DISHES = 4
"""Dishes of a guest's order that its row names; the rest is counted."""


def guests_waiting(desk: Desk) -> int:
    """How many guests wait for an answer of who is logged in."""
    return len(desk.guest_orders.waiting()) + len(desk.guest_orders.requests())


def dishes_of(order: GuestOrderView) -> str:
    """What a guest ordered, in short: `2 Lomo saltado, Chicha +3`."""
    said = []
    for line in order.lines[:MOST_DISHES]:
        pieces = format_quantity(line.quantity_milli)
        said.append(line.item_name if pieces == "1" else f"{pieces} {line.item_name}")
    rest = len(order.lines) - MOST_DISHES
    return ", ".join(said) + (f" +{rest}" if rest > 0 else "")


def _said(line: GuestLineView) -> str:
    """A line of a guest's order with all that was chosen."""
    more = (*line.modifiers, *filter(None, (line.combo_name, line.notes)))
    return f"{format_quantity(line.quantity_milli)} × {line.item_name}" + (f" · {', '.join(more)}" if more else "")


class GuestCalls(Keyed):
    """Mixed into the screens of who serves."""

    desk: Desk

    def guest_rows(self) -> tuple[Choice, ...]:
        """A row for each guest who waits: orders first."""
        texts, voice = self.desk.texts, Voice.of(self.desk)
        orders = tuple(
            Choice(
                each.id,
                f"{self._place(each)}  {each.name or texts('guest_orders.phone')}: {dishes_of(each)}",
                f"{voice.money(each.total_minor)} · {voice.clock(each.placed_at)}",
            )
            for each in self.desk.guest_orders.waiting()
        )
        requests = tuple(
            Choice(each.id, f"{self._place(each)}  {self._asks_for(each)}", voice.clock(each.asked_at))
            for each in self.desk.guest_orders.requests()
        )
        return orders + requests

    async def answer_guest(self, key: object) -> bool:
        """Answer the guest of a row. Returns False if it is no guest's."""
        order = next((each for each in self.desk.guest_orders.waiting() if each.id == key), None)
        if order is not None:
            await self._ask_about_order(order)
            return True
        request = next((each for each in self.desk.guest_orders.requests() if each.id == key), None)
        if request is None:
            return False
        await self.desk.guest_orders.go_to(request.id)
        self.refresh_view()
        self.say(self.desk.texts("guest_orders.going", table=self._place(request)), Tone.READY)
        return True

    async def do_pause_guests(self) -> None:
        """Take no orders by phone for now, or again."""
        paused = not self.desk.guest_orders.is_paused
        await self.desk.guest_orders.pause(paused=paused)
        self.refresh_view()
        self.say(
            self.desk.texts("guest_orders.paused" if paused else "guest_orders.open"),
            Tone.WARN if paused else Tone.READY,
        )

    async def _ask_about_order(self, order: GuestOrderView) -> None:
        texts, voice = self.desk.texts, Voice.of(self.desk)
        why = (
            texts(f"guest_orders.asks_{order.asks}")
            if order.asks is not Asks.NOBODY
            else texts("guest_orders.asks_late")
        )
        title = texts("guest_orders.order", table=self._place(order), who=order.name or texts("guest_orders.phone"))
        rows = (
            Choice(_ACCEPT, texts("guest_orders.accept"), voice.money(order.total_minor)),
            Choice(_REFUSE, texts("guest_orders.refuse")),
            *(Choice(line.id, _said(line), voice.money(line.total_minor), key="") for line in order.lines),
        )

        async def chosen(picked: Picked) -> None:
            if picked.id == _ACCEPT:
                await self.desk.guest_orders.accept(order.id)
                self.refresh_view()
                self.say(texts("guest_orders.accepted", table=self._place(order)), Tone.READY)
            elif picked.id == _REFUSE:
                await self._ask_why_not(order)
            else:
                await self._ask_about_order(order)  # a dish says nothing more

        await self.host.ask(Pick(title, rows, why, at=0, is_wide=True), chosen)

    async def _ask_why_not(self, order: GuestOrderView) -> None:
        texts = self.desk.texts
        usual = tuple(
            Choice(texts(f"guest_orders.why_{name}"), texts(f"guest_orders.why_{name}"))
            for name in ("sold_out", "closed", "ask")
        )

        async def said(picked: Picked) -> None:
            await self.desk.guest_orders.refuse(order.id, picked.reason)
            self.refresh_view()
            self.say(texts("guest_orders.refused", table=self._place(order)), Tone.WARN)

        title = texts("guest_orders.order", table=self._place(order), who=order.name or texts("guest_orders.phone"))
        await self.host.ask(
            Pick(title, usual, texts("guest_orders.why"), own_text=texts("guest_orders.why_other")), said
        )

    def _place(self, waits: GuestOrderView | RequestView) -> str:
        return Voice.of(self.desk).place(OrderKind.DINE_IN, waits.table_name)

    def _asks_for(self, request: RequestView) -> str:
        return self.desk.texts(f"guest_orders.{'bill' if request.kind is RequestKind.BILL else 'waiter'}")
