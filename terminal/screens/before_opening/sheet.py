"""The list before opening, drawn as one widget: a row for each line, and its sentence below it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.segment import Segment

from terminal.screens.before_opening.view import CheckLine
from terminal.theme.palette import Ink, Tone
from terminal.widgets.line_widget import LineWidget, Row
from terminal.widgets.text_cells import fit, width_of, wrap

SENTENCE_ROWS = 4
"""Most rows of a sentence on the narrowest screen."""
_INDENT = 4
_CALM = frozenset({Tone.READY, Tone.COOKING, Tone.NEW})


class CheckSheet(LineWidget):
    """See the module.

    Args:
        drawn: called after each drawing, when the rows that one sees are known.
    """

    def __init__(self, drawn: Callable[[], None] = lambda: None) -> None:
        super().__init__(id="sheet")
        self._after_drawing = drawn
        self._lines: Sequence[CheckLine] = ()
        self._top = 0

    def show(self, lines: Sequence[CheckLine]) -> None:
        """Show other lines. What one sees stays at its place."""
        self._lines = lines
        self.redraw()

    def turn(self, pages: int) -> None:
        """Move by what fits; one row stays."""
        self.scroll_by(pages * max(1, self.size.height - 1))

    def scroll_by(self, rows: int) -> None:
        """Move by some rows."""
        self._top = max(0, min(self._top + rows, len(self._rows(self.size.width)) - self.size.height))
        self.redraw()

    @property
    def hidden(self) -> int:
        """How many rows are below what one sees."""
        return max(0, len(self._rows(self.size.width)) - self._top - self.size.height)

    @property
    def ground(self) -> Ink:
        """The dialog's page."""
        return self.palette.page

    def draw(self, width: int, height: int) -> list[Row]:
        """Draw as many rows as fit."""
        rows = self._rows(width)
        self._top = max(0, min(self._top, len(rows) - height))
        self.call_after_refresh(self._after_drawing)
        return rows[self._top : self._top + height]

    def _rows(self, width: int) -> list[Row]:
        page, rows = self.palette.page, []
        for line in self._lines:
            rows.append(self._head(line, width))
            sentence = wrap(line.sentence, width - _INDENT, SENTENCE_ROWS) if line.sentence else ()
            rows.extend([Segment(" " * _INDENT + part, page.style())] for part in sentence)
        return rows

    def _head(self, line: CheckLine, width: int) -> Row:
        page = self.palette.page
        lead = page if line.tone in _CALM else self.palette.tone(line.tone)
        word = min(width_of(line.word), max(0, width - _INDENT))
        return [
            Segment(f" {line.tone.glyph} ", lead.style(bold=True)),
            Segment(" " + fit(line.name, max(0, width - _INDENT - word)), page.style(bold=True)),
            Segment(fit(line.word, word), page.quiet_style()),
        ]
