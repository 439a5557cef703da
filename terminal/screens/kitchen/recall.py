"""The dialog with the last bumped tickets: a number or a tap brings one back to the wall."""

from __future__ import annotations

from collections.abc import Callable, Container
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from textual.app import ComposeResult
from textual.containers import Vertical

from shared.kernel.errors import DomainError
from shared.kernel.permissions import Permission
from shared.kitchen.ticket_views import TicketView
from terminal.actions import Action, ScreenName
from terminal.input.strokes import Stroke
from terminal.screens.base import KeptDialog
from terminal.screens.kitchen.view import MAX_RECALLED, MOST_DIGITS, of_station, recall_tiles
from terminal.screens.title_line import TitleLine
from terminal.screens.voice import Voice
from terminal.theme.palette import Tone
from terminal.widgets.item_grid import ItemGrid
from terminal.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from terminal.desks.desk import Desk


TILE_ROWS = 2
_TURNS = {"+": 1, "pagedown": 1, "right": 1, "-": -1, "pageup": -1, "left": -1}


class RecallDialog(KeptDialog):
    """Newest first; Enter takes the last one."""

    SCREEN_NAME = ScreenName.RECALL
    CSS_PATH = Path(__file__).with_name("recall.tcss")
    desk: Desk

    def __init__(self, desk: Desk, recalled: Callable[[TicketView], None]) -> None:
        """Make the dialog; it calls `recalled` with a ticket that came back."""
        super().__init__(desk)
        self._recalled = recalled
        self._station: UUID | None = None
        self._listed: list[UUID] = []
        self._covered: Container[UUID] = ()
        self.head = TitleLine(desk.texts("kitchen.recall_title"), on_page=True)
        self.tickets = ItemGrid(columns=1, tile_height=TILE_ROWS, id="tickets")
        self.bar = KeyBar()

    def compose(self) -> ComposeResult:
        """Title, tickets, keys."""
        with Vertical(classes="dialog"):
            yield self.head
            yield self.tickets
            yield self.bar

    def take_form(self) -> None:
        """On a small screen a ticket is one row of the screen."""
        super().take_form()
        self.tickets.set_shape(tile_height=1 if self.is_small else TILE_ROWS)

    def of(self, station_id: UUID | None, covered: Container[UUID] = ()) -> None:
        """Limit the list to a station and to those that it covers."""
        self._station, self._covered = station_id, covered
        self._listed = []
        self.head.show(self.desk.texts("kitchen.recall_title" if self._bumped() else "kitchen.nothing_bumped"))
        self.refresh_view()

    def refresh_view(self) -> None:
        """The last bumped tickets as they are now."""
        self.tickets.set_tiles(recall_tiles(self._rows(), Voice.of(self.desk)), keep_place=True)
        self.bar.set_keys(self.bar_keys())

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show a message in place of the title."""
        self.head.show(text, tone)

    def why_not(self, action: Action) -> str | None:
        """Something must have been bumped."""
        if action.id == "recall_last" and not self._bumped():
            return self.desk.texts("kitchen.nothing_bumped")
        return None

    async def typed(self, stroke: Stroke) -> None:
        """A number brings its ticket back."""
        rows = self._rows()
        if stroke.is_digit and 1 <= int(stroke.name) <= min(MOST_DIGITS, len(rows)):
            await self._recall(self._listed[int(stroke.name) - 1])
        elif stroke.name in ("up", "down"):
            self.tickets.move(0, 1 if stroke.name == "down" else -1)
        elif stroke.name in _TURNS:
            self.tickets.turn(_TURNS[stroke.name])

    async def do_recall_last(self) -> None:
        """Bring back the ticket under the cursor, else the last one bumped."""
        tile = self.tickets.cursor_tile
        await self._recall(tile.id if tile is not None else self._bumped()[0].id)

    async def do_back(self) -> None:
        """Bring nothing back."""
        await self.host.close_dialog()

    def on_item_grid_chosen(self, event: ItemGrid.Chosen) -> None:
        """A ticket was tapped."""
        event.stop()
        self.tap(f"recall {event.tile.id}", lambda: self._recall(event.tile.id))

    def _bumped(self) -> tuple[TicketView, ...]:
        return of_station(self.desk.bumped, self._station, self._covered)[:MAX_RECALLED]

    def _rows(self) -> tuple[TicketView | None, ...]:
        """What was bumped by the rows of the open list: none of them moves while somebody looks for a digit.

        What is bumped meanwhile stands below, and the row of what came back elsewhere is empty.
        """
        bumped = {ticket.id: ticket for ticket in self._bumped()}
        self._listed += [each for each in bumped if each not in self._listed]
        return tuple(bumped.get(each) for each in self._listed)

    async def _recall(self, ticket_id: object) -> bool:
        ticket = next((each for each in self._bumped() if each.id == ticket_id), None)
        if ticket is None:
            return False
        actor = self.desk.actor
        if actor is None or not actor.may(Permission.WORK_KITCHEN):
            raise DomainError("NOT_PERMITTED")
        self.tickets.hide_cursor()
        await self.host.close_dialog()
        await self.desk.recall(ticket.id)
        self._recalled(ticket)
        return True
