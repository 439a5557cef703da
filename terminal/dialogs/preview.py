"""The dialog that shows a paper as it will print: in the columns of its printer, white where paper is white.

Down, Up, PgDn, PgUp   turn the paper; so do the wheel, and taps on its lower and upper half
Enter, F2              close
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical

from terminal.actions import ScreenName
from terminal.dialogs.asking import AskingDialog
from terminal.dialogs.questions import Preview
from terminal.printing.preview import PaperView
from terminal.widgets.line_widget import Row, TapWidget

if TYPE_CHECKING:
    from terminal.desks.desk import Desk

_INK, _PAPER = "#000000", "#ffffff"
"""No theme's colours: paper is white, and a code on it can be read by a phone."""
_MARGIN = 1


class Paper(TapWidget):
    """The paper in the middle, from the row on to which it was turned."""

    def __init__(self) -> None:
        super().__init__(id="preview")
        self._paper = PaperView(0)
        self._top = 0

    def show(self, paper: PaperView) -> None:
        """Show a paper from its head."""
        self._paper, self._top = paper, 0
        self.redraw()

    def turn(self, rows: int) -> None:
        """Move the paper, as far as there is more of it."""
        self._top = max(0, min(self._top + rows, len(self._paper.rows) - self.size.height))
        self.redraw()

    @property
    def page(self) -> int:
        """Rows of a page, less two that stay."""
        return max(1, self.size.height - 2)

    def target_at(self, x: int, y: int) -> Hashable | None:
        """Which way a tap turns."""
        return 1 if 2 * y >= self.size.height else -1

    def tapped(self, target: Hashable) -> None:
        """Turn a page."""
        if isinstance(target, int):
            self.turn(target * self.page)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move three rows down."""
        event.stop()
        self.turn(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move three rows up."""
        event.stop()
        self.turn(-3)

    def draw(self, width: int, height: int) -> list[Row]:
        """Draw the rows in view, each as wide as the paper."""
        columns = min(self._paper.columns, width)
        left = max(0, (width - columns - 2 * _MARGIN) // 2)
        edge = Segment(" " * _MARGIN, Style(color=_INK, bgcolor=_PAPER))
        drawn: list[Row] = []
        for row in self._paper.rows[self._top : self._top + height]:
            ink, ground = (_PAPER, _INK) if row.black else (_INK, _PAPER)
            text = Segment(set_cell_size(row.text, columns), Style(color=ink, bgcolor=ground, bold=row.strong))
            drawn.append([Segment(" " * left, self.ground.style()), edge, text, edge])
        return drawn


class PreviewDialog(AskingDialog[Preview, bool]):
    """See the module."""

    SCREEN_NAME = ScreenName.PREVIEW

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.paper = Paper()

    def compose(self) -> ComposeResult:
        """Title, sentence, paper, keys."""
        with Vertical(classes="dialog"):
            yield self.head
            yield self.words
            yield self.paper
            yield self.bar

    @property
    def comes_back(self) -> bool:
        """Nothing is typed here."""
        return False

    def begin(self, question: Preview) -> None:
        """Show the paper."""
        self.head.show(question.title)
        self.paper.show(question.paper)

    def refresh_view(self) -> None:
        """The sentence and the keys."""
        if self._question is None:
            return
        self.ask(self._question.asked)
        self.bar.set_keys(self.bar_keys())

    async def do_page_on(self) -> None:
        """A page further."""
        self.paper.turn(self.paper.page)

    async def do_page_back(self) -> None:
        """A page back."""
        self.paper.turn(-self.paper.page)

    async def do_line_down(self) -> None:
        """A row further."""
        self.paper.turn(1)

    async def do_line_up(self) -> None:
        """A row back."""
        self.paper.turn(-1)

    async def do_accept(self) -> None:
        """It was looked at."""
        await self.give(True)
