"""The list of printers, drawn as one widget: one row for each, and below it the sentence of its fault."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.geometry import Size

from terminal.screens.printers.view import PrinterLine
from terminal.theme.palette import Ink, Tone
from terminal.widgets.line_widget import LineWidget, Row
from terminal.widgets.text_cells import fit, width_of, wrap

SENTENCE_ROWS = 3
"""Most rows of a fault's sentence on the narrowest screen."""
_INDENT = 4


class PrinterSheet(LineWidget):
    """A list as high as its content. The stylesheet limits the height."""

    def __init__(self) -> None:
        super().__init__(id="sheet")
        self._lines: Sequence[PrinterLine] = ()

    def show(self, lines: Sequence[PrinterLine]) -> None:
        """Show other printers, or the same printers in another state."""
        if lines != self._lines:
            self._lines = lines
            self.refresh(layout=True)
        self.redraw()

    @property
    def ground(self) -> Ink:
        """The dialog's page."""
        return self.palette.page

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """One row for each printer, and the rows of its sentence."""
        return sum(1 + len(_sentence_rows(line, width)) for line in self._lines)

    def draw(self, width: int, height: int) -> list[Row]:
        """Draw name and note, and below them the wrapped sentence."""
        page, rows = self.palette.page, []
        for line in self._lines:
            rows.append(self._head(line, width))
            rows.extend([Segment(" " * _INDENT + part, page.style())] for part in _sentence_rows(line, width))
        return rows

    def _head(self, line: PrinterLine, width: int) -> Row:
        page = self.palette.page
        lead = page if line.tone in (Tone.PLAIN, Tone.READY) else self.palette.tone(line.tone)
        note = min(width_of(line.note), max(0, width - _INDENT))
        room = max(0, width - _INDENT - note)
        return [
            Segment(f" {line.tone.glyph} ", lead.style(bold=True)),
            Segment(" " + fit(line.name, room), page.style(bold=True)),
            Segment(fit(line.note, note), page.quiet_style()),
        ]


def _sentence_rows(line: PrinterLine, width: int) -> tuple[str, ...]:
    return wrap(line.sentence, width - _INDENT, SENTENCE_ROWS)
