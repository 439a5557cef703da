"""Charts of sales: a list of figures, a ranking with bars, and hours as columns. Each is one widget."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual import events

from terminal.screens.today.view import Figure, HourColumn, RankRow
from terminal.theme.palette import Ink
from terminal.widgets.line_widget import LineWidget, Row
from terminal.widgets.text_cells import fit, width_of

EIGHTHS = " ▁▂▃▄▅▆▇█"
"""Cells filled from below by eighths."""
MOST_COLUMN_WIDTH = 8
LABEL_WIDTH = 3
"""An hour of two digits and a gap. With narrower columns some have no label."""
LEAST_BAR_WIDTH = 6
"""Least cells for bars. With less room a ranking has none."""
BAR_PART = 4
"""Bars get at least one of so many cells of names and bars."""


class Panel(LineWidget):
    """A part of the screen with a heading."""

    def __init__(self, heading: str, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name
        super().__init__(id=id)
        self._heading, self._note = heading, ""

    @property
    def ground(self) -> Ink:
        """The panel."""
        return self.palette.panel

    def draw(self, width: int, height: int) -> list[Row]:
        """Draw the heading with its note, then the body with a margin of one cell."""
        panel, inner = self.palette.panel, max(0, width - 2)
        note = fit(self._note, min(width_of(self._note), max(0, inner - width_of(self._heading) - 1)))
        head = [
            Segment(f" {fit(self._heading, inner - width_of(note))}", panel.quiet_style(bold=True)),
            Segment(f"{note} ", panel.quiet_style()),
        ]
        body = [[Segment(" ", panel.style()), *row] for row in self.body(inner, height - 1)]
        return [head, *body]

    def body(self, width: int, height: int) -> list[Row]:
        """The rows below the heading."""
        raise NotImplementedError


class FigureList(Panel):
    """Names left, values right."""

    def __init__(self, heading: str, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name
        super().__init__(heading, id=id)
        self._figures: Sequence[Figure] = ()

    def show(self, figures: Sequence[Figure]) -> None:
        """Show other figures."""
        self._figures = figures
        self.redraw()

    def body(self, width: int, height: int) -> list[Row]:
        """Draw one row for each figure."""
        panel = self.palette.panel
        rows: list[Row] = []
        for figure in self._figures[:height]:
            value = fit(figure.value, min(width_of(figure.value), width))
            name = fit(figure.name, max(0, width - width_of(value)))
            rows.append([Segment(name, panel.quiet_style()), Segment(value, panel.style(bold=True))])
        return rows


class Ranking(Panel):
    """Names with their counts, bars and amounts, the best first; `scroll_by` where there are more than fit.

    Args:
        more: the last row where not all fit; says which are shown (`first`, `last`) of how many (`count`).
    """

    def __init__(self, heading: str, more: str, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name
        super().__init__(heading, id=id)
        self._more = more
        self._rows: Sequence[RankRow] = ()
        self._top = 0

    def show(self, rows: Sequence[RankRow]) -> None:
        """Show other rows, from the same place."""
        self._rows = rows
        self.scroll_by(0)

    @property
    def page(self) -> int:
        """How many rows are shown at once if not all fit: all but the heading and the last row."""
        return max(1, self.size.height - 2)

    def scroll_by(self, rows: int) -> None:
        """Move the rows, as far as there are more."""
        all_fit = len(self._rows) <= self.size.height - 1
        self._top = 0 if all_fit else max(0, min(self._top + rows, len(self._rows) - self.page))
        self.redraw()

    def scroll_to_first(self) -> None:
        """Show the best again."""
        self.scroll_by(-len(self._rows))

    def on_resize(self) -> None:
        """Keep to the rows there are."""
        self.scroll_by(0)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move a row down."""
        event.stop()
        self.scroll_by(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move a row up."""
        event.stop()
        self.scroll_by(-1)

    def body(self, width: int, height: int) -> list[Row]:
        """Draw as many rows as fit. If not all do, the last says which, and the keys that move them."""
        cut = len(self._rows) > height > 0
        shown = self._rows[self._top : self._top + height - 1] if cut else self._rows[: max(0, height)]
        count = max((width_of(row.count) for row in self._rows), default=0)
        amount = max((width_of(row.amount) for row in self._rows), default=0)
        name, bar = _shared(width - count - amount - 2, max((width_of(row.name) for row in self._rows), default=0))
        best = max((row.weight for row in self._rows), default=0)
        panel = self.palette.panel
        rows: list[Row] = [
            [
                Segment(fit(row.count, count, "right") + " ", panel.quiet_style()),
                Segment(fit(row.name, name) + " ", panel.style()),
                Segment(bar_of(row.weight, best, bar) + " " if bar else "", panel.mark(self.palette.accent)),
                Segment(fit(row.amount, amount, "right"), panel.style(bold=True)),
            ]
            for row in shown
        ]
        if cut:
            more = self._more.format(first=self._top + 1, last=self._top + len(shown), count=len(self._rows))
            rows.append([Segment(fit(more, width), panel.quiet_style())])
        return rows


def _shared(room: int, longest: int) -> tuple[int, int]:
    """Cells for names and for bars. Names get what they need, but leave a part for bars; bars that get too short go."""
    bar = max(room // BAR_PART, room - 1 - longest)
    return (max(0, room - 1 - bar), bar) if bar >= LEAST_BAR_WIDTH else (max(0, room), 0)


class HourChart(Panel):
    """One column for each hour. The heading's note names the best one."""

    def __init__(self, heading: str, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name
        super().__init__(heading, id=id)
        self._hours: Sequence[HourColumn] = ()

    def show(self, hours: Sequence[HourColumn], note: str) -> None:
        """Show other hours."""
        self._hours, self._note = hours, note
        self.redraw()

    def body(self, width: int, height: int) -> list[Row]:
        """Draw the columns, and the hours below them."""
        panel = self.palette.panel
        if not self._hours or height < 2:
            return []
        column = max(1, min(MOST_COLUMN_WIDTH, width // len(self._hours)))
        best = max(hour.weight for hour in self._hours)
        columns = [column_of(hour.weight, best, height - 1) for hour in self._hours]
        rows: list[Row] = []
        for level in reversed(range(height - 1)):
            drawn = "".join((cells[level] * max(1, column - 1)).ljust(column) for cells in columns)
            rows.append([Segment(drawn[:width], panel.mark(self.palette.accent))])
        step = -(-LABEL_WIDTH // column)
        labels = "".join(fit(hour.hour, column * step) for hour in self._hours[::step])
        return [*rows, [Segment(labels[:width], panel.quiet_style())]]


def bar_of(weight: int, best: int, width: int) -> str:
    """A bar from the left, in proportion to the best one. A small sale still shows."""
    if width <= 0:
        return ""
    halves = -(-2 * width * weight // best) if best > 0 else 0
    return ("━" * (halves // 2) + ("╸" if halves % 2 else "")).ljust(width)


def column_of(weight: int, best: int, height: int) -> str:
    """A column from below, one character for each row, in proportion to the best one. A small sale still shows."""
    eighths = -(-8 * height * weight // best) if best > 0 else 0
    return "".join(EIGHTHS[max(0, min(8, eighths - 8 * level))] for level in range(height))
