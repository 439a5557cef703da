"""A paper as rows of characters for a screen: each row takes the cells that its letters take on paper. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from terminal.printing.codes import modules_of
from terminal.printing.lines import Line
from terminal.printing.pictures import COLUMN_DOTS, Picture

_BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One row: its characters, and whether they are bold, or white on black."""

    text: str = ""
    strong: bool = False
    black: bool = False


@dataclass(frozen=True, slots=True)
class PaperView:
    """A paper of so many columns."""

    columns: int
    rows: tuple[PaperRow, ...] = ()


def paper_view(lines: Sequence[Line], columns: int) -> PaperView:
    """The lines of a paper as a screen shows them: wide letters are spread, and tall ones leave a row below them."""
    return PaperView(columns, tuple(row for line in lines for row in _rows(line, columns)))


def _rows(line: Line, columns: int) -> Iterator[PaperRow]:
    if line.code is not None:
        yield from (PaperRow(row.center(columns).rstrip()) for row in half_blocks(modules_of(line.code)))
    elif line.picture is not None:
        yield from (PaperRow(row.rstrip()) for row in half_blocks(_coarse(line.picture)))
    else:
        style = line.style
        spread = (" " * (style.times_wide - 1)).join([*line.text, ""])
        yield PaperRow(spread.ljust(columns) if style.reversed else spread, style.bold, style.reversed)
        for _row in range(1, style.times_tall):
            yield PaperRow(" " * columns if style.reversed else "", black=style.reversed)


def half_blocks(dots: Iterable[Sequence[bool]]) -> Iterator[str]:
    """Rows of characters, each with two rows of dots."""
    rows = [list(row) for row in dots]
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        yield "".join(_BLOCKS[pair] for pair in zip(upper, lower, strict=True))


def _coarse(picture: Picture) -> list[list[bool]]:
    """A picture in dots of a column's width; each is black if half of it is."""
    rows = []
    for top in range(0, picture.height, COLUMN_DOTS):
        row = []
        for left in range(0, picture.width, COLUMN_DOTS):
            ys = range(top, min(top + COLUMN_DOTS, picture.height))
            xs = range(left, min(left + COLUMN_DOTS, picture.width))
            black = sum(picture.dot(x, y) for y in ys for x in xs)
            row.append(2 * black >= len(ys) * len(xs))
        rows.append(row)
    return rows
