"""A list with columns, one widget: headings, rows with a tone, a cursor where rows can be chosen, and its own pages."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual import events
from textual.message import Message

from terminal.theme.palette import Ink, Tone
from terminal.widgets.line_widget import Row, TapWidget
from terminal.widgets.text_cells import Align, fit, width_of

GAP = 2
LEAST_NAME, MOST_AIR = 14, 8
"""Cells that the wide column keeps before columns at the right are left out, and air behind its longest text: an eye
finds the figures of a name only where they are near it."""
POINTER = "▶"
_LOUD = frozenset({Tone.WARN, Tone.LATE})
"""Tones that colour a whole row."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column. The `wide` one takes the room that the others leave."""

    heading: str
    align: Align = "right"
    wide: bool = False


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of texts, one for each column. `heads` what follows: it is bold, and cannot be chosen."""

    id: Hashable
    cells: tuple[str, ...]
    tone: Tone = Tone.PLAIN
    heads: bool = False


class ListTable(TapWidget):
    """See the module. Posts `Chosen` for a tapped row.

    Args:
        more: the last row where not all fit; says which are shown (`first`, `last`) of how many (`count`).
        chooses: whether a cursor stands on one row.
    """

    class Chosen(Message):
        """A row was tapped."""

        def __init__(self, table: ListTable, row: TableRow) -> None:
            super().__init__()
            self.table, self.row = table, row

    def __init__(self, more: str, *, chooses: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._more, self._chooses = more, chooses
        self._heading = self._empty = ""
        self._columns: Sequence[Column] = ()
        self._rows: Sequence[TableRow] = ()
        self._top = self._cursor = 0

    @property
    def ground(self) -> Ink:
        """The panel."""
        return self.palette.panel

    def show(self, heading: str, columns: Sequence[Column], rows: Sequence[TableRow], empty: str = "") -> None:
        """Show other rows; the cursor stays on its row, as long as that is there.

        Args:
            empty: what is said where there is none.
        """
        before = self.row
        self._heading, self._columns, self._rows, self._empty = heading, columns, rows, empty
        known = [at for at, row in enumerate(rows) if before is not None and row.id == before.id]
        self._cursor = known[0] if known else self._near(0, 1)
        self._show_cursor()

    @property
    def row(self) -> TableRow | None:
        """The row under the cursor. None if there is none, or no cursor."""
        return self._rows[self._cursor] if self._chooses and 0 <= self._cursor < len(self._rows) else None

    @property
    def page(self) -> int:
        """How many rows are shown at once if not all fit."""
        return max(1, self.size.height - 2)

    def scroll_by(self, rows: int) -> None:
        """Move the cursor, or the rows, as far as there are more."""
        if self._chooses:
            wanted = max(0, min(len(self._rows) - 1, self._cursor + rows))
            self._cursor = self._near(wanted, 1 if rows >= 0 else -1)
            self._show_cursor()
            return
        self._top += rows
        self._keep_within()

    def scroll_to_first(self) -> None:
        """Show the first row again."""
        self._top, self._cursor = 0, self._near(0, 1)
        self._keep_within()

    def on_resize(self) -> None:
        """Keep to the rows there are."""
        self._show_cursor()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move a row down."""
        event.stop()
        self.scroll_by(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move a row up."""
        event.stop()
        self.scroll_by(-1)

    def target_at(self, x: int, y: int) -> Hashable | None:
        """The row at this height."""
        at = self._top + y - 1
        is_row = 1 <= y <= self._room() and 0 <= at < len(self._rows) and not self._rows[at].heads
        return at if is_row else None

    def tapped(self, target: Hashable) -> None:
        """Put the cursor there, and post the row."""
        if isinstance(target, int):
            if self._chooses:
                self._cursor = target
                self.redraw()
            self.post_message(self.Chosen(self, self._rows[target]))

    def draw(self, width: int, height: int) -> list[Row]:
        """Draw the headings, and as many rows as fit. If not all do, the last says which."""
        panel, inner = self.palette.panel, max(0, width - 2)
        columns = self._widths(inner)
        head = [Segment(f" {self._line(columns, self._headings())} ", panel.quiet_style(bold=True))]
        if not self._rows:
            return [head, [Segment(f" {fit(self._empty, inner)} ", panel.quiet_style())]]
        shown = self._rows[self._top : self._top + self._room()]
        rows = [head, *(self._drawn_row(columns, inner, at + self._top, row) for at, row in enumerate(shown))]
        if self._is_cut():
            more = self._more.format(first=self._top + 1, last=self._top + len(shown), count=len(self._rows))
            rows.append([Segment(f" {fit(more, inner)} ", panel.quiet_style())])
        return rows

    def _drawn_row(self, columns: Sequence[tuple[int, int]], width: int, at: int, row: TableRow) -> Row:
        palette, here = self.palette, self._chooses and at == self._cursor
        ink = palette.cursor if here else palette.panel
        if row.heads:
            return [Segment(f" {row.cells[0]}", palette.panel.quiet_style(bold=True))]
        text, mark = self._line(columns, row.cells), POINTER if here else " "
        text += " " * (width - sum(cells for _at, cells in columns) - GAP * (len(columns) - 1))
        if row.tone in _LOUD and not here:
            return [Segment(f"{row.tone.glyph}{text} ", palette.tone(row.tone).style())]
        glyph = mark if here or row.tone is Tone.PLAIN else row.tone.glyph
        return [Segment(f"{glyph}{text} ", ink.style(bold=here))]

    def _headings(self) -> tuple[str, ...]:
        first, *others = (column.heading for column in self._columns) if self._columns else ("",)
        return (self._heading or first, *others)

    def _line(self, columns: Sequence[tuple[int, int]], cells: Sequence[str]) -> str:
        parts = [fit(cells[at], width, self._columns[at].align) for at, width in columns]
        return (" " * GAP).join(parts)

    def _widths(self, room: int) -> list[tuple[int, int]]:
        """The columns that have room, with their widths: what is not wide has what its longest text needs."""
        texts = [(*self._headings(),), *(row.cells for row in self._rows if not row.heads)]
        need = [max(width_of(text[at]) for text in texts) for at in range(len(self._columns))]
        shown = list(range(len(self._columns)))
        wide = next((at for at in shown if self._columns[at].wide), 0)
        while len(shown) > 1:
            left = room - sum(need[at] for at in shown if at != wide) - GAP * (len(shown) - 1)
            if left >= min(need[wide], LEAST_NAME) or shown[-1] == wide:
                break
            shown.pop()
        left = room - sum(need[at] for at in shown if at != wide) - GAP * (len(shown) - 1)
        left = max(1, min(left, max(need[wide], LEAST_NAME) + MOST_AIR))
        return [(at, left if at == wide else need[at]) for at in shown]

    def _is_cut(self) -> bool:
        return len(self._rows) > max(1, self.size.height - 1)

    def _room(self) -> int:
        return self.page if self._is_cut() else max(1, self.size.height - 1)

    def _near(self, at: int, step: int) -> int:
        """The nearest row that can be chosen, in this direction, else in the other one."""
        for way in (step, -step):
            found = at
            while 0 <= found < len(self._rows):
                if not self._rows[found].heads:
                    return found
                found += way
        return 0

    def _show_cursor(self) -> None:
        if self._chooses:
            room = self._room()
            self._top = max(min(self._top, self._cursor), self._cursor - room + 1)
            if self._cursor and self._rows and self._rows[self._cursor - 1].heads and self._cursor - 1 < self._top:
                self._top = self._cursor - 1
        self._keep_within()

    def _keep_within(self) -> None:
        self._top = max(0, min(self._top, len(self._rows) - self._room()))
        self.redraw()
