"""The frame that the floor and the order share: shelves left, tiles in the middle, a list right, the line below.

Both screens have everything in the same place, so that people find it without looking. Each screen fills the frame and
decides what a choice does. The command line needs no focus: every key that is no action is typed into it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.geometry import Size
from textual.widget import Widget

from terminal.input.strokes import Stroke
from terminal.screens.base import KeptScreen
from terminal.screens.clock_trouble import ClockTrouble
from terminal.screens.status import status_of
from terminal.theme.palette import Tone
from terminal.widgets.check_panel import CheckPanel, CheckWords
from terminal.widgets.command_line import CommandLine
from terminal.widgets.item_grid import ItemGrid
from terminal.widgets.key_bar import KeyBar
from terminal.widgets.key_pad import KeyPad
from terminal.widgets.letter_pad import LetterPad, stroke_of_pad
from terminal.widgets.status_line import StatusLine
from terminal.widgets.tile import Tile

if TYPE_CHECKING:
    from terminal.desks.desk import Desk

TALL = 30
"""Rows from which tiles and keys have their full height."""
HIGH = 50
"""Rows from which shelves and keys are higher still."""
WIDE = 100
"""Columns from which the list stands beside the tiles of the floor, too."""
ROOMY = 120
"""Columns from which the three parts have their full width; beyond them they grow."""
LARGER = 4
"""Cells by which tiles are wider if somebody wants them large."""
A_WHILE = timedelta(seconds=30)
"""How long a message stands that is of no use later."""
_ARROWS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}


@dataclass(frozen=True, slots=True)
class Shares:
    """Cells of the shelves, of the list at the side, and of the narrowest tile."""

    shelves: int
    side: int
    least_tile: int


def shares_of(width: int) -> Shares:
    """The shares of a screen of this width. The tiles have the rest, which no wider screen makes less."""
    if width < WIDE:
        return Shares(13, 30, 15)
    if width < ROOMY:
        return Shares(16, 34 + (width - WIDE) // 2, 15)
    beyond = width - ROOMY
    return Shares(18 + (beyond + 2) // 16, 44 + beyond // 4, 18)


class TillScreen(KeptScreen):
    """Shelves, tiles, list, line and key bar."""

    CSS_PATH = Path(__file__).with_name("till.tcss")
    TILE_HEIGHT = LOW_TILE_HEIGHT = 4
    desk: Desk

    def __init__(self, desk: Desk, list_words: CheckWords, hint: str) -> None:
        super().__init__(desk)
        self.status = StatusLine()
        self.clock_trouble = ClockTrouble()
        self.shelves = ItemGrid(columns=1, id="shelves")
        self.tiles = ItemGrid(id="tiles", tile_height=self.TILE_HEIGHT, grows=True)
        self.list = CheckPanel(list_words, id="list")
        self.line = CommandLine(hint)
        self.pad = LetterPad(id="letters")
        self.bar = KeyBar()
        self._brief: tuple[str, datetime] | None = None
        self._sized_for: tuple[Size, bool] | None = None

    def compose(self) -> ComposeResult:
        """The frame."""
        yield self.status
        yield self.clock_trouble
        with Horizontal(id="frame"):
            yield self.shelves
            yield self.tiles
            with Vertical(id="side"):
                yield self.list
                yield from self.below_list()
        yield self.pad
        yield self.line
        yield self.bar

    def on_resize(self, event: events.Resize) -> None:
        """Choose the size of all parts for the size of the screen."""
        self._take_size(event.size)

    def _take_size(self, size: Size) -> None:
        """Give each part its share: where there is more room, nothing shows less than before."""
        shares = shares_of(size.width)
        self.shelves.styles.width, self.query_one("#side").styles.width = shares.shelves, shares.side
        tall, more = size.height >= TALL, int(self.is_large)
        self.set_class(size.height >= HIGH, "-high")
        self.shelves.set_shape(tile_height=(3 if tall else 2) + (size.height >= HIGH) + more)
        self.tiles.set_shape(
            least_width=shares.least_tile + LARGER * more,
            tile_height=(self.TILE_HEIGHT if tall else self.LOW_TILE_HEIGHT) + more,
        )
        self._sized_for = size, self.is_large

    @property
    def is_large(self) -> bool:
        """Whether the person wants large figures and tiles."""
        return self.host.comfort.large

    def room_for(self) -> int:
        """How many tiles the largest shelf has: the tiles of all shelves are as large as those of that one."""
        return 0

    # What the screen gives

    def below_list(self) -> Iterable[Widget]:
        """What stands below the list."""
        return ()

    def shelf_tiles(self) -> Sequence[Tile]:
        """The shelves."""
        raise NotImplementedError

    def selected_shelf(self) -> int:
        """Which shelf is open."""
        raise NotImplementedError

    async def open_shelf(self, at: int) -> None:
        """Open another shelf."""
        raise NotImplementedError

    async def choose_shelf(self, tile: Tile) -> None:
        """Open the shelf that was tapped, if it is still there."""
        at = next((at for at, shelf in enumerate(self.shelves.tiles) if shelf.id == tile.id), None)
        if at is not None:
            await self.open_shelf(at)

    async def choose_tile(self, tile: Tile) -> bool:
        """Handle a tile chosen by a tap, or by Enter on an empty line. Returns True if it must not happen twice."""
        raise NotImplementedError

    async def submit(self, text: str) -> bool:
        """Handle Enter after a typed text. Returns True if it must not happen twice."""
        raise NotImplementedError

    def typing_changed(self, text: str) -> None:
        """Search for the typed text, and show what Enter would do."""
        raise NotImplementedError

    # Showing

    def tick(self) -> None:
        """Update the clock and the ages. What was said for a while goes."""
        self.status.show(status_of(self.desk))
        if self._brief is not None and self.desk.now() >= self._brief[1]:
            said, self._brief = self._brief[0], None
            if self.line.answered == said:
                self.line.answer("")

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show a message beside the command line."""
        self.line.answer(text, tone)

    def say_for_a_while(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show a message that is of no use later."""
        self.say(text, tone)
        self._brief = (text, self.desk.now() + A_WHILE)

    def remind_of_shift(self) -> None:
        """Say that no shift is open, before any money comes in."""
        if self.desk.lacks_shift:
            self.say(self.desk.texts("floor.no_shift"), Tone.WARN)

    def show_frame(self) -> None:
        """Show status, shelves and keys as they are now."""
        self.status.show(status_of(self.desk))
        self.clock_trouble.show_of(self.desk)
        self.tiles.make_room(self.room_for())
        if self._sized_for is not None and self._sized_for[1] != self.is_large:
            self._take_size(self._sized_for[0])
        self.shelves.set_tiles(self.shelf_tiles(), keep_place=True)
        self.bar.set_keys(self.bar_keys())

    # Keys

    def is_typing(self) -> bool:
        """Whether the command line holds text."""
        return bool(self.line.text)

    async def typed(self, stroke: Stroke) -> None:
        """Move over the tiles with arrows; type everything else."""
        arrow = _ARROWS.get(stroke.name)
        if arrow is not None:
            self.tiles.move(*arrow)
        elif stroke.name == "enter":
            await self.accept()
        elif self.line.press(stroke.name, stroke.character):
            self.typing_changed(self.line.text)

    async def accept(self) -> bool:
        """Handle Enter: submit the typed text, else choose the tile under the cursor."""
        text = self.line.text
        if text:
            self.line.clear()
            return bool(await self.perform(lambda: self.submit(text)))
        tile = self.tiles.cursor_tile
        if tile is None:
            self.remark("till.nothing_typed")
            return False
        return bool(await self.perform(lambda: self.choose_tile(tile)))

    async def do_keyboard(self) -> None:
        """Show or hide the letters to tap."""
        self.toggle_class("-padded")

    async def do_next_shelf(self) -> None:
        """Open the next shelf. After the last comes the first."""
        await self.turn_shelf(1)

    async def do_previous_shelf(self) -> None:
        """The shelf before."""
        await self.turn_shelf(-1)

    async def turn_shelf(self, by: int) -> None:
        """Open the shelf `by` positions further."""
        count = len(self.shelves.tiles)
        if count:
            at = (self.selected_shelf() + by) % count
            await self.open_shelf(at)
            put_cursor(self.shelves, at)
            self.shelves.hide_cursor()

    async def do_page_on(self) -> None:
        """The next page of tiles."""
        self.tiles.turn(1)

    async def do_page_back(self) -> None:
        """The page before."""
        self.tiles.turn(-1)

    async def do_line_up(self) -> None:
        """The line above in the list."""
        self.list.move(-1)

    async def do_line_down(self) -> None:
        """The line below in the list."""
        self.list.move(1)

    # Fingers

    def on_command_line_tapped(self, event: CommandLine.Tapped) -> None:
        """Show or hide the letters to tap."""
        event.stop()
        self.tap("line", self.do_keyboard)

    def on_key_pad_pressed(self, event: KeyPad.Pressed) -> None:
        """Handle a tap on a letter like the key it shows."""
        event.stop()
        if event.pad is self.pad:
            stroke = stroke_of_pad(event.key)
            self.tap(f"pad {event.key}", lambda: self.press(stroke))

    def on_item_grid_chosen(self, event: ItemGrid.Chosen) -> None:
        """Handle a tap on a shelf or a tile."""
        event.stop()
        tile = event.tile
        if event.grid is self.shelves:
            self.tap("shelf", lambda: self.choose_shelf(tile))
        else:
            self.tap(f"tile {tile.id}", lambda: self.perform(lambda: self.choose_tile(tile)))

    def on_item_grid_blocked(self, event: ItemGrid.Blocked) -> None:
        """Handle a tap on a disabled tile: choosing it says why it is disabled."""
        event.stop()
        self.tap(f"tile {event.tile.id}", lambda: self.perform(lambda: self.choose_tile(event.tile)))


def put_cursor(grid: ItemGrid, at: int) -> None:
    """Put a grid's cursor on one of its tiles, and turn to the page it is on."""
    grid.turn(-grid.pages)
    grid.move(0, 0)
    if at:
        grid.move(at, 0)
