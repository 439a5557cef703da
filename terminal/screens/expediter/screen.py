"""The expediter's wall: a number marks an order, Enter hands over what is ready of it; F3 prints its slip."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from textual import events
from textual.app import ComposeResult

from shared.kernel.errors import DomainError
from terminal.actions import Action, ScreenName, action_by_id
from terminal.dialogs.questions import Choice
from terminal.input.strokes import Stroke
from terminal.screens.base import KeptScreen
from terminal.screens.expediter.view import counts, pass_card
from terminal.screens.kitchen.held_view import held_at, next_words
from terminal.screens.kitchen.silent import SaysSilence
from terminal.screens.kitchen.view import LIMITS, wall_words, whole_seconds
from terminal.screens.requests import Request
from terminal.screens.status import status_of
from terminal.screens.taking_back import TakingBack
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.wall.passing import PassOrder
from terminal.widgets.key_bar import BarKey, KeyBar, fit_in_one_line
from terminal.widgets.status_line import StatusLine
from terminal.widgets.ticket_wall import TicketWall

if TYPE_CHECKING:
    from terminal.desks.desk import Desk

TELLING_SECONDS = 5
"""How long a message stands in place of the counts."""

NARROW_KEYS = ("hand_over", "take_back", "station", "menu")
"""What a narrow bar has room for."""


class ExpediterScreen(TakingBack, SaysSilence, KeptScreen):
    """All stations, order by order. Nothing that is only ready at one station is taken for complete."""

    SCREEN_NAME = ScreenName.EXPEDITER
    CSS_PATH = Path(__file__).with_name("screen.tcss")
    desk: Desk

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._marked: UUID | None = None
        self._telling = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self.status = StatusLine()
        self.wall = TicketWall(wall_words(Voice.of(desk)), limits=LIMITS, id="wall")
        self.bar = KeyBar()

    def compose(self) -> ComposeResult:
        """Status, orders, keys."""
        yield self.status
        yield self.silence
        yield self.wall
        yield self.bar

    async def load(self, request: Request | None = None) -> None:
        """Begin with nothing marked; the display shows the pass again after a restart."""
        self.desk.kitchen.show_pass(shown=True)
        self._marked = None
        self.wall.begin_anew()
        self.refresh_view()

    def refresh_view(self) -> None:
        """The orders as they are now."""
        voice, orders = Voice.of(self.desk), self._orders()
        self.wall.tick(whole_seconds(self.desk.now()))
        held, courses = held_at(self.desk.held, None), self.desk.menu.courses
        cards = [
            pass_card(order, voice, self.desk.contacts.get(order.id), next_words(held, order.id, courses, voice))
            for order in orders.values()
        ]
        self._show_silence()
        self.wall.show(cards, note=counts(orders, voice))
        if self._marked not in self.wall.shown_ids:
            self._marked = None
        self.wall.mark(self._marked)
        self.status.show(status_of(self.desk))
        self.bar.set_keys(self.bar_keys())
        self._answer()

    def tick(self) -> None:
        """Clocks move on; a message goes after a while; what is for later begins by itself."""
        self.wall.tick(whole_seconds(self.desk.now()))
        self.status.show(status_of(self.desk))
        self.desk.kitchen.begin_later_ones()
        self._another_silent_second()
        if self._telling:
            self._telling -= 1
            if not self._telling:
                self.wall.tell("")

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """At the foot, for some seconds."""
        self.wall.tell(text, tone)
        self._telling = TELLING_SECONDS if text else 0

    def why_not(self, action: Action) -> str | None:
        """Handing over and printing need an order."""
        if action.id in ("hand_over", "slip") and not self._orders():
            return self.desk.texts("expediter.nothing")
        return None

    def bar_keys(self) -> tuple[BarKey, ...]:
        """All keys where they can be read; else those that a hand needs, and the menu has the others."""
        keys = super().bar_keys()
        if fit_in_one_line(keys, self.size.width):
            return keys
        return tuple(key for key in keys if key.action in NARROW_KEYS)

    def menu_rows(self) -> tuple[Choice, ...]:
        """What the bar has no room for, so that a finger reaches it."""
        texts, on_bar = self.desk.texts, {key.action for key in self.bar_keys()}
        slip = action_by_id(ScreenName.EXPEDITER, "slip")
        row = Choice(slip.id, slip.title(texts), self.label_of(slip), self.why_not(slip) or "")
        return super().menu_rows() if slip.id in on_bar else (row, *super().menu_rows())

    def on_resize(self, _event: events.Resize) -> None:
        """Another size may have room for other keys."""
        self.bar.set_keys(self.bar_keys())

    def holds_work(self) -> bool:
        """Nothing: the pass is the same for everybody."""
        return False

    async def typed(self, stroke: Stroke) -> None:
        """A number marks its order."""
        found = self.wall.id_of(stroke.name) if stroke.is_digit else None
        if isinstance(found, UUID):
            self._mark(found)

    async def do_hand_over(self) -> bool:
        """Hand over what is ready of the marked order; with none marked, mark the first.

        False while it only marked, so that nothing goes by mistake: the next Enter is meant.
        """
        orders = self._orders()
        if not orders:
            raise DomainError("expediter.nothing")
        if self._marked is None:
            self._mark(next(iter(orders)))
            return False
        order = orders[self._marked]
        if not order.is_ready:
            raise DomainError("expediter.not_ready", number=order.number)
        handed = await self.desk.passing.hand_over(order)
        self.note_handed((order.id, order.number, handed))
        self._marked = None
        self.refresh_view()
        said = "expediter.handed_over" if order.is_complete else "expediter.part_handed_over"
        self.say(self.desk.texts(said, number=order.number, count=handed.dishes), Tone.READY)
        return True

    async def do_slip(self) -> None:
        """Print the slip of the marked order, else of the first."""
        orders = self._orders()
        order = orders.get(self._marked) if self._marked is not None else next(iter(orders.values()), None)
        if order is None:
            raise DomainError("expediter.nothing")
        await self.desk.passing.print_slip(order)
        self.say(self.desk.texts("expediter.slip", number=order.number), Tone.READY)

    async def do_station(self) -> None:
        """Back to the stations' wall."""
        self.desk.kitchen.show_pass(shown=False)
        await self.host.go_to(ScreenName.KITCHEN)

    async def do_wall_on(self) -> None:
        """Show the orders that have no card now."""
        self._turn(self.wall.turn)

    async def do_wall_back(self) -> None:
        """The page before."""
        self._turn(partial(self.wall.turn, -1))

    def on_ticket_wall_picked(self, event: TicketWall.Picked) -> None:
        """A tap marks; a tap on the marked order hands over."""
        event.stop()
        picked = event.ticket_id

        async def tapped() -> bool:
            if picked == self._marked:
                return await self.act(action_by_id(ScreenName.EXPEDITER, "hand_over"))
            if isinstance(picked, UUID) and picked in self._orders():
                self._mark(picked)
            return False

        self.tap(f"order {picked}", tapped)

    def on_ticket_wall_turned(self, event: TicketWall.Turned) -> None:
        """The hidden orders were tapped."""
        event.stop()
        self.tap_action("wall_on")

    def _answer(self) -> None:
        """Answer who tries the displays. No press waits for it."""
        task = asyncio.get_running_loop().create_task(self.desk.displays.answer())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _orders(self) -> dict[UUID, PassOrder]:
        return {order.id: order for order in self.desk.passing.orders}

    def _mark(self, order_id: UUID) -> None:
        self._marked = order_id
        self.wall.mark(order_id)
        self.bar.set_keys(self.bar_keys())

    def _turn(self, turn: Callable[[], None]) -> None:
        turn()
        self.refresh_view()
