"""What there is to know about one exception, drawn as paragraphs that wrap."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment

from terminal.screens.exceptions.view import Fact
from terminal.theme.palette import Ink
from terminal.widgets.line_widget import LineWidget, Row
from terminal.widgets.text_cells import wrap

_SIDES = 2


class FactSheet(LineWidget):
    """Paragraphs one below the other: strong ones bold, the others quiet."""

    def __init__(self) -> None:
        super().__init__(id="facts")
        self._facts: Sequence[Fact] = ()

    def show(self, facts: Sequence[Fact]) -> None:
        """Show other paragraphs."""
        self._facts = facts
        self.redraw()

    @property
    def ground(self) -> Ink:
        """A panel beside or below the list."""
        return self.palette.panel

    def draw(self, width: int, height: int) -> list[Row]:
        """Draw them; with a blank row between two if there is room."""
        panel = self.palette.panel
        parts = [(fact, wrap(fact.text, width - 2 * _SIDES, height)) for fact in self._facts]
        gap = sum(len(rows) for _fact, rows in parts) + len(parts) <= height
        drawn: list[Row] = []
        for at, (fact, rows) in enumerate(parts):
            style = panel.style(bold=True) if fact.strong else panel.quiet_style()
            if gap and at:
                drawn.append([])
            drawn.extend([Segment(" " * _SIDES, panel.style()), Segment(row, style)] for row in rows)
        return drawn
