"""The list of what is paid and not handed over: a tap or Enter hands an order over, what is not ready asks first.

17, Enter      order A-17 (a name or a table likewise)
↑ ↓, Enter     the order under the cursor, else the first
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from textual.app import ComposeResult
from textual.containers import Vertical

from shared.books.views import OrderView
from shared.kernel.errors import DomainError
from terminal.actions import Action, ScreenName
from terminal.input.strokes import Stroke
from terminal.screens.base import KeptDialog
from terminal.screens.handover.view import found, is_ready, order_tile, to_hand_over
from terminal.screens.order.in_kitchen import being_made
from terminal.screens.taking_back import TakingBack
from terminal.screens.title_line import TitleLine
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.widgets.command_line import CommandLine
from terminal.widgets.item_grid import ItemGrid
from terminal.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from terminal.desks.desk import Desk
    from terminal.screens.requests import Request

ALL = "all"
"""Asked whether all that is ready is handed over."""
ARROWS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}


class HandoverDialog(TakingBack, KeptDialog):
    """See the module."""

    SCREEN_NAME = ScreenName.HANDOVER
    CSS_PATH = Path(__file__).with_name("screen.tcss")
    desk: Desk

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._asked: UUID | str | None = None
        self.head = TitleLine(on_page=True)
        self.orders = ItemGrid(least_width=34, tile_height=4, id="orders")
        self.line = CommandLine(desk.texts("handover.hint"))
        self.bar = KeyBar()

    def compose(self) -> ComposeResult:
        """Title, orders, what is typed, keys."""
        with Vertical(classes="dialog"):
            yield self.head
            yield self.orders
            yield self.line
            yield self.bar

    async def load(self, request: Request | None = None) -> None:
        """Begin with nothing typed and nothing asked."""
        self._asked = None
        self.line.clear()
        self.line.answer("")
        self.orders.hide_cursor()
        self.refresh_view()

    def refresh_view(self) -> None:
        """The orders as they are now."""
        waiting, voice = to_hand_over(self.desk.orders.values()), Voice.of(self.desk)
        self.head.show(voice.texts("handover.title" if waiting else "handover.nothing", count=len(waiting)))
        contacts, made = self.desk.contacts, being_made(self.desk.tickets, self.desk.orders)
        tiles = (order_tile(each, contacts.get(each.id), voice, made.get(each.id)) for each in self._shown())
        self.orders.set_tiles(tuple(tiles), keep_place=True)
        self.bar.set_keys(self.bar_keys())

    def tick(self) -> None:
        """Ages move on."""
        self.refresh_view()

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show a message beside what is typed."""
        self.line.answer(text, tone)

    def why_not(self, action: Action) -> str | None:
        """Something must wait."""
        waiting = to_hand_over(self.desk.orders.values())
        if action.id == "hand_over" and not waiting:
            return self.desk.texts("handover.nothing")
        if action.id == "all_over" and not any(map(is_ready, waiting)):
            return self.desk.texts("handover.nothing_ready")
        return None

    def is_typing(self) -> bool:
        """Whether a number or a name is typed."""
        return bool(self.line.text)

    def _shown(self) -> tuple[OrderView, ...]:
        return found(self.line.text, to_hand_over(self.desk.orders.values()), self.desk.contacts)

    # Keys

    async def typed(self, stroke: Stroke) -> None:
        """Arrows move; a number or a name finds the order."""
        if (arrow := ARROWS.get(stroke.name)) is not None:
            self.orders.move(*arrow)
        elif self.line.press(stroke.name, stroke.character):
            self._asked = None
            self.orders.hide_cursor()
            self.say("" if self._shown() else self.desk.texts("handover.not_found", text=self.line.text), Tone.WARN)
            self.refresh_view()

    async def do_hand_over(self) -> bool:
        """Hand over the order under the cursor, else the one that is typed, else the first."""
        tile, shown = self.orders.cursor_tile, self._shown()
        order = next((each for each in shown if tile is not None and each.id == tile.id), None)
        if order is None and not shown:
            raise DomainError("handover.not_found", text=self.line.text)
        return await self._hand_over(order or shown[0])

    async def do_all_over(self) -> bool:
        """Hand over all that is ready, on the second press: somebody forgot to say it, one after the other."""
        texts, ready = self.desk.texts, [order for order in self._shown() if is_ready(order)]
        if self._asked != ALL:
            self._asked = ALL
            self.say(texts("handover.all_asked", count=len(ready)), Tone.WARN)
            return True
        self._asked = None
        self.note_handed(*[(order.id, order.number, await self.desk.serve(order.id)) for order in ready])
        self.refresh_view()
        self.say(texts("handover.all_done", count=len(ready)), Tone.READY)
        return True

    async def do_back(self) -> None:
        """Show all again; else close."""
        if self.line.text:
            await self.load()
            return
        await self.host.close_dialog()

    async def do_page_on(self) -> None:
        """The next page of orders."""
        self.orders.turn(1)

    async def do_page_back(self) -> None:
        """The page before."""
        self.orders.turn(-1)

    # Fingers

    def on_item_grid_chosen(self, event: ItemGrid.Chosen) -> None:
        """An order was tapped."""
        event.stop()
        self.tap(f"hand over {event.tile.id}", lambda: self._tapped(event.tile.id))

    async def _tapped(self, order_id: object) -> bool:
        order = self.desk.orders.get(order_id) if isinstance(order_id, UUID) else None
        if order is None or not order.to_hand_over:
            raise DomainError("handover.is_gone")
        return await self._hand_over(order)

    async def _hand_over(self, order: OrderView) -> bool:
        """Hand over what is ready at once; the rest on the second press, meant as one of its own."""
        texts = self.desk.texts
        if not is_ready(order) and self._asked != order.id:
            self._asked = order.id
            key = "handover.unsent_asked" if order.unsent else "handover.unready_asked"
            self.say(texts(key, number=order.number), Tone.WARN)
            return True
        self._asked = None
        self.orders.hide_cursor()
        self.line.clear()
        if order.unsent:
            await self.desk.send(order.id)
            self.refresh_view()
            self.say(texts("handover.sent", number=order.number), Tone.READY)
            return True
        handed = await self.desk.serve(order.id)
        self.note_handed((order.id, order.number, handed))
        self.refresh_view()
        self.say(texts("handover.done" if handed.dishes else "handover.was_done", number=order.number), Tone.READY)
        return True
