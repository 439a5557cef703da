"""The help dialog: one sheet of keys, drawn as one widget."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from rich.segment import Segment
from textual.app import ComposeResult
from textual.containers import Vertical

from shared.kernel.language import Texts
from terminal.actions import ScreenName, actions_of, key_label
from terminal.input.strokes import Stroke
from terminal.screens.base import KeptDialog, Keyed
from terminal.screens.help.view import HelpLine, help_lines
from terminal.screens.rights import names_with
from terminal.screens.status import trouble_of
from terminal.screens.title_line import TitleLine
from terminal.theme.palette import Ink, Tone
from terminal.widgets.key_bar import KeyBar
from terminal.widgets.line_widget import LineWidget, Row
from terminal.widgets.text_cells import fit, width_of, wrap

if TYPE_CHECKING:
    from terminal.closed_desk import ClosedDesk
    from terminal.desk import Desk

MAX_KEYS_WIDTH = 20
MAX_ROWS_OF_A_KEY = 4
_AROUND_KEYS = 4
"""Blanks around the two columns."""


class HelpSheet(LineWidget):
    """Keys at the left, what they do at the right, wrapped; `scroll_by` where there are more rows than fit."""

    def __init__(self, texts: Texts) -> None:
        super().__init__(id="sheet")
        self._texts = texts
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

    def _rows(self, width: int) -> list[tuple[str, str]]:
        """The two texts of each row: what a key does may need more than one, below each other."""
        room = width - self._column() - _AROUND_KEYS
        return [
            (line.keys if not at else "", part)
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
        """Draw as many rows as fit; the last one says if there are more."""
        column, rows = self._column(), self._rows(width)
        shown = rows[self._top : self._top + height]
        if self._top + height < len(rows):
            shown[-1] = (key_label("down", self._texts), self._texts("help_more"))
        return [self._row(keys, does, column, width) for keys, does in shown]

    def _row(self, keys: str, does: str, column: int, width: int) -> Row:
        ink = self.palette.key if keys else self.palette.page
        return [
            Segment(f" {fit(keys, column)} ", ink.style(bold=True)),
            Segment("  " + fit(does, max(0, width - column - _AROUND_KEYS)), self.palette.page.style()),
        ]


class HelpDialog(KeptDialog):
    """The keys of one screen, below what is wrong now."""

    SCREEN_NAME = ScreenName.HELP
    CSS_PATH = Path(__file__).with_name("screen.tcss")

    def __init__(self, desk: Desk | ClosedDesk) -> None:
        super().__init__(desk)
        self.head = TitleLine(on_page=True)
        self.trouble = TitleLine(on_page=True, id="trouble")
        self.sheet = HelpSheet(desk.texts)
        self.bar = KeyBar()

    def compose(self) -> ComposeResult:
        """Title, sheet, key."""
        with Vertical(classes="dialog"):
            yield self.head
            yield self.trouble
            yield self.sheet
            yield self.bar

    def about(self, screen: Keyed) -> None:
        """Show the keys of a screen, and why some of them do nothing now."""
        texts, name = self.desk.texts, screen.screen_name
        self.head.show(texts("help_title", screen=texts(f"screen.{name}")))
        self.sheet.show(help_lines(name, texts, self._notes(screen)))
        self.refresh_view()

    def _notes(self, screen: Keyed) -> dict[str, str]:
        """By action: who may, if this person may not; or why it can do nothing now."""
        notes, texts = {}, self.desk.texts
        staff = () if self.desk.actor is None else cast("Desk", self.desk).staff
        for action in actions_of(screen.screen_name):
            why = screen.why_not(action)
            if action.permission is not None and not screen.may(action):
                notes[action.id] = texts("app.only", names=names_with(action.permission, staff) or "–")
            elif why is not None:
                notes[action.id] = texts("app.not_now", why=why)
        return notes

    def refresh_view(self) -> None:
        """Show what is wrong with the cloud, if something is, above the keys."""
        self.say(*(trouble_of(self.desk) or ("", Tone.PLAIN)))
        self.bar.set_keys(self.bar_keys())

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show a message above the keys, until the next refresh."""
        self.trouble.show(text, tone)
        self.trouble.display = bool(text)

    async def typed(self, stroke: Stroke) -> None:
        """Arrows and pages move the sheet."""
        steps = {"down": 1, "up": -1, "pagedown": 10, "pageup": -10}
        self.sheet.scroll_by(steps.get(stroke.name, 0))

    async def do_close(self) -> None:
        """Close the help."""
        await self.host.close_dialog()
