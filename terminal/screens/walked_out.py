"""Asks about a party that left without paying: why, and whether the kitchen stops; then what is owed is a loss."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from shared.books.views import OrderView
from shared.tenancy.records import ReasonKind
from terminal.actions import ScreenName
from terminal.dialogs.questions import Choice, Pick, Picked
from terminal.screens.rights import asking_about, title_of_reason
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone

if TYPE_CHECKING:
    from terminal.desks.desk import Desk
    from terminal.screens.base import Host

STOP, ALL_MADE = "stop", "all_made"


def portions_cooking(order: OrderView) -> int:
    """Thousandths that the kitchen knows of, and that are neither made nor on the table."""
    return sum(
        max(0, line.quantity_milli - line.to_send_milli - max(line.made_milli, line.served_milli))
        for line in order.lines
        if line.is_told and line.owed_milli
    )


def can_walk_out(order: OrderView | None) -> bool:
    """Whether anything of an order was sent and is not paid."""
    return order is not None and any(line.owed_milli and line.is_told for line in order.lines)


class WalkOut:
    """One party that left.

    Args:
        host: asks, and shows the tables afterwards.
    """

    def __init__(self, desk: Desk, host: Host, order: OrderView) -> None:
        self._desk = desk
        self._host = host
        self._order = order

    async def ask(self) -> None:
        """Ask why."""
        texts, voice, order = self._desk.texts, Voice.of(self._desk), self._order
        place = voice.place(order.kind, order.table_name)
        asked = texts("walked_out.asked", number=order.number, place=place, amount=voice.money(order.owed_minor))
        choices = tuple(Choice(each.text, each.title) for each in self._desk.reasons(ReasonKind.WRITE_OFF))
        question = Pick(texts("walked_out.why"), choices, asked, texts("walked_out.own_reason"))
        await self._host.ask(question, self._with_reason)

    async def _with_reason(self, picked: Picked) -> None:
        if not portions_cooking(self._order):
            await self._lose(picked.reason, Picked(STOP, ""))
            return
        texts = self._desk.texts
        choices = (Choice(STOP, texts("walked_out.stop")), Choice(ALL_MADE, texts("walked_out.all_made")))
        await self._host.ask(Pick(texts("walked_out.cooking"), choices, at=0), partial(self._lose, picked.reason))

    async def _lose(self, reason: str, kitchen: Picked) -> None:
        order = self._order
        texts, owed = self._desk.texts, self._desk.money(order.owed_minor)
        with asking_about(texts("action.walked_out"), order.number, owed, title_of_reason(self._desk, reason)):
            lost = await self._desk.past.walk_out(order.id, reason, stops_cooking=kitchen.id != ALL_MADE)
        floor = await self._host.go_to(ScreenName.FLOOR)
        code = "walked_out.done" if lost else "walked_out.nothing_lost"
        floor.say(self._desk.texts(code, number=order.number, amount=self._desk.money(lost)), Tone.WARN)
