"""A panel of rows (name left, value right) that scrolls: an X, a Z, the day, or what there is to say of a shift."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment

from terminal.printing.documents import ReportRow
from terminal.theme.palette import Ink
from terminal.widgets.line_widget import LineWidget, Row
from terminal.widgets.text_cells import fit, width_of, wrap

_MOST_SENTENCE_ROWS = 3
_MARGIN = 1


class RowsPanel(LineWidget):
    """Sections of rows, parted by an empty row. The rows that do not fit are reached by `scroll_by`."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name
        super().__init__(id=id)
        self._sections: tuple[tuple[ReportRow, ...], ...] = ()
        self._top = 0

    def show(self, sections: Sequence[Sequence[ReportRow]]) -> None:
        """Show other rows. The same rows keep their place."""
        found = tuple(map(tuple, sections))
        if found != self._sections:
            self._sections, self._top = found, 0
        self.redraw()

    @property
    def page(self) -> int:
        """Rows that are seen at once."""
        return max(1, self.size.height - 1)

    def scroll_by(self, rows: int) -> None:
        """Move over the rows, within them."""
        most = len(self._rows(max(0, self.size.width - 2 * _MARGIN))) - self.size.height
        self._top = max(0, min(self._top + rows, most))
        self.redraw()

    @property
    def ground(self) -> Ink:
        """The panel."""
        return self.palette.panel

    def draw(self, width: int, height: int) -> list[Row]:
        """Draw the rows from the top one; the last row says that more follow."""
        margin = Segment(" " * _MARGIN, self.palette.panel.style())
        rows = self._rows(max(0, width - 2 * _MARGIN))
        shown = rows[self._top : self._top + height]
        if self._top + height < len(rows):
            more = f"▼ {len(rows) - self._top - height + 1}"
            shown = [*shown[:-1], [Segment(fit(more, width_of(more)), self.palette.panel.quiet_style())]]
        return [[margin, *row] for row in shown]

    def _rows(self, width: int) -> list[Row]:
        rows: list[Row] = []
        for section in self._sections:
            if rows:
                rows.append([])
            for row in section:
                rows.extend(self._drawn_row(row, width))
        return rows

    def _drawn_row(self, row: ReportRow, width: int) -> list[Row]:
        panel = self.palette.panel
        if not row.value:
            return [
                [Segment(part, panel.style(bold=row.strong))] for part in wrap(row.name, width, _MOST_SENTENCE_ROWS)
            ]
        value = fit(row.value, min(width_of(row.value), width))
        indent = " " * (len(row.name) - len(row.name.lstrip()))  # of what belongs to the row above
        name = indent + fit(row.name, max(0, width - width_of(value) - len(indent)))
        name_style = panel.style(bold=True) if row.strong else panel.quiet_style()
        return [[Segment(name, name_style), Segment(value, panel.style(bold=True))]]
