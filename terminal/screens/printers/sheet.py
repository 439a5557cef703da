"""The list of printers, drawn as one widget: a row each, and below it what a printer in trouble last said."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.geometry import Size

from terminal.screens.printers.view import PrinterLine
from terminal.theme.palette import Ink, Tone
from terminal.widgets.line_widget import LineWidget, Row
from terminal.widgets.text_cells import fit, width_of, wrap

SAID_ROWS = 3
"""No sentence of a fault is longer on the narrowest screen."""
_INDENT = 4


class PrinterSheet(LineWidget):
    """As high as what it shows; the stylesheet says how high it may become."""

    def __init__(self) -> None:
        super().__init__(id="sheet")
        self._lines: Sequence[PrinterLine] = ()

    def show(self, lines: Sequence[PrinterLine]) -> None:
        """Other printers, or the same ones in another state."""
        if lines != self._lines:
            self._lines = lines
            self.refresh(layout=True)
        self.redraw()

    @property
    def ground(self) -> Ink:
        """The dialog's page."""
        return self.palette.page

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """One row a printer, and its sentence."""
        return sum(1 + len(_said(line, width)) for line in self._lines)

    def draw(self, width: int, height: int) -> list[Row]:
        """Name and note, and under them the wrapped sentence."""
        page, rows = self.palette.page, []
        for line in self._lines:
            rows.append(self._head(line, width))
            rows.extend([Segment(" " * _INDENT + said, page.style())] for said in _said(line, width))
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


def _said(line: PrinterLine, width: int) -> tuple[str, ...]:
    return wrap(line.said, width - _INDENT, SAID_ROWS)
