"""The dialog that picks one of some rows: letters filter, digits pick, arrows and Enter, or a tap.

1 … 9          the row with this number; where somebody may type an amount, the number only marks it
ceb, Enter     letters leave the rows that are called so; Enter takes the only one, or the text itself if none is
last row       write a text of one's own: then every key is text, digits too
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical

from terminal.actions import ScreenName, action_for
from terminal.dialogs.asking import AskingDialog
from terminal.dialogs.questions import Pick, Picked
from terminal.dialogs.rows import HINTS, FoundRows, PlainRows, Rows, RowTiles, found_rows
from terminal.input.strokes import Stroke
from terminal.screens.shown_keys import at_station
from terminal.theme.palette import Tone
from terminal.widgets.command_line import CommandLine
from terminal.widgets.item_grid import ItemGrid
from terminal.widgets.key_pad import KeyPad
from terminal.widgets.letter_pad import LetterPad, stroke_of_pad
from terminal.widgets.tile import Tile

if TYPE_CHECKING:
    from terminal.desks.desk import Desk

OWN = "own text"
"""Id of the last row's tile."""
ONE_COLUMN_ROWS = 6
"""More rows stand in two columns, so that each can still be tapped on 24 lines."""
TILE_ROWS = 2
HALF_WIDTH, WHOLE_WIDTH = 34, 70
"""Least cells of a row in two columns, and in one."""
_ARROWS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}


class PickDialog(AskingDialog[Pick, Picked]):
    """See the module."""

    SCREEN_NAME = ScreenName.PICK

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._writing = self._padded = False
        self._passed = 0
        self._all: Rows = PlainRows(())
        self._last_found = ("", FoundRows(self._all))
        self._tiles = RowTiles(self._all, None)
        self.rows = ItemGrid(least_width=WHOLE_WIDTH, tile_height=TILE_ROWS, id="rows")
        self.line = CommandLine()
        self.pad = LetterPad()

    def compose(self) -> ComposeResult:
        """Title, sentence, rows, what is typed, letters to tap, keys."""
        with Vertical(classes="dialog"):
            yield self.head
            yield self.words
            yield self.rows
            yield self.line
            yield self.pad
            yield self.bar

    def take_form(self) -> None:
        """On a small screen a row of the list is one row of the screen."""
        super().take_form()
        self.rows.set_shape(tile_height=1 if self.is_small else TILE_ROWS)

    # What is shown

    def begin(self, question: Pick) -> None:
        """Show all rows."""
        self._writing = self._padded = False
        choices = question.choices
        self._all = choices if isinstance(choices, Rows) else PlainRows(choices)
        self._last_found = ("", FoundRows(self._all))
        self.line.clear()
        self.head.show(question.title)
        many = not question.is_wide and len(question.choices) + bool(question.own_text) > ONE_COLUMN_ROWS
        self.rows.set_shape(least_width=HALF_WIDTH if many else WHOLE_WIDTH)
        self._show_rows()

    def refresh_view(self) -> None:
        """The sentence, and what the keys do now."""
        question, texts = self._question, self.desk.texts
        if question is None:
            return
        if self._writing:
            self.ask(texts("pick.write"))
        else:
            self._say_what_is_typed(question)
        self.line.set_hint(texts(self._hint_of(question)))
        self.set_class(self._writing, "-writing")
        self.set_class(self._writing or self._padded, "-padded")
        self.bar.set_keys(self.bar_keys())

    def _hint_of(self, question: Pick) -> str:
        """The sentence that says what keys do while nothing is typed."""
        if self._writing:
            return "pick.writing_hint"
        if question.near_amount:
            return "pick.mark_hint"
        return "pick.keyed_hint" if question.shortcuts else "pick.hint"

    @property
    def comes_back(self) -> bool:
        """Rows are chosen again with one key; a text is not."""
        return self._writing

    def is_typing(self) -> bool:
        """Whether letters filter, or are a text."""
        return self._writing or bool(self.line.text)

    @property
    def _found(self) -> FoundRows:
        """What the typed letters leave. A key asks several times, so the last answer is kept."""
        text = self.line.text if self._number is None else ""
        if text != self._last_found[0]:
            self._last_found = (text, found_rows(self._all, text))
        return self._last_found[1]

    def _show_rows(self) -> None:
        self._passed = 0
        question, found = self._question, self._found
        own = question.own_text if question else ""
        number = self._number
        last = None
        if own:
            written = f"{own}: «{self.line.text}»" if self.line.text and number is None else own
            last = Tile(id=OWN, title=written)
        self._tiles = RowTiles(found.rows, last)
        self.rows.set_tiles(self._tiles)
        if number is not None:
            self._mark(number)
        elif found.sure is not None:
            self._put_cursor(found.sure)
        elif question is not None and question.at is not None and not self.line.text and not self._writing:
            self._put_cursor(question.at)

    def _mark(self, number: int) -> None:
        """Put the cursor on the row with a number; on none if no row has it."""
        if 0 < number <= len(self.rows.tiles):
            self._put_cursor(number - 1)
        else:
            self.rows.hide_cursor()

    def _number_the_page(self) -> None:
        """Give the digits to the rows on view: who has digits alone reaches every row."""
        if not self._marks and not self._all.has_keys:
            first = self.rows.page * len(self.rows.on_view) + self._passed
            shown = len(self.rows.on_view) - self._passed
            self._tiles = self._tiles.numbered({first + at: hint for at, hint in enumerate(HINTS[:shown])})
            self.rows.set_tiles(self._tiles, keep_place=True)

    def _put_cursor(self, at: int) -> None:
        self.rows.turn(-self.rows.pages)
        self.rows.move(0, 0)
        if at:
            self.rows.move(at, 0)

    # Keys

    async def press(self, stroke: Stroke) -> bool:
        """Pick once with a digit, however often it was pressed."""
        if stroke.is_digit and not self._writing and not self._marks:
            tile = self._tiles.with_hint(stroke.name)
            if tile is not None:
                return await self._choose(tile)
            unseen = self._question.unseen if self._question is not None else ()
            choice = next((each for each in unseen if each.key == stroke.name), None)
            if choice is not None:
                return await self.give(Picked(choice.id, choice.title))
        short = self._shortcut(stroke)
        if short is not None:
            return await self._choose(short)
        return await super().press(stroke)

    def _shortcut(self, stroke: Stroke) -> Tile | None:
        """The row whose own key this is. The dialog's keys come first, and so does what is being typed."""
        question = self._question
        if question is None or self.is_typing() or action_for(self.SCREEN_NAME, stroke.name) is not None:
            return None
        key = stroke.name.lower() if len(stroke.name) == 1 else stroke.name
        wanted = question.shortcuts.get(key)
        if wanted is None:
            return None
        ids = ((each, each.id[1] if isinstance(each.id, tuple) else None) for each in self.rows.tiles)
        return next((each for each, row in ids if row == wanted), None)

    def takes_sign(self, sign: str) -> bool:
        """Once letters stand there somebody writes; signs alone are those of a number pad."""
        return any(each.isalpha() for each in self.line.text)

    @property
    def takes_figures(self) -> bool:
        """Where a number may have several digits."""
        return self._marks and not self._writing

    @property
    def _marks(self) -> bool:
        """Whether digits only mark a row."""
        return self._question is not None and self._question.near_amount

    @property
    def _number(self) -> int | None:
        """The number that is typed to mark a row. None if none is."""
        text = self.line.text
        return int(text) if self._marks and not self._writing and text.isascii() and text.isdigit() else None

    async def typed(self, stroke: Stroke) -> None:
        """Arrows move, letters filter; in a text of one's own every key is text."""
        arrow = None if self._writing else _ARROWS.get(stroke.name)
        if arrow is not None:
            self.rows.move(*arrow)
        elif self.line.press(stroke.name, stroke.character):
            self._typing_changed()

    def _typing_changed(self) -> None:
        self._show_rows()
        if self._question is not None and not self._writing:
            self._say_what_is_typed(self._question)

    def _say_what_is_typed(self, question: Pick) -> None:
        """Say that no row is meant by what is typed; else what the dialog asks."""
        shown, marked = self._found.rows, self.rows.cursor_tile
        if self._number is not None and marked is not None:
            self.ask(self.desk.texts("pick.marked", title=marked.title))
        elif self._number is not None:
            self.ask(self.desk.texts("pick.no_row", text=self.line.text), Tone.WARN)
        elif self.line.text and not shown and not question.own_text:
            self.ask(self.desk.texts("pick.not_found", text=self.line.text), Tone.WARN)
        else:
            self.ask(question.asked)

    async def scanned(self, text: str) -> None:
        """A code is text where a text may be written."""
        await self._insert(text)

    async def pasted(self, text: str) -> None:
        """Pasted text likewise; Enter remains a person's."""
        await self._insert(text)

    async def _insert(self, text: str) -> None:
        self._is_told = False
        if not self._writing and (self._question is None or not self._question.own_text):
            self.remark("pick.no_text")
            return
        if not self._writing:
            await self._write()
        if not self.line.insert(text):
            self.remark("input.cut")

    # Actions

    async def do_back(self) -> bool | None:
        """From a text back to the rows; show all rows again; else close."""
        if self._writing or self.line.text:
            self._writing = False
            self.line.clear()
            self._show_rows()
            self.refresh_view()
            return None
        return await super().do_back()

    async def do_keyboard(self) -> None:
        """Show or hide the letters to tap."""
        self._padded = not self._padded
        self.refresh_view()

    async def do_page_on(self) -> None:
        """The next rows with digits: on a kitchen display first the others of this page, else those of the next one."""
        if at_station(self.desk) and self._passed + len(HINTS) < len(self.rows.on_view):
            self._passed += len(HINTS)
        else:
            self.rows.turn(1)
            self._passed = 0
        self._number_the_page()

    async def do_page_back(self) -> None:
        """The rows before."""
        if self._passed:
            self._passed -= len(HINTS)
        else:
            self.rows.turn(-1)
        self._number_the_page()

    async def do_accept(self) -> bool:
        """Take the text, the row under the cursor, or the row that the letters mean."""
        question, text, tile = self._question, self.line.text.strip(), self.rows.cursor_tile
        if question is None:
            return True
        if self._writing:
            if not text:
                self.say(self.desk.texts("pick.write"), Tone.WARN)
                return True
            return await self.give(Picked(None, text))
        if tile is not None:
            return await self._choose(tile)
        if self._number is not None:
            # The next digits are another number, not the rest of one that is no row.
            self.line.clear()
            self._show_rows()
            self.say(self.desk.texts("pick.not_a_row", text=text), Tone.WARN)
            return True
        if text and question.own_text and not self._found.rows:
            await self._write()
            return await self.give(Picked(None, text))
        code = "pick.which" if text and self._found.rows else "pick.choose"
        self.say(self.desk.texts(code, text=text), Tone.WARN)
        return True

    async def _choose(self, tile: Tile) -> bool:
        """Give the row of a tile, or begin to write. A row that cannot be chosen says why."""
        if tile.id == OWN:
            if self._number is not None:
                self.line.clear()
            await self._write()
            return True
        shown = self._found.rows
        at, choice_id = tile.id if isinstance(tile.id, tuple) else (-1, None)
        if not 0 <= at < len(shown) or shown[at].id != choice_id:
            return True
        if shown[at].why_not:
            self.say(shown[at].why_not, Tone.WARN)
            return True
        return await self.give(Picked(shown[at].id, shown[at].title))

    async def _write(self) -> None:
        self._writing = True
        self._show_rows()
        self.refresh_view()

    # Fingers

    def on_item_grid_chosen(self, event: ItemGrid.Chosen) -> None:
        """A row was tapped."""
        event.stop()
        self.tap(f"row {event.tile.id}", lambda: self._choose(event.tile))

    def on_item_grid_blocked(self, event: ItemGrid.Blocked) -> None:
        """A dimmed row was tapped: it says why."""
        event.stop()
        self.tap(f"row {event.tile.id}", lambda: self._choose(event.tile))

    def on_command_line_tapped(self, event: CommandLine.Tapped) -> None:
        """Show or hide the letters to tap."""
        event.stop()
        self.tap("line", self.do_keyboard)

    def on_key_pad_pressed(self, event: KeyPad.Pressed) -> None:
        """Handle a tap like the key it shows."""
        event.stop()
        stroke = stroke_of_pad(event.key)
        # Numbers of the pad are text: rows are tapped themselves.
        self.tap(f"pad {event.key}", lambda: self.press(stroke) if stroke.name == "enter" else self.typed(stroke))
