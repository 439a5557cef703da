"""The two columns of numbers, in the largest digits that fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.segment import Segment

from terminal.screens.pickup.view import PickupView, Words, page_of
from terminal.theme.palette import Ink, Tone
from terminal.widgets.big_digits import LARGE_ROWS, SMALL_ROWS, big_rows, big_width
from terminal.widgets.line_widget import LineWidget, Row
from terminal.widgets.text_cells import fit, width_of

GAP = 3
"""Cells between two numbers."""
LARGE_FROM = 2
"""Largest digits are taken where so many numbers of a column fit in them."""
NOTHING = PickupView((), (), frozenset())


class PickupBoard(LineWidget):
    """Left what is being prepared, right what is ready. `turn` shows the numbers that do not fit."""

    def __init__(self, words: Words, *, id: str | None = None) -> None:  # noqa: A002 Textual's own name
        super().__init__(id=id)
        self._words = words
        self._view = NOTHING
        self._turn = 0

    def show(self, view: PickupView) -> None:
        """Show other numbers."""
        self._view = view
        self.redraw()

    def turn(self) -> None:
        """Show the next of the numbers that do not fit."""
        self._turn += 1
        self.redraw()

    def draw(self, width: int, height: int) -> list[Row]:
        """Draw both columns side by side."""
        left = (width - 1) // 2
        columns = (
            self._column("preparing", self._view.preparing, left, height, self.palette.panel),
            self._column("ready", self._view.ready, width - 1 - left, height, self.palette.tone(Tone.READY)),
        )
        page = self.palette.page
        return [[*one, Segment(" ", page.style()), *other] for one, other in zip(*columns, strict=True)]

    def _column(self, name: str, numbers: Sequence[str], width: int, height: int, head: Ink) -> list[Row]:
        """A heading, then numbers; the last row says how many more there are."""
        panel = self.palette.panel
        glyph = f"{Tone.READY.glyph} " if name == "ready" else ""
        rows: list[Row] = [[Segment(fit(f" {glyph}{self._words[name]}", width), head.style(bold=True))]]
        rows += list(self._numbers(numbers, width, height - 1)) if numbers else self._nothing(name, width)
        rows += [[Segment(" " * width, panel.style())] for _ in range(height - len(rows))]
        return rows[:height]

    def _nothing(self, name: str, width: int) -> list[Row]:
        panel = self.palette.panel
        return [
            [Segment(" " * width, panel.style())],
            [Segment(fit(f" {self._words[f'no_{name}']}", width), panel.quiet_style())],
        ]

    def _numbers(self, numbers: Sequence[str], width: int, height: int) -> Iterator[Row]:
        panel, inner = self.palette.panel, width - 2
        cell, rows_each, large = _size(numbers, inner, height)
        across = max(1, (inner + GAP) // (cell + GAP))
        down = max(1, (height - 1) // (rows_each + 1))
        shown, more = page_of(numbers, across * down, self._turn)
        for begin in range(0, len(shown), across):
            yield [Segment(" " * width, panel.style())]
            drawn = [self._cell(number, cell, rows_each, large=large) for number in shown[begin : begin + across]]
            for at in range(rows_each):
                cells = [segment for lines in drawn for segment in (lines[at], Segment(" " * GAP, panel.style()))][:-1]
                used = sum(len(segment.text) for segment in cells)
                yield [
                    Segment(" ", panel.style()),
                    *cells,
                    Segment(" " * max(0, width - 1 - used), panel.style()),
                ]
        if more:
            yield [Segment(fit(f" +{more}", width), panel.quiet_style())]

    def _cell(self, number: str, cell: int, rows_each: int, *, large: bool) -> list[Segment]:
        is_new = number in self._view.new
        style = self.palette.tone(Tone.READY).style(bold=True) if is_new else self.palette.panel.style(bold=True)
        lines = big_rows(number, large=large) if rows_each > 1 else (number,)
        return [Segment(line[:cell].ljust(cell), style) for line in lines]


def _size(numbers: Sequence[str], width: int, height: int) -> tuple[int, int, bool]:
    """Cells and rows of each number, and whether its digits are the largest."""
    for large, rows in ((True, LARGE_ROWS), (False, SMALL_ROWS)):
        cell = max(big_width(number, large=large) for number in numbers)
        room = (width + GAP) // (cell + GAP) * ((height - 1) // (rows + 1))
        if cell <= width and room >= min(len(numbers), LARGE_FROM if large else 1):
            if large and room < len(numbers) and _room(numbers, width, height) > room:
                continue
            return cell, rows, large
    return min(width, max(map(width_of, numbers))), 1, False


def _room(numbers: Sequence[str], width: int, height: int) -> int:
    """How many numbers fit in smaller digits."""
    cell = max(big_width(number) for number in numbers)
    return (width + GAP) // (cell + GAP) * ((height - 1) // (SMALL_ROWS + 1))
