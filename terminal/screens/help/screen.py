"""The help dialog: one sheet of keys, drawn as one widget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.containers import Vertical

from terminal.actions import BY_SCREEN, ScreenName, actions_of
from terminal.input.strokes import Stroke
from terminal.screens.base import KeptDialog, Keyed
from terminal.screens.explained import HelpLine
from terminal.screens.help.view import elsewhere_lines, found_lines, help_lines
from terminal.screens.rights import names_with
from terminal.screens.shown_keys import shown_key, shown_keys
from terminal.screens.status import trouble_of
from terminal.screens.title_line import TitleLine
from terminal.theme.palette import Ink, Tone
from terminal.widgets.key_bar import KeyBar
from terminal.widgets.line_widget import LineWidget, Row
from terminal.widgets.text_cells import fit, width_of, wrap

if TYPE_CHECKING:
    from terminal.desks.closed import ClosedDesk
    from terminal.desks.desk import Desk

MAX_KEYS_WIDTH = 20
MAX_ROWS_OF_A_KEY = 4
MAX_WANTED_CHARACTERS = 30
"""What is searched fits in its line beside the rows."""
_AROUND_KEYS = 4
"""Blanks around the two columns."""


class HelpSheet(LineWidget):
    """Keys at the left, what they do at the right, wrapped; `scroll_by` where there are more rows than fit.

    Args:
        drawn: called after each drawing, when the rows that one sees are known.
    """

    def __init__(self, drawn: Callable[[], None] = lambda: None) -> None:
        super().__init__(id="sheet")
        self._after_drawing = drawn
        self._lines: Sequence[HelpLine] = ()
        self._top = 0

    def show(self, lines: Sequence[HelpLine]) -> None:
        """Show other lines, from the first."""
        self._lines, self._top = lines, 0
        self.redraw()

    def scroll_by(self, rows: int) -> None:
        """Move the sheet."""
        self._top = max(0, min(self._top + rows, len(self._rows(self.size.width)) - self.size.height))
        self.redraw()

    def turn(self, pages: int) -> None:
        """Move the sheet by what fits; one row stays, so that nobody loses the thread."""
        self.scroll_by(pages * max(1, self.size.height - 1))

    @property
    def seen(self) -> tuple[int, int, int]:
        """The first and the last row that one sees, and how many there are."""
        count = len(self._rows(self.size.width))
        return min(self._top + 1, count), min(self._top + self.size.height, count), count

    def _rows(self, width: int) -> list[tuple[str, str, Tone | int | None]]:
        """The two texts of each row, and a sign's colour: what a key does may need more than one, below each other."""
        room = width - self._column() - _AROUND_KEYS
        return [
            (line.keys if not at else "", part, line.colour)
            for line in self._lines
            for at, part in enumerate(wrap(line.does, room, MAX_ROWS_OF_A_KEY) or ("",))
        ]

    def _column(self) -> int:
        return min(MAX_KEYS_WIDTH, max((width_of(line.keys) for line in self._lines), default=0))

    @property
    def ground(self) -> Ink:
        """The dialog's page."""
        return self.palette.page

    def draw(self, width: int, height: int) -> list[Row]:
        """Draw as many rows as fit."""
        column, rows = self._column(), self._rows(width)
        self._top = max(0, min(self._top, len(rows) - height))
        self.call_after_refresh(self._after_drawing)
        return [self._row(*row, column, width) for row in rows[self._top : self._top + height]]

    def _row(self, keys: str, does: str, colour: Tone | int | None, column: int, width: int) -> Row:
        style = self._style_of(colour) if keys else self.palette.page.style(bold=True)
        return [
            Segment(f" {fit(keys, column)} ", style),
            Segment("  " + fit(does, max(0, width - column - _AROUND_KEYS)), self.palette.page.style()),
        ]

    def _style_of(self, colour: Tone | int | None) -> Style:
        """Of a key, or of a sign in its colour."""
        if isinstance(colour, Tone):
            return self.palette.tone(colour).style(bold=True)
        if colour is not None:
            return self.palette.page.mark(self.palette.hues[colour % len(self.palette.hues)], bold=True)
        return self.palette.key.style(bold=True)


class HelpDialog(KeptDialog):
    """The keys of one screen, below what is wrong now. What works now for this person comes first."""

    SCREEN_NAME = ScreenName.HELP
    CSS_PATH = Path(__file__).with_name("screen.tcss")

    def __init__(self, desk: Desk | ClosedDesk) -> None:
        super().__init__(desk)
        self.head = TitleLine(on_page=True)
        self.trouble = TitleLine(on_page=True, id="trouble")
        self.wanted = TitleLine(on_page=True, id="wanted")
        self.sheet = HelpSheet(self._say_where)
        self.bar = KeyBar()
        self._lines: tuple[HelpLine, ...] = ()
        self._elsewhere: tuple[HelpLine, ...] = ()
        self._wanted = ""

    def compose(self) -> ComposeResult:
        """Title, search, sheet, keys."""
        with Vertical(classes="dialog"):
            yield self.head
            yield self.trouble
            yield self.wanted
            yield self.sheet
            yield self.bar

    def about(self, screen: Keyed) -> None:
        """Show the keys of a screen, and why some of them do nothing now."""
        texts, name = self.desk.texts, screen.screen_name
        self.head.show(texts("help_title", screen=texts(f"screen.{name}")))
        keyed = help_lines(name, texts, self._notes(screen), partial(shown_keys, self.desk))
        self._lines = (*keyed, *screen.signs())
        self._elsewhere = elsewhere_lines(name, texts, self._rights(screen), partial(shown_key, self.desk))
        self._search("")
        self.refresh_view()

    def explain(self, title: str, lines: Sequence[HelpLine]) -> None:
        """Show a sheet of something else."""
        self.head.show(title)
        self._lines, self._elsewhere = tuple(lines), ()
        self._search("")
        self.refresh_view()

    def _notes(self, screen: Keyed) -> dict[str, str]:
        """By action: who may, if this person may not; or why it can do nothing now."""
        notes, texts = {}, self.desk.texts
        staff = () if self.desk.actor is None else self.desk.staff
        for action in actions_of(screen.screen_name):
            why = screen.why_not(action)
            if action.permission is not None and not screen.may(action):
                code = "app.if_approved" if action.approvable else "app.only"
                notes[action.id] = texts(code, names=names_with(action.permission, staff) or "–")
            elif why is not None:
                notes[action.id] = texts("app.not_now", why=why)
        return notes

    def _rights(self, screen: Keyed) -> dict[str, str]:
        """By action of any screen: who may, if this person may not."""
        texts = self.desk.texts
        staff = () if self.desk.actor is None else self.desk.staff
        return {
            action.id: texts(
                "app.if_approved" if action.approvable else "app.only",
                names=names_with(action.permission, staff) or "–",
            )
            for actions in BY_SCREEN.values()
            for action in actions
            if action.permission is not None and not screen.may(action)
        }

    def refresh_view(self) -> None:
        """Show what is wrong with the cloud, if something is, above the keys."""
        self.say(*(trouble_of(self.desk) or ("", Tone.PLAIN)))
        self.bar.set_keys(self.bar_keys())

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show a message above the keys, until the next refresh."""
        self.trouble.show(text, tone)
        self.trouble.display = bool(text)

    def is_typing(self) -> bool:
        """Whether something is searched."""
        return bool(self._wanted)

    async def press(self, stroke: Stroke) -> bool:
        """Delete with Escape what is searched, before another one closes the help."""
        if stroke.name == "escape" and self._wanted:
            self._search("")
            return False
        return await super().press(stroke)

    async def typed(self, stroke: Stroke) -> None:
        """Arrows move the sheet; what is typed is searched."""
        steps = {"down": 1, "up": -1}
        if stroke.name in steps:
            self.sheet.scroll_by(steps[stroke.name])
            self._say_where()
        elif stroke.name == "backspace":
            self._search(self._wanted[:-1])
        elif stroke.character is not None and stroke.character.isprintable():
            self._search((self._wanted + stroke.character)[:MAX_WANTED_CHARACTERS])

    def _search(self, wanted: str) -> None:
        self._wanted = wanted
        elsewhere = found_lines(self._elsewhere, wanted) if wanted.strip() else ()
        self.sheet.show((*found_lines(self._lines, wanted), *elsewhere))
        self._say_where()

    def _say_where(self) -> None:
        texts, (first, last, count) = self.desk.texts, self.sheet.seen
        asked = texts("help_wanted", text=self._wanted) if self._wanted else texts("help_search")
        if not count:
            self.wanted.show(f"{asked} · {texts('help_nothing')}", Tone.WARN)
            return
        where = texts("help_where", first=first, last=last, count=count) if last - first + 1 < count else ""
        self.wanted.show(f"{asked} · {where}" if where else asked)

    async def do_page_on(self) -> None:
        """Show the rows below."""
        self.sheet.turn(1)
        self._say_where()

    async def do_page_back(self) -> None:
        """Show the rows above."""
        self.sheet.turn(-1)
        self._say_where()

    async def do_close(self) -> None:
        """Close the help."""
        await self.host.close_dialog()
